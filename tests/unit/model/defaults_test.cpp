// floors: model
#include "model/defaults/defaults.hpp"

#include "model/qos.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

json defaulted(const char* resource, const char* text) {
  json document = json::parse(text);
  const kind_info& kind = *schema::instance().by_resource(resource);
  apply_defaults(kind, document);
  const json once = document;
  apply_defaults(kind, document);
  EXPECT_EQ(document, once) << "defaults are not settled after one pass";
  return document;
}

// What patches add annotations to is there, as in Go's JSON.
TEST(Defaults, TemplatesHaveMetadata) {
  const json job = defaulted("cronjobs.batch", R"({"spec": {"schedule": "* * * * *", "jobTemplate":
    {"spec": {"template": {"spec": {"containers": []}}}}}})");
  const json& of_job = job["spec"]["jobTemplate"];
  EXPECT_EQ(of_job["metadata"], json::object());
  EXPECT_EQ(of_job["spec"]["template"]["metadata"], json::object());
}

TEST(Defaults, OfAPod) {
  const json pod = defaulted("pods", R"({
    "metadata": {"name": "a"},
    "spec": {"containers": [{"name": "c", "image": "web:1", "ports": [{"containerPort": 80}],
      "livenessProbe": {"httpGet": {"port": 80}, "timeoutSeconds": 0, "periodSeconds": 3},
      "env": [{"name": "E", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}]}],
      "restartPolicy": "",
      "volumes": [{"name": "plain"}, {"name": "s", "secret": {"secretName": "s"}},
                  {"name": "h", "hostPath": {"path": "/x"}}]}})");
  const json expected = json::parse(R"({
    "metadata": {"name": "a"},
    "spec": {
      "containers": [{"name": "c", "image": "web:1", "imagePullPolicy": "IfNotPresent",
        "ports": [{"containerPort": 80, "protocol": "TCP"}],
        "livenessProbe": {"httpGet": {"port": 80, "path": "/", "scheme": "HTTP"},
          "timeoutSeconds": 1, "periodSeconds": 3, "successThreshold": 1, "failureThreshold": 3},
        "env": [{"name": "E",
          "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "spec.nodeName"}}}],
        "resources": {}, "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File"}],
      "dnsPolicy": "ClusterFirst", "restartPolicy": "Always", "schedulerName": "default-scheduler",
      "securityContext": {}, "terminationGracePeriodSeconds": 30, "enableServiceLinks": true,
      "volumes": [{"name": "plain", "emptyDir": {}},
                  {"name": "s", "secret": {"secretName": "s", "defaultMode": 420}},
                  {"name": "h", "hostPath": {"path": "/x", "type": ""}}]}})");
  EXPECT_EQ(pod, expected) << pod.dump(2);
}

TEST(Defaults, WhatGoWritesThoughItIsZero) {
  const struct {
    const char* resource;
    const char* sent;
    const char* becomes;
  } table[] = {
      {"leases.coordination.k8s.io", "{}", R"({"spec": {}})"},
      {"resourcequotas", "{}", R"({"spec": {}})"},
      {"networkpolicies.networking.k8s.io", "{}",
       R"({"spec": {"podSelector": {}, "policyTypes": ["Ingress"]}})"},
      {"priorityclasses.scheduling.k8s.io", "{}",
       R"({"value": 0, "preemptionPolicy": "PreemptLowerPriority"})"},
      {"poddisruptionbudgets.policy", R"({"status": {"expectedPods": 1}})",
       R"({"spec": {}, "status": {"expectedPods": 1, "currentHealthy": 0, "desiredHealthy": 0,
           "disruptionsAllowed": 0}})"},
      {"volumeattachments.storage.k8s.io", R"({"status": {}})",
       R"({"spec": {}, "status": {"attached": false}})"},
      {"endpointslices.discovery.k8s.io", R"({"endpoints": [{"addresses": ["10.0.0.1"]}]})",
       R"({"endpoints": [{"addresses": ["10.0.0.1"], "conditions": {}}]})"},
  };
  for (const auto& c : table)
    EXPECT_EQ(defaulted(c.resource, c.sent), json::parse(c.becomes)) << c.resource;
}

TEST(Defaults, PullPolicyFollowsTheTag) {
  const std::pair<const char*, const char*> table[] = {{"web", "Always"},
                                                       {"web:latest", "Always"},
                                                       {"host:5000/web", "Always"},
                                                       {"host:5000/web:1", "IfNotPresent"},
                                                       {"web@sha256:0123", "IfNotPresent"},
                                                       {"web:latest@sha256:0123", "IfNotPresent"}};
  const kind_info& pods = *schema::instance().by_resource("pods");
  for (const auto& [image, policy] : table) {
    json pod = {{"spec", {{"containers", {{{"name", "c"}, {"image", image}}}}}}};
    apply_defaults(pods, pod);
    EXPECT_EQ(pod["spec"]["containers"][0]["imagePullPolicy"], policy) << image;
  }
}

TEST(Defaults, RequestsFollowLimitsAndHostPortsFollowHostNetwork) {
  const json pod = defaulted("pods", R"({"spec": {"hostNetwork": true, "containers": [{"name": "c",
    "image": "a:1", "ports": [{"containerPort": 80}, {"containerPort": 81, "hostPort": 8081}],
    "resources": {"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "500m"}}}]}})");
  const json& c = pod["spec"]["containers"][0];
  EXPECT_EQ(c["resources"]["requests"], json({{"cpu", "500m"}, {"memory", "1Gi"}}));
  EXPECT_EQ(c["ports"][0]["hostPort"], 80);
  EXPECT_EQ(c["ports"][1]["hostPort"], 8081);
}

TEST(Defaults, ReachIntoPodTemplates) {
  const json d = defaulted("deployments.apps", R"({"spec": {"template": {"spec": {
    "containers": [{"name": "c", "image": "a"}]}}}})");
  EXPECT_EQ(d["spec"]["replicas"], 1);
  const json& spec = d["spec"]["template"]["spec"];
  EXPECT_EQ(spec["restartPolicy"], "Always");
  EXPECT_EQ(spec["containers"][0]["imagePullPolicy"], "Always");
  EXPECT_FALSE(spec.contains("enableServiceLinks"));
}

TEST(Defaults, OfOtherKinds) {
  const json ns = defaulted("namespaces", R"({"metadata": {"name": "n"}})");
  EXPECT_EQ(ns["status"]["phase"], "Active");
  EXPECT_EQ(ns["spec"], json::object());  // its finalizer is no default: it can be given up
  EXPECT_EQ(ns["metadata"]["labels"]["kubernetes.io/metadata.name"], "n");
  EXPECT_EQ(defaulted("secrets", "{}")["type"], "Opaque");
  EXPECT_EQ(
      defaulted("nodes", R"({"status": {"capacity": {"cpu": "2"}}})")["status"]["allocatable"],
      json({{"cpu", "2"}}));
  const json svc = defaulted("services", R"({"spec": {"ports": [{"port": 80}]}})");
  EXPECT_EQ(svc["spec"]["type"], "ClusterIP");
  EXPECT_EQ(svc["spec"]["ports"][0], json({{"port", 80}, {"protocol", "TCP"}, {"targetPort", 80}}));
  EXPECT_EQ(defaulted("configmaps", R"({"data": {"a": "b"}})"), json({{"data", {{"a", "b"}}}}));
}

TEST(QosClass, FollowsRequestsAndLimits) {
  const std::pair<const char*, const char*> table[] = {
      {R"({"containers": [{"resources": {}}]})", "BestEffort"},
      {R"({"containers": [{"resources": {"requests": {"nvidia.com/gpu": "1"}}}]})", "BestEffort"},
      {R"({"containers": [{"resources": {"requests": {"cpu": "0"}}}]})", "BestEffort"},
      {R"({"containers": [{"resources": {"requests": {"cpu": "1"}}}]})", "Burstable"},
      {R"({"containers": [{"resources": {"requests": {"cpu": "1", "memory": "1Gi"},
                                         "limits": {"cpu": "1000m", "memory": "1024Mi"}}}]})",
       "Guaranteed"},
      {R"({"containers": [{"resources": {"requests": {"cpu": "1", "memory": "1Gi"},
                                         "limits": {"cpu": "2", "memory": "1Gi"}}}]})",
       "Burstable"},
      {R"({"containers": [{"resources": {"requests": {"cpu": "1", "memory": "1Gi"},
                                         "limits": {"cpu": "1", "memory": "1Gi"}}}, {}]})",
       "Burstable"},
      {R"({"containers": [{"resources": {"requests": {"cpu": "1", "memory": "1Gi"},
                                         "limits": {"cpu": "1", "memory": "1Gi"}}}],
           "initContainers": [{"resources": {"requests": {"cpu": "1"}}}]})",
       "Burstable"}};
  for (const auto& [spec, expected] : table)
    EXPECT_EQ(qos_class(json::parse(spec)), expected) << spec;
}

}  // namespace
}  // namespace troupe::model
