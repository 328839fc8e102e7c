// floors: model
#include "model/warnings/warnings.hpp"

#include "tests/unit/model/rules.hpp"

namespace troupe::model::rules {
namespace {

std::vector<std::string> warned(const char* resource, const json& object) {
  return warnings_of(kind(resource), nullptr, prepared(resource, object));
}

json pod(const char* more = "{}") {
  json object = json::parse(R"({"metadata": {"name": "web", "namespace": "default"},
    "spec": {"containers": [{"name": "c", "image": "web:1"}]}})");
  object["spec"].update(json::parse(more));
  return object;
}

struct warning_case {
  const char* spec;
  std::vector<std::string> warnings;
};

TEST(Warnings, OfPods) {
  const warning_case table[] = {
      {"{}", {}},
      {R"({"nodeSelector": {"beta.kubernetes.io/os": "linux"}})",
       {"spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "
        "\"kubernetes.io/os\" instead"}},
      {R"({"affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
          {"weight": 1, "preference": {"matchExpressions": [
            {"key": "failure-domain.beta.kubernetes.io/zone", "operator": "Exists"}]}}]}}})",
       {"spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference."
        "matchExpressions[0].key: failure-domain.beta.kubernetes.io/zone is deprecated since "
        "v1.17; use \"topology.kubernetes.io/zone\" instead"}},
      {R"({"affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
          {"topologyKey": "z"}]}}})",
       {"spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]."
        "labelSelector: a null labelSelector results in matching no pod"}},
      {R"({"topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "z",
          "whenUnsatisfiable": "DoNotSchedule"}]})",
       {"spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching "
        "no pod"}},
      {R"({"volumes": [{"name": "g", "gitRepo": {"repository": "r"}}, {"name": "c",
          "cephfs": {"monitors": ["m"]}}]})",
       {"spec.volumes[0].gitRepo: deprecated in v1.11",
        "spec.volumes[1].cephfs: deprecated in v1.28, non-functional in v1.31+"}},
      {R"({"imagePullSecrets": [{"name": "a"}, {"name": "a"}]})",
       {"spec.imagePullSecrets[1].name: duplicate name \"a\""}},
      {R"({"hostAliases": [{"ip": "1.1.1.1"}, {"ip": "1.1.1.1"}]})",
       {"spec.hostAliases[1].ip: duplicate ip \"1.1.1.1\""}},
      {R"({"terminationGracePeriodSeconds": -1})",
       {"spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be "
        "treated as 1"}},
      {R"({"containers": [{"name": "c", "image": "i", "resources": {"limits":
          {"memory": "500m"}}}]})",
       {"spec.containers[0].resources.limits[memory]: fractional byte value \"500m\" is invalid, "
        "must be an integer",
        "spec.containers[0].resources.requests[memory]: fractional byte value \"500m\" is invalid, "
        "must be an integer"}},
      {R"({"containers": [{"name": "c", "image": "i", "env": [{"name": "A", "value": "1"},
          {"name": "A", "value": "$(A)2"}, {"name": "A", "value": "3"}]}]})",
       {"spec.containers[0].env[2]: hides previous definition of \"A\", which may be dropped when "
        "using apply"}},
      {R"({"containers": [{"name": "c", "image": "i", "ports": [{"containerPort": 80}]},
          {"name": "d", "image": "i", "ports": [{"containerPort": 80},
            {"containerPort": 81, "hostIP": "127.0.0.1"}]}]})",
       {"spec.containers[1].ports[0]: duplicate port definition with spec.containers[0].ports[0]",
        "spec.containers[1].ports[1]: hostIP set without hostPort: {Name: HostPort:0 "
        "ContainerPort:81 Protocol:TCP HostIP:127.0.0.1}"}},
  };
  for (const auto& c : table)
    EXPECT_THAT(warned("pods", pod(c.spec)), ::testing::ElementsAreArray(c.warnings)) << c.spec;
}

TEST(Warnings, OfNamesThatAreNoHostNames) {
  json object = pod();
  object["metadata"]["name"] = "web.one";
  EXPECT_THAT(warned("pods", object),
              ::testing::ElementsAre(::testing::StartsWith(
                  "metadata.name: this is used in the Pod's hostname, which can result in "
                  "surprising behavior; a DNS label is recommended: [a lowercase RFC 1123 label")));
}

TEST(Warnings, OfLabelsThatARuntimeClassSelects) {
  const json runtime = json::parse(R"({"metadata": {"name": "r"}, "handler": "h", "scheduling":
    {"nodeSelector": {"beta.kubernetes.io/os": "linux", "kubernetes.io/arch": "arm64"}}})");
  EXPECT_THAT(warned("runtimeclasses.node.k8s.io", runtime),
              testing::ElementsAre("scheduling.nodeSelector: deprecated since v1.14; use "
                                   "\"kubernetes.io/os\" instead"));
}

TEST(Warnings, OfAnnotations) {
  json object = pod();
  object["metadata"]["annotations"] = {{"scheduler.alpha.kubernetes.io/critical-pod", ""},
                                       {"seccomp.security.alpha.kubernetes.io/pod", "unconfined"}};
  EXPECT_THAT(
      warned("pods", object),
      ::testing::ElementsAre(
          "metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in "
          "v1.16+; use the \"priorityClassName\" field instead",
          "metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]: non-functional in "
          "v1.27+; use the \"seccompProfile\" field instead"));
}

TEST(Warnings, OfTemplatesAndOnlyWhenTheSpecIsNew) {
  json deployment = json::parse(R"({"metadata": {"name": "web", "namespace": "default",
    "generation": 1}, "spec": {"selector": {"matchLabels": {"a": "b"}}}})");
  deployment["spec"]["template"] = pod(R"({"nodeSelector": {"beta.kubernetes.io/arch": "arm"}})");
  const std::string warning =
      "spec.template.spec.nodeSelector[beta.kubernetes.io/arch]: deprecated since v1.14; use "
      "\"kubernetes.io/arch\" instead";
  EXPECT_THAT(warned("deployments.apps", deployment), ::testing::ElementsAre(warning));
  const kind_info& deployments = kind("deployments.apps");
  EXPECT_THAT(warnings_of(deployments, &deployment, deployment), ::testing::IsEmpty());
  json next = deployment;
  next["metadata"]["generation"] = 2;
  EXPECT_THAT(warnings_of(deployments, &deployment, next), ::testing::ElementsAre(warning));
  EXPECT_THAT(warnings_of(kind("pods"), &deployment, next), ::testing::IsEmpty());
}

TEST(Warnings, OfJobsAndStatefulSets) {
  json job = {
      {"metadata", {{"name", "j"}}},
      {"spec", {{"completionMode", "Indexed"}, {"completions", 200000}, {"parallelism", 20000}}}};
  EXPECT_THAT(warned("jobs.batch", job),
              ::testing::ElementsAre(::testing::StartsWith(
                  "spec: In Indexed Jobs with a number of completions higher than 10^5")));
  const json set = {{"metadata", {{"name", "s"}}}, {"spec", {{"revisionHistoryLimit", -1}}}};
  EXPECT_THAT(warned("statefulsets.apps", set),
              ::testing::ElementsAre("spec.revisionHistoryLimit: a negative value retains all "
                                     "historical revisions; a value >= 0 is recommended"));
}

}  // namespace
}  // namespace troupe::model::rules
