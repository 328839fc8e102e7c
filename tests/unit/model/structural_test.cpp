// floors: model
#include "model/validation/structural.hpp"

#include "model/validation/wrong_kind.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const kind_info& pods() {
  return *schema::instance().by_kind("", "v1", "Pod");
}

decoding decode(std::string_view text, json* document = nullptr) {
  json parsed = json::parse(text);
  decoding d = decode_fields(pods(), parsed);
  if (document) *document = std::move(parsed);
  return d;
}

TEST(DecodeFields, NamesUnknownFieldsWithTheirPathsAndDropsThem) {
  json pod;
  const decoding d = decode(R"({"kind": "Pod", "spec": {"aaa": 1, "containers":
    [{"name": "a"}, {"name": "b", "zzz": {}}], "nodeSelector": {"any": "thing"}}, "x": null})",
                            &pod);
  EXPECT_TRUE(d) << d.error;
  EXPECT_THAT(d.strict,
              ElementsAre("unknown field \"spec.aaa\"", "unknown field \"spec.containers[1].zzz\"",
                          "unknown field \"x\""));
  EXPECT_EQ(pod.dump(), R"({"kind":"Pod","spec":{"containers":[{"name":"a"},{"name":"b"}],)"
                        R"("nodeSelector":{"any":"thing"}}})");
}

TEST(DecodeFields, ReportsDuplicatesAndSaysItAllInOneStatus) {
  json pod = json::object({{"foo", 1}});
  const decoding d = decode_fields(pods(), pod, duplicate_faults({"spec.nodeName"}, false));
  const status s = cannot_decode_strictly(pods(), d);
  EXPECT_EQ(s.code, 400);
  EXPECT_EQ(s.message,
            "Pod in version \"v1\" cannot be handled as a Pod: strict decoding error: "
            "unknown field \"foo\", duplicate field \"spec.nodeName\"");
}

TEST(WrongKind, SaysWhyADocumentCannotBeReadAsAnotherKind) {
  const auto& claims = *schema::instance().by_resource("persistentvolumeclaims");
  const auto& budgets = *schema::instance().by_resource("poddisruptionbudgets.policy");
  const auto& events = *schema::instance().by_kind("events.k8s.io", "v1", "Event");
  const struct {
    const kind_info& kind;
    const char *api_version, *name, *why;
  } cases[] = {
      {claims, "v1", "Pod",
       "converting (v1.Pod) to (core.PersistentVolumeClaim): unknown conversion"},
      {claims, "v1", "PodList",
       "converting (v1.PodList) to (core.PersistentVolumeClaim): unknown conversion"},
      {claims, "rbac.authorization.k8s.io/v1", "Role",
       "converting (v1.Role) to (core.PersistentVolumeClaim): unknown conversion"},
      {claims, "autoscaling/v1", "Scale",
       "converting (v1.Scale) to (core.PersistentVolumeClaim): unknown conversion"},
      {budgets, "policy/v1", "Eviction",
       "converting (v1.Eviction) to (policy.PodDisruptionBudget): unknown conversion"},
      {budgets, "v1", "PodDisruptionBudget",
       "no kind \"PodDisruptionBudget\" is registered for version \"v1\" in scheme "
       "\"pkg/api/legacyscheme/scheme.go:30\""},
      {budgets, "policy/v1", "PodDisruptionBudget", ""},
      {budgets, "policy/v1beta1", "PodDisruptionBudget", ""},
      {events, "v1", "Event", ""},
  };
  for (const auto& c : cases)
    EXPECT_EQ(wrong_kind(c.kind, c.api_version, c.name), c.why) << c.api_version << " " << c.name;
}

TEST(DecodeFields, RefusesWrongTypesAsGoDoes) {
  const std::pair<const char*, const char*> table[] = {
      {R"({"spec": []})",
       "json: cannot unmarshal array into Go struct field Pod.spec of type v1.PodSpec"},
      {R"({"metadata": {"labels": {"a": 1}}})",
       "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type "
       "string"},
      {R"({"spec": {"hostNetwork": "yes"}})",
       "json: cannot unmarshal string into Go struct field PodSpec.spec.hostNetwork of type bool"},
      {R"({"spec": {"containers": {"name": "a"}}})",
       "json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type "
       "[]v1.Container"},
      {R"({"spec": {"containers": [{"ports": [{"containerPort": 99999999999}]}]}})",
       "json: cannot unmarshal number into Go struct field "
       "ContainerPort.spec.containers.ports.containerPort of type int32"},
      {R"({"spec": {"activeDeadlineSeconds": 1.5}})",
       "json: cannot unmarshal number 1.5 into Go struct field PodSpec.spec.activeDeadlineSeconds "
       "of "
       "type int64"},
      {R"({"spec": {"nodeSelector": [1]}})",
       "json: cannot unmarshal array into Go struct field PodSpec.spec.nodeSelector of type "
       "map[string]string"},
      {R"({"metadata": {"creationTimestamp": "today"}})",
       "parsing time \"today\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"today\" as "
       "\"2006\""},
      {R"([])", "json: cannot unmarshal array into Go value of type v1.Pod"}};
  for (const auto& [text, error] : table) EXPECT_EQ(decode(text).error, error) << text;
  EXPECT_THAT(
      decode(R"({"spec": {"containers": [{"resources": {"limits": {"cpu": "x"}}}]}})").error,
      HasSubstr("quantities must match the regular expression"));
}

TEST(DecodeFields, WritesValuesCanonically) {
  json pod;
  EXPECT_TRUE(decode(R"({"metadata": {"creationTimestamp": null, "deletionTimestamp":
    "2024-01-01T01:00:00+01:00"}, "spec": {"containers": [{"resources": {"limits":
    {"cpu": 2, "memory": "1024Mi"}, "requests": {"cpu": 0.5}}, "args": [null, "a"]}]}})",
                     &pod));
  EXPECT_EQ(pod.dump(),
            R"({"metadata":{"deletionTimestamp":"2024-01-01T00:00:00Z"},"spec":{"containers":)"
            R"([{"args":["","a"],"resources":{"limits":{"cpu":"2","memory":"1Gi"},)"
            R"("requests":{"cpu":"500m"}}}]}})");
}

TEST(DecodeFields, LeavesEmptyListsAndMapsOutAsGoDoes) {
  json pod;
  EXPECT_TRUE(
      decode(R"({"metadata": {"annotations": {}, "finalizers": []}, "spec": {"containers": [],
    "nodeSelector": {}, "securityContext": {}, "volumes": [{"name": "v", "emptyDir": {}}]}})",
             &pod));
  EXPECT_EQ(pod, json::parse(R"({"metadata": {}, "spec": {"containers": [], "securityContext": {},
    "volumes": [{"name": "v", "emptyDir": {}}]}})"));
}

TEST(DecodeFields, ChecksBytesOfSecrets) {
  const kind_info& secrets = *schema::instance().by_resource("secrets");
  json good = {{"data", {{"a", "aGk="}}}};
  EXPECT_TRUE(decode_fields(secrets, good));
  json bad = {{"data", {{"a", "a*k="}}}};
  EXPECT_EQ(decode_fields(secrets, bad).error, "illegal base64 data at input byte 1");
}

}  // namespace
}  // namespace troupe::model
