// floors: model
#include "tests/unit/model/table_rows.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace troupe::model {
namespace {

struct printed_case {
  const char* resource;
  const char* columns;
  const char* object;  ///< without metadata: it is an hour old and named x
  const char* cells;
};

/// One object a kind (more where cells depend on it), with everything that its cells tell.
constexpr printed_case printed[] = {
    {"namespaces", "Name|Status|Age", R"({"status":{"phase":"Active"}})", "x|Active|60m"},
    {"configmaps", "Name|Data|Age", R"({"data":{"a":""},"binaryData":{"b":""}})", "x|2|60m"},
    {"secrets", "Name|Type|Data|Age", R"({"type":"Opaque","data":{"a":"eA=="}})", "x|Opaque|1|60m"},
    {"serviceaccounts", "Name|Secrets|Age", "{}", "x|0|60m"},
    {"limitranges", "Name|Created At", "{}", "x|2024-05-01T09:00:00Z"},
    {"resourcequotas", "Name|Age|Request|Limit",
     R"({"status":{"hard":{"limits.cpu":"4","pods":"5","requests.cpu":"2"},
         "used":{"limits.cpu":"1","pods":"3"}}})",
     "x|60m|pods: 3/5, requests.cpu: 0/2|limits.cpu: 1/4"},
    {"podtemplates", "Name|Containers|Images|Pod Labels",
     R"({"template":{"metadata":{"labels":{"a":"b","c":"d"}},
         "spec":{"containers":[{"name":"a","image":"i:1"},{"name":"b","image":"j"}]}}})",
     "x|a,b|i:1,j|a=b,c=d"},
    {"replicationcontrollers", "Name|Desired|Current|Ready|Age|*Containers|*Images|*Selector",
     R"({"spec":{"replicas":3,"selector":{"app":"x"},
         "template":{"spec":{"containers":[{"name":"a","image":"i"}]}}},
         "status":{"replicas":2,"readyReplicas":1}})",
     "x|3|2|1|60m|a|i|app=x"},
    {"replicasets.apps", "Name|Desired|Current|Ready|Age|*Containers|*Images|*Selector",
     R"({"spec":{"replicas":3,"selector":{"matchLabels":{"app":"x"},"matchExpressions":[
         {"key":"b","operator":"NotIn","values":["z","y"]},{"key":"a","operator":"Exists"},
         {"key":"c","operator":"DoesNotExist"},{"key":"d","operator":"In","values":["1"]}]}},
         "status":{"replicas":2}})",
     "x|3|2|0|60m|||a,app=x,b notin (y,z),!c,d in (1)"},
    {"deployments.apps", "Name|Ready|Up-to-date|Available|Age|*Containers|*Images|*Selector",
     R"({"spec":{"replicas":3,"selector":{"matchLabels":{"app":"x"}}},
         "status":{"readyReplicas":2,"updatedReplicas":3,"availableReplicas":1}})",
     "x|2/3|3|1|60m|||app=x"},
    {"statefulsets.apps", "Name|Ready|Age|*Containers|*Images",
     R"({"spec":{"replicas":2},"status":{"readyReplicas":1}})", "x|1/2|60m||"},
    {"daemonsets.apps",
     "Name|Desired|Current|Ready|Up-to-date|Available|Node Selector|Age|*Containers|*Images|"
     "*Selector",
     R"({"spec":{"template":{"spec":{"nodeSelector":{"disk":"ssd"}}}},
         "status":{"desiredNumberScheduled":5,"currentNumberScheduled":4,"numberReady":3,
         "updatedNumberScheduled":2,"numberAvailable":1}})",
     "x|5|4|3|2|1|disk=ssd|60m|||<none>"},
    {"controllerrevisions.apps", "Name|Controller|Revision|Age", R"({"revision":7})",
     "x|<none>|7|60m"},
    {"jobs.batch", "Name|Status|Completions|Duration|Age|*Containers|*Images|*Selector",
     R"({"spec":{"completions":3},"status":{"succeeded":1,"startTime":"2024-05-01T09:59:00Z"}})",
     "x|Running|1/3|60s|60m|||<none>"},
    {"jobs.batch", "Name|Status|Completions|Duration|Age|*Containers|*Images|*Selector",
     R"({"spec":{"parallelism":5},"status":{"succeeded":1,"startTime":"2024-05-01T09:50:00Z",
         "completionTime":"2024-05-01T09:51:30Z",
         "conditions":[{"type":"Complete","status":"True"}]}})",
     "x|Complete|1/1 of 5|90s|60m|||<none>"},
    {"jobs.batch", "Name|Status|Completions|Duration|Age|*Containers|*Images|*Selector",
     R"({"status":{"conditions":[{"type":"Suspended","status":"True"}]}})",
     "x|Suspended|0/1||60m|||<none>"},
    {"cronjobs.batch",
     "Name|Schedule|Timezone|Suspend|Active|Last Schedule|Age|*Containers|*Images|*Selector",
     R"({"spec":{"schedule":"* * * * *","suspend":false},
         "status":{"active":[{}],"lastScheduleTime":"2024-05-01T09:59:30Z"}})",
     "x|* * * * *|<none>|False|1|30s|60m|||<none>"},
    {"horizontalpodautoscalers.autoscaling", "Name|Reference|Targets|MinPods|MaxPods|Replicas|Age",
     R"({"spec":{"scaleTargetRef":{"kind":"Deployment","name":"web"},"minReplicas":2,
         "maxReplicas":9,"metrics":[
         {"type":"Resource","resource":{"name":"cpu","target":{"averageUtilization":80}}},
         {"type":"Pods","pods":{"target":{"averageValue":"10"}}},
         {"type":"External","external":{"target":{"value":"5"}}}]},
         "status":{"currentReplicas":3,"currentMetrics":[
         {"type":"Resource","resource":{"name":"cpu","current":{"averageUtilization":40}}}]}})",
     "x|Deployment/web|cpu: 40%/80%, <unknown>/10 + 1 more...|2|9|3|60m"},
    {"horizontalpodautoscalers.autoscaling", "Name|Reference|Targets|MinPods|MaxPods|Replicas|Age",
     R"({"spec":{"scaleTargetRef":{"kind":"Deployment","name":"web"},"maxReplicas":9,"metrics":[
         {"type":"Object","object":{"target":{"averageValue":"4"}}},
         {"type":"ContainerResource","containerResource":{"name":"memory",
          "target":{"averageValue":"2Gi"}}}]},
         "status":{"currentMetrics":[{"object":{"current":{"averageValue":"3"}}},
          {"containerResource":{"current":{"averageValue":"1Gi"}}}]}})",
     "x|Deployment/web|3/4 (avg), memory: 1Gi/2Gi|<unset>|9|0|60m"},
    {"nodes.metrics.k8s.io", "Name|cpu|memory|Window",
     R"({"usage":{"cpu":"250m","memory":"1Gi"},"window":"15s"})", "x|250m|1Gi|15s"},
    {"pods.metrics.k8s.io", "Name|cpu|memory|Window",
     R"({"containers":[{"usage":{"cpu":"20m","memory":"1Mi"}},
                       {"usage":{"cpu":"500u","memory":"3Mi"}}],"window":"15s"})",
     "x|20500u|4Mi|15s"},
    {"poddisruptionbudgets.policy", "Name|Min Available|Max Unavailable|Allowed Disruptions|Age",
     R"({"spec":{"minAvailable":"50%"},"status":{"disruptionsAllowed":1}})", "x|50%|N/A|1|60m"},
    {"priorityclasses.scheduling.k8s.io", "Name|Value|Global-Default|Age|PreemptionPolicy",
     R"({"value":1000,"preemptionPolicy":"Never"})", "x|1000|false|60m|Never"},
    {"runtimeclasses.node.k8s.io", "Name|Handler|Age", R"({"handler":"runc"})", "x|runc|60m"},
    {"leases.coordination.k8s.io", "Name|Holder|Age", R"({"spec":{"holderIdentity":"me"}})",
     "x|me|60m"},
    {"services", "Name|Type|Cluster-IP|External-IP|Port(s)|Age|*Selector",
     R"({"spec":{"type":"NodePort","clusterIP":"10.96.0.1","clusterIPs":["10.96.0.1"],
         "ports":[{"port":80,"nodePort":30080,"protocol":"TCP"},{"port":53,"protocol":"UDP"}],
         "selector":{"app":"web"}}})",
     "x|NodePort|10.96.0.1|<none>|80:30080/TCP,53/UDP|60m|app=web"},
    {"services", "Name|Type|Cluster-IP|External-IP|Port(s)|Age|*Selector",
     R"({"spec":{"type":"LoadBalancer","clusterIPs":["10.96.0.2"]},
         "status":{"loadBalancer":{"ingress":[{"ip":"2.2.2.2"},{"hostname":"a.b"},
         {"ip":"1.1.1.1"}]}}})",
     "x|LoadBalancer|10.96.0.2|1.1.1.1,2.2.2.2,a.b|<none>|60m|<none>"},
    {"services", "Name|Type|Cluster-IP|External-IP|Port(s)|Age|*Selector",
     R"({"spec":{"type":"LoadBalancer"}})", "x|LoadBalancer|<none>|<pending>|<none>|60m|<none>"},
    {"services", "Name|Type|Cluster-IP|External-IP|Port(s)|Age|*Selector",
     R"({"spec":{"type":"ExternalName","externalName":"a.example"}})",
     "x|ExternalName|<none>|a.example|<none>|60m|<none>"},
    {"endpoints", "Name|Endpoints|Age",
     R"({"subsets":[{"addresses":[{"ip":"10.0.0.1"},{"ip":"fd00::1"}],
         "ports":[{"port":80},{"port":443}]}]})",
     "x|10.0.0.1:80,[fd00::1]:80,10.0.0.1:443 + 1 more...|60m"},
    {"endpoints", "Name|Endpoints|Age", "{}", "x|<none>|60m"},
    {"endpointslices.discovery.k8s.io", "Name|AddressType|Ports|Endpoints|Age",
     R"({"addressType":"IPv4","ports":[{"port":80},{"name":"n"},{}],
         "endpoints":[{"addresses":["1.1.1.1","1.1.1.2"]},{"addresses":["1.1.1.3"]},
         {"addresses":["1.1.1.4"]}]})",
     "x|IPv4|80,n,*|1.1.1.1,1.1.1.2,1.1.1.3 + 1 more...|60m"},
    {"endpointslices.discovery.k8s.io", "Name|AddressType|Ports|Endpoints|Age",
     R"({"addressType":"IPv4","endpoints":[]})", "x|IPv4|<unset>|<unset>|60m"},
    {"ingresses.networking.k8s.io", "Name|Class|Hosts|Address|Ports|Age",
     R"({"spec":{"ingressClassName":"nginx","tls":[{}],
         "rules":[{"host":"a"},{"host":"b"},{"host":"c"},{"host":"d"}]},
         "status":{"loadBalancer":{"ingress":[{"ip":"1.2.3.4"}]}}})",
     "x|nginx|a,b,c + 1 more...|1.2.3.4|80, 443|60m"},
    {"ingresses.networking.k8s.io", "Name|Class|Hosts|Address|Ports|Age", R"({"spec":{}})",
     "x|<none>|*||80|60m"},
    {"ingressclasses.networking.k8s.io", "Name|Controller|Parameters|Age",
     R"({"spec":{"controller":"c/d","parameters":{"apiGroup":"g","kind":"K","name":"n"}}})",
     "x|c/d|K.g/n|60m"},
    {"networkpolicies.networking.k8s.io", "Name|Pod-Selector|Age",
     R"({"spec":{"podSelector":{"matchLabels":{"a":"b"}}}})", "x|a=b|60m"},
    {"persistentvolumes",
     "Name|Capacity|Access Modes|Reclaim Policy|Status|Claim|StorageClass|VolumeAttributesClass|"
     "Reason|Age|*VolumeMode",
     R"({"spec":{"capacity":{"storage":"5Gi"},"accessModes":["ReadWriteMany","ReadWriteOnce"],
         "persistentVolumeReclaimPolicy":"Retain","claimRef":{"namespace":"n","name":"c"},
         "storageClassName":"fast","volumeMode":"Block"},
         "status":{"phase":"Bound","reason":"why"}})",
     "x|5Gi|RWO,RWX|Retain|Bound|n/c|fast|<unset>|why|60m|Block"},
    {"persistentvolumeclaims",
     "Name|Status|Volume|Capacity|Access Modes|StorageClass|VolumeAttributesClass|Age|*VolumeMode",
     R"({"spec":{"volumeName":"v","storageClassName":"fast","volumeAttributesClassName":"gold"},
         "status":{"phase":"Bound","capacity":{"storage":"5Gi"},
         "accessModes":["ReadWriteOncePod"]}})",
     "x|Bound|v|5Gi|RWOP|fast|gold|60m|<unset>"},
    {"persistentvolumeclaims",
     "Name|Status|Volume|Capacity|Access Modes|StorageClass|VolumeAttributesClass|Age|*VolumeMode",
     R"({"status":{"phase":"Pending","capacity":{"storage":"5Gi"}}})",
     "x|Pending|||||<unset>|60m|<unset>"},
    {"storageclasses.storage.k8s.io",
     "Name|Provisioner|ReclaimPolicy|VolumeBindingMode|AllowVolumeExpansion|Age",
     R"({"provisioner":"p","allowVolumeExpansion":true})", "x|p|Delete|Immediate|true|60m"},
    {"volumeattachments.storage.k8s.io", "Name|Attacher|PV|Node|Attached|Age",
     R"({"spec":{"attacher":"a","nodeName":"n","source":{"persistentVolumeName":"v"}},
         "status":{"attached":true}})",
     "x|a|v|n|true|60m"},
    {"csinodes.storage.k8s.io", "Name|Drivers|Age", R"({"spec":{"drivers":[{},{}]}})", "x|2|60m"},
    {"csidrivers.storage.k8s.io",
     "Name|AttachRequired|PodInfoOnMount|StorageCapacity|TokenRequests|RequiresRepublish|Modes|Age",
     R"({"spec":{"podInfoOnMount":true,"tokenRequests":[{"audience":"a"},{"audience":"b"}],
         "volumeLifecycleModes":["Persistent"]}})",
     "x|true|true|false|a,b|false|Persistent|60m"},
    {"csistoragecapacities.storage.k8s.io", "Name|StorageClassName|Capacity",
     R"({"storageClassName":"fast","capacity":"5Gi"})", "x|fast|5Gi"},
    {"roles.rbac.authorization.k8s.io", "Name|Created At", "{}", "x|2024-05-01T09:00:00Z"},
    {"clusterroles.rbac.authorization.k8s.io", "Name|Created At", "{}", "x|2024-05-01T09:00:00Z"},
    {"rolebindings.rbac.authorization.k8s.io", "Name|Role|Age|*Users|*Groups|*ServiceAccounts",
     R"({"roleRef":{"kind":"Role","name":"r"},"subjects":[{"kind":"User","name":"u"},
         {"kind":"Group","name":"g"},{"kind":"Group","name":"h"},
         {"kind":"ServiceAccount","namespace":"n","name":"s"}]})",
     "x|Role/r|60m|u|g, h|n/s"},
    {"clusterrolebindings.rbac.authorization.k8s.io",
     "Name|Role|Age|*Users|*Groups|*ServiceAccounts",
     R"({"roleRef":{"kind":"ClusterRole","name":"r"}})", "x|ClusterRole/r|60m|||"},
    {"certificatesigningrequests.certificates.k8s.io",
     "Name|Age|SignerName|Requestor|RequestedDuration|Condition",
     R"({"spec":{"signerName":"s","username":"u","expirationSeconds":86400},
         "status":{"certificate":"eA==","conditions":[{"type":"Approved"}]}})",
     "x|60m|s|u|24h|Approved,Issued"},
    {"mutatingwebhookconfigurations.admissionregistration.k8s.io", "Name|Webhooks|Age",
     R"({"webhooks":[{}]})", "x|1|60m"},
    {"validatingwebhookconfigurations.admissionregistration.k8s.io", "Name|Webhooks|Age", "{}",
     "x|0|60m"},
    {"validatingadmissionpolicies.admissionregistration.k8s.io", "Name|Validations|ParamKind|Age",
     R"({"spec":{"validations":[{},{}],"paramKind":{"apiVersion":"v1","kind":"ConfigMap"}}})",
     "x|2|v1/ConfigMap|60m"},
    {"validatingadmissionpolicybindings.admissionregistration.k8s.io",
     "Name|PolicyName|ParamRef|Age", R"({"spec":{"policyName":"p","paramRef":{"name":"n"}}})",
     "x|p|*/n|60m"},
    {"validatingadmissionpolicybindings.admissionregistration.k8s.io",
     "Name|PolicyName|ParamRef|Age",
     R"({"spec":{"policyName":"p","paramRef":{"selector":{"matchLabels":{"a":"b"}}}}})",
     "x|p|&LabelSelector{MatchLabels:map[string]string{a: b,},"
     "MatchExpressions:[]LabelSelectorRequirement{},}|60m"},
    {"flowschemas.flowcontrol.apiserver.k8s.io",
     "Name|PriorityLevel|MatchingPrecedence|DistinguisherMethod|Age|MissingPL",
     R"({"spec":{"priorityLevelConfiguration":{"name":"l"},"matchingPrecedence":500,
         "distinguisherMethod":{"type":"ByUser"}},
         "status":{"conditions":[{"type":"Dangling","status":"False"}]}})",
     "x|l|500|ByUser|60m|False"},
    {"prioritylevelconfigurations.flowcontrol.apiserver.k8s.io",
     "Name|Type|NominalConcurrencyShares|Queues|HandSize|QueueLengthLimit|Age",
     R"({"spec":{"type":"Limited","limited":{"nominalConcurrencyShares":5,
         "limitResponse":{"queuing":{"queues":8,"handSize":4,"queueLengthLimit":50}}}}})",
     "x|Limited|5|8|4|50|60m"},
    {"prioritylevelconfigurations.flowcontrol.apiserver.k8s.io",
     "Name|Type|NominalConcurrencyShares|Queues|HandSize|QueueLengthLimit|Age",
     R"({"spec":{"type":"Exempt"}})", "x|Exempt|<none>|<none>|<none>|<none>|60m"},
    {"customresourcedefinitions.apiextensions.k8s.io", "Name|Created At", "{}",
     "x|2024-05-01T09:00:00Z"},
    {"apiservices.apiregistration.k8s.io", "Name|Service|Available|Age",
     R"({"status":{"conditions":[{"type":"Available","status":"True"}]}})", "x|Local|True|60m"},
    {"apiservices.apiregistration.k8s.io", "Name|Service|Available|Age",
     R"({"spec":{"service":{"namespace":"n","name":"s"}},"status":{"conditions":[
         {"type":"Available","status":"False","reason":"ServiceNotFound"}]}})",
     "x|n/s|False (ServiceNotFound)|60m"},
};

TEST(Table, ColumnsAndCellsOfEveryKind) {
  for (const auto& c : printed) {
    json o = json::parse(c.object);
    o["metadata"] = {{"name", "x"}, {"creationTimestamp", "2024-05-01T09:00:00Z"}};
    EXPECT_EQ(columns(c.resource), c.columns) << c.resource;
    EXPECT_EQ(row(c.resource, o), c.cells) << c.resource << " " << c.object;
  }
}

TEST(Table, EveryServedKindIsListedHere) {
  std::set<std::string_view> listed{"pods", "nodes", "events",
                                    "componentstatuses"};  // elsewhere, or name and age
  for (const auto& c : printed) listed.insert(c.resource);
  for (const auto& kind : schema::instance().kinds())
    if (std::ranges::find(kind.verbs, "list") != kind.verbs.end()) {
      EXPECT_TRUE(listed.contains(kind.resource)) << kind.resource;
    }
}

TEST(Table, EveryRowHasACellForEachColumn) {
  const json bare = {{"metadata", {{"name", "x"}}}};
  for (const auto& kind : schema::instance().kinds()) {
    EXPECT_EQ(cells_of(kind, bare, now).size(), columns_of(kind).size()) << kind.resource;
    for (const column& c : columns_of(kind)) EXPECT_NE(c.description, "") << c.name;
  }
}

TEST(Table, DefaultsAreMarked) {
  json o = {{"metadata",
             {{"name", "x"},
              {"annotations", {{"storageclass.kubernetes.io/is-default-class", "true"}}}}}};
  EXPECT_TRUE(row("storageclasses.storage.k8s.io", o).starts_with("x (default)|"));
  o = {{"metadata",
        {{"name", "x"},
         {"ownerReferences", json::array({{{"apiVersion", "apps/v1"},
                                           {"kind", "DaemonSet"},
                                           {"name", "d"},
                                           {"controller", true}}})}}}};
  EXPECT_EQ(row("controllerrevisions.apps", o), "x|daemonset.apps/d|0|<unknown>");
}

TEST(Table, VolumesInDeletionAreTerminating) {
  const json o = {{"metadata", {{"name", "x"}, {"deletionTimestamp", "2024-05-01T09:59:00Z"}}},
                  {"status", {{"phase", "Bound"}}}};
  EXPECT_TRUE(row("persistentvolumeclaims", o).starts_with("x|Terminating|"));
  EXPECT_TRUE(row("persistentvolumes", o).starts_with("x|0|||Terminating|"));
  EXPECT_TRUE(row("jobs.batch", o).starts_with("x|Terminating|"));
}

}  // namespace
}  // namespace troupe::model
