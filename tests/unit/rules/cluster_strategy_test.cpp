// floors: model
#include "model/defaults/defaults.hpp"
#include "model/strategy.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

const kind_info& kind(const char* resource) {
  return *schema::instance().by_resource(resource);
}

json created(const char* resource, const char* text) {
  json object = json::parse(text);
  prepare_for_create(kind(resource), object, "u", *from_rfc3339("2026-01-01T00:00:00Z"),
                     {"joe", {"staff"}});
  object["metadata"].erase("uid");
  object["metadata"].erase("creationTimestamp");
  return object;
}

json updated(const char* resource, const char* old, const char* sent) {
  json object = json::parse(sent);
  prepare_for_update(kind(resource), json::parse(old), object);
  return object;
}

struct preparation {
  const char* what;
  const char* resource;
  const char* sent;
  const char* becomes;
};

TEST(ClusterStrategy, WhatTheServerMakesOfACreate) {
  const preparation table[] = {
      {"an address may be named in either field", "services",
       R"({"metadata": {}, "spec": {"clusterIP": "10.96.0.1"}, "status": {"x": 1}})",
       R"({"metadata": {}, "spec": {"clusterIP": "10.96.0.1", "clusterIPs": ["10.96.0.1"]},
           "status": {"loadBalancer": {}}})"},
      {"only the names of secrets", "serviceaccounts",
       R"({"metadata": {}, "secrets": [{"name": "a", "namespace": "b", "uid": "c"}]})",
       R"({"metadata": {}, "secrets": [{"name": "a"}]})"},
      {"a volume waits", "persistentvolumes", R"({"metadata": {}, "spec": {}})",
       R"({"metadata": {}, "spec": {}, "status": {"phase": "Pending",
           "lastPhaseTransitionTime": "2026-01-01T00:00:00Z"}})"},
      {"both fields for the source of data", "persistentvolumeclaims",
       R"({"metadata": {}, "spec": {"volumeAttributesClassName": "c",
           "dataSource": {"kind": "PersistentVolumeClaim", "name": "a"}}})",
       R"({"metadata": {}, "spec": {"dataSource": {"kind": "PersistentVolumeClaim", "name": "a"},
           "dataSourceRef": {"kind": "PersistentVolumeClaim", "name": "a"}},
           "status": {"phase": "Pending"}})"},
      {"a source in another namespace is only a reference", "persistentvolumeclaims",
       R"({"metadata": {}, "spec": {"dataSourceRef": {"kind": "K", "name": "a",
           "namespace": "b"}}})",
       R"({"metadata": {}, "spec": {"dataSourceRef": {"kind": "K", "name": "a", "namespace": "b"}},
           "status": {"phase": "Pending"}})"},
      {"topology before v1 goes", "endpointslices.discovery.k8s.io",
       R"({"metadata": {}, "endpoints": [{"deprecatedTopology": {"a": "b"}}]})",
       R"({"metadata": {"generation": 1}, "endpoints": [{}]})"},
      {"an attachment is not made yet", "volumeattachments.storage.k8s.io",
       R"({"metadata": {}, "spec": {}, "status": {"attached": true}})",
       R"({"metadata": {}, "spec": {}, "status": {"attached": false}})"},
      {"a definition notes in which version it stores",
       "customresourcedefinitions.apiextensions.k8s.io",
       R"({"metadata": {}, "spec": {"versions": [{"name": "v1", "storage": true},
           {"name": "v2", "storage": false}]}})",
       R"({"metadata": {"generation": 1}, "spec": {"versions": [{"name": "v1", "storage": true},
           {"name": "v2", "storage": false}]},
           "status": {"acceptedNames": {"kind": "", "plural": ""}, "conditions": [],
                      "storedVersions": ["v1"]}})"},
      {"a group served here is available", "apiservices.apiregistration.k8s.io",
       R"({"metadata": {}, "spec": {}})",
       R"({"metadata": {}, "spec": {}, "status": {"conditions": [{"type": "Available",
           "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z", "reason": "Local",
           "message": "Local APIServices are always available"}]}})"},
      {"a group served elsewhere is not known to be", "apiservices.apiregistration.k8s.io",
       R"({"metadata": {}, "spec": {"service": {}}})",
       R"({"metadata": {}, "spec": {"service": {}}, "status": {}})"},
      {"a driver's generation begins with its first change", "csidrivers.storage.k8s.io",
       R"({"metadata": {}, "spec": {}})", R"({"metadata": {}, "spec": {}})"},
      {"policies count generations",
       "validatingadmissionpolicybindings.admissionregistration.k8s.io",
       R"({"metadata": {}, "spec": {}})", R"({"metadata": {"generation": 1}, "spec": {}})"},
  };
  for (const auto& c : table)
    EXPECT_EQ(created(c.resource, c.sent), json::parse(c.becomes)) << c.what;
}

struct revision {
  const char* what;
  const char* resource;
  const char* old;
  const char* sent;
  const char* becomes;
};

TEST(ClusterStrategy, WhatTheServerMakesOfAnUpdate) {
  const revision table[] = {
      {"what is allocated stays when it is left out", "services",
       R"({"metadata": {}, "spec": {"type": "NodePort", "clusterIP": "10.96.0.1",
           "clusterIPs": ["10.96.0.1"], "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack",
           "ports": [{"port": 80, "protocol": "TCP", "nodePort": 30001}]}})",
       R"({"metadata": {}, "spec": {"type": "NodePort",
           "ports": [{"port": 80, "protocol": "TCP"}, {"port": 81, "protocol": "TCP"}]}})",
       R"({"metadata": {}, "spec": {"type": "NodePort", "clusterIP": "10.96.0.1",
           "clusterIPs": ["10.96.0.1"], "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack",
           "ports": [{"port": 80, "protocol": "TCP", "nodePort": 30001},
                     {"port": 81, "protocol": "TCP"}]}})"},
      {"what the new type does not need goes", "services",
       R"({"metadata": {}, "spec": {"type": "LoadBalancer", "clusterIP": "10.96.0.1",
           "clusterIPs": ["10.96.0.1"], "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack",
           "externalTrafficPolicy": "Cluster", "allocateLoadBalancerNodePorts": true,
           "ports": [{"port": 80, "protocol": "TCP", "nodePort": 30001}]}})",
       R"({"metadata": {}, "spec": {"type": "ExternalName", "externalName": "a.b",
           "clusterIP": "10.96.0.1", "clusterIPs": ["10.96.0.1"], "ipFamilies": ["IPv4"],
           "ipFamilyPolicy": "SingleStack", "externalTrafficPolicy": "Cluster",
           "allocateLoadBalancerNodePorts": true,
           "ports": [{"port": 80, "protocol": "TCP", "nodePort": 30001}]}})",
       R"({"metadata": {}, "spec": {"type": "ExternalName", "externalName": "a.b",
           "ports": [{"port": 80, "protocol": "TCP"}]}})"},
      {"a slice counts changes of its labels", "endpointslices.discovery.k8s.io",
       R"({"metadata": {"generation": 3, "labels": {"a": "b"}}})",
       R"({"metadata": {"labels": {"a": "c"}}})",
       R"({"metadata": {"generation": 4, "labels": {"a": "c"}}})"},
      {"what was asked for and decided stays", "certificatesigningrequests.certificates.k8s.io",
       R"({"metadata": {}, "spec": {"usages": ["any"]}, "status": {"certificate": "YQ=="}})",
       R"({"metadata": {}, "spec": {"usages": ["signing"]}})",
       R"({"metadata": {}, "spec": {"usages": ["any"]}, "status": {"certificate": "YQ=="}})"},
      {"a new storage version is noted besides the old one",
       "customresourcedefinitions.apiextensions.k8s.io",
       R"({"metadata": {"generation": 1}, "spec": {"versions": [{"name": "v1", "storage": true}]},
           "status": {"storedVersions": ["v1"]}})",
       R"({"metadata": {}, "spec": {"versions": [{"name": "v2", "storage": true}]}})",
       R"({"metadata": {"generation": 2}, "spec": {"versions": [{"name": "v2", "storage": true}]},
           "status": {"storedVersions": ["v1", "v2"]}})"},
      {"a driver's first change", "csidrivers.storage.k8s.io", R"({"metadata": {}, "spec": {}})",
       R"({"metadata": {}, "spec": {"seLinuxMount": true}})",
       R"({"metadata": {"generation": 1}, "spec": {"seLinuxMount": true}})"},
  };
  for (const auto& c : table)
    EXPECT_EQ(updated(c.resource, c.old, c.sent), json::parse(c.becomes)) << c.what;
}

const time_point noon = time_point(std::chrono::hours(12));

TEST(ClusterStrategy, DecisionsComeOnlyThroughApproval) {
  const kind_info& csr = kind("certificatesigningrequests.certificates.k8s.io");
  const json old = json::parse(R"({"metadata": {}, "spec": {"usages": ["any"]}, "status": {}})");
  const json sent = json::parse(R"({"metadata": {}, "spec": {"usages": ["signing"]},
    "status": {"certificate": "YQ==",
               "conditions": [{"type": "Approved"}, {"type": "Failed"}]}})");
  json by_status = sent;
  prepare_for_status_update(csr, old, by_status, noon);
  EXPECT_EQ(by_status, json::parse(R"({"metadata": {}, "spec": {"usages": ["any"]},
    "status": {"certificate": "YQ==", "conditions": [{"type": "Failed",
      "lastUpdateTime": "1970-01-01T12:00:00Z", "lastTransitionTime": "1970-01-01T12:00:00Z"}]}})"));
  json by_approval = sent;
  prepare_for_approval(csr, old, by_approval, noon);
  std::vector<json> types;
  for (const json& c : by_approval["status"]["conditions"]) types.push_back(c["type"]);
  EXPECT_EQ(types, (std::vector<json>{"Approved", "Failed"}));
  EXPECT_EQ(by_approval["spec"], old["spec"]);
}

TEST(ClusterStrategy, ADecisionKeepsTheTimeOfItsTransition) {
  const kind_info& csr = kind("certificatesigningrequests.certificates.k8s.io");
  const json old = json::parse(R"({"metadata": {}, "status": {"conditions": [{"type": "Approved",
    "status": "True", "lastTransitionTime": "1970-01-01T01:00:00Z"}]}})");
  json sent = json::parse(R"({"metadata": {}, "status": {"conditions": [{"type": "Approved",
    "status": "True", "lastUpdateTime": "1970-01-01T02:00:00Z"}]}})");
  prepare_for_approval(csr, old, sent, noon);
  EXPECT_EQ(sent["status"]["conditions"][0]["lastTransitionTime"], "1970-01-01T01:00:00Z");
  EXPECT_EQ(sent["status"]["conditions"][0]["lastUpdateTime"], "1970-01-01T02:00:00Z");
}

TEST(ClusterStrategy, AVolumesNewPhaseHasItsTime) {
  const kind_info& volumes = kind("persistentvolumes");
  const json old = json::parse(R"({"metadata": {}, "status": {"phase": "Available",
    "lastPhaseTransitionTime": "1970-01-01T01:00:00Z"}})");
  json same = old;
  prepare_for_status_update(volumes, old, same, noon);
  EXPECT_EQ(same, old);
  json bound = old;
  bound["status"]["phase"] = "Bound";
  prepare_for_status_update(volumes, old, bound, noon);
  EXPECT_EQ(bound["status"]["lastPhaseTransitionTime"], "1970-01-01T12:00:00Z");
}

TEST(ClusterDefaults, OfEachKind) {
  const preparation table[] = {
      {"text is written as text", "secrets",
       R"({"stringData": {"a": "x"}, "data": {"a": "Yg==", "b": "Yg=="}})",
       R"({"type": "Opaque", "data": {"a": "eA==", "b": "Yg=="}})"},
      {"people are of rbac's group", "rolebindings.rbac.authorization.k8s.io",
       R"({"roleRef": {"kind": "Role", "name": "r"}, "subjects": [{"kind": "User", "name": "u"},
           {"kind": "ServiceAccount", "name": "s"}]})",
       R"({"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"},
           "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "u"},
                        {"kind": "ServiceAccount", "name": "s"}]})"},
      {"a policy is about incoming traffic", "networkpolicies.networking.k8s.io",
       R"({"spec": {"podSelector": {}, "ingress": [{"ports": [{"port": 1}]}]}})",
       R"({"spec": {"podSelector": {}, "ingress": [{"ports": [{"port": 1, "protocol": "TCP"}]}],
           "policyTypes": ["Ingress"]}})"},
      {"and outgoing traffic when it says something of it", "networkpolicies.networking.k8s.io",
       R"({"spec": {"podSelector": {}, "egress": [{}]}})",
       R"({"spec": {"podSelector": {}, "egress": [{}], "policyTypes": ["Ingress", "Egress"]}})"},
      {"classes", "storageclasses.storage.k8s.io", R"({"provisioner": "p"})",
       R"({"provisioner": "p", "reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"})"},
      {"drivers", "csidrivers.storage.k8s.io", R"({"spec": {}})",
       R"({"spec": {"attachRequired": true, "podInfoOnMount": false, "storageCapacity": false,
           "requiresRepublish": false, "seLinuxMount": false,
           "fsGroupPolicy": "ReadWriteOnceWithFSType", "volumeLifecycleModes": ["Persistent"]}})"},
      {"ports of slices", "endpointslices.discovery.k8s.io", R"({"ports": [{"port": 1}]})",
       R"({"ports": [{"port": 1, "name": "", "protocol": "TCP"}]})"},
      {"parameters of all namespaces", "ingressclasses.networking.k8s.io",
       R"({"spec": {"parameters": {"kind": "K", "name": "n"}}})",
       R"({"spec": {"parameters": {"kind": "K", "name": "n", "scope": "Cluster"}}})"},
      {"webhooks", "mutatingwebhookconfigurations.admissionregistration.k8s.io",
       R"({"webhooks": [{"rules": [{}], "clientConfig": {"service": {}}}]})",
       R"({"webhooks": [{"rules": [{"scope": "*"}], "clientConfig": {"service": {"port": 443}},
           "failurePolicy": "Fail", "matchPolicy": "Equivalent", "namespaceSelector": {},
           "objectSelector": {}, "reinvocationPolicy": "Never", "timeoutSeconds": 10}]})"},
      {"policies", "validatingadmissionpolicies.admissionregistration.k8s.io",
       R"({"spec": {"matchConstraints": {"resourceRules": [{}]}}})",
       R"({"spec": {"failurePolicy": "Fail", "matchConstraints": {"matchPolicy": "Equivalent",
           "namespaceSelector": {}, "objectSelector": {}, "resourceRules": [{"scope": "*"}]}}})"},
      {"names of a definition", "customresourcedefinitions.apiextensions.k8s.io",
       R"({"spec": {"names": {"kind": "Widget"}}})",
       R"({"spec": {"conversion": {"strategy": "None"},
           "names": {"kind": "Widget", "listKind": "WidgetList", "singular": "widget"}}})"},
      {"flows", "flowschemas.flowcontrol.apiserver.k8s.io", R"({"spec": {}})",
       R"({"spec": {"matchingPrecedence": 1000}})"},
      {"levels", "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io",
       R"({"spec": {"limited": {"limitResponse": {"queuing": {}}}}})",
       R"({"spec": {"limited": {"lendablePercent": 0, "nominalConcurrencyShares": 30,
           "limitResponse": {"queuing": {"handSize": 8, "queueLengthLimit": 50, "queues": 64}}}}})"},
      {"addresses of balancers", "services",
       R"({"spec": {"type": "LoadBalancer", "internalTrafficPolicy": "Local"},
           "status": {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}, {"hostname": "a"}]}}})",
       R"({"spec": {"type": "LoadBalancer", "internalTrafficPolicy": "Local",
           "sessionAffinity": "None", "externalTrafficPolicy": "Cluster",
           "allocateLoadBalancerNodePorts": true},
           "status": {"loadBalancer": {"ingress": [{"ip": "1.2.3.4", "ipMode": "VIP"},
                                                   {"hostname": "a"}]}}})"},
      {"outside traffic to an address of its own", "services",
       R"({"spec": {"externalIPs": ["1.2.3.4"]}})",
       R"({"spec": {"externalIPs": ["1.2.3.4"], "type": "ClusterIP", "sessionAffinity": "None",
           "externalTrafficPolicy": "Cluster", "internalTrafficPolicy": "Cluster"}})"},
  };
  for (const auto& c : table) {
    json document = json::parse(c.sent);
    apply_defaults(kind(c.resource), document);
    EXPECT_EQ(document, json::parse(c.becomes)) << c.what;
    const json once = document;
    apply_defaults(kind(c.resource), document);
    EXPECT_EQ(document, once) << c.what;
  }
}

}  // namespace
}  // namespace troupe::model
