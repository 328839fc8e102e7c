// floors: model
// The examples of Kubernetes' feature pages: what they say happens, happens.
#include "model/scheduling/offer_table.hpp"
#include "model/scheduling/scores.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::model {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr const char* host = "kubernetes.io/hostname";
constexpr const char* required = "requiredDuringSchedulingIgnoredDuringExecution";
constexpr const char* preferred = "preferredDuringSchedulingIgnoredDuringExecution";

struct Documented : testing::Test {
  offer_table table;
  random_source random{1};
  int names = 0;

  void node(const std::string& name, json labels = json::object(), json taints = json::array()) {
    labels[host] = name;
    const json document = {
        {"metadata", {{"name", name}, {"labels", labels}}},
        {"spec", {{"taints", taints}}},
        {"status", {{"allocatable", {{"cpu", "64"}, {"memory", "64Gi"}, {"pods", "110"}}}}}};
    table.set(name, std::make_shared<const node_view>(document), {});
  }
  void zones(const std::map<std::string, std::vector<std::string>>& all) {
    for (const auto& [zone, nodes] : all)
      for (const auto& n : nodes) node(n, {{"zone", zone}});
  }

  json pod(json labels, json spec = json::object()) {
    const auto name = "p" + std::to_string(++names);
    spec["containers"] = {{{"name", "c"}, {"image", "i"}}};
    return {
        {"apiVersion", "v1"},
        {"kind", "Pod"},
        {"metadata", {{"name", name}, {"namespace", "default"}, {"uid", name}, {"labels", labels}}},
        {"spec", spec}};
  }
  void run(const std::string& on, json document) {
    document["spec"]["nodeName"] = on;
    table.pods().put(seal(encode("pods", document), static_cast<std::uint64_t>(++names)));
  }
  std::vector<std::string> best(const json& p) { return table.best(pod_view(p)); }
  std::string place(const json& p) {
    const auto v = std::make_shared<const pod_view>(p);
    return table.place({&v, 1}, random).front();
  }
  /// Nodes that would do.
  std::vector<std::string> may(const json& p) {
    auto only = [&](const std::string& n) {
      json q = p;
      q["spec"]["nodeName"] = n;
      return !table.best(pod_view(q)).empty();
    };
    std::vector<std::string> out;
    for (const char* n : {"node1", "node2", "node3", "node4", "node5"})
      if (table.node(n) && only(n)) out.emplace_back(n);
    return out;
  }

  static json spread(const char* key, const char* when = "DoNotSchedule") {
    return {{"maxSkew", 1},
            {"topologyKey", key},
            {"whenUnsatisfiable", when},
            {"labelSelector", {{"matchLabels", {{"foo", "bar"}}}}}};
  }
  json spreading(json constraints) {
    return pod({{"foo", "bar"}}, {{"topologySpreadConstraints", std::move(constraints)}});
  }
  void existing(const std::vector<std::string>& on) {
    for (const auto& n : on) run(n, pod({{"foo", "bar"}}));
  }
};

// Pod Topology Spread Constraints.

TEST_F(Documented, OneSpreadConstraint) {
  zones({{"zoneA", {"node1", "node2"}}, {"zoneB", {"node3", "node4"}}});
  existing({"node1", "node2", "node3"});
  EXPECT_THAT(may(spreading({spread("zone")})), ElementsAre("node3", "node4"));
  auto two = spread("zone");
  two["maxSkew"] = 2;
  EXPECT_THAT(may(spreading({two})), ElementsAre("node1", "node2", "node3", "node4"));
  const auto soft = best(spreading({spread("zone", "ScheduleAnyway")}));
  EXPECT_THAT(soft, testing::Not(testing::Contains("node1")));
}

TEST_F(Documented, TwoSpreadConstraints) {
  zones({{"zoneA", {"node1", "node2"}}, {"zoneB", {"node3", "node4"}}});
  existing({"node1", "node2", "node3"});
  EXPECT_THAT(may(spreading({spread("zone"), spread(host)})), ElementsAre("node4"));
}

TEST_F(Documented, SpreadConstraintsInConflict) {
  zones({{"zoneA", {"node1", "node2"}}, {"zoneB", {"node3"}}});
  existing({"node1", "node1", "node2", "node3", "node3"});
  const auto p = spreading({spread("zone"), spread(host)});
  EXPECT_THAT(best(p), IsEmpty());
  EXPECT_EQ(table.diagnose(pod_view(p)).message(""),
            "0/3 nodes are available: 3 node(s) didn't match pod topology spread constraints.");
}

TEST_F(Documented, SpreadConstraintsWithNodeAffinity) {
  zones({{"zoneA", {"node1", "node2"}}, {"zoneB", {"node3", "node4"}}, {"zoneC", {"node5"}}});
  existing({"node1", "node2", "node3"});
  auto p = spreading({spread("zone")});
  EXPECT_THAT(may(p), ElementsAre("node5"));
  p["spec"]["affinity"]["nodeAffinity"][required]["nodeSelectorTerms"] = {
      {{"matchExpressions", {{{"key", "zone"}, {"operator", "NotIn"}, {"values", {"zoneC"}}}}}}};
  EXPECT_THAT(may(p), ElementsAre("node3", "node4"));
}

TEST_F(Documented, NodesWithoutTheLabelAreNoDomain) {
  zones({{"zoneA", {"node1", "node2"}}, {"zoneB", {"node3", "node4"}}});
  node("node5", {{"zone-typo", "zoneC"}});
  existing({"node1", "node2", "node3", "node5"});
  EXPECT_THAT(may(spreading({spread("zone")})), ElementsAre("node3", "node4"));
}

TEST_F(Documented, MinDomainsWantsMoreZonesThanThereAre) {
  zones({{"zoneA", {"node1"}}, {"zoneB", {"node2"}}});
  auto wide = spread("zone");
  wide["minDomains"] = 3;
  EXPECT_THAT(may(spreading({wide})), ElementsAre("node1", "node2"));
  existing({"node1", "node2"});
  EXPECT_THAT(may(spreading({wide})), IsEmpty());
  EXPECT_THAT(may(spreading({spread("zone")})), ElementsAre("node1", "node2"));
}

// Assigning Pods to Nodes.

TEST_F(Documented, PodAffinityAndAntiAffinity) {
  zones({{"zoneV", {"node1", "node2"}}, {"zoneR", {"node3"}}});
  run("node1", pod({{"security", "S1"}}));
  run("node3", pod({{"security", "S2"}}));
  const auto in = [](const char* value) {
    return json{
        {"topologyKey", "zone"},
        {"labelSelector",
         {{"matchExpressions", {{{"key", "security"}, {"operator", "In"}, {"values", {value}}}}}}}};
  };
  auto p = pod({});
  p["spec"]["affinity"]["podAffinity"][required] = {in("S1")};
  p["spec"]["affinity"]["podAntiAffinity"][preferred] = {
      {{"weight", 100}, {"podAffinityTerm", in("S2")}}};
  EXPECT_THAT(may(p), ElementsAre("node1", "node2"));
  p["spec"]["affinity"].erase("podAffinity");
  EXPECT_THAT(may(p), ElementsAre("node1", "node2", "node3"));
  EXPECT_THAT(best(p), testing::Not(testing::Contains("node3")));
}

TEST_F(Documented, AWebServerBesideEachCache) {
  for (const char* n : {"node1", "node2", "node3"}) node(n);
  const auto app = [](const char* name) {
    return json{
        {"topologyKey", host},
        {"labelSelector",
         {{"matchExpressions", {{{"key", "app"}, {"operator", "In"}, {"values", {name}}}}}}}};
  };
  std::set<std::string> caches, servers;
  for (int i = 0; i < 3; ++i) {
    auto cache = pod({{"app", "store"}});
    cache["spec"]["affinity"]["podAntiAffinity"][required] = {app("store")};
    caches.insert(place(cache));
  }
  for (int i = 0; i < 3; ++i) {
    auto server = pod({{"app", "web-store"}});
    server["spec"]["affinity"]["podAntiAffinity"][required] = {app("web-store")};
    server["spec"]["affinity"]["podAffinity"][required] = {app("store")};
    servers.insert(place(server));
  }
  EXPECT_THAT(caches, ElementsAre("node1", "node2", "node3"));
  EXPECT_EQ(servers, caches);
}

TEST_F(Documented, WeightsOfNodeAffinity) {
  node("node1", {{"kubernetes.io/os", "linux"}, {"label-1", "key-1"}});
  node("node2", {{"kubernetes.io/os", "linux"}, {"label-2", "key-2"}});
  node("node3", {{"label-2", "key-2"}});
  const auto has = [](const char* key, const char* value) {
    return json{{"matchExpressions", {{{"key", key}, {"operator", "In"}, {"values", {value}}}}}};
  };
  auto p = pod({});
  auto& affinity = p["spec"]["affinity"]["nodeAffinity"];
  affinity[required]["nodeSelectorTerms"] = {has("kubernetes.io/os", "linux")};
  affinity[preferred] = {{{"weight", 1}, {"preference", has("label-1", "key-1")}},
                         {{"weight", 50}, {"preference", has("label-2", "key-2")}}};
  EXPECT_THAT(may(p), ElementsAre("node1", "node2"));
  EXPECT_THAT(best(p), ElementsAre("node2"));
}

// Taints and Tolerations.

TEST_F(Documented, TaintsThatAreNotAllTolerated) {
  const auto taint = [](const char* key, const char* value, const char* effect) {
    return json{{"key", key}, {"value", value}, {"effect", effect}};
  };
  node("node1", json::object(),
       {taint("key1", "value1", "NoSchedule"), taint("key1", "value1", "NoExecute"),
        taint("key2", "value2", "NoSchedule")});
  const auto tolerates = [](const char* key, const char* effect) {
    return json{{"key", key}, {"operator", "Equal"}, {"value", "value1"}, {"effect", effect}};
  };
  auto p = pod({});
  p["spec"]["tolerations"] = {tolerates("key1", "NoSchedule"), tolerates("key1", "NoExecute")};
  EXPECT_THAT(may(p), IsEmpty());
  EXPECT_EQ(table.diagnose(pod_view(p)).message(""),
            "0/1 nodes are available: 1 node(s) had untolerated taint {key2: value2}.");
  p["spec"]["tolerations"] = {{{"operator", "Exists"}}};
  EXPECT_THAT(may(p), ElementsAre("node1"));
}

TEST_F(Documented, PreferNoScheduleIsAWish) {
  node("node1", json::object(), {{{"key", "k"}, {"effect", "PreferNoSchedule"}}});
  EXPECT_EQ(place(pod({})), "node1");
  node("node2");
  EXPECT_THAT(best(pod({})), ElementsAre("node2"));
}

// Images that are there already: ImageLocality.

TEST_F(Documented, LargeImagesDraw) {
  for (const char* n : {"node1", "node2"}) node(n);
  json with = {{"metadata", {{"name", "node3"}}},
               {"status",
                {{"allocatable", {{"cpu", "64"}, {"memory", "64Gi"}, {"pods", "110"}}},
                 {"images", {{{"names", {"registry/i:latest"}}, {"sizeBytes", 900 << 20}}}}}}};
  table.set("node3", std::make_shared<const node_view>(with), {});
  auto p = pod({});
  p["spec"]["containers"][0]["image"] = "registry/i";
  EXPECT_THAT(best(p), ElementsAre("node3"));
  p["spec"]["containers"][0]["image"] = "registry/other";
  EXPECT_THAT(best(p), UnorderedElementsAre("node1", "node2", "node3"));
}

// "Resource Bin Packing", the example of node scores, with scores from 0 to 100.
TEST_F(Documented, ResourcesArePackedByARatio) {
  const fit_scoring how{scoring_strategy::requested_to_capacity_ratio,
                        {{"intel.com/foo", 5}, {"memory", 1}, {"cpu", 3}},
                        {{0, 0}, {100, 100}}};
  const resource_use first[] = {{1 + 2, 4}, {256 + 256, 1024}, {1 + 2, 8}};
  const resource_use second[] = {{2 + 2, 8}, {512 + 256, 1024}, {6 + 2, 8}};
  EXPECT_EQ(fit_score(how, first), 60);
  EXPECT_EQ(fit_score(how, second), 69);
}

}  // namespace
}  // namespace troupe::model
