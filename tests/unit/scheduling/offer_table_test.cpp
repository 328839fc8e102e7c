// floors: model
#include "model/scheduling/offer_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace troupe::model {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

json node_json(const std::string& name, const std::string& cpu = "4",
               const std::string& memory = "8Gi", int pods = 110) {
  return {{"metadata", {{"name", name}, {"labels", {{"kubernetes.io/hostname", name}}}}},
          {"status",
           {{"allocatable", {{"cpu", cpu}, {"memory", memory}, {"pods", std::to_string(pods)}}}}}};
}

json pod_json(const std::string& uid, const std::string& cpu = "", const std::string& memory = "") {
  json requests = json::object();
  if (!cpu.empty()) requests["cpu"] = cpu;
  if (!memory.empty()) requests["memory"] = memory;
  return {{"metadata", {{"name", uid}, {"namespace", "default"}, {"uid", uid}}},
          {"spec", {{"containers", {{{"name", "c"}, {"resources", {{"requests", requests}}}}}}}}};
}

pod_view_ptr pod(const json& document) {
  return std::make_shared<const pod_view>(document);
}

void add(offer_table& table, const json& node) {
  auto view = std::make_shared<const node_view>(node);
  const std::string name = view->name;
  table.set(name, std::move(view), {});
}

struct OfferTable : testing::Test {
  offer_table table;
  random_source random{7};

  std::string place(const json& document) {
    const auto view = pod(document);
    return table.place({&view, 1}, random).front();
  }
  std::string message(const pod_view& p) {
    return table.diagnose(p).message(table.preempt(p, {}, random).message);
  }
};

TEST_F(OfferTable, SpreadsLikePodsEvenly) {
  for (const char* n : {"a", "b", "c"}) add(table, node_json(n, "64", "256Gi"));
  std::vector<pod_view_ptr> pods;
  for (int i = 0; i < 30; ++i) pods.push_back(pod(pod_json("p" + std::to_string(i))));
  std::map<std::string, int> count;
  for (const auto& node : table.place(pods, random)) ++count[node];
  EXPECT_EQ(count, (std::map<std::string, int>{{"a", 10}, {"b", 10}, {"c", 10}}));
}

TEST_F(OfferTable, NeverPlacesOverAllocatable) {
  add(table, node_json("a", "1", "1Gi", 3));
  add(table, node_json("b", "500m", "8Gi", 110));
  std::vector<pod_view_ptr> pods;
  for (int i = 0; i < 10; ++i) pods.push_back(pod(pod_json("p" + std::to_string(i), "200m")));
  std::map<std::string, int> count;
  for (const auto& node : table.place(pods, random)) ++count[node];
  EXPECT_EQ(count, (std::map<std::string, int>{{"a", 3}, {"b", 2}, {"", 5}}));
  EXPECT_EQ(message(*pods.front()),
            "0/2 nodes are available: 1 Insufficient cpu, 1 Too many pods. preemption: 0/2 nodes "
            "are available: 2 No preemption victims found for incoming pod.");
}

TEST_F(OfferTable, GivesBackWhatIsForgotten) {
  add(table, node_json("a", "1"));
  EXPECT_EQ(place(pod_json("p", "1")), "a");
  EXPECT_EQ(place(pod_json("q", "1")), "");
  table.forget("p");
  EXPECT_EQ(place(pod_json("q", "1")), "a");
}

TEST_F(OfferTable, KeepsAssumedPodsUnderANewOffer) {
  add(table, node_json("a", "1"));
  EXPECT_EQ(place(pod_json("p", "1")), "a");
  table.set("a", nullptr, {});
  EXPECT_EQ(place(pod_json("q", "1")), "");
}

TEST_F(OfferTable, PrefersAffinityOverSpread) {
  add(table, node_json("a"));
  json b = node_json("b");
  b["metadata"]["labels"]["disk"] = "ssd";
  add(table, b);
  auto p = pod_json("p", "100m");
  p["spec"]["affinity"]["nodeAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"] = {
      {{"weight", 1},
       {"preference",
        {{"matchExpressions", {{{"key", "disk"}, {"operator", "In"}, {"values", {"ssd"}}}}}}}}};
  EXPECT_THAT(table.best(pod_view(p)), ElementsAre("b"));
}

TEST_F(OfferTable, AvoidsPreferNoScheduleTaints) {
  json a = node_json("a");
  a["spec"]["taints"] = {{{"key", "k"}, {"value", "v"}, {"effect", "PreferNoSchedule"}}};
  add(table, a);
  add(table, node_json("b", "2", "4Gi"));
  EXPECT_THAT(table.best(pod_view(pod_json("p", "1"))), ElementsAre("b"));
}

TEST_F(OfferTable, CountsReasonsInKubeSchedulersWords) {
  json tainted = node_json("t1");
  tainted["spec"]["taints"] = {{{"key", "k"}, {"value", "v"}, {"effect", "NoSchedule"}}};
  add(table, tainted);
  tainted["metadata"]["name"] = "t2";
  add(table, tainted);
  json cordoned = node_json("u");
  cordoned["spec"]["unschedulable"] = true;
  add(table, cordoned);
  add(table, node_json("small", "1"));
  const pod_view p(pod_json("p", "2"));
  const auto d = table.diagnose(p);
  EXPECT_EQ(message(p),
            "0/4 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable, 2 node(s) "
            "had untolerated taint {k: v}. preemption: 0/4 nodes are available: 1 No preemption "
            "victims found for incoming pod, 3 Preemption is not helpful for scheduling.");
  EXPECT_EQ(d.refused_by, node_resources_fit | node_unschedulable | taint_toleration);
}

TEST_F(OfferTable, WithoutNodesSaysSo) {
  const pod_view p(pod_json("p"));
  EXPECT_EQ(message(p), "no nodes available to schedule pods");
}

TEST_F(OfferTable, LooksOnlyAtNodesThatAPodNames) {
  for (const char* n : {"a", "b", "c"}) add(table, node_json(n, "1"));
  auto p = pod_json("p", "1");
  const auto named = [](std::vector<std::string> values) {
    return json{
        {"matchFields", {{{"key", "metadata.name"}, {"operator", "In"}, {"values", values}}}}};
  };
  auto& terms = p["spec"]["affinity"]["nodeAffinity"]
                 ["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"];
  terms = {named({"b"})};
  EXPECT_EQ(place(p), "b");
  p["metadata"]["uid"] = "q";
  EXPECT_EQ(table.diagnose(pod_view(p)).message(""),
            "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) "
            "[NodeAffinity].");
  terms[0]["matchFields"].push_back(named({"c"})["matchFields"][0]);
  EXPECT_EQ(table.diagnose(pod_view(p)).message(""),
            "0/3 nodes are available: pod affinity terms conflict.");
}

TEST_F(OfferTable, TakesAHostPortOnce) {
  add(table, node_json("a"));
  auto p = pod_json("p");
  p["spec"]["containers"][0]["ports"] = {{{"hostPort", 80}, {"protocol", "TCP"}}};
  auto q = p;
  q["metadata"]["uid"] = "q";
  EXPECT_EQ(place(p), "a");
  EXPECT_EQ(place(q), "");
  EXPECT_THAT(
      table.diagnose(pod_view(q)).reasons,
      ElementsAre(testing::Pair("node(s) didn't have free ports for the requested pod ports", 1)));
}

TEST_F(OfferTable, SurvivesTheRemovalOfNodes) {
  for (const char* n : {"a", "b", "c"}) add(table, node_json(n));
  EXPECT_EQ(place(pod_json("p")).empty(), false);
  table.remove("a");
  EXPECT_THAT(table.best(pod_view(pod_json("q"))), testing::Not(testing::Contains("a")));
  table.forget("p");
  EXPECT_EQ(table.size(), 2u);
  EXPECT_THAT(table.best(pod_view(pod_json("q"))), UnorderedElementsAre("b", "c"));
}

TEST(PodView, CountsInitContainersSidecarsAndOverhead) {
  const auto view = pod_view(json::parse(R"({"metadata":{"name":"p"},"spec":{
    "overhead":{"cpu":"10m"},
    "initContainers":[
      {"name":"side","restartPolicy":"Always","resources":{"requests":{"cpu":"100m"}}},
      {"name":"init","resources":{"requests":{"cpu":"500m","memory":"1Gi"}}}],
    "containers":[
      {"name":"a","resources":{"requests":{"cpu":"200m","nvidia.com/gpu":"1"}}},
      {"name":"b"}]}})"));
  // init with the sidecar beats the containers with the sidecar: 600m against 300m.
  EXPECT_EQ(view.requests.cpu, 610);
  EXPECT_EQ(view.requests.memory, 1LL << 30);
  EXPECT_EQ(view.requests.pods, 1);
  EXPECT_EQ(view.requests.extended_amount("nvidia.com/gpu"), 1);
  EXPECT_EQ(view.nonzero_cpu, 610);
}

TEST(Taints, AreToleratedByKeyValueAndEffect) {
  const taint t{"k", "v", "NoSchedule"};
  EXPECT_TRUE((toleration{"", true, "", ""}.tolerates(t)));
  EXPECT_TRUE((toleration{"k", true, "", "NoSchedule"}.tolerates(t)));
  EXPECT_TRUE((toleration{"k", false, "v", ""}.tolerates(t)));
  EXPECT_FALSE((toleration{"k", false, "w", ""}.tolerates(t)));
  EXPECT_FALSE((toleration{"j", true, "", ""}.tolerates(t)));
  EXPECT_FALSE((toleration{"k", true, "", "NoExecute"}.tolerates(t)));
}

}  // namespace
}  // namespace troupe::model
