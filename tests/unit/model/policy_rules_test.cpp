// floors: model
#include "tests/unit/model/rules.hpp"

namespace troupe::model::rules {
namespace {

json object(const char* name, const char* spec) {
  return {{"metadata", {{"name", name}, {"namespace", "default"}}}, {"spec", json::parse(spec)}};
}

TEST(PodDisruptionBudgetRules, OnCreateAndStatus) {
  json valid = object("b", R"({"minAvailable": 1, "selector": {"matchLabels": {"a": "b"}}})");
  expect_create_faults(
      "poddisruptionbudgets.policy", valid,
      {{"/spec/maxUnavailable",
        "1",
        {"spec: Invalid value: {\"maxUnavailable\":1,\"minAvailable\":1,\"selector\":{"
         "\"matchLabels\":{\"a\":\"b\"}}}: minAvailable and maxUnavailable cannot be both set"}},
       {"/spec/minAvailable", "-1", {"spec.minAvailable: Invalid value: -1: must be greater"}},
       {"/spec/minAvailable",
        R"("110%")",
        {"spec.minAvailable: Invalid value: intstr.IntOrString{Type:1, IntVal:0, "
         "StrVal:\"110%\"}: must not be greater than 100%"}},
       {"/spec/minAvailable",
        R"("half")",
        {"spec.minAvailable: Invalid value: intstr.IntOrString{Type:1, IntVal:0, "
         "StrVal:\"half\"}: a valid percent string must be"}},
       {"/spec/selector/matchLabels/a",
        R"("b c")",
        {"spec.selector.matchLabels: Invalid value: \"b c\": a valid label must be"}},
       {"/spec/unhealthyPodEvictionPolicy",
        R"("Never")",
        {"spec.unhealthyPodEvictionPolicy: Unsupported value: \"Never\": supported values: "
         "\"AlwaysAllow\", \"IfHealthyBudget\""}}});
  valid["status"] = json::parse(R"({"currentHealthy": 1, "conditions": [{"type": "A",
    "status": "True", "reason": "R", "lastTransitionTime": "2026-01-01T00:00:00Z"}]})");
  expect_status_faults(
      "poddisruptionbudgets.policy", valid,
      {{"/status/currentHealthy", "-1", {"status.currentHealthy: Invalid value: -1: must be"}},
       {"/status/conditions/0/status",
        R"("Maybe")",
        {"status.conditions[0].status: Unsupported value: \"Maybe\": supported values: \"False\", "
         "\"True\", \"Unknown\""}},
       {"/status/conditions/0/reason", R"("")", {"status.conditions[0].reason: Required value"}},
       {"/status/conditions/0/reason",
        R"("no way")",
        {"status.conditions[0].reason: Invalid value: \"no way\": a condition reason must start"}},
       {"/status/conditions/0/lastTransitionTime",
        "-",
        {"status.conditions[0].lastTransitionTime: Required value"}}});
}

TEST(HorizontalPodAutoscalerRules, OnCreate) {
  const json valid = object("h", R"({"maxReplicas": 4,
    "scaleTargetRef": {"kind": "Deployment", "name": "web"}})");
  const std::string metric = "spec.metrics[0]";
  expect_create_faults(
      "horizontalpodautoscalers.autoscaling", valid,
      {{"/spec/minReplicas",
        "0",
        {"spec.minReplicas: Invalid value: 0: must be greater than or equal to 1",
         "spec.metrics: Forbidden: must specify at least one Object or External metric to support "
         "scaling to zero replicas"}},
       {"/spec/maxReplicas",
        "0",
        {"spec.maxReplicas: Invalid value: 0: must be greater than 0",
         "spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`"}},
       {"/spec/scaleTargetRef",
        R"({"kind": "a/b"})",
        {"spec.scaleTargetRef.kind: Invalid value: \"a/b\": may not contain '/'",
         "spec.scaleTargetRef.name: Required value"}},
       {"/spec/metrics",
        R"([{"type": "Guess"}])",
        {metric + ".type: Unsupported value: \"Guess\": supported values: \"ContainerResource\", "
                  "\"External\", \"Object\", \"Pods\", \"Resource\""}},
       {"/spec/metrics",
        R"([{"type": "Pods"}])",
        {metric + ".pods: Required value: must populate information for the given metric source"}},
       {"/spec/metrics",
        R"([{"type": "Resource", "resource": {"name": "cpu", "target": {}}}])",
        {metric + ".resource.target.type: Required value: must specify a metric target type",
         metric + ".resource.target.type: Invalid value: \"\": must be either Utilization, Value, "
                  "or AverageValue",
         metric + ".resource.target.averageUtilization: Required value: must set either a target "
                  "raw value or a target utilization"}},
       {"/spec/metrics",
        R"([{"type": "Resource", "resource": {"name": "cpu", "target":
          {"type": "Utilization", "averageUtilization": 0, "averageValue": "1"}}}])",
        {metric + ".resource.target.averageUtilization: Invalid value: 0: must be greater than 0",
         metric + ".resource.target.averageValue: Forbidden: may not set both a target raw value "
                  "and a target utilization"}},
       {"/spec/metrics",
        R"([{"type": "External", "external": {"metric": {"name": ""}, "target":
          {"type": "Value", "value": "-1"}}}])",
        {metric + ".external.metric.name: Required value: must specify a metric name",
         metric + ".external.target.value: Invalid value: \"-1\": must be positive"}},
       {"/spec/metrics",
        R"([{"type": "Object", "object": {"metric": {"name": "m"},
          "describedObject": {"kind": "Pod", "name": "p"}, "target": {"type": "Value"}}}])",
        {metric + ".object.target.averageValue: Required value: must set either a target value or "
                  "averageValue"}},
       {"/spec/metrics",
        R"([{"type": "ContainerResource", "containerResource": {"name": "disk",
          "container": "C", "target": {"type": "Utilization", "averageUtilization": 50}}}])",
        {metric + ".containerResource.name: Invalid value: \"disk\": must be a standard resource "
                  "type or fully qualified",
         metric + ".containerResource.name: Invalid value: \"disk\": must be a standard resource "
                  "for containers",
         metric + ".containerResource.container: Invalid value: \"C\": a lowercase RFC 1123"}},
       {"/spec/metrics",
        R"([{"type": "Pods", "pods": {"metric": {"name": "m"}, "target":
          {"type": "AverageValue", "averageValue": "1"}}, "resource": {"name": "cpu"}}])",
        {metric + ".resource: Forbidden: must populate the given metric source only"}},
       {"/spec/behavior",
        R"({"scaleUp": {"selectPolicy": "Some"}})",
        {"spec.behavior.scaleUp.selectPolicy: Unsupported value: \"Some\": supported values: "
         "\"Disabled\", \"Max\", \"Min\""}},
       {"/spec/behavior",
        R"({"scaleDown": {"stabilizationWindowSeconds": 3601}})",
        {"spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: 3601: must be less "
         "than or equal to 3600"}},
       {"/spec/behavior",
        R"({"scaleUp": {"policies": [{"type": "x", "value": 0,
          "periodSeconds": 1801}]}})",
        {"spec.behavior.scaleUp.policies[0].type: Unsupported value: \"x\": supported values: "
         "\"Percent\", \"Pods\"",
         "spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero",
         "spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than "
         "or equal to 1800"}}});
}

TEST(HorizontalPodAutoscalerRules, OfStatus) {
  json valid = object("h", R"({"maxReplicas": 4,
    "scaleTargetRef": {"kind": "Deployment", "name": "web"}})");
  valid["status"] = {{"desiredReplicas", 1}};
  expect_status_faults("horizontalpodautoscalers.autoscaling", valid,
                       {{"/status/desiredReplicas",
                         "-1",
                         {"status.desiredReplicas: Invalid value: -1: must be greater than"}}});
}

TEST(ResourceQuotaRules, OnCreateUpdateAndStatus) {
  json valid = object("q", R"({"hard": {"pods": "4", "requests.cpu": "2",
    "count/jobs.batch": "3"}})");
  expect_create_faults(
      "resourcequotas", valid,
      {{"/spec/hard/disks",
        R"("1")",
        {"spec.hard[disks]: Invalid value: \"disks\": must be a standard resource type or fully "
         "qualified",
         "spec.hard[disks]: Invalid value: \"disks\": must be a standard resource for quota"}},
       {"/spec/hard/pods",
        R"("-1")",
        {"spec.hard[pods]: Invalid value: \"-1\": must be greater than or equal to 0"}},
       {"/spec/hard/pods",
        R"("500m")",
        {"spec.hard[pods]: Invalid value: \"500m\": must be an integer"}},
       {"/spec/scopes",
        R"(["Sometimes"])",
        {"spec.scopes: Invalid value: []core.ResourceQuotaScope{\"Sometimes\"}: unsupported "
         "scope"}},
       {"/spec/scopes",
        R"(["BestEffort"])",
        {"spec.scopes: Invalid value: []core.ResourceQuotaScope{\"BestEffort\"}: unsupported scope "
         "applied to resource"}},
       {"/spec/scopes",
        R"(["Terminating", "NotTerminating"])",
        {"spec.scopes: Invalid value: []core.ResourceQuotaScope{\"Terminating\", "
         "\"NotTerminating\"}: conflicting scopes"}},
       {"/spec/scopeSelector",
        R"({"matchExpressions": [{"scopeName": "PriorityClass",
          "operator": "In"}]})",
        {"spec.scopeSelector.matchExpressions.values: Required value: must be at least one value "
         "when `operator` is 'In' or 'NotIn' for scope selector"}},
       {"/spec/scopeSelector",
        R"({"matchExpressions": [{"scopeName": "Terminating",
          "operator": "DoesNotExist"}]})",
        {"spec.scopeSelector.matchExpressions.operator: Invalid value: \"DoesNotExist\": must be "
         "'Exists' when scope is any of ResourceQuotaScopeTerminating,"}}});
  expect_update_faults("resourcequotas", valid,
                       {{"/spec/hard/pods", R"("5")", {}},
                        {"/spec/scopes",
                         R"(["Terminating"])",
                         {"spec.scopes: Invalid value: []core.ResourceQuotaScope{\"Terminating\"}: "
                          "field is immutable"}}});
  valid["status"] = {{"used", {{"pods", "1"}}}};
  expect_status_faults("resourcequotas", valid,
                       {{"/status/used/pods",
                         R"("-1")",
                         {"status.used[pods]: Invalid value: \"-1\": must be greater than"}}});
}

TEST(LimitRangeRules, OnCreate) {
  const json valid = object("l", R"({"limits": [{"type": "Container", "max": {"cpu": "2"},
    "min": {"cpu": "100m"}, "default": {"cpu": "1"}, "defaultRequest": {"cpu": "500m"}}]})");
  const std::string limit = "spec.limits[0]";
  expect_create_faults(
      "limitranges", valid,
      {{"/spec/limits/0/type",
        R"("Node")",
        {limit + ".type: Invalid value: \"Node\": must be a standard limit type or fully "
                 "qualified"}},
       {"/spec/limits/1",
        R"({"type": "Container"})",
        {"spec.limits[1].type: Duplicate value: \"Container\""}},
       {"/spec/limits/0/min/cpu",
        R"("3")",
        {limit + ".min[cpu]: Invalid value: \"3\": min value 3 is greater than max value 2",
         limit + ".defaultRequest[cpu]: Invalid value: \"500m\": min value 3 is greater than "
                 "default request value 500m",
         limit + ".default[cpu]: Invalid value: \"3\": min value 3 is greater than default value "
                 "1"}},
       {"/spec/limits/0/defaultRequest/cpu",
        R"("1500m")",
        {limit + ".defaultRequest[cpu]: Invalid value: \"1500m\": default request value 1500m is "
                 "greater than default limit value 1"}},
       {"/spec/limits/0/default/cpu",
        R"("3")",
        {limit + ".default[cpu]: Invalid value: \"2\": default value 3 is greater than max value "
                 "2"}},
       {"/spec/limits/0/max/disk",
        R"("1")",
        {limit + ".max[disk]: Invalid value: \"disk\": must be a standard resource type or fully",
         limit + ".max[disk]: Invalid value: \"disk\": must be a standard resource for containers",
         limit + ".default[disk]: Invalid value", limit + ".default[disk]: Invalid value",
         limit + ".defaultRequest[disk]: Invalid value",
         limit + ".defaultRequest[disk]: Invalid value"}},
       {"/spec/limits/0/maxLimitRequestRatio",
        R"({"cpu": "500m"})",
        {limit + ".maxLimitRequestRatio[cpu]: Invalid value: \"500m\": ratio 500m is less than "
                 "1"}},
       {"/spec/limits/0/maxLimitRequestRatio",
        R"({"cpu": "30"})",
        {limit + ".maxLimitRequestRatio[cpu]: Invalid value: \"30\": ratio 30 is greater than "
                 "max/min = 20.000000"}},
       {"/spec/limits/0",
        R"({"type": "Pod", "default": {"cpu": "1"}})",
        {limit + ".default: Forbidden: may not be specified when `type` is 'Pod'"}},
       {"/spec/limits/0",
        R"({"type": "PersistentVolumeClaim", "max": {"a.com/x": "1"}})",
        {limit + ".limits: Required value: either minimum or maximum storage value is required"}}});
}

TEST(PriorityClassRules, OnCreateAndUpdate) {
  const json valid = {{"metadata", {{"name", "high"}}}, {"value", 100}};
  expect_create_faults(
      "priorityclasses.scheduling.k8s.io", valid,
      {{"/value", "-", {}},
       {"/value",
        "1000000001",
        {"value: Forbidden: maximum allowed value of a user defined priority is 1000000000"}},
       {"/metadata/name",
        R"("system-mine")",
        {"metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for "
         "system use only. error: system-mine is not a known system priority class"}},
       {"/metadata/name",
        R"("system-node-critical")",
        {"metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for "
         "system use only. error: value of system-node-critical PriorityClass must be "
         "2000001000"}},
       {"/preemptionPolicy",
        R"("Always")",
        {"preemptionPolicy: Unsupported value: \"Always\": supported values: "
         "\"PreemptLowerPriority\", \"Never\""}}});
  expect_update_faults("priorityclasses.scheduling.k8s.io", valid,
                       {{"/description", R"("x")", {}},
                        {"/value", "7", {"value: Forbidden: may not be changed in an update."}},
                        {"/preemptionPolicy",
                         R"("Never")",
                         {"preemptionPolicy: Invalid value: \"Never\": field is immutable"}}});
}

TEST(RuntimeClassRules, OnCreateAndUpdate) {
  const json valid = {{"metadata", {{"name", "gvisor"}}}, {"handler", "runsc"}};
  expect_create_faults(
      "runtimeclasses.node.k8s.io", valid,
      {{"/handler", R"("Run")", {"handler: Invalid value: \"Run\": a lowercase RFC 1123 label"}},
       {"/handler", "-", {"handler: Invalid value: \"\": a lowercase RFC 1123 label"}},
       {"/overhead",
        R"({"podFixed": {"cpu": "-1"}})",
        {"overhead.limits[cpu]: Invalid value: \"-1\": must be greater than or equal to 0"}},
       {"/scheduling",
        R"({"tolerations": [{"operator": "Equal"}]})",
        {"scheduling.tolerations[0].operator: Invalid value: \"Equal\": operator must be Exists"}},
       {"/scheduling",
        R"({"nodeSelector": {"a b": "c"}})",
        {"scheduling.nodeSelector: Invalid value: \"a b\": name part must consist of"}}});
  expect_update_faults(
      "runtimeclasses.node.k8s.io", valid,
      {{"/handler", R"("kata")", {"handler: Invalid value: \"kata\": field is immutable"}}});
}

}  // namespace
}  // namespace troupe::model::rules
