// floors: model
#include "model/defaults/defaults.hpp"
#include "model/validation/structural.hpp"
#include "model/validation/validate.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const kind_info& kind(const char* resource) {
  return *schema::instance().by_resource(resource);
}

/// As the API does before it validates.
json prepared(const char* resource, json document) {
  EXPECT_TRUE(decode_fields(kind(resource), document));
  apply_defaults(kind(resource), document);
  return document;
}

std::vector<std::string> lines(const std::vector<cause>& causes) {
  std::vector<std::string> out;
  for (const cause& c : causes) out.push_back(c.field + ": " + c.message);
  return out;
}

std::vector<std::string> create(const char* resource, const json& document) {
  return lines(validate_create(kind(resource), prepared(resource, document)));
}

std::vector<std::string> update(const char* resource, const json& old, const json& document) {
  return lines(
      validate_update(kind(resource), prepared(resource, old), prepared(resource, document)));
}

json pod() {
  return json::parse(R"({"apiVersion": "v1", "kind": "Pod",
    "metadata": {"name": "web", "namespace": "default", "labels": {"app": "web"}},
    "spec": {"containers": [
      {"name": "web", "image": "web:1", "ports": [{"containerPort": 80, "name": "http"}],
       "volumeMounts": [{"name": "page", "mountPath": "/page"}],
       "readinessProbe": {"httpGet": {"path": "/", "port": "http"}},
       "resources": {"requests": {"cpu": "100m"}, "limits": {"cpu": "1", "memory": "64Mi"}}},
      {"name": "writer", "image": "writer", "env": [{"name": "A", "value": "b"}]}],
     "volumes": [{"name": "page", "emptyDir": {}}]}})");
}

struct pod_case {
  const char* pointer;  ///< what of pod() is replaced
  const char* value;
  const char* fault;
};

class InvalidPod : public ::testing::TestWithParam<pod_case> {};

TEST_P(InvalidPod, IsRefusedInKubernetesWords) {
  json changed = pod();
  changed[json::json_pointer(GetParam().pointer)] = json::parse(GetParam().value);
  EXPECT_THAT(create("pods", changed), ElementsAre(StartsWith(GetParam().fault)));
}

constexpr pod_case pod_cases[] = {
    {"/metadata/name", R"("Web")",
     "metadata.name: Invalid value: \"Web\": a lowercase RFC 1123 subdomain must consist of"},
    {"/metadata/name", R"("")", "metadata.name: Required value: name or generateName is required"},
    {"/metadata/namespace", R"("")", "metadata.namespace: Required value"},
    {"/metadata/labels/app", R"("-")",
     "metadata.labels: Invalid value: \"-\": a valid label must be"},
    {"/metadata/finalizers", R"(["mine"])",
     "metadata.finalizers: Invalid value: \"mine\": name is neither a standard finalizer name"},
    {"/metadata/ownerReferences", R"([{"apiVersion": "v1", "kind": "Pod", "name": "a"}])",
     "metadata.ownerReferences.uid: Invalid value: \"\": must not be empty"},
    {"/spec/containers", "[]", "spec.containers: Required value"},
    {"/spec/containers/0/name", R"("a.b")",
     "spec.containers[0].name: Invalid value: \"a.b\": a lowercase RFC 1123 label must consist of"},
    {"/spec/containers/1/name", R"("web")", "spec.containers[1].name: Duplicate value: \"web\""},
    {"/spec/containers/1/name", R"("")", "spec.containers[1].name: Required value"},
    {"/spec/containers/1/image", R"("")", "spec.containers[1].image: Required value"},
    {"/spec/containers/1/image", R"(" a")",
     "spec.containers[1].image: Invalid value: \" a\": must not have leading or trailing "
     "whitespace"},
    {"/spec/containers/1/imagePullPolicy", R"("Sometimes")",
     "spec.containers[1].imagePullPolicy: Unsupported value: \"Sometimes\": supported values: "
     "\"Always\", \"IfNotPresent\", \"Never\""},
    {"/spec/containers/0/ports/0/containerPort", "70000",
     "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and "
     "65535, "
     "inclusive"},
    {"/spec/containers/0/ports/0/protocol", R"("ICMP")",
     "spec.containers[0].ports[0].protocol: Unsupported value: \"ICMP\": supported values: "
     "\"SCTP\", "
     "\"TCP\", \"UDP\""},
    {"/spec/containers/1/ports", R"([{"containerPort": 1, "hostPort": 9},
      {"containerPort": 2, "hostPort": 9}])",
     "spec.containers[1].ports[1].hostPort: Duplicate value: \"TCP//9\""},
    {"/spec/containers/0/volumeMounts/0/name", R"("disk")",
     "spec.containers[0].volumeMounts[0].name: Not found: \"disk\""},
    {"/spec/containers/1/env/0/name", R"("A=B")",
     "spec.containers[1].env[0].name: Invalid value: \"A=B\": a valid environment variable name"},
    {"/spec/containers/1/env/0/valueFrom", R"({"fieldRef": {"fieldPath": "metadata.name"}})",
     "spec.containers[1].env[0].valueFrom: Invalid value: \"\": may not be specified when `value` "
     "is "
     "not empty"},
    {"/spec/containers/0/resources/requests/cpu", R"("2")",
     "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to "
     "cpu "
     "limit of 1"},
    {"/spec/containers/0/resources/requests/memory", R"("-1")",
     "spec.containers[0].resources.requests[memory]: Invalid value: \"-1\": must be greater than "
     "or "
     "equal to 0"},
    {"/spec/containers/1/resources",
     R"({"limits": {"a.com/gpu": "2"}, "requests": {"a.com/gpu": "1"}})",
     "spec.containers[1].resources.requests: Invalid value: \"1\": must be equal to a.com/gpu "
     "limit "
     "of 2"},
    {"/spec/containers/0/livenessProbe", "{}",
     "spec.containers[0].livenessProbe: Required value: must specify a handler type"},
    {"/spec/containers/0/livenessProbe", R"({"exec": {"command": ["a"]}, "successThreshold": 2})",
     "spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1"},
    {"/spec/containers/0/readinessProbe/tcpSocket", R"({"port": 1})",
     "spec.containers[0].readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler "
     "type"},
    {"/spec/containers/0/restartPolicy", R"("Always")",
     "spec.containers[0].restartPolicy: Forbidden: may not be set for non-init containers"},
    {"/spec/initContainers", R"([{"name": "i", "image": "i", "lifecycle": {}}])",
     "spec.initContainers[0].lifecycle: Forbidden: may not be set for init containers without "
     "restartPolicy=Always"},
    {"/spec/volumes/1", R"({"name": "page"})", "spec.volumes[1].name: Duplicate value: \"page\""},
    {"/spec/volumes/1", R"({"name": "s", "secret": {}})",
     "spec.volumes[1].secret.secretName: Required value"},
    {"/spec/volumes/1", R"({"name": "s", "hostPath": {"path": ""}})",
     "spec.volumes[1].hostPath.path: Required value"},
    {"/spec/restartPolicy", R"("Maybe")",
     "spec.restartPolicy: Unsupported value: \"Maybe\": supported values: \"Always\", "
     "\"OnFailure\", "
     "\"Never\""},
    {"/spec/activeDeadlineSeconds", "0",
     "spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive"},
    {"/spec/nodeName", R"("Node 1")", "spec.nodeName: Invalid value: \"Node 1\""},
    {"/spec/nodeSelector", R"({"a b": "c"})", "spec.nodeSelector: Invalid value: \"a b\""},
    {"/spec/tolerations", R"([{"key": "a", "effect": "NoSchedule", "tolerationSeconds": 3}])",
     "spec.tolerations[0].effect: Invalid value: \"NoSchedule\": effect must be 'NoExecute' when"},
    {"/spec/tolerations", R"([{"operator": "Equal"}])",
     "spec.tolerations[0].operator: Invalid value: \"Equal\": operator must be Exists when `key` "
     "is "
     "empty"},
    {"/spec/affinity",
     R"({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution":
       {"nodeSelectorTerms": [{"matchExpressions": [{"key": "a", "operator": "In"}]}]}}})",
     "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms["
     "0]."
     "matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or "
     "'NotIn'"},
    {"/spec/affinity",
     R"({"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution":
       [{"weight": 200, "podAffinityTerm": {"topologyKey": "zone"}}]}})",
     "spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: "
     "Invalid "
     "value: 200: must be in the range 1-100"},
    {"/spec/schedulingGates", R"([{"name": "g"}, {"name": "g"}])",
     "spec.schedulingGates[1]: Duplicate value: \"g\""},
    {"/spec/dnsPolicy", R"("None")",
     "spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None"},
};

INSTANTIATE_TEST_SUITE_P(Create, InvalidPod, ::testing::ValuesIn(pod_cases));

TEST(Pod, IsValidAsItStands) {
  EXPECT_THAT(create("pods", pod()), IsEmpty());
  EXPECT_THAT(create("pods", {{"metadata", {{"generateName", "web-"}, {"namespace", "a"}}},
                              {"spec", {{"containers", {{{"name", "c"}, {"image", "i"}}}}}}}),
              IsEmpty());
  EXPECT_THAT(create("pods", {{"metadata", {{"name", "a"}, {"namespace", "a"}}}}),
              ElementsAre("spec.containers: Required value"));
}

TEST(Pod, ExtendedResourcesAreWhole) {
  json changed = pod();
  changed["spec"]["containers"][1]["resources"] = {{"limits", {{"a.com/gpu", "500m"}}}};
  EXPECT_THAT(
      create("pods", changed),
      ElementsAre("spec.containers[1].resources.limits[a.com/gpu]: Invalid value: \"500m\": "
                  "must be an integer",
                  "spec.containers[1].resources.requests[a.com/gpu]: Invalid value: "
                  "\"500m\": must be an integer"));
}

TEST(PodUpdate, MayChangeImagesDeadlineAndAddTolerations) {
  json changed = pod();
  changed["spec"]["containers"][0]["image"] = "web:2";
  changed["spec"]["activeDeadlineSeconds"] = 10;
  changed["spec"]["tolerations"] = {{{"key", "a"}, {"operator", "Exists"}}};
  changed["metadata"]["labels"]["b"] = "c";
  EXPECT_THAT(update("pods", pod(), changed), IsEmpty());
  EXPECT_THAT(
      update("pods", changed, pod()),
      ElementsAre("spec.activeDeadlineSeconds: Invalid value: \"null\": must not update from a "
                  "positive integer to nil value",
                  "spec.tolerations: Forbidden: existing toleration can not be modified "
                  "except its tolerationSeconds"));
}

TEST(PodUpdate, MayChangeNothingElse) {
  json changed = pod();
  changed["spec"]["hostNetwork"] = true;
  changed["spec"]["containers"][1]["env"][0]["value"] = "c";
  const auto faults = update("pods", pod(), changed);
  ASSERT_THAT(faults,
              ElementsAre(StartsWith("spec: Forbidden: pod updates may not change fields other "
                                     "than `spec.containers[*].image`,")));
  EXPECT_THAT(faults[0], HasSubstr("\n  spec.containers\n  spec.hostNetwork"));
  changed = pod();
  changed["spec"]["containers"].erase(1);
  EXPECT_THAT(
      update("pods", pod(), changed),
      ElementsAre("spec.containers: Forbidden: pod updates may not add or remove containers"));
  changed = pod();
  changed["metadata"]["uid"] = "1";
  EXPECT_THAT(update("pods", pod(), changed),
              ElementsAre("metadata.uid: Invalid value: \"1\": field is immutable"));
}

TEST(PodUpdate, GatesMayOnlyGoAndTheSelectorMayGrowMeanwhile) {
  json gated = pod();
  gated["spec"]["schedulingGates"] = {{{"name", "a"}}};
  json changed = pod();
  changed["spec"]["nodeSelector"] = {{"zone", "a"}};
  EXPECT_THAT(update("pods", gated, changed), IsEmpty());
  EXPECT_THAT(
      update("pods", pod(), gated),
      ElementsAre("spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found "
                  "new scheduling gate 'a'"));
  EXPECT_THAT(update("pods", pod(), changed), ElementsAre(HasSubstr("spec.nodeSelector")));
}

TEST(PodStatus, KeepsTheNodeAndWhatHasEnded) {
  json old = pod();
  old["spec"]["restartPolicy"] = "Never";
  old["status"]["containerStatuses"] = {
      {{"name", "web"}, {"state", {{"terminated", {{"exitCode", 1}}}}}}};
  json changed = old;
  changed["status"]["containerStatuses"][0]["state"] = {{"running", json::object()}};
  EXPECT_THAT(
      lines(validate_status_update(kind("pods"), old, changed)),
      ElementsAre("status.containerStatuses[0].state: Forbidden: may not be transitioned to "
                  "non-terminated state"));
  changed = old;
  changed["spec"]["nodeName"] = "n";
  EXPECT_THAT(lines(validate_status_update(kind("pods"), old, changed)),
              ElementsAre("status.nodeName: Forbidden: may not be changed directly"));
}

TEST(EphemeralContainers, MayBeAddedAndNothingElse) {
  json old = pod();
  json changed = pod();
  changed["spec"]["ephemeralContainers"] = {{{"name", "debug"}, {"image", "busybox"}}};
  EXPECT_THAT(lines(validate_ephemeral_containers_update(old, changed)), IsEmpty());
  EXPECT_THAT(lines(validate_ephemeral_containers_update(changed, old)),
              ElementsAre(HasSubstr("existing ephemeral containers \"debug\" may not be removed")));
  changed["spec"]["ephemeralContainers"][0]["targetContainerName"] = "nosuch";
  changed["spec"]["ephemeralContainers"][0]["ports"] = json::array();
  changed["spec"]["ephemeralContainers"][0]["name"] = "web";
  EXPECT_THAT(
      lines(validate_ephemeral_containers_update(old, changed)),
      ElementsAre("spec.ephemeralContainers[0].name: Duplicate value: \"web\"",
                  "spec.ephemeralContainers[0].targetContainerName: Not found: \"nosuch\"",
                  "spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral "
                  "Container"));
  EXPECT_THAT(create("pods", changed),
              Contains("spec.ephemeralContainers: Forbidden: cannot be set on create"));
}

json meta(const char* name, const char* ns = "default") {
  return ns ? json{{"name", name}, {"namespace", ns}} : json{{"name", name}};
}

TEST(Nodes, CheckTaintsAndCapacity) {
  EXPECT_THAT(create("nodes", {{"metadata", meta("n1", nullptr)},
                               {"status", {{"capacity", {{"cpu", "2"}}}}}}),
              IsEmpty());
  EXPECT_THAT(create("nodes", {{"metadata", meta("n1")}}),
              ElementsAre("metadata.namespace: Forbidden: not allowed on this type"));
  const json tainted = {{"metadata", meta("n1", nullptr)},
                        {"spec", {{"taints", {{{"key", "a"}, {"effect", "No"}}}}}}};
  EXPECT_THAT(create("nodes", tainted),
              ElementsAre("metadata.taints[0].effect: Unsupported value: \"No\": supported values: "
                          "\"NoSchedule\", \"PreferNoSchedule\", \"NoExecute\""));
  const json twice = {
      {"metadata", meta("n1", nullptr)},
      {"spec",
       {{"taints",
         {{{"key", "a"}, {"effect", "NoSchedule"}}, {{"key", "a"}, {"effect", "NoSchedule"}}}}}}};
  EXPECT_THAT(create("nodes", twice),
              ElementsAre(StartsWith("metadata.taints[1]: Duplicate value: core.Taint{Key:\"a\"")));
}

TEST(ConfigMapsAndSecrets, CheckKeysSizesAndImmutability) {
  EXPECT_THAT(
      create("configmaps", {{"metadata", meta("a")}, {"data", {{"a/b", "x"}}}}),
      ElementsAre(StartsWith("data[a/b]: Invalid value: \"a/b\": a valid config key must")));
  EXPECT_THAT(create("configmaps",
                     {{"metadata", meta("a")}, {"data", {{"a", std::string((1 << 20) + 1, 'x')}}}}),
              ElementsAre("[]: Too long: may not be more than 1048576 bytes"));
  EXPECT_THAT(
      create("configmaps", {{"metadata", meta("a")}, {"data", {{"a", std::string(1 << 20, 'x')}}}}),
      IsEmpty());
  EXPECT_THAT(create("secrets", {{"metadata", meta("a")}, {"type", "kubernetes.io/tls"}}),
              ElementsAre("data[tls.crt]: Required value", "data[tls.key]: Required value"));
  const json fixed = {{"metadata", meta("a")}, {"immutable", true}, {"data", {{"k", "v"}}}};
  json changed = fixed;
  changed["data"]["k"] = "w";
  EXPECT_THAT(update("configmaps", fixed, changed),
              ElementsAre("data: Forbidden: field is immutable when `immutable` is set"));
  EXPECT_THAT(
      update("secrets", {{"metadata", meta("a")}}, {{"metadata", meta("a")}, {"type", "b"}}),
      ElementsAre("type: Invalid value: \"b\": field is immutable"));
}

TEST(OtherKinds, AreCheckedByTheirRules) {
  EXPECT_THAT(
      create("namespaces", {{"metadata", meta("a.b", nullptr)}}),
      Contains(StartsWith("metadata.name: Invalid value: \"a.b\": a lowercase RFC 1123 label")));
  EXPECT_THAT(create("leases.coordination.k8s.io",
                     {{"metadata", meta("a")}, {"spec", {{"leaseDurationSeconds", 0}}}}),
              ElementsAre("spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0"));
  EXPECT_THAT(create("events", {{"metadata", meta("e")}, {"involvedObject", {{"namespace", "x"}}}}),
              ElementsAre("involvedObject.namespace: Invalid value: \"x\": does not match "
                          "event.namespace"));
  EXPECT_THAT(create("events", {{"metadata", meta("e")}, {"involvedObject", {{"kind", "Node"}}}}),
              IsEmpty());
  EXPECT_THAT(
      create("services", {{"metadata", meta("s")}, {"spec", {{"ports", {{{"port", 80}}}}}}}),
      IsEmpty());
  EXPECT_THAT(create("services", {{"metadata", meta("1s")}, {"spec", json::object()}}),
              ElementsAre(StartsWith("metadata.name: Invalid value: \"1s\": a DNS-1035 label"),
                          "spec.ports: Required value"));
  EXPECT_THAT(
      create("certificatesigningrequests.certificates.k8s.io",
             {{"metadata", meta("c", nullptr)},
              {"spec", {{"request", "eA=="}, {"signerName", "a"}, {"usages", {"client auth"}}}}}),
      ElementsAre(StartsWith("spec.request: Invalid value: \"eA==\": PEM block type must be"),
                  StartsWith("spec.signerName: Invalid value: \"a\": must be a fully")));
  EXPECT_THAT(
      create("deployments.apps", {{"metadata", meta("d")}, {"spec", json::object()}}),
      ElementsAre("spec.template.spec.containers: Required value", "spec.selector: Required value",
                  StartsWith("spec.template.metadata.labels: Invalid value")));
  EXPECT_THAT(create("roles.rbac.authorization.k8s.io", {{"metadata", meta("system:a")}}),
              IsEmpty());
}

TEST(Bindings, NameANode) {
  EXPECT_THAT(validate_binding({{"target", {{"kind", "Node"}, {"name", "n"}}}}), IsEmpty());
  EXPECT_THAT(lines(validate_binding({{"target", {{"kind", "Pod"}}}})),
              ElementsAre("target.kind: Unsupported value: \"Pod\": supported values: \"Node\", "
                          "\"<empty>\"",
                          "target.name: Required value"));
}

TEST(Metadata, KeepsFinalizersOfWhatIsBeingDeleted) {
  json old = {{"metadata", meta("a")}};
  old["metadata"]["deletionTimestamp"] = "2024-01-01T00:00:00Z";
  json changed = old;
  changed["metadata"]["finalizers"] = {"a.com/b"};
  EXPECT_THAT(
      update("configmaps", old, changed),
      ElementsAre(StartsWith("metadata.finalizers: Forbidden: no new finalizers can be added "
                             "if the object is being deleted")));
}

}  // namespace
}  // namespace troupe::model
