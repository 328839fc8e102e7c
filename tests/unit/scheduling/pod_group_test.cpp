// floors: actors/scheduler actors/store
// Gangs: pods of a PodGroup are placed all together or not at all.
#include "model/scheduling/pod_group.hpp"

#include "tests/unit/scheduling/scheduling_fixture.hpp"

namespace troupe::scheduler {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class PodGroups : public Scheduling {
 protected:
  static json group_json(const std::string& name, int least, int timeout = 10) {
    return {{"apiVersion", "scheduling.x-k8s.io/v1alpha1"},
            {"kind", "PodGroup"},
            {"metadata", {{"name", name}, {"namespace", "default"}, {"uid", "group-" + name}}},
            {"spec", {{"minMember", least}, {"scheduleTimeoutSeconds", timeout}}}};
  }
  void create_group(const std::string& name, int least) {
    create("podgroups.scheduling.x-k8s.io", group_json(name, least));
  }
  void create_member(const std::string& name, const std::string& group,
                     const std::string& cpu = "1", int priority = 0) {
    json p = pod_json(name, cpu);
    p["spec"]["priority"] = priority;
    p["metadata"]["labels"]["scheduling.x-k8s.io/pod-group"] = group;
    create("pods", p);
  }
  static json tenant(const std::string& name, const std::string& node, const std::string& cpu);
  void start() {
    queue("host_a");
    scheduler();
    settle();
  }
  std::vector<std::string> placed() {
    std::vector<std::string> out;
    for (const auto& o : cache_->list("pods").objects)
      if (!model::string_at(o->parse(), {"spec", "nodeName"}).empty()) out.push_back(o->key().name);
    return out;
  }
};

TEST_F(PodGroups, WaitUntilEnoughOfThemAreThere) {
  create("nodes", node_json("n1", "8"));
  start();
  create_group("trio", 3);
  create_member("a", "trio");
  create_member("b", "trio");
  advance(3s);
  EXPECT_THAT(placed(), IsEmpty());
  EXPECT_THAT(events_of("a"),
              ElementsAre("FailedScheduling: pod group default/trio is incomplete: 2 of 3 pods are "
                          "there"));
  EXPECT_EQ(pod("a")["status"]["conditions"][0]["reason"], "Unschedulable");
  create("pods", pod_json("alone"));
  settle();
  EXPECT_THAT(placed(), ElementsAre("alone")) << "nobody else waits for them";
  create_member("c", "trio");
  settle();
  EXPECT_THAT(placed(), ElementsAre("a", "alone", "b", "c"));
  create_member("d", "trio");
  settle();
  EXPECT_EQ(node_of("d"), "n1") << "a further one comes alone";
}

TEST_F(PodGroups, WaitForTheirPodGroup) {
  create("nodes", node_json("n1"));
  start();
  create_member("a", "later");
  advance(3s);
  EXPECT_THAT(events_of("a"), ElementsAre("FailedScheduling: pod group default/later not found"));
  create_group("later", 1);
  settle();
  EXPECT_EQ(node_of("a"), "n1");
}

TEST_F(PodGroups, TakeNothingUntilThereIsRoomForAll) {
  create("nodes", node_json("n1", "2"));
  start();
  create_group("trio", 3);
  for (const char* name : {"a", "b", "c"}) create_member(name, "trio");
  advance(3s);
  EXPECT_THAT(placed(), IsEmpty());
  std::vector<std::string> said;
  for (const char* name : {"a", "b", "c"})
    for (auto& e : events_of(name)) said.push_back(std::move(e));
  EXPECT_THAT(said, testing::UnorderedElementsAre(
                        "FailedScheduling: pod group default/trio needs 3 pods placed at once, "
                        "there is room for 2",
                        "FailedScheduling: pod group default/trio needs 3 pods placed at once, "
                        "there is room for 2",
                        "FailedScheduling: pod group default/trio needs 3 pods placed at once, "
                        "there is room for 2"));
  create("pods", pod_json("other", "2"));
  settle();
  EXPECT_EQ(node_of("other"), "n1") << "what they do not take is free";
  create("nodes", node_json("n2", "2"));
  advance(3s);
  EXPECT_EQ(placed().size(), 1u);
  create("nodes", node_json("n3", "2"));
  advance(20s);
  EXPECT_THAT(placed(), ElementsAre("a", "b", "c", "other"));
}

TEST_F(PodGroups, SeveralOfThemDoNotShareTheRoomForOne) {
  create("nodes", node_json("n1", "3"));
  for (const char* group : {"red", "blue"}) create_group(group, 2);
  // In turns, so that half of each would fit.
  for (const auto& [name, group] : {std::pair{"r1", "red"}, std::pair{"b1", "blue"},
                                    std::pair{"r2", "red"}, std::pair{"b2", "blue"}})
    create_member(name, group);
  start();
  advance(3s);
  EXPECT_EQ(placed().size(), 2u);
  EXPECT_EQ(node_of("r1"), node_of("r2"));
  EXPECT_EQ(node_of("b1"), node_of("b2"));
}

TEST_F(PodGroups, LetGoOfAllWhenAReservationIsLost) {
  for (const char* n : {"n1", "n2"}) create("nodes", node_json(n, "2"));
  start();
  // Another scheduler's pod takes a node's room, which this one does not know yet: its pods are
  // created and its reservation is made before offers come.
  create("pods", [] {
    json p = pod_json("thief", "2");
    p["spec"]["schedulerName"] = "other";
    return p;
  }());
  create_group("quartet", 4);
  for (const char* name : {"a", "b", "c"}) create_member(name, "quartet");
  settle();
  std::vector<reserve_result> thief;
  sys_.spawn([&](caf::event_based_actor* self) {
    self->request(registry_, caf::infinite, reserve_atom::value,
                  std::vector<reservation>{{"n1", "default", "thief", "uid-thief"}})
        .then([&](const std::vector<reserve_result>& r) { thief = r; }, [](const caf::error&) {});
  });
  create_member("d", "quartet");
  advance(3s);
  ASSERT_EQ(thief.size(), 1u);
  EXPECT_EQ(thief[0].outcome, reserve_outcome::bound);
  EXPECT_THAT(placed(), ElementsAre("thief"));
  create("pods", pod_json("other", "2"));
  advance(3s);
  EXPECT_EQ(node_of("other"), "n2") << "nothing is held";
  for (const char* n : {"n3", "n4"}) create("nodes", node_json(n, "2"));
  advance(20s);
  EXPECT_EQ(placed().size(), 6u);
}

TEST_F(PodGroups, TheRegistryHoldsAllOfThemOrNone) {
  create("nodes", node_json("n1", "2"));
  for (const char* name : {"a", "b", "c"}) create("pods", pod_json(name, "1"));
  settle();
  std::map<std::string, reserve_outcome> got;
  const auto ask = [&](std::vector<reservation> asked) {
    got.clear();
    sys_.spawn([&, asked](caf::event_based_actor* self) {
      self->request(registry_, caf::infinite, reserve_atom::value, asked)
          .then(
              [&](const std::vector<reserve_result>& results) {
                for (const auto& r : results) got[r.uid] = r.outcome;
              },
              [](const caf::error&) {});
    });
    settle();
  };
  std::vector<reservation> all;
  for (const char* name : {"a", "b", "c"})
    all.push_back({"n1", "default", name, std::string("uid-") + name, "default/g"});
  ask(all);
  for (const auto& [uid, outcome] : got) EXPECT_EQ(outcome, reserve_outcome::declined) << uid;
  EXPECT_EQ(got.size(), 3u);
  EXPECT_THAT(placed(), IsEmpty());
  all.pop_back();
  ask(all);
  EXPECT_THAT(placed(), ElementsAre("a", "b"));
}

// A pod of low priority that is on a node; nobody stands for its kubelet.
json PodGroups::tenant(const std::string& name, const std::string& node, const std::string& cpu) {
  json p = pod_json(name, cpu);
  p["spec"]["nodeName"] = node;
  p["spec"]["priority"] = -1;
  p["spec"]["terminationGracePeriodSeconds"] = 30;
  p["status"]["phase"] = "Running";
  return p;
}

TEST_F(PodGroups, PreemptForAllOfThemOrForNone) {
  for (const char* n : {"n1", "n2", "n3"}) create("nodes", node_json(n, "1"));
  create("pods", tenant("t1", "n1", "1"));
  create("pods", tenant("t2", "n2", "1"));
  start();
  create_group("quartet", 4);
  for (const char* name : {"a", "b", "c", "d"}) create_member(name, "quartet");
  advance(3s);
  for (const char* t : {"t1", "t2"})
    EXPECT_FALSE(pod(t)["metadata"].contains("deletionTimestamp")) << "it would not be enough";
  create_group("trio", 3);
  for (const char* name : {"x", "y", "z"}) create_member(name, "trio");
  advance(3s);
  std::set<std::string> promised;
  for (const char* name : {"x", "y", "z"})
    promised.insert(model::string_at(pod(name), {"status", "nominatedNodeName"}));
  EXPECT_EQ(promised, (std::set<std::string>{"n1", "n2", "n3"})) << "also where there is room";
  EXPECT_THAT(placed(), ElementsAre("t1", "t2"));
  create("pods", pod_json("small"));
  advance(3s);
  EXPECT_EQ(node_of("small"), "") << "what they were promised is theirs";
  for (const char* t : {"t1", "t2"}) {
    EXPECT_TRUE(pod(t)["metadata"].contains("deletionTimestamp"));
    EXPECT_EQ(put(write_op::remove, "pods", pod(t)), "");
  }
  advance(8s);
  EXPECT_THAT(placed(), ElementsAre("x", "y", "z"));
}

TEST_F(PodGroups, GiveBackAfterTheirTimeoutWhatTheyWerePromised) {
  for (const char* n : {"n1", "n2"}) create("nodes", node_json(n, "1"));
  create("pods", tenant("t1", "n1", "1"));
  start();
  create_group("pair", 2);  // 10 s
  for (const char* name : {"a", "b"}) create_member(name, "pair");
  advance(3s);
  for (const char* name : {"a", "b"})
    EXPECT_NE(model::string_at(pod(name), {"status", "nominatedNodeName"}), "") << name;
  create("pods", pod_json("other", "1"));
  advance(3s);
  EXPECT_EQ(node_of("other"), "");
  advance(10s);  // t1 does not end
  for (const char* name : {"a", "b"}) {
    EXPECT_EQ(model::string_at(pod(name), {"status", "nominatedNodeName"}), "") << name;
    EXPECT_THAT(events_of(name), testing::Contains(HasSubstr("gives back the room")));
  }
  EXPECT_EQ(node_of("other"), "n2");
  EXPECT_EQ(put(write_op::remove, "pods", pod("t1")), "");
  create("nodes", node_json("n3", "1"));
  advance(20s);
  EXPECT_THAT(placed(), ElementsAre("a", "b", "other"));
}

TEST_F(PodGroups, SpareTheirOwn) {
  create("nodes", node_json("n1", "2"));
  json low = tenant("low", "n1", "2");
  low["metadata"]["labels"]["scheduling.x-k8s.io/pod-group"] = "pair";
  create("pods", low);
  create_group("pair", 2);
  create_member("a", "pair", "1", 10);
  create_member("b", "pair", "1", 10);
  start();
  advance(3s);
  EXPECT_FALSE(pod("low")["metadata"].contains("deletionTimestamp"));
}

TEST_F(PodGroups, AMemberThatGoesMakesTheOthersWaitAgain) {
  create_group("pair", 2);
  create_member("a", "pair");
  create_member("b", "pair");
  start();  // no node yet
  advance(2s);
  EXPECT_EQ(put(write_op::remove, "pods", pod_json("b")), "");
  create("nodes", node_json("n1"));
  advance(20s);
  EXPECT_THAT(placed(), IsEmpty());
  EXPECT_THAT(
      events_of("a"),
      testing::Contains(HasSubstr("pod group default/pair is incomplete: 1 of 2 pods are there")));
  create_member("c", "pair");
  settle();
  EXPECT_THAT(placed(), ElementsAre("a", "c"));
}

TEST(ResourceGap, IsWhatAllNodesTogetherLack) {
  const auto of = [](const json& list) { return model::resources::of(list); };
  struct machine {
    json has, gone;
  };
  const struct {
    json wanted;
    std::vector<machine> nodes;
    const char* text;
  } cases[] = {
      {{{"cpu", "4"}}, {}, "cpu 4"},
      {{{"cpu", "4"}}, {{{{"cpu", "2"}}, json::object()}, {{{"cpu", "2"}}, json::object()}}, ""},
      {{{"cpu", "4"}},
       {{{{"cpu", "2"}}, {{"cpu", "500m"}}}, {{{"cpu", "2"}}, json::object()}},
       "cpu 0.5"},
      // A node that has given away too much takes nothing from the others.
      {{{"cpu", "4"}}, {{{{"cpu", "1"}}, {{"cpu", "3"}}}, {{{"cpu", "4"}}, json::object()}}, ""},
      {{{"cpu", "1"}, {"memory", "3Gi"}, {"example.com/gpu", "2"}, {"pods", "5"}},
       {{{{"cpu", "8"}, {"memory", "1Gi"}, {"pods", "3"}, {"example.com/gpu", "1"}},
         {{"example.com/gpu", "1"}}}},
       "memory 2Gi, pods 2, example.com/gpu 2"},
  };
  for (const auto& c : cases) {
    model::resource_gap gap(of(c.wanted));
    for (const auto& n : c.nodes) gap.take_free(of(n.has), of(n.gone));
    EXPECT_EQ(gap.text(), c.text) << c.wanted;
    EXPECT_EQ(gap.closed(), gap.text().empty()) << c.wanted;
  }
}

TEST_F(PodGroups, AreNotTriedBeforeTheirMinResourcesAreFree) {
  create("nodes", node_json("n1", "2"));
  create("pods", tenant("low", "n1", "1"));
  start();
  auto group = group_json("pair", 2);
  group["spec"]["minResources"] = {{"cpu", "3"}, {"memory", "1Gi"}};
  create("podgroups.scheduling.x-k8s.io", group);
  for (const char* name : {"a", "b"}) create_member(name, "pair", "500m");
  advance(3s);
  EXPECT_THAT(placed(), ElementsAre("low")) << "though both would fit";
  EXPECT_THAT(events_of("a"),
              testing::Contains("FailedScheduling: pod group default/pair wants its minResources "
                                "to be free at once: cpu 2 more would have to be"));
  EXPECT_FALSE(pod("low")["metadata"].contains("deletionTimestamp")) << "nobody has to go for it";
  create("nodes", node_json("n2", "1"));
  advance(20s);
  EXPECT_THAT(placed(), ElementsAre("low"));
  create("nodes", node_json("n3", "1"));
  advance(20s);
  EXPECT_THAT(placed(), ElementsAre("a", "b", "low"));
}

TEST_F(PodGroups, RoomThatTheirOwnPodsHaveCountsAsFree) {
  create("nodes", node_json("n1", "2"));
  start();
  auto group = group_json("pair", 2);
  group["spec"]["minResources"] = {{"cpu", "2"}};
  create("podgroups.scheduling.x-k8s.io", group);
  for (const char* name : {"a", "b"}) create_member(name, "pair");
  settle();
  EXPECT_THAT(placed(), ElementsAre("a", "b"));
  EXPECT_EQ(put(write_op::remove, "pods", pod("a")), "");
  create_member("c", "pair");
  advance(3s);
  EXPECT_THAT(placed(), ElementsAre("b", "c"));
}

// The rule of Kubernetes: pods are taken one by one, of a gang as of anything else. What is left of
// the gang goes on, and what replaces the victim joins it when there is room.
TEST_F(PodGroups, LoseSinglePodsToWhoMattersMore) {
  for (const char* n : {"n1", "n2"}) create("nodes", node_json(n, "1"));
  start();
  create_group("pair", 2);
  for (const char* name : {"a", "b"}) create_member(name, "pair");
  settle();
  ASSERT_THAT(placed(), ElementsAre("a", "b"));
  json vip = pod_json("vip", "1");
  vip["spec"]["priority"] = 10;
  create("pods", vip);
  advance(500ms);  // within its back-off
  const auto ends = [&](const char* name) {
    return pod(name)["metadata"].contains("deletionTimestamp");
  };
  ASSERT_NE(ends("a"), ends("b")) << "one is enough";
  const std::string victim = ends("a") ? "a" : "b", other = ends("a") ? "b" : "a";
  EXPECT_EQ(put(write_op::remove, "pods", pod(victim)), "");
  advance(3s);
  EXPECT_NE(node_of("vip"), "");
  create_member("c", "pair");
  advance(5s);
  EXPECT_EQ(node_of("c"), "");
  EXPECT_THAT(events_of("c"), testing::Contains(HasSubstr("Insufficient cpu")));
  EXPECT_FALSE(ends(other.c_str())) << "it neither ends nor makes room for its own";
  create("nodes", node_json("n3", "1"));
  advance(20s);
  EXPECT_EQ(node_of("c"), "n3");
  EXPECT_NE(node_of(other), "");
}

TEST_F(PodGroups, AreSparedByABudgetAsLongAsThereAreOthers) {
  for (const char* n : {"n1", "n2", "n3"}) create("nodes", node_json(n, "1"));
  start();
  create_group("pair", 2);
  for (const char* name : {"a", "b"}) create_member(name, "pair");
  create("pods", pod_json("solo", "1"));
  create("poddisruptionbudgets.policy",
         {{"apiVersion", "policy/v1"},
          {"kind", "PodDisruptionBudget"},
          {"metadata", {{"name", "all"}, {"namespace", "default"}, {"uid", "budget"}}},
          {"spec",
           {{"minAvailable", 2},
            {"selector", {{"matchLabels", {{"scheduling.x-k8s.io/pod-group", "pair"}}}}}}},
          {"status", {{"disruptionsAllowed", 0}}}});
  settle();
  ASSERT_THAT(placed(), ElementsAre("a", "b", "solo"));
  json vip = pod_json("vip", "1");
  vip["spec"]["priority"] = 10;
  create("pods", vip);
  advance(3s);
  EXPECT_TRUE(pod("solo")["metadata"].contains("deletionTimestamp"));
  for (const char* name : {"a", "b"})
    EXPECT_FALSE(pod(name)["metadata"].contains("deletionTimestamp")) << name;
}

}  // namespace
}  // namespace troupe::scheduler
