#pragma once

#include <vector>

namespace troupe::model {

// The rights of each default role of Kubernetes 1.32: verbs, and what they are for
// ("resource.group", a path). Compared with the roles that this server makes, whatever rules those
// are written in.
struct bootstrap_role {
  const char* name;
  std::vector<const char*> rights;
};

inline const std::vector<bootstrap_role>& bootstrap_roles() {
  static const std::vector<bootstrap_role> all = {
      {"cluster-admin", {"* -> * *.*"}},
      {"system:discovery",
       {"get -> /api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version "
        "/version/"}},
      {"system:monitoring",
       {"get -> /healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*"}},
      {"system:basic-user",
       {"create -> selfsubjectaccessreviews.authorization.k8s.io "
        "selfsubjectreviews.authentication.k8s.io selfsubjectrulesreviews.authorization.k8s.io"}},
      {"system:public-info-viewer", {"get -> /healthz /livez /readyz /version /version/"}},
      {"admin", {}},
      {"edit", {}},
      {"view", {}},
      {"system:aggregate-to-admin",
       {"create -> localsubjectaccessreviews.authorization.k8s.io",
        "create delete deletecollection get list patch update watch -> "
        "rolebindings.rbac.authorization.k8s.io roles.rbac.authorization.k8s.io"}},
      {"system:aggregate-to-edit",
       {"create -> pods/eviction serviceaccounts/token",
        "create delete deletecollection get list patch update watch -> leases.coordination.k8s.io "
        "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy",
        "create delete deletecollection impersonate patch update -> serviceaccounts",
        "create delete deletecollection patch update -> configmaps cronjobs.batch daemonsets.apps "
        "daemonsets.extensions deployments.apps deployments.extensions deployments/rollback.apps "
        "deployments/rollback.extensions deployments/scale.apps deployments/scale.extensions "
        "events horizontalpodautoscalers.autoscaling ingresses.extensions "
        "ingresses.networking.k8s.io jobs.batch networkpolicies.extensions "
        "networkpolicies.networking.k8s.io persistentvolumeclaims poddisruptionbudgets.policy pods "
        "replicasets.apps replicasets.extensions replicasets/scale.apps "
        "replicasets/scale.extensions replicationcontrollers replicationcontrollers/scale "
        "replicationcontrollers/scale.extensions services statefulsets.apps "
        "statefulsets/scale.apps"}},
      {"system:aggregate-to-view",
       {"get list watch -> bindings configmaps controllerrevisions.apps cronjobs.batch "
        "cronjobs/status.batch daemonsets.apps daemonsets.extensions daemonsets/status.apps "
        "daemonsets/status.extensions deployments.apps deployments.extensions "
        "deployments/scale.apps deployments/scale.extensions deployments/status.apps "
        "deployments/status.extensions endpoints endpointslices.discovery.k8s.io events "
        "horizontalpodautoscalers.autoscaling horizontalpodautoscalers/status.autoscaling "
        "ingresses.extensions ingresses.networking.k8s.io ingresses/status.extensions "
        "ingresses/status.networking.k8s.io jobs.batch jobs/status.batch limitranges namespaces "
        "namespaces/status networkpolicies.extensions networkpolicies.networking.k8s.io "
        "persistentvolumeclaims persistentvolumeclaims/status poddisruptionbudgets.policy "
        "poddisruptionbudgets/status.policy pods pods/log pods/status replicasets.apps "
        "replicasets.extensions replicasets/scale.apps replicasets/scale.extensions "
        "replicasets/status.apps replicasets/status.extensions replicationcontrollers "
        "replicationcontrollers/scale replicationcontrollers/scale.extensions "
        "replicationcontrollers/status resourcequotas resourcequotas/status serviceaccounts "
        "services services/status statefulsets.apps statefulsets/scale.apps "
        "statefulsets/status.apps"}},
      {"system:aggregated-metrics-reader",
       {"get list watch -> nodes.metrics.k8s.io pods.metrics.k8s.io"}},
      {"system:heapster",
       {"get list watch -> deployments.extensions events namespaces nodes pods"}},
      {"system:node",
       {"create -> localsubjectaccessreviews.authorization.k8s.io pods/eviction "
        "serviceaccounts/token subjectaccessreviews.authorization.k8s.io "
        "tokenreviews.authentication.k8s.io",
        "create delete get list watch -> pods",
        "create delete get patch update -> csinodes.storage.k8s.io leases.coordination.k8s.io",
        "create get list patch update watch -> nodes",
        "create get list watch -> certificatesigningrequests.certificates.k8s.io",
        "create patch update -> events",
        "get -> endpoints persistentvolumeclaims persistentvolumes "
        "volumeattachments.storage.k8s.io",
        "get list watch -> configmaps csidrivers.storage.k8s.io runtimeclasses.node.k8s.io secrets "
        "services",
        "get patch update -> persistentvolumeclaims/status",
        "patch update -> nodes/status pods/status"}},
      {"system:node-problem-detector",
       {"create patch update -> events events.events.k8s.io", "get -> nodes",
        "patch -> nodes/status"}},
      {"system:kubelet-api-admin",
       {"* -> nodes/log nodes/metrics nodes/proxy nodes/stats", "get list proxy watch -> nodes"}},
      {"system:node-bootstrapper",
       {"create get list watch -> certificatesigningrequests.certificates.k8s.io"}},
      {"system:auth-delegator",
       {"create -> subjectaccessreviews.authorization.k8s.io tokenreviews.authentication.k8s.io"}},
      {"system:kube-aggregator", {"get list watch -> endpoints services"}},
      {"system:kube-controller-manager",
       {"create -> leases.coordination.k8s.io serviceaccounts/token "
        "subjectaccessreviews.authorization.k8s.io tokenreviews.authentication.k8s.io",
        "create delete get update -> secrets", "create get update -> serviceaccounts",
        "create patch update -> events events.events.k8s.io", "get -> configmaps namespaces",
        "get update -> leases.coordination.k8s.io named kube-controller-manager",
        "list watch -> *.*"}},
      {"system:kube-dns", {"list watch -> endpoints services"}},
      {"system:persistent-volume-provisioner",
       {"create delete get list watch -> persistentvolumes",
        "create patch update -> events.events.k8s.io", "create patch update watch -> events",
        "get list update watch -> persistentvolumeclaims",
        "get list watch -> storageclasses.storage.k8s.io"}},
      {"system:kube-scheduler",
       {"create -> bindings leases.coordination.k8s.io pods/binding "
        "subjectaccessreviews.authorization.k8s.io tokenreviews.authentication.k8s.io",
        "create delete deletecollection get list patch update watch -> "
        "leasecandidates.coordination.k8s.io",
        "create patch update -> events events.events.k8s.io", "delete get list watch -> pods",
        "get list update watch -> leases.coordination.k8s.io named kube-scheduler",
        "get list watch -> csidrivers.storage.k8s.io csinodes.storage.k8s.io "
        "csistoragecapacities.storage.k8s.io namespaces nodes persistentvolumeclaims "
        "persistentvolumes poddisruptionbudgets.policy replicasets.apps replicasets.extensions "
        "replicationcontrollers services statefulsets.apps volumeattachments.storage.k8s.io",
        "patch update -> pods/status"}},
      {"system:volume-scheduler",
       {"get list patch update watch -> persistentvolumeclaims persistentvolumes",
        "get list watch -> storageclasses.storage.k8s.io"}},
      {"system:node-proxier",
       {"create patch update -> events events.events.k8s.io", "get list watch -> nodes",
        "list watch -> endpoints endpointslices.discovery.k8s.io services"}},
      {"system:service-account-issuer-discovery",
       {"get -> /.well-known/openid-configuration /.well-known/openid-configuration/ "
        "/openid/v1/jwks /openid/v1/jwks/"}},
      {"system:certificates.k8s.io:certificatesigningrequests:nodeclient",
       {"create -> certificatesigningrequests/nodeclient.certificates.k8s.io"}},
      {"system:certificates.k8s.io:certificatesigningrequests:selfnodeclient",
       {"create -> certificatesigningrequests/selfnodeclient.certificates.k8s.io"}},
      {"system:certificates.k8s.io:legacy-unknown-approver",
       {"approve -> signers.certificates.k8s.io named kubernetes.io/legacy-unknown"}},
      {"system:certificates.k8s.io:kubelet-serving-approver",
       {"approve -> signers.certificates.k8s.io named kubernetes.io/kubelet-serving"}},
      {"system:certificates.k8s.io:kube-apiserver-client-approver",
       {"approve -> signers.certificates.k8s.io named kubernetes.io/kube-apiserver-client"}},
      {"system:certificates.k8s.io:kube-apiserver-client-kubelet-approver",
       {"approve -> signers.certificates.k8s.io named "
        "kubernetes.io/kube-apiserver-client-kubelet"}},
      {"system:controller:attachdetach-controller",
       {"create delete get list watch -> volumeattachments.storage.k8s.io",
        "create patch update -> events events.events.k8s.io",
        "get list watch -> csidrivers.storage.k8s.io csinodes.storage.k8s.io nodes",
        "list watch -> persistentvolumeclaims persistentvolumes pods",
        "patch update -> nodes/status"}},
      {"system:controller:clusterrole-aggregation-controller",
       {"escalate get list patch update watch -> clusterroles.rbac.authorization.k8s.io"}},
      {"system:controller:cronjob-controller",
       {"create delete get list patch update watch -> jobs.batch",
        "create patch update -> events events.events.k8s.io", "delete list watch -> pods",
        "get list update watch -> cronjobs.batch",
        "update -> cronjobs/finalizers.batch cronjobs/status.batch"}},
      {"system:controller:daemon-set-controller",
       {"create -> pods/binding",
        "create delete get list patch update watch -> controllerrevisions.apps",
        "create delete list patch watch -> pods",
        "create patch update -> events events.events.k8s.io",
        "get list watch -> daemonsets.apps daemonsets.extensions", "list watch -> nodes",
        "update -> daemonsets/finalizers.apps daemonsets/finalizers.extensions "
        "daemonsets/status.apps daemonsets/status.extensions"}},
      {"system:controller:deployment-controller",
       {"create delete get list patch update watch -> replicasets.apps replicasets.extensions",
        "create patch update -> events events.events.k8s.io",
        "get list update watch -> deployments.apps deployments.extensions pods",
        "update -> deployments/finalizers.apps deployments/finalizers.extensions "
        "deployments/status.apps deployments/status.extensions"}},
      {"system:controller:disruption-controller",
       {"create patch update -> events events.events.k8s.io", "get -> */scale.*",
        "get list watch -> deployments.apps deployments.extensions poddisruptionbudgets.policy "
        "replicasets.apps replicasets.extensions replicationcontrollers statefulsets.apps",
        "patch update -> pods/status", "update -> poddisruptionbudgets/status.policy"}},
      {"system:controller:endpoint-controller",
       {"create -> endpoints/restricted", "create delete get list update watch -> endpoints",
        "create patch update -> events events.events.k8s.io", "get list watch -> pods services"}},
      {"system:controller:endpointslice-controller",
       {"create delete get list update watch -> endpointslices.discovery.k8s.io",
        "create patch update -> events events.events.k8s.io",
        "get list watch -> nodes pods services", "update -> services/finalizers"}},
      {"system:controller:endpointslicemirroring-controller",
       {"create delete get list update watch -> endpointslices.discovery.k8s.io",
        "create patch update -> events events.events.k8s.io",
        "get list watch -> endpoints services",
        "update -> endpoints/finalizers services/finalizers"}},
      {"system:controller:expand-controller",
       {"create patch update -> events events.events.k8s.io", "get -> services",
        "get list patch update watch -> persistentvolumes",
        "get list watch -> persistentvolumeclaims",
        "patch update -> persistentvolumeclaims/status"}},
      {"system:controller:ephemeral-volume-controller",
       {"create get list watch -> persistentvolumeclaims",
        "create patch update -> events events.events.k8s.io", "get list watch -> pods",
        "update -> pods/finalizers"}},
      {"system:controller:generic-garbage-collector",
       {"create patch update -> events events.events.k8s.io",
        "delete get list patch update watch -> *.*"}},
      {"system:controller:horizontal-pod-autoscaler",
       {"create patch update -> events events.events.k8s.io",
        "get list watch -> *.custom.metrics.k8s.io *.external.metrics.k8s.io "
        "horizontalpodautoscalers.autoscaling",
        "get update -> */scale.*", "list watch -> pods pods.metrics.k8s.io",
        "update -> horizontalpodautoscalers/status.autoscaling"}},
      {"system:controller:job-controller",
       {"create delete list patch watch -> pods",
        "create patch update -> events events.events.k8s.io",
        "get list patch update watch -> jobs.batch",
        "update -> jobs/finalizers.batch jobs/status.batch"}},
      {"system:controller:namespace-controller",
       {"delete deletecollection get list watch -> *.*", "delete get list watch -> namespaces",
        "update -> namespaces/finalize namespaces/status"}},
      {"system:controller:node-controller",
       {"create patch update -> events events.events.k8s.io",
        "delete get list patch update watch -> nodes", "delete get list watch -> pods",
        "patch update -> nodes/status pods/status"}},
      {"system:controller:persistent-volume-binder",
       {"create delete get list update watch -> persistentvolumes",
        "create delete get list watch -> pods", "create patch update -> events.events.k8s.io",
        "create patch update watch -> events", "get -> services",
        "get list update watch -> persistentvolumeclaims",
        "get list watch -> storageclasses.storage.k8s.io", "list watch -> nodes",
        "update -> persistentvolumeclaims/status persistentvolumes/status"}},
      {"system:controller:pod-garbage-collector",
       {"delete list watch -> pods", "get list watch -> nodes", "patch -> pods/status"}},
      {"system:controller:replicaset-controller",
       {"create delete list patch watch -> pods",
        "create patch update -> events events.events.k8s.io",
        "get list update watch -> replicasets.apps replicasets.extensions",
        "update -> replicasets/finalizers.apps replicasets/finalizers.extensions "
        "replicasets/status.apps replicasets/status.extensions"}},
      {"system:controller:replication-controller",
       {"create delete list patch watch -> pods",
        "create patch update -> events events.events.k8s.io",
        "get list update watch -> replicationcontrollers",
        "update -> replicationcontrollers/finalizers replicationcontrollers/status"}},
      {"system:controller:resourcequota-controller",
       {"create patch update -> events events.events.k8s.io", "list watch -> *.*",
        "update -> resourcequotas/status"}},
      {"system:controller:route-controller",
       {"create patch update -> events events.events.k8s.io", "list watch -> nodes",
        "patch -> nodes/status"}},
      {"system:controller:service-account-controller",
       {"create -> serviceaccounts", "create patch update -> events events.events.k8s.io"}},
      {"system:controller:service-controller",
       {"create patch update -> events events.events.k8s.io", "get list watch -> services",
        "list watch -> nodes", "patch update -> services/status"}},
      {"system:controller:statefulset-controller",
       {"create delete get list patch update watch -> controllerrevisions.apps pods",
        "create delete get list update watch -> persistentvolumeclaims",
        "create patch update -> events events.events.k8s.io", "get list watch -> statefulsets.apps",
        "update -> pods/finalizers statefulsets/finalizers.apps statefulsets/status.apps"}},
      {"system:controller:ttl-controller",
       {"create patch update -> events events.events.k8s.io", "list patch update watch -> nodes"}},
      {"system:controller:certificate-controller",
       {"approve -> signers.certificates.k8s.io named kubernetes.io/kube-apiserver-client-kubelet",
        "create -> subjectaccessreviews.authorization.k8s.io",
        "create patch update -> events events.events.k8s.io",
        "delete get list watch -> certificatesigningrequests.certificates.k8s.io",
        "sign -> signers.certificates.k8s.io named kubernetes.io/kube-apiserver-client "
        "kubernetes.io/kube-apiserver-client-kubelet kubernetes.io/kubelet-serving "
        "kubernetes.io/legacy-unknown",
        "update -> certificatesigningrequests/approval.certificates.k8s.io "
        "certificatesigningrequests/status.certificates.k8s.io"}},
      {"system:controller:pvc-protection-controller",
       {"create patch update -> events events.events.k8s.io",
        "get list update watch -> persistentvolumeclaims", "get list watch -> pods"}},
      {"system:controller:pv-protection-controller",
       {"create patch update -> events events.events.k8s.io",
        "get list update watch -> persistentvolumes"}},
      {"system:controller:ttl-after-finished-controller",
       {"create patch update -> events events.events.k8s.io",
        "delete get list watch -> jobs.batch"}},
      {"system:controller:root-ca-cert-publisher",
       {"create patch update -> events events.events.k8s.io", "create update -> configmaps"}},
      {"system:controller:validatingadmissionpolicy-status-controller",
       {"create patch update -> events events.events.k8s.io",
        "get list watch -> validatingadmissionpolicies.admissionregistration.k8s.io",
        "get patch update -> validatingadmissionpolicies/status.admissionregistration.k8s.io"}},
      {"system:controller:legacy-service-account-token-cleaner",
       {"delete patch -> secrets",
        "get -> configmaps named kube-apiserver-legacy-service-account-token-tracking"}},
      {"kube-system/extension-apiserver-authentication-reader",
       {"get list watch -> configmaps named extension-apiserver-authentication"}},
      {"kube-system/system:controller:bootstrap-signer", {"get list watch -> secrets"}},
      {"kube-system/system:controller:cloud-provider", {"create get list watch -> configmaps"}},
      {"kube-system/system:controller:token-cleaner",
       {"create patch update -> events events.events.k8s.io", "delete get list watch -> secrets"}},
      {"kube-system/system::leader-locking-kube-controller-manager",
       {"get update -> configmaps named kube-controller-manager", "watch -> configmaps"}},
      {"kube-system/system::leader-locking-kube-scheduler",
       {"get update -> configmaps named kube-scheduler", "watch -> configmaps"}},
      {"kube-public/system:controller:bootstrap-signer",
       {"create patch update -> events events.events.k8s.io", "get list watch -> configmaps",
        "update -> configmaps named cluster-info"}},
      {"kube-public/kubeadm:bootstrap-signer-clusterinfo",
       {"get -> configmaps named cluster-info"}},
  };
  return all;
}

}  // namespace troupe::model
