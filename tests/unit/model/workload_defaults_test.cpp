// floors: model
#include "model/strategy.hpp"
#include "tests/unit/model/rules.hpp"

namespace troupe::model::rules {
namespace {

constexpr const char* pod_text = R"({"containers": [{"name": "c", "image": "a:1"}]})";

/// What a template's pods get.
json default_pod_spec() {
  return json::parse(R"({"containers": [{"name": "c", "image": "a:1",
      "imagePullPolicy": "IfNotPresent", "resources": {},
      "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File"}],
    "dnsPolicy": "ClusterFirst", "restartPolicy": "Always", "schedulerName": "default-scheduler",
    "securityContext": {}, "terminationGracePeriodSeconds": 30})");
}

json with_template(const char* spec) {
  json object = {{"metadata", {{"name", "a"}}}, {"spec", json::parse(spec)}};
  object["spec"]["template"] = {{"metadata", {{"labels", {{"app", "a"}}}}},
                                {"spec", json::parse(pod_text)}};
  return object;
}

/// The spec without its template, which is checked to have its own defaults.
json spec_of(const char* resource, const json& object) {
  json document = prepared(resource, object);
  const json once = document;
  apply_defaults(kind(resource), document);
  EXPECT_EQ(document, once) << "defaults are not settled after one pass";
  EXPECT_EQ(document["spec"]["template"]["spec"], default_pod_spec()) << resource;
  document["spec"].erase("template");
  return document["spec"];
}

struct defaults_case {
  const char* resource;
  const char* sent;
  const char* becomes;
};

TEST(WorkloadDefaults, OfSpecs) {
  const defaults_case table[] = {
      {"deployments.apps", "{}",
       R"({"replicas": 1, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600,
           "strategy": {"type": "RollingUpdate",
             "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}})"},
      {"deployments.apps", R"({"replicas": 0, "strategy": {"type": "Recreate"}})",
       R"({"replicas": 0, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600,
           "strategy": {"type": "Recreate"}})"},
      {"deployments.apps", R"({"strategy": {"rollingUpdate": {"maxSurge": 0}}})",
       R"({"replicas": 1, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600,
           "strategy": {"type": "RollingUpdate",
             "rollingUpdate": {"maxSurge": 0, "maxUnavailable": "25%"}}})"},
      {"replicasets.apps", "{}", R"({"replicas": 1})"},
      {"daemonsets.apps", "{}",
       R"({"revisionHistoryLimit": 10, "updateStrategy": {"type": "RollingUpdate",
             "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}})"},
      {"daemonsets.apps", R"({"updateStrategy": {"type": "OnDelete"}})",
       R"({"revisionHistoryLimit": 10, "updateStrategy": {"type": "OnDelete"}})"},
      {"statefulsets.apps", R"({"serviceName": "s"})",
       R"({"serviceName": "s", "replicas": 1, "revisionHistoryLimit": 10,
           "podManagementPolicy": "OrderedReady",
           "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain",
             "whenScaled": "Retain"},
           "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}})"},
      {"statefulsets.apps", R"({"updateStrategy": {"type": "RollingUpdate"},
           "persistentVolumeClaimRetentionPolicy": {"whenScaled": "Delete"},
           "volumeClaimTemplates": [{"metadata": {"name": "d"}, "spec": {}}]})",
       R"({"serviceName": "", "replicas": 1, "revisionHistoryLimit": 10,
           "podManagementPolicy": "OrderedReady",
           "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain",
             "whenScaled": "Delete"},
           "updateStrategy": {"type": "RollingUpdate"},
           "volumeClaimTemplates": [{"apiVersion": "v1", "kind": "PersistentVolumeClaim",
             "metadata": {"name": "d"}, "spec": {"volumeMode": "Filesystem"},
             "status": {"phase": "Pending"}}]})"},
      {"replicationcontrollers", "{}", R"({"replicas": 1, "selector": {"app": "a"}})"},
      {"replicationcontrollers", R"({"selector": {"app": "b"}})",
       R"({"replicas": 1, "selector": {"app": "b"}})"},
      {"jobs.batch", "{}",
       R"({"completions": 1, "parallelism": 1, "backoffLimit": 6, "suspend": false,
           "completionMode": "NonIndexed", "manualSelector": false,
           "podReplacementPolicy": "TerminatingOrFailed"})"},
      {"jobs.batch", R"({"parallelism": 3})",
       R"({"parallelism": 3, "backoffLimit": 6, "suspend": false, "completionMode": "NonIndexed",
           "manualSelector": false, "podReplacementPolicy": "TerminatingOrFailed"})"},
      {"jobs.batch", R"({"completions": 3, "backoffLimitPerIndex": 1,
           "completionMode": "Indexed", "podFailurePolicy": {"rules": [{"action": "Ignore",
           "onPodConditions": [{"type": "DisruptionTarget"}]}]}})",
       R"({"completions": 3, "parallelism": 1, "backoffLimit": 2147483647,
           "backoffLimitPerIndex": 1, "suspend": false, "completionMode": "Indexed",
           "manualSelector": false, "podReplacementPolicy": "Failed",
           "podFailurePolicy": {"rules": [{"action": "Ignore",
             "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}]}})"},
  };
  for (const auto& c : table)
    EXPECT_EQ(spec_of(c.resource, with_template(c.sent)), json::parse(c.becomes))
        << c.resource << " " << c.sent;
}

TEST(WorkloadDefaults, OfACronJobAreNotThoseOfItsJobs) {
  json job = {{"spec", {{"schedule", "* * * * *"}}}};
  job["spec"]["jobTemplate"]["spec"]["template"]["spec"] = json::parse(pod_text);
  job = prepared("cronjobs.batch", job);
  EXPECT_EQ(job["spec"]["jobTemplate"]["spec"],
            json({{"template", {{"metadata", json::object()}, {"spec", default_pod_spec()}}}}));
  job["spec"].erase("jobTemplate");
  EXPECT_EQ(job["spec"], json::parse(R"({"schedule": "* * * * *", "concurrencyPolicy": "Allow",
              "suspend": false, "successfulJobsHistoryLimit": 3, "failedJobsHistoryLimit": 1})"));
}

TEST(WorkloadDefaults, LabelsOfPodsAreThoseOfTheirJobAndController) {
  for (const char* resource : {"jobs.batch", "replicationcontrollers"}) {
    json object = with_template("{}");
    EXPECT_EQ(prepared(resource, object)["metadata"]["labels"], json({{"app", "a"}}));
    object["metadata"]["labels"] = {{"own", "x"}};
    EXPECT_EQ(prepared(resource, object)["metadata"]["labels"], json({{"own", "x"}}));
  }
}

TEST(WorkloadDefaults, OnlyAPodsHostPortsFollowItsNetwork) {
  json object = with_template("{}");
  json& spec = object["spec"]["template"]["spec"];
  spec["hostNetwork"] = true;
  spec["containers"][0]["ports"] = {{{"containerPort", 80}}};
  const json port = {{"containerPort", 80}, {"protocol", "TCP"}};
  const json deployed = prepared("deployments.apps", object);
  EXPECT_EQ(deployed["spec"]["template"]["spec"]["containers"][0]["ports"][0], port);
  const json pod = prepared("pods", {{"spec", spec}});
  EXPECT_EQ(pod["spec"]["containers"][0]["ports"][0]["hostPort"], 80);
}

TEST(WorkloadDefaults, OfAutoscalers) {
  const json autoscaler = prepared(
      "horizontalpodautoscalers.autoscaling",
      {{"spec", {{"maxReplicas", 3}, {"behavior", {{"scaleUp", {{"selectPolicy", "Min"}}}}}}}});
  EXPECT_EQ(autoscaler["spec"], json::parse(R"({"minReplicas": 1, "maxReplicas": 3,
    "metrics": [{"type": "Resource", "resource": {"name": "cpu",
      "target": {"type": "Utilization", "averageUtilization": 80}}}],
    "behavior": {
      "scaleUp": {"selectPolicy": "Min", "stabilizationWindowSeconds": 0, "policies": [
        {"type": "Pods", "value": 4, "periodSeconds": 15},
        {"type": "Percent", "value": 100, "periodSeconds": 15}]},
      "scaleDown": {"selectPolicy": "Max", "policies": [
        {"type": "Percent", "value": 100, "periodSeconds": 15}]}}})"));
}

TEST(WorkloadDefaults, OfLimitRangesAndPriorityClasses) {
  const json range = prepared("limitranges", json::parse(R"({"spec": {"limits": [
    {"type": "Container", "max": {"cpu": "2"}, "default": {"memory": "1Gi"},
     "min": {"cpu": "1", "ephemeral-storage": "1Gi"}},
    {"type": "Pod", "max": {"cpu": "4"}}]}})"));
  EXPECT_EQ(range["spec"]["limits"], json::parse(R"([
    {"type": "Container", "max": {"cpu": "2"}, "default": {"cpu": "2", "memory": "1Gi"},
     "defaultRequest": {"cpu": "2", "memory": "1Gi", "ephemeral-storage": "1Gi"},
     "min": {"cpu": "1", "ephemeral-storage": "1Gi"}},
    {"type": "Pod", "max": {"cpu": "4"}}])"));
  EXPECT_EQ(prepared("priorityclasses.scheduling.k8s.io", {{"value", 1}})["preemptionPolicy"],
            "PreemptLowerPriority");
}

json created(const char* resource, json object) {
  object = prepared(resource, std::move(object));
  prepare_for_create(kind(resource), object, "u", *from_rfc3339("2026-01-01T00:00:00Z"),
                     {"joe", {}});
  return object;
}

json updated(const char* resource, const json& old, json object) {
  prepare_for_update(kind(resource), old, object);
  return object;
}

TEST(WorkloadStrategy, ADaemonSetCountsItsTemplates) {
  const char* key = "deprecated.daemonset.template.generation";
  const json set = created("daemonsets.apps", with_template("{}"));
  EXPECT_EQ(set["metadata"]["annotations"][key], "1");
  json changed = set;
  changed["metadata"]["annotations"][key] = "9";
  changed["spec"]["minReadySeconds"] = 3;
  EXPECT_EQ(updated("daemonsets.apps", set, changed)["metadata"]["annotations"][key], "1");
  changed["spec"]["template"]["spec"]["hostNetwork"] = true;
  const json next = updated("daemonsets.apps", set, changed);
  EXPECT_EQ(next["metadata"]["annotations"][key], "2");
  EXPECT_EQ(next["metadata"]["generation"], 2);
}

TEST(WorkloadStrategy, WhatCountsAsANewGeneration) {
  const json deployment = created("deployments.apps", with_template("{}"));
  json annotated = deployment;
  annotated["metadata"]["annotations"]["a"] = "b";
  EXPECT_EQ(updated("deployments.apps", deployment, annotated)["metadata"]["generation"], 2);
  const json set = created("replicasets.apps", with_template("{}"));
  annotated = set;
  annotated["metadata"]["annotations"]["a"] = "b";
  EXPECT_EQ(updated("replicasets.apps", set, annotated)["metadata"]["generation"], 1);
  const json priority = created("priorityclasses.scheduling.k8s.io", {{"value", 1}});
  json described = priority;
  described["description"] = "x";
  EXPECT_EQ(
      updated("priorityclasses.scheduling.k8s.io", priority, described)["metadata"]["generation"],
      1);
}

TEST(PodStrategy, DropsWhatBelongsToFeaturesThatAreOff) {
  json pod = {{"metadata", {{"name", "a"}}}, {"spec", json::parse(R"({"containers": [{
      "name": "c", "image": "a:1", "resizePolicy": [{"resourceName": "cpu",
        "restartPolicy": "NotRequired"}],
      "resources": {"claims": [{"name": "x"}]}, "securityContext": {"procMount": "Default"}}],
    "hostUsers": false, "resourceClaims": [{"name": "x", "resourceClaimName": "y"}],
    "resources": {"limits": {"cpu": "1"}},
    "securityContext": {"supplementalGroupsPolicy": "Strict", "seLinuxChangePolicy": "Recursive"},
    "volumes": [{"name": "i", "image": {"reference": "r"}}, {"name": "p", "projected": {
      "sources": [{"clusterTrustBundle": {"name": "b", "path": "p"}}]}}]})")}};
  const json spec = created("pods", pod)["spec"];
  const json container = spec["containers"][0];
  EXPECT_FALSE(container.contains("resizePolicy"));
  EXPECT_EQ(container["resources"], json::object());
  EXPECT_EQ(container["securityContext"], json::object());
  for (const char* name : {"hostUsers", "resourceClaims", "resources"})
    EXPECT_FALSE(spec.contains(name)) << name;
  EXPECT_EQ(spec["securityContext"], json::object());
  EXPECT_EQ(spec["volumes"][0], json({{"name", "i"}}));
  EXPECT_EQ(spec["volumes"][1]["projected"]["sources"][0], json::object());
  // What uses them already keeps them.
  const json old = prepared("pods", pod);
  EXPECT_EQ(updated("pods", old, old)["spec"], old["spec"]);
}

TEST(PodStrategy, AGatedPodSaysWhyItWaits) {
  json pod = {{"metadata", {{"name", "a"}}}, {"spec", json::parse(pod_text)}};
  pod["spec"]["schedulingGates"] = {{{"name", "g"}}};
  const json status = created("pods", pod)["status"];
  EXPECT_EQ(status["conditions"][0]["reason"], "SchedulingGated");
  EXPECT_EQ(status["conditions"][0]["status"], "False");
  EXPECT_EQ(status["qosClass"], "BestEffort");
}

TEST(PodStrategy, LabelKeysBecomeTermsOfTheSelector) {
  json pod = {{"metadata", {{"name", "a"}, {"labels", {{"app", "x"}, {"tier", "y"}}}}},
              {"spec", json::parse(pod_text)}};
  pod["spec"]["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"] =
      json::parse(R"([{"topologyKey": "zone", "labelSelector": {}, "matchLabelKeys": ["app", "no"],
        "mismatchLabelKeys": ["tier"]}])");
  const json term = created(
      "pods",
      pod)["spec"]["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"][0];
  EXPECT_EQ(term["labelSelector"]["matchExpressions"],
            json::parse(R"([{"key": "app", "operator": "In", "values": ["x"]},
              {"key": "tier", "operator": "NotIn", "values": ["y"]}])"));
}

TEST(PodStrategy, AppArmorsFieldAndAnnotationFollowEachOther) {
  const std::string key = "container.apparmor.security.beta.kubernetes.io/c";
  json pod = {{"metadata", {{"name", "a"}}}, {"spec", json::parse(pod_text)}};
  json by_field = pod;
  by_field["spec"]["securityContext"]["appArmorProfile"] = {{"type", "Localhost"},
                                                            {"localhostProfile", "p"}};
  EXPECT_EQ(created("pods", by_field)["metadata"]["annotations"][key], "localhost/p");
  json by_annotation = pod;
  by_annotation["metadata"]["annotations"][key] = "runtime/default";
  EXPECT_EQ(created("pods", by_annotation)["spec"]["containers"][0]["securityContext"],
            json({{"appArmorProfile", {{"type", "RuntimeDefault"}}}}));
}

}  // namespace
}  // namespace troupe::model::rules
