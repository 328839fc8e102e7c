// floors: actors/controllers actors/events actors/api actors/store
#include "tests/unit/controllers/disturbance.hpp"

#include <gmock/gmock.h>

namespace troupe {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string nodes = "/api/v1/nodes";
const std::string pods = "/api/v1/namespaces/default/pods";
const std::string sets = "/apis/apps/v1/namespaces/default/daemonsets";
const std::string revisions = "/apis/apps/v1/namespaces/default/controllerrevisions";
const std::string agents = sets + "/agents";

// A node whose taints are these alone.
void add_node(virtual_cluster& c, const std::string& name, const json& taints = json::array(),
              const json& labels = json::object()) {
  auto node = named("Node", name);
  node["metadata"]["labels"] = labels;
  c.code("POST", nodes, node);
  edit(c, nodes + "/" + name, [&](json& o) { o["spec"]["taints"] = taints; });
}

json taint(const char* key, const char* effect) {
  return {{"key", key}, {"effect", effect}};
}

json agents_of(const json& spec = json::object()) {
  auto set = workload_of("DaemonSet", "agents", 0);
  set["spec"].erase("replicas");
  set["spec"].update(spec);
  return set;
}

void set_image(virtual_cluster& c, const std::string& image) {
  edit(c, agents,
       [&](json& o) { o["spec"]["template"]["spec"]["containers"][0]["image"] = image; });
}

class DaemonSets : public Controllers {
 protected:
  void SetUp() override {
    make_default_namespace(*this);
    start_kubelet(*this);
    running.push_back(spawn_daemon_set_controller(sys, options));
    sched.run();
  }
  void create(const json& spec = json::object()) {
    const auto r = ask("POST", sets, agents_of(spec));
    ASSERT_EQ(r.code, 201) << r.body.bytes();
    pass(2s);
  }
  json status() { return get(*this, agents)["status"]; }
  // "node image" of each pod, sorted.
  std::vector<std::string> placed() {
    std::vector<std::string> out;
    for (const auto& p : items(*this, pods))
      out.push_back(model::string_at(p, {"spec", "nodeName"}) + " " +
                    p["spec"]["containers"][0]["image"].get<std::string>());
    std::sort(out.begin(), out.end());
    return out;
  }
};

TEST_F(DaemonSets, RunOnEachNode) {
  add_node(*this, "a");
  add_node(*this, "b");
  create();
  EXPECT_THAT(placed(), ElementsAre("a good", "b good"));
  EXPECT_EQ(status(), (json{{"observedGeneration", 1},
                            {"desiredNumberScheduled", 2},
                            {"currentNumberScheduled", 2},
                            {"numberMisscheduled", 0},
                            {"numberReady", 2},
                            {"numberAvailable", 2},
                            {"updatedNumberScheduled", 2}}));
  const json pod = items(*this, pods).front();
  const json revision = items(*this, revisions).front();
  EXPECT_EQ(pod["metadata"]["labels"],
            (json{{"app", "agents"},
                  {"pod-template-generation", "1"},
                  {"controller-revision-hash",
                   revision["metadata"]["labels"]["controller-revision-hash"]}}));
  EXPECT_EQ(revision["revision"], 1);
  EXPECT_EQ(revision["metadata"]["ownerReferences"][0]["kind"], "DaemonSet");
  EXPECT_THAT(told(*this), Contains(HasSubstr("SuccessfulCreate: Created pod: agents-")));
  add_node(*this, "c");
  pass(2s);
  EXPECT_EQ(placed().size(), 3u);
  ASSERT_EQ(code("DELETE", path_of({"pods", "default", pod["metadata"]["name"]})), 200);
  pass(2s);
  EXPECT_EQ(placed().size(), 3u);
}

TEST_F(DaemonSets, ChooseNodesBySelectorAndTaints) {
  add_node(*this, "plain", json::array(), {{"disk", "ssd"}});
  add_node(*this, "unlabeled");
  add_node(*this, "tainted", json::array({taint("own", "NoSchedule")}), {{"disk", "ssd"}});
  add_node(*this, "cordoned",
           json::array({taint("node.kubernetes.io/unschedulable", "NoSchedule"),
                        taint("node.kubernetes.io/unreachable", "NoExecute")}),
           {{"disk", "ssd"}});
  auto pod_template = template_of("agents");
  pod_template["spec"]["nodeSelector"] = {{"disk", "ssd"}};
  create({{"template", pod_template}});
  EXPECT_THAT(placed(), ElementsAre("cordoned good", "plain good"));
  // One that is tainted later keeps its pod; one that loses its label does not.
  edit(*this, nodes + "/plain",
       [](json& o) { o["spec"]["taints"] = json::array({taint("own", "NoSchedule")}); });
  pass(2s);
  EXPECT_EQ(placed().size(), 2u);
  EXPECT_EQ(status()["numberMisscheduled"], 1);
  edit(*this, nodes + "/cordoned", [](json& o) { o["metadata"]["labels"].erase("disk"); });
  pass(2s);
  EXPECT_THAT(placed(), ElementsAre("plain good"));
  edit(*this, nodes + "/plain",
       [](json& o) { o["spec"]["taints"] = json::array({taint("own", "NoExecute")}); });
  pass(2s);
  EXPECT_THAT(placed(), IsEmpty());
}

TEST_F(DaemonSets, RollAFewNodesAtATime) {
  for (const char* name : {"a", "b", "c", "d"}) add_node(*this, name);
  create({{"minReadySeconds", 3}});
  pass(5s);
  set_image(*this, "better");
  for (int i = 0; i < 40; ++i) {
    pass(1s);
    EXPECT_GE(status().value("numberAvailable", 0), 3);
  }
  EXPECT_THAT(placed(), ElementsAre("a better", "b better", "c better", "d better"));
  EXPECT_EQ(status()["updatedNumberScheduled"], 4);
  EXPECT_EQ(items(*this, revisions).size(), 2u);
}

TEST_F(DaemonSets, SurgeStartsTheNewBeforeTheOldGoes) {
  for (const char* name : {"a", "b", "c"}) add_node(*this, name);
  create(
      {{"updateStrategy",
        {{"type", "RollingUpdate"}, {"rollingUpdate", {{"maxSurge", 1}, {"maxUnavailable", 0}}}}}});
  set_image(*this, "better");
  for (int i = 0; i < 20; ++i) {
    pass(1s);
    EXPECT_EQ(status()["numberAvailable"], 3);
    EXPECT_LE(placed().size(), 4u);
  }
  EXPECT_THAT(placed(), ElementsAre("a better", "b better", "c better"));
}

TEST_F(DaemonSets, OnDeleteWaitsForPeople) {
  add_node(*this, "a");
  add_node(*this, "b");
  create({{"updateStrategy", {{"type", "OnDelete"}}}});
  set_image(*this, "better");
  pass(5s);
  EXPECT_THAT(placed(), ElementsAre("a good", "b good"));
  EXPECT_FALSE(status().contains("updatedNumberScheduled"));
  for (const auto& p : items(*this, pods))
    if (p["spec"]["nodeName"] == "a")
      code("DELETE", path_of({"pods", "default", p["metadata"]["name"]}));
  pass(2s);
  EXPECT_THAT(placed(), ElementsAre("a better", "b good"));
}

TEST_F(DaemonSets, ReplaceFailedPodsLaterAndLater) {
  add_node(*this, "a");
  create();
  auto fail = [&] {
    const auto all = items(*this, pods);
    EXPECT_EQ(all.size(), 1u);
    if (all.empty()) return std::string();
    const std::string name = all.front()["metadata"]["name"];
    edit(*this, path_of({"pods", "default", name}) + "/status",
         [](json& o) { o["status"]["phase"] = "Failed"; });
    return name;
  };
  const auto first = fail();
  pass(1s);
  const auto second = fail();
  EXPECT_NE(first, second);
  EXPECT_THAT(told(*this), Contains("FailedDaemonPod: Found failed daemon pod default/" + first +
                                    " on node a, will try to kill it"));
  pass(1s);
  const auto third = fail();
  EXPECT_NE(second, third);
  EXPECT_EQ(code("GET", path_of({"pods", "default", third})), 200);
  pass(3s);
  EXPECT_EQ(code("GET", path_of({"pods", "default", third})), 404);
}

TEST_F(DaemonSets, ARollbackTakesItsOldRevisionAgain) {
  add_node(*this, "a");
  create({{"revisionHistoryLimit", 1}});
  for (const char* image : {"v2", "v3", "v2"}) {
    set_image(*this, image);
    pass(5s);
  }
  std::map<std::int64_t, std::string> history;
  for (const auto& r : items(*this, revisions))
    history[r["revision"]] =
        r["data"]["spec"]["template"]["spec"]["containers"][0]["image"].get<std::string>();
  EXPECT_THAT(history, ElementsAre(std::pair(3, "v3"), std::pair(4, "v2")));
  EXPECT_THAT(placed(), ElementsAre("a v2"));
}

TEST(DaemonSetsDisturbed, RollToTheSameEnd) {
  expect_undisturbed({[](caf::actor_system& sys, const controller_options& o) {
                        return std::vector{spawn_daemon_set_controller(sys, o)};
                      },
                      [](virtual_cluster& c) {
                        add_node(c, "a");
                        add_node(c, "b");
                        c.code("POST", sets, agents_of());
                        c.pass(3s);
                        set_image(c, "better");
                        c.pass(12s);
                      },
                      {sets, revisions, pods}});
}

}  // namespace
}  // namespace troupe
