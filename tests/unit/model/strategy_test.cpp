// floors: model
#include "model/strategy.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

const time_point now = *from_rfc3339("2026-01-01T00:00:00Z");

const kind_info& kind(const char* resource) {
  return *schema::instance().by_resource(resource);
}

json created(const char* resource, const char* text) {
  json object = json::parse(text);
  prepare_for_create(kind(resource), object, "u", now, {"joe", {"staff"}});
  return object;
}

struct creation_case {
  const char* what;
  const char* resource;
  const char* sent;
  const char* becomes;
};

TEST(Strategy, WhatTheServerAddsToACreate) {
  const creation_case cases[] = {
      {"identity is the server's", "configmaps",
       R"({"metadata":{"name":"a","uid":"mine","creationTimestamp":"1999-01-01T00:00:00Z",
           "deletionTimestamp":"1999-01-01T00:00:00Z","deletionGracePeriodSeconds":3,
           "generation":9,"resourceVersion":"7","selfLink":"/"}})",
       R"({"metadata":{"name":"a","uid":"u","creationTimestamp":"2026-01-01T00:00:00Z"}})"},
      {"a pod begins as Pending", "pods",
       R"({"metadata":{"name":"a"},"spec":{},"status":{"phase":"Running"}})",
       R"({"metadata":{"name":"a","uid":"u","creationTimestamp":"2026-01-01T00:00:00Z"},
           "spec":{},"status":{"phase":"Pending","qosClass":"BestEffort"}})"},
      {"a node brings its status", "nodes", R"({"metadata":{"name":"a"},"status":{"phase":"x"}})",
       R"({"metadata":{"name":"a","uid":"u","creationTimestamp":"2026-01-01T00:00:00Z"},
           "status":{"phase":"x","daemonEndpoints":{"kubeletEndpoint":{"Port":0}},
             "nodeInfo":{"architecture":"","bootID":"","containerRuntimeVersion":"",
               "kernelVersion":"","kubeProxyVersion":"","kubeletVersion":"","machineID":"",
               "operatingSystem":"","osImage":"","systemUUID":""}}})"},
      {"a first status counts from zero", "poddisruptionbudgets.policy",
       R"({"metadata":{"name":"a"},"spec":{},"status":{"expectedPods":3}})",
       R"({"metadata":{"name":"a","uid":"u","creationTimestamp":"2026-01-01T00:00:00Z",
           "generation":1},"spec":{},"status":{"currentHealthy":0,"desiredHealthy":0,
           "disruptionsAllowed":0,"expectedPods":0}})"},
      {"an Ingress has no addresses yet", "ingresses.networking.k8s.io",
       R"({"metadata":{"name":"a"},"spec":{}})",
       R"({"metadata":{"name":"a","uid":"u","creationTimestamp":"2026-01-01T00:00:00Z",
           "generation":1},"spec":{},"status":{"loadBalancer":{}}})"},
      {"a namespace is held until it is empty", "namespaces", R"({"metadata":{"name":"a"}})",
       R"({"metadata":{"name":"a","uid":"u","creationTimestamp":"2026-01-01T00:00:00Z",
           "labels":{"kubernetes.io/metadata.name":"a"}},
           "spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}})"},
      {"other finalizers of a namespace hold it, too", "namespaces",
       R"({"metadata":{"name":"a"},"spec":{"finalizers":["example.com/x"]}})",
       R"({"metadata":{"name":"a","uid":"u","creationTimestamp":"2026-01-01T00:00:00Z",
           "labels":{"kubernetes.io/metadata.name":"a"}},
           "spec":{"finalizers":["example.com/x","kubernetes"]},"status":{"phase":"Active"}})"},
      {"a deployment counts generations", "deployments.apps",
       R"({"metadata":{"name":"a"},"spec":{},"status":{"replicas":3}})",
       R"({"metadata":{"name":"a","uid":"u","creationTimestamp":"2026-01-01T00:00:00Z",
           "generation":1},"spec":{},"status":{}})"},
      {"a certificate request records who asks", "certificatesigningrequests.certificates.k8s.io",
       R"({"metadata":{"name":"a"},"spec":{"username":"root","groups":["system:masters"],
           "uid":"0","extra":{}}})",
       R"({"metadata":{"name":"a","uid":"u","creationTimestamp":"2026-01-01T00:00:00Z"},
           "spec":{"username":"joe","groups":["staff"]},"status":{}})"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(created(c.resource, c.sent), json::parse(c.becomes)) << c.what;
}

json updated(const char* resource, const char* old, const char* sent) {
  json object = json::parse(sent);
  prepare_for_update(kind(resource), json::parse(old), object);
  return object;
}

TEST(Strategy, AnUpdateKeepsIdentityAndStatus) {
  EXPECT_EQ(updated("pods",
                    R"({"metadata":{"name":"a","uid":"u","labels":{"x":"1"}},
                        "status":{"phase":"Running"}})",
                    R"({"metadata":{"name":"a","uid":"v","creationTimestamp":"x",
                        "deletionTimestamp":"x"},"status":{"phase":"Failed"}})"),
            json::parse(R"({"metadata":{"name":"a","uid":"u"},"status":{"phase":"Running"}})"));
}

TEST(Strategy, ANamespaceKeepsItsFinalizersAndLabel) {
  const char* held = R"({"metadata":{"name":"a"},"spec":{"finalizers":["kubernetes"]}})";
  const char* free = R"({"metadata":{"name":"a"},"spec":{}})";
  const json ns =
      updated("namespaces", held, R"({"metadata":{"name":"a"},"spec":{"finalizers":[]}})");
  EXPECT_EQ(ns["spec"]["finalizers"], json::array({"kubernetes"}));
  EXPECT_EQ(ns["metadata"]["labels"]["kubernetes.io/metadata.name"], "a");
  EXPECT_EQ(updated("namespaces", free, held)["spec"], json::object());
}

TEST(Strategy, FinalizeChangesFinalizersButNoStatus) {
  json ns = json::parse(R"({"metadata":{"name":"a","labels":{"b":"c"}},"spec":{},
                            "status":{"phase":"Active"}})");
  prepare_for_finalize(json::parse(R"({"metadata":{"name":"a","uid":"u"},
      "spec":{"finalizers":["kubernetes"]},"status":{"phase":"Terminating"}})"),
                       ns);
  EXPECT_EQ(ns, json::parse(R"({"metadata":{"name":"a","uid":"u","labels":{"b":"c"}},"spec":{},
                               "status":{"phase":"Terminating"}})"));
}

TEST(Strategy, OnlyASpecMovesTheGeneration) {
  const char* old = R"({"metadata":{"generation":4},"spec":{"replicas":1}})";
  EXPECT_EQ(updated("deployments.apps", old,
                    R"({"metadata":{},"spec":{"replicas":2}})")["metadata"]["generation"],
            5);
  EXPECT_EQ(
      updated(
          "deployments.apps", old,
          R"({"metadata":{"labels":{"a":"b"}},"spec":{"replicas":1}})")["metadata"]["generation"],
      4);
}

TEST(Strategy, AStatusUpdateOfADeploymentMayAnnotateIt) {
  const json old = {{"metadata", {{"name", "d"}, {"generation", 2}, {"labels", {{"a", "b"}}}}},
                    {"spec", {{"replicas", 1}}}};
  json sent = old;
  sent["metadata"]["annotations"] = {{"deployment.kubernetes.io/revision", "1"}};
  sent["metadata"]["labels"] = {{"c", "d"}};
  sent["status"] = {{"replicas", 1}};
  json expected = old;
  expected["metadata"]["annotations"] = sent["metadata"]["annotations"];
  expected["status"] = sent["status"];
  prepare_for_status_update(kind("deployments.apps"), old, sent, {});
  EXPECT_EQ(sent, expected);
}

TEST(Strategy, AStatusUpdateTouchesNoSpecNorIdentity) {
  json sent = json::parse(R"({"metadata":{"uid":"x","generation":7},"spec":{"replicas":9},
                              "status":{"replicas":2}})");
  prepare_for_status_update(
      kind("deployments.apps"),
      json::parse(R"({"metadata":{"uid":"u","generation":1},"spec":{"replicas":1}})"), sent, {});
  EXPECT_EQ(sent, json::parse(R"({"metadata":{"uid":"u","generation":1},"spec":{"replicas":1},
                                  "status":{"replicas":2}})"));
}

TEST(Strategy, WhatOfTheMetadataAStatusUpdateChanges) {
  struct {
    const char* resource;
    bool labels, owners;
  } const table[] = {
      {"namespaces", true, true},
      {"services", true, true},
      {"nodes", true, true},
      {"replicasets.apps", true, true},
      {"customresourcedefinitions.apiextensions.k8s.io", true, true},
      {"pods", true, false},
      {"deployments.apps", false, true},
      {"apiservices.apiregistration.k8s.io", false, false},
      {"flowschemas.flowcontrol.apiserver.k8s.io", false, false},
      {"volumeattachments.storage.k8s.io", false, false},
      {"validatingadmissionpolicies.admissionregistration.k8s.io", false, false},
  };
  const json old = json::parse(R"({"metadata":{"uid":"u","labels":{"a":"b"}}})");
  for (const auto& row : table) {
    json sent = json::parse(
        R"({"metadata":{"labels":{"c":"d"},"ownerReferences":[{"uid":"o"}]},"status":{}})");
    prepare_for_status_update(kind(row.resource), old, sent, {});
    EXPECT_EQ(sent["metadata"]["labels"].contains("c"), row.labels) << row.resource;
    EXPECT_EQ(sent["metadata"].contains("ownerReferences"), row.owners) << row.resource;
    EXPECT_EQ(sent["metadata"]["uid"], "u") << row.resource;
  }
}

TEST(Strategy, PutCreatesWhereKubernetesLetsIt) {
  for (const char* resource : {"leases.coordination.k8s.io", "events", "endpoints", "services"})
    EXPECT_TRUE(creates_on_update(kind(resource))) << resource;
  for (const char* resource : {"pods", "nodes", "configmaps", "secrets", "deployments.apps"})
    EXPECT_FALSE(creates_on_update(kind(resource))) << resource;
}

}  // namespace
}  // namespace troupe::model
