// floors: model
#include "model/warnings/cluster.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

using warnings = std::vector<std::string>;
using rule = void (*)(const json* old, const json& object, warnings& out);

struct warning_case {
  const char* what;
  rule warn;
  const char* object;
  warnings said;
};

TEST(ClusterWarnings, OnCreate) {
  const warning_case table[] = {
      {"nothing to say",
       warn_of_service,
       R"({"spec": {"type": "ClusterIP", "clusterIP": "10.96.0.1", "clusterIPs": ["10.96.0.1"],
           "sessionAffinity": "None"}})",
       {}},
      {"an old annotation",
       warn_of_service,
       R"({"metadata": {"annotations": {"service.kubernetes.io/topology-aware-hints": "auto"}},
           "spec": {"type": "ClusterIP"}})",
       {"annotation service.kubernetes.io/topology-aware-hints is deprecated, please use "
        "service.kubernetes.io/topology-mode instead"}},
      {"headless",
       warn_of_service,
       R"({"spec": {"type": "ClusterIP", "clusterIP": "None", "clusterIPs": ["None"],
           "loadBalancerIP": "1.2.3.4", "externalIPs": ["1.2.3.4"],
           "sessionAffinity": "ClientIP"}})",
       {"spec.loadBalancerIP is ignored for headless services",
        "spec.externalIPs is ignored for headless services",
        "spec.SessionAffinity is ignored for headless services"}},
      {"addresses that only we read",
       warn_of_service,
       R"({"spec": {"type": "ClusterIP", "externalIPs": ["010.0.0.1", "FD00::1"]}})",
       {"spec.externalIPs[0]: IP address was accepted, but will be invalid in a future Kubernetes "
        "release: ParseAddr(\"010.0.0.1\"): IPv4 field has octet with leading zero",
        "spec.externalIPs[1]: IPv6 address \"FD00::1\" is not in RFC 5952 canonical format "
        "(\"fd00::1\"), which may cause controller apply-loops"}},
      {"an external name",
       warn_of_service,
       R"({"spec": {"type": "ExternalName", "externalName": "a.b", "externalIPs": ["1.2.3.4"]}})",
       {"spec.externalIPs is ignored when spec.type is \"ExternalName\""}},
      {"no external name",
       warn_of_service,
       R"({"spec": {"type": "ClusterIP", "externalName": "a.b"}})",
       {"spec.externalName is ignored when spec.type is not \"ExternalName\""}},
      {"a class in an annotation",
       warn_of_ingress,
       R"({"metadata": {"annotations": {"kubernetes.io/ingress.class": "c"}}})",
       {"annotation \"kubernetes.io/ingress.class\" is deprecated, please use "
        "'spec.ingressClassName' instead"}},
      {"names for endpoints",
       warn_of_endpoint_slice,
       R"({"addressType": "FQDN"})",
       {"addressType: FQDN endpoints are deprecated"}},
      {"an old volume",
       warn_of_persistent_volume,
       R"({"metadata": {"annotations": {"volume.beta.kubernetes.io/storage-class": "c"}},
           "spec": {"persistentVolumeReclaimPolicy": "Recycle", "capacity": {"storage": "1500m"},
                    "rbd": {}, "nodeAffinity": {"required": {"nodeSelectorTerms": [
                      {"matchExpressions": [{"key": "beta.kubernetes.io/os"}]}]}}}})",
       {"metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "
        "\"storageClassName\" attribute instead",
        "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, "
        "the "
        "recommended approach is to use dynamic provisioning.",
        "spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key: "
        "beta.kubernetes.io/os is deprecated since v1.14; use \"kubernetes.io/os\" instead",
        "spec.rbd: deprecated in v1.28, non-functional in v1.31+",
        "spec.capacity[storage]: fractional byte value \"1500m\" is invalid, must be an integer"}},
      {"a claim",
       warn_of_persistent_volume_claim,
       R"({"spec": {"resources": {"requests": {"storage": "100m"}}}})",
       {"spec.resources.requests[storage]: fractional byte value \"100m\" is invalid, must be an "
        "integer"}},
      {"topologies",
       warn_of_storage_class,
       R"({"allowedTopologies": [{"matchLabelExpressions":
           [{"key": "failure-domain.beta.kubernetes.io/zone"}]}]})",
       {"allowedTopologies[0].matchLabelExpressions[0].key: "
        "failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use "
        "\"topology.kubernetes.io/zone\" instead"}},
      {"a node",
       warn_of_node,
       R"({"spec": {"configSource": {}, "externalID": "x"}})",
       {"spec.configSource: the feature is no longer supported",
        "spec.externalID: this field is deprecated, and is unused by Kubernetes"}},
      {"an account",
       warn_of_service_account,
       R"({"metadata": {"annotations": {"kubernetes.io/enforce-mountable-secrets": "true"}}})",
       {"metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; "
        "prefer separate namespaces to isolate access to mounted secrets"}},
  };
  for (const auto& c : table) {
    warnings said;
    c.warn(nullptr, json::parse(c.object), said);
    EXPECT_EQ(said, c.said) << c.what;
  }
}

TEST(ClusterWarnings, AnUpdateOfAnIngressIsNotWarnedOf) {
  const json ingress =
      json::parse(R"({"metadata": {"annotations": {"kubernetes.io/ingress.class": "c"}}})");
  warnings said;
  warn_of_ingress(&ingress, ingress, said);
  EXPECT_TRUE(said.empty());
}

}  // namespace
}  // namespace troupe::model
