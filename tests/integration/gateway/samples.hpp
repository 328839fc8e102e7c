#pragma once

#include "model/json.hpp"

#include <string>
#include <string_view>

namespace troupe::test {

/// The smallest object of a kind that Kubernetes takes. `$N` stands for a name of its own. A kind
/// that is not in the table needs nothing but a name.
struct sample {
  std::string_view kind;  ///< group/version/Kind
  std::string_view text;
};

constexpr sample samples[] = {
    {"/v1/Binding", R"({"metadata":{"name":"$N"},"target":{"kind":"Node","name":"n1"}})"},
    {"policy/v1/Eviction", R"({"metadata":{"name":"$N"}})"},
    {"/v1/Event", R"({"metadata":{"name":"$N"},"involvedObject":{"namespace":"default"},
        "reason":"R","type":"Normal"})"},
    {"/v1/LimitRange", R"({"metadata":{"name":"$N"},
        "spec":{"limits":[{"type":"Container","max":{"cpu":"1"}}]}})"},
    {"/v1/PersistentVolume", R"({"metadata":{"name":"$N"},"spec":{"capacity":{"storage":"1Gi"},
        "accessModes":["ReadWriteOnce"],"hostPath":{"path":"/tmp/x"}}})"},
    {"/v1/PersistentVolumeClaim", R"({"metadata":{"name":"$N"},"spec":{
        "accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}})"},
    {"/v1/Pod", R"({"metadata":{"name":"$N"},"spec":{"containers":[{"name":"c","image":"i"}]}})"},
    {"/v1/PodTemplate", R"({"metadata":{"name":"$N"},"template":{"metadata":{"labels":{"a":"b"}},
        "spec":{"containers":[{"name":"c","image":"i"}]}}})"},
    {"/v1/ReplicationController", R"({"metadata":{"name":"$N"},"spec":{"selector":{"a":"b"},
        "template":{"metadata":{"labels":{"a":"b"}},
                    "spec":{"containers":[{"name":"c","image":"i"}]}}}})"},
    {"/v1/ResourceQuota", R"({"metadata":{"name":"$N"},"spec":{"hard":{"pods":"1000"}}})"},
    {"/v1/Service", R"({"metadata":{"name":"$N"},"spec":{"clusterIP":"None","selector":{"a":"b"},
        "ports":[{"port":80}]}})"},
    {"admissionregistration.k8s.io/v1/MutatingWebhookConfiguration",
     R"({"metadata":{"name":"$N"},"webhooks":[{"name":"w.example.com",
        "admissionReviewVersions":["v1"],"sideEffects":"None","failurePolicy":"Ignore",
        "clientConfig":{"url":"https://example.com/w"},
        "rules":[{"apiGroups":["example.com"],"apiVersions":["v1"],"operations":["CREATE"],
                  "resources":["things"]}]}]})"},
    {"admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration",
     R"({"metadata":{"name":"$N"},"webhooks":[{"name":"w.example.com",
        "admissionReviewVersions":["v1"],"sideEffects":"None","failurePolicy":"Ignore",
        "clientConfig":{"url":"https://example.com/w"},
        "rules":[{"apiGroups":["example.com"],"apiVersions":["v1"],"operations":["CREATE"],
                  "resources":["things"]}]}]})"},
    {"admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy",
     R"({"metadata":{"name":"$N"},"spec":{"matchConstraints":{"resourceRules":[
        {"apiGroups":["example.com"],"apiVersions":["v1"],"operations":["CREATE"],
         "resources":["things"]}]},"validations":[{"expression":"true"}]}})"},
    {"admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding",
     R"({"metadata":{"name":"$N"},"spec":{"policyName":"p","validationActions":["Deny"]}})"},
    {"apiextensions.k8s.io/v1/CustomResourceDefinition",
     R"({"metadata":{"name":"things.$N.example.com"},"spec":{"group":"$N.example.com",
        "scope":"Namespaced","names":{"plural":"things","singular":"thing","kind":"Thing",
        "listKind":"ThingList"},"versions":[{"name":"v1","served":true,"storage":true,
        "schema":{"openAPIV3Schema":{"type":"object"}}}]}})"},
    {"apiregistration.k8s.io/v1/APIService",
     R"({"metadata":{"name":"v1.$N.example.com"},"spec":{"group":"$N.example.com","version":"v1",
        "groupPriorityMinimum":100,"versionPriority":10,"insecureSkipTLSVerify":true,
        "service":{"name":"s","namespace":"default"}}})"},
    {"apps/v1/ControllerRevision", R"({"metadata":{"name":"$N"},"revision":1,"data":{"a":1}})"},
    {"apps/v1/DaemonSet", R"({"metadata":{"name":"$N"},"spec":{"selector":{"matchLabels":{"a":"b"}},
        "template":{"metadata":{"labels":{"a":"b"}},
                    "spec":{"containers":[{"name":"c","image":"i"}]}}}})"},
    {"apps/v1/Deployment",
     R"({"metadata":{"name":"$N"},"spec":{"selector":{"matchLabels":{"a":"b"}},
        "template":{"metadata":{"labels":{"a":"b"}},
                    "spec":{"containers":[{"name":"c","image":"i"}]}}}})"},
    {"apps/v1/ReplicaSet",
     R"({"metadata":{"name":"$N"},"spec":{"selector":{"matchLabels":{"a":"b"}},
        "template":{"metadata":{"labels":{"a":"b"}},
                    "spec":{"containers":[{"name":"c","image":"i"}]}}}})"},
    {"apps/v1/StatefulSet", R"({"metadata":{"name":"$N"},"spec":{"serviceName":"s",
        "selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},
                    "spec":{"containers":[{"name":"c","image":"i"}]}}}})"},
    {"authentication.k8s.io/v1/TokenReview", R"({"spec":{"token":"t"}})"},
    {"authentication.k8s.io/v1/SelfSubjectReview", "{}"},
    {"authorization.k8s.io/v1/LocalSubjectAccessReview", R"({"metadata":{"namespace":"default"},
        "spec":{"user":"u","resourceAttributes":{"namespace":"default","verb":"get",
                "resource":"pods"}}})"},
    {"authorization.k8s.io/v1/SelfSubjectAccessReview",
     R"({"spec":{"resourceAttributes":{"verb":"get","resource":"pods"}}})"},
    {"authorization.k8s.io/v1/SelfSubjectRulesReview", R"({"spec":{"namespace":"default"}})"},
    {"authorization.k8s.io/v1/SubjectAccessReview",
     R"({"spec":{"user":"u","nonResourceAttributes":{"verb":"get","path":"/version"}}})"},
    {"autoscaling/v1/HorizontalPodAutoscaler", R"({"metadata":{"name":"$N"},"spec":{"maxReplicas":3,
        "scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"d"}}})"},
    {"autoscaling/v2/HorizontalPodAutoscaler", R"({"metadata":{"name":"$N"},"spec":{"maxReplicas":3,
        "scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"d"}}})"},
    {"batch/v1/CronJob", R"({"metadata":{"name":"$N"},"spec":{"schedule":"@daily","jobTemplate":{
        "spec":{"template":{"spec":{"restartPolicy":"Never",
                                    "containers":[{"name":"c","image":"i"}]}}}}}})"},
    {"batch/v1/Job", R"({"metadata":{"name":"$N"},"spec":{"template":{"spec":{
        "restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}})"},
    {"certificates.k8s.io/v1/CertificateSigningRequest",
     R"({"metadata":{"name":"$N"},"spec":{"signerName":"example.com/s","usages":["client auth"],
        "request":"$CSR"}})"},
    {"discovery.k8s.io/v1/EndpointSlice",
     R"({"metadata":{"name":"$N"},"addressType":"IPv4","endpoints":[]})"},
    {"events.k8s.io/v1/Event",
     R"({"metadata":{"name":"$N"},"eventTime":"2024-01-01T00:00:00.000000Z",
        "regarding":{"namespace":"default"},"reason":"R","action":"A","type":"Normal",
        "reportingController":"example.com/c","reportingInstance":"i"})"},
    {"flowcontrol.apiserver.k8s.io/v1/FlowSchema", R"({"metadata":{"name":"$N"},"spec":{
        "priorityLevelConfiguration":{"name":"l"},"matchingPrecedence":100}})"},
    {"flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration",
     R"({"metadata":{"name":"$N"},"spec":{"type":"Limited","limited":{
        "nominalConcurrencyShares":5,"limitResponse":{"type":"Reject"}}}})"},
    {"networking.k8s.io/v1/Ingress", R"({"metadata":{"name":"$N"},"spec":{"defaultBackend":{
        "service":{"name":"s","port":{"number":80}}}}})"},
    {"networking.k8s.io/v1/IngressClass",
     R"({"metadata":{"name":"$N"},"spec":{"controller":"example.com/c"}})"},
    {"networking.k8s.io/v1/NetworkPolicy",
     R"({"metadata":{"name":"$N"},"spec":{"podSelector":{}}})"},
    {"node.k8s.io/v1/RuntimeClass", R"({"metadata":{"name":"$N"},"handler":"runc"})"},
    {"policy/v1/PodDisruptionBudget", R"({"metadata":{"name":"$N"},"spec":{"minAvailable":1,
        "selector":{"matchLabels":{"a":"none"}}}})"},
    {"rbac.authorization.k8s.io/v1/ClusterRoleBinding", R"({"metadata":{"name":"$N"},"roleRef":{
        "apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"r"}})"},
    {"rbac.authorization.k8s.io/v1/RoleBinding", R"({"metadata":{"name":"$N"},"roleRef":{
        "apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"r"}})"},
    {"scheduling.k8s.io/v1/PriorityClass", R"({"metadata":{"name":"$N"},"value":7})"},
    {"storage.k8s.io/v1/CSIDriver", R"({"metadata":{"name":"$N"},"spec":{}})"},
    {"storage.k8s.io/v1/CSINode", R"({"metadata":{"name":"$N"},"spec":{"drivers":[]}})"},
    {"storage.k8s.io/v1/CSIStorageCapacity",
     R"({"metadata":{"name":"$N"},"storageClassName":"c"})"},
    {"storage.k8s.io/v1/StorageClass",
     R"({"metadata":{"name":"$N"},"provisioner":"example.com/p"})"},
    {"storage.k8s.io/v1/VolumeAttachment", R"({"metadata":{"name":"$N"},"spec":{"attacher":"a",
        "nodeName":"n1","source":{"persistentVolumeName":"v"}}})"}};

/// The text of a sample with each `from` replaced.
inline void replace_all(std::string& text, std::string_view from, const std::string& to) {
  for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

/// An object of a kind ("group/version/Kind"), named after `name`.
inline model::json sample_of(std::string_view kind, const std::string& name,
                             const std::string& certificate_request) {
  std::string text = R"({"metadata":{"name":"$N"}})";
  for (const sample& s : samples)
    if (s.kind == kind) text = s.text;
  replace_all(text, "$N", name);
  replace_all(text, "$CSR", certificate_request);
  return model::json::parse(text);
}

}  // namespace troupe::test
