// floors: model
#include "tests/unit/model/rules.hpp"

namespace troupe::model::rules {
namespace {

json workload(const char* name, const char* more = "{}") {
  json object = json::parse(R"({"metadata": {"name": "web", "namespace": "default"},
    "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": {
      "metadata": {"labels": {"app": "web"}},
      "spec": {"containers": [{"name": "c", "image": "web:1"}]}}}})");
  object["kind"] = name;
  object["spec"].update(json::parse(more));
  return object;
}

const std::string no_match =
    "spec.template.metadata.labels: Invalid value: map[string]string{\"app\":\"db\"}: `selector` "
    "does not match template `labels`";

/// What all that keep pods running have in common.
std::vector<change> kept_pods(const std::string& owner) {
  return {{"/spec/template/metadata/labels/app", R"("db")", {no_match}},
          {"/spec/template/metadata/labels/app",
           R"("-")",
           {"spec.template.labels: Invalid value: \"-\": a valid label must be",
            "spec.template.metadata.labels: Invalid value"}},
          {"/spec/template/spec/restartPolicy",
           R"("Never")",
           {"spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: "
            "\"Always\""}},
          {"/spec/template/spec/activeDeadlineSeconds",
           "5",
           {"spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in " +
            owner + " is not Supported"}}};
}

/// The order of faults is no promise: the table's label case is judged by its field alone.
void expect_kept_pods(const char* resource, const json& valid, const char* owner) {
  for (const change& c : kept_pods(owner)) {
    const auto faults = create(resource, changed(valid, c));
    std::vector<::testing::Matcher<std::string>> expected;
    for (const auto& fault : c.faults) expected.emplace_back(::testing::StartsWith(fault));
    EXPECT_THAT(faults, ::testing::UnorderedElementsAreArray(expected)) << c.pointer;
  }
}

TEST(DeploymentRules, OnCreate) {
  const json valid = workload("Deployment");
  expect_kept_pods("deployments.apps", valid, "ReplicaSet");
  expect_create_faults(
      "deployments.apps", valid,
      {{"/spec",
        "{}",
        {"spec.template.spec.containers: Required value", "spec.selector: Required value",
         "spec.template.metadata.labels: Invalid value: map[string]string(nil): `selector`"}},
       {"/spec/selector",
        "{}",
        {"spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string(nil), "
         "MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: empty selector is invalid for "
         "deployment"}},
       {"/spec/replicas",
        "-1",
        {"spec.replicas: Invalid value: -1: must be greater than or equal to 0"}},
       {"/spec/minReadySeconds",
        "-1",
        {"spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0"}},
       {"/spec/minReadySeconds",
        "600",
        {"spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds"}},
       {"/spec/revisionHistoryLimit",
        "-1",
        {"spec.revisionHistoryLimit: Invalid value: -1: must be greater than or equal to 0"}},
       {"/spec/strategy",
        R"({"type": "Blue"})",
        {"spec.strategy: Unsupported value: \"Blue\": supported values: \"Recreate\", "
         "\"RollingUpdate\""}},
       {"/spec/strategy",
        R"({"type": "Recreate", "rollingUpdate": {}})",
        {"spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is "
         "'Recreate'"}},
       {"/spec/strategy",
        R"({"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}})",
        {"spec.strategy.rollingUpdate.maxUnavailable: Invalid value: intstr.IntOrString{Type:0, "
         "IntVal:0, StrVal:\"\"}: may not be 0 when `maxSurge` is 0"}},
       {"/spec/strategy",
        R"({"rollingUpdate": {"maxUnavailable": "101%"}})",
        {"spec.strategy.rollingUpdate.maxUnavailable: Invalid value: intstr.IntOrString{Type:1, "
         "IntVal:0, StrVal:\"101%\"}: must not be greater than 100%"}},
       {"/spec/strategy",
        R"({"rollingUpdate": {"maxSurge": "many"}})",
        {"spec.strategy.rollingUpdate.maxSurge: Invalid value: intstr.IntOrString{Type:1, "
         "IntVal:0, StrVal:\"many\"}: a valid percent string must be a numeric string followed by "
         "an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"}},
       {"/spec/strategy",
        R"({"rollingUpdate": {"maxSurge": -1}})",
        {"spec.strategy.rollingUpdate.maxSurge: Invalid value: -1: must be greater than or equal "
         "to 0"}},
       {"/spec/selector/matchExpressions",
        R"([{"key": "a", "operator": "In"}])",
        {"spec.selector.matchExpressions[0].values: Required value: must be specified when",
         "spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string{\"app\":"
         "\"web\"}, MatchExpressions:[]v1.LabelSelectorRequirement{v1.LabelSelectorRequirement{"
         "Key:\"a\", Operator:\"In\", Values:[]string(nil)}}}: invalid label selector"}},
       {"/spec/template/spec/ephemeralContainers",
        R"([{"name": "e", "image": "e"}])",
        {"spec.template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in "
         "pod template"}}});
}

TEST(DeploymentRules, OnUpdate) {
  expect_update_faults(
      "deployments.apps", workload("Deployment"),
      {{"/spec/replicas", "3", {}},
       {"/spec/template/spec/containers/0/image", R"("web:2")", {}},
       {"/spec/selector/matchLabels/app",
        R"("db")",
        {"spec.template.metadata.labels: Invalid value",
         "spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string{\"app\":"
         "\"db\"}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: field is immutable"}}});
}

TEST(DeploymentRules, OfStatus) {
  json valid = workload("Deployment");
  valid["status"] = {{"replicas", 3}, {"readyReplicas", 2}, {"collisionCount", 2}};
  expect_status_faults(
      "deployments.apps", valid,
      {{"/status/replicas",
        "-1",
        {"status.replicas: Invalid value: -1: must be greater than or equal to 0",
         "status.updatedReplicas: Invalid value: 0: cannot be greater than status.replicas",
         "status.readyReplicas: Invalid value: 2: cannot be greater than status.replicas",
         "status.availableReplicas: Invalid value: 0: cannot be greater than status.replicas"}},
       {"/status/readyReplicas",
        "4",
        {"status.readyReplicas: Invalid value: 4: cannot be greater than status.replicas"}},
       {"/status/availableReplicas",
        "3",
        {"status.availableReplicas: Invalid value: 3: cannot be greater than readyReplicas"}},
       {"/status/collisionCount",
        "1",
        {"status.collisionCount: Invalid value: 1: cannot be decremented"}},
       {"/status/collisionCount",
        "-",
        {"status.collisionCount: Invalid value: 0: cannot be decremented"}}});
}

TEST(ReplicaSetRules, OnCreateUpdateAndStatus) {
  json valid = workload("ReplicaSet");
  expect_kept_pods("replicasets.apps", valid, "ReplicaSet");
  expect_create_faults(
      "replicasets.apps", valid,
      {{"/spec/selector",
        "-",
        {"spec.selector: Required value", "spec.template.metadata.labels: Invalid value"}},
       {"/spec/replicas", "-1", {"spec.replicas: Invalid value: -1: must be"}},
       {"/spec/template",
        "-",
        {"spec.template.spec.containers: Required value",
         "spec.template.metadata.labels: Invalid value: map[string]string(nil)"}}});
  expect_update_faults("replicasets.apps", valid,
                       {{"/spec/selector/matchLabels/b",
                         R"("c")",
                         {"spec.template.metadata.labels: Invalid value",
                          "spec.selector: Invalid value: v1.LabelSelector{"}}});
  valid["status"] = {{"replicas", 1}, {"readyReplicas", 1}};
  expect_status_faults("replicasets.apps", valid,
                       {{"/status/fullyLabeledReplicas",
                         "2",
                         {"status.fullyLabeledReplicas: Invalid value: 2: cannot be greater than "
                          "status.replicas"}}});
}

TEST(DaemonSetRules, OnCreateUpdateAndStatus) {
  json valid = workload("DaemonSet");
  expect_kept_pods("daemonsets.apps", valid, "DaemonSet");
  expect_create_faults(
      "daemonsets.apps", valid,
      {{"/spec/selector", "-", {"spec.template.metadata.labels: Invalid value"}},
       {"/spec/selector",
        "{}",
        {"spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string(nil), "
         "MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: empty selector is invalid for "
         "daemonset"}},
       {"/spec/updateStrategy",
        R"({"type": "Never"})",
        {"spec.updateStrategy: Unsupported value: \"Never\": supported values: \"RollingUpdate\", "
         "\"OnDelete\""}},
       {"/spec/updateStrategy",
        R"({"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 1}})",
        {"spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: intstr.IntOrString{Type:0, "
         "IntVal:1, StrVal:\"\"}: may not be set when maxUnavailable is non-zero"}},
       {"/spec/updateStrategy",
        R"({"rollingUpdate": {"maxUnavailable": 0}})",
        {"spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when "
         "maxSurge is 0"}}});
  expect_update_faults("daemonsets.apps", valid,
                       {{"/spec/selector/matchExpressions",
                         R"([{"key": "app", "operator": "Exists"}])",
                         {"spec.selector: Invalid value: v1.LabelSelector{"}}});
  valid["status"] = {{"numberReady", 1}};
  expect_status_faults(
      "daemonsets.apps", valid,
      {{"/status/numberReady", "-1", {"status.numberReady: Invalid value: -1: must be greater"}}});
}

TEST(StatefulSetRules, OnCreate) {
  const json valid = workload("StatefulSet", R"({"serviceName": "web"})");
  expect_create_faults(
      "statefulsets.apps", valid,
      {{"/metadata/name",
        R"("a.b")",
        {"metadata.name: Invalid value: \"a.b\": a lowercase RFC 1123 label must"}},
       // The template's pods are judged when they are made, its metadata at once.
       {"/spec/template/spec/containers", "[]", {}},
       {"/spec/serviceName", "-", {}},
       {"/spec/template/metadata/labels/app", R"("db")", {no_match}},
       {"/spec/selector",
        "-",
        {"spec.selector: Required value", "spec.template.metadata.labels: Invalid value"}},
       {"/spec/selector",
        "{}",
        {"spec.selector: Invalid value: v1.LabelSelector{MatchLabels:map[string]string(nil), "
         "MatchExpressions:[]v1.LabelSelectorRequirement(nil)}: empty selector is invalid for "
         "statefulset"}},
       {"/spec/template/spec/restartPolicy",
        R"("Never")",
        {"spec.template.spec.restartPolicy: Unsupported value: \"Never\""}},
       {"/spec/podManagementPolicy",
        R"("Any")",
        {"spec.podManagementPolicy: Invalid value: \"Any\": must be 'OrderedReady' or "
         "'Parallel'"}},
       {"/spec/updateStrategy",
        R"({"type": "OnDelete", "rollingUpdate": {"partition": 1}})",
        {"spec.updateStrategy.rollingUpdate: Invalid value: {\"partition\":1}: only allowed for "
         "updateStrategy 'RollingUpdate'"}},
       {"/spec/updateStrategy",
        R"({"type": "Any"})",
        {"spec.updateStrategy: Invalid value: {\"type\":\"Any\"}: must be 'RollingUpdate' or "
         "'OnDelete'"}},
       {"/spec/updateStrategy",
        R"({"rollingUpdate": {"partition": -1}})",
        {"spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater"}},
       {"/spec/persistentVolumeClaimRetentionPolicy",
        R"({"whenScaled": "Keep"})",
        {"spec.persistentVolumeClaimRetentionPolicy.whenScaled: Unsupported value: \"Keep\": "
         "supported values: \"Retain\", \"Delete\""}},
       {"/spec/ordinals",
        R"({"start": -1})",
        {"spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0"}}});
}

TEST(StatefulSetRules, OnUpdateAndStatus) {
  const std::string fault =
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', "
      "'template', 'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and "
      "'minReadySeconds' are forbidden";
  json valid = workload("StatefulSet", R"({"serviceName": "web"})");
  expect_update_faults(
      "statefulsets.apps", valid,
      {{"/spec/replicas", "4", {}},
       {"/spec/minReadySeconds", "4", {}},
       {"/spec/ordinals", R"({"start": 2})", {}},
       {"/spec/template/spec/containers/0/image", R"("b")", {}},
       {"/spec/updateStrategy", R"({"type": "OnDelete"})", {}},
       {"/spec/persistentVolumeClaimRetentionPolicy", R"({"whenScaled": "Delete"})", {}},
       {"/spec/serviceName", R"("db")", {fault}},
       {"/spec/revisionHistoryLimit", "3", {fault}},
       {"/spec/podManagementPolicy", R"("Parallel")", {fault}},
       {"/spec/volumeClaimTemplates", R"([{"metadata": {"name": "a"}}])", {fault}}});
  valid["status"] = {{"replicas", 1}, {"readyReplicas", 0}};
  expect_status_faults(
      "statefulsets.apps", valid,
      {{"/status/updatedReplicas",
        "2",
        {"status.updatedReplicas: Invalid value: 2: cannot be greater than status.replicas"}},
       {"/status/availableReplicas",
        "1",
        {"status.availableReplicas: Invalid value: 1: cannot be greater than "
         "status.readyReplicas"}}});
}

TEST(ControllerRevisionRules, DataIsThereAndStays) {
  const json valid = json::parse(R"({"metadata": {"name": "r", "namespace": "default"},
    "data": {"a": 1}, "revision": 1})");
  expect_create_faults("controllerrevisions.apps", valid,
                       {{"/data", "-", {"data: Required value: data is mandatory"}},
                        {"/revision", "-", {}},
                        {"/revision", "-1", {"revision: Invalid value: -1: must be greater"}}});
  expect_update_faults(
      "controllerrevisions.apps", valid,
      {{"/revision", "2", {}},
       {"/data", R"({"a": 2})", {"data: Invalid value: {\"a\":2}: field is immutable"}}});
}

TEST(ReplicationControllerRules, OnCreateAndStatus) {
  json valid = workload("ReplicationController");
  valid["spec"]["selector"] = {{"app", "web"}};
  valid["metadata"]["labels"] = {{"app", "web"}};
  expect_kept_pods("replicationcontrollers", valid, "ReplicationController");
  expect_create_faults(
      "replicationcontrollers", valid,
      {{"/spec/template", "-", {"spec.template: Required value"}},
       {"/spec/replicas", "-2", {"spec.replicas: Invalid value: -2: must be greater"}}});
  json bare = valid;
  bare["spec"].erase("selector");
  bare["spec"]["template"]["metadata"].erase("labels");
  EXPECT_THAT(create("replicationcontrollers", bare),
              ::testing::ElementsAre("spec.selector: Required value"));
  valid["status"] = {{"replicas", 1}};
  expect_status_faults("replicationcontrollers", valid,
                       {{"/status/readyReplicas",
                         "2",
                         {"status.readyReplicas: Invalid value: 2: cannot be greater than "
                          "status.replicas"}}});
}

TEST(PodTemplateRules, AreThoseOfPods) {
  const json valid = json::parse(R"({"metadata": {"name": "t", "namespace": "default"},
    "template": {"spec": {"containers": [{"name": "c", "image": "i"}]}}})");
  expect_create_faults(
      "podtemplates", valid,
      {{"/template", "{}", {"template.spec.containers: Required value"}},
       {"/template/spec/containers/0/name",
        R"("C")",
        {"template.spec.containers[0].name: Invalid value: \"C\": a lowercase RFC 1123 label"}},
       {"/template/spec/hostNetwork", "true", {}}});
}

}  // namespace
}  // namespace troupe::model::rules
