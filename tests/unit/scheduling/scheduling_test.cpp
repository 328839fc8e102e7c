// floors: actors/scheduler actors/store
#include "model/scheduling/published_profile.hpp"
#include "tests/unit/scheduling/scheduling_fixture.hpp"

namespace troupe::scheduler {
namespace {

TEST_F(Scheduling, APodWaitsForASchedulerThenIsBoundWithItsEvent) {
  create("nodes", node_json("n1"));
  create("pods", pod_json("web"));
  settle();
  EXPECT_EQ(node_of("web"), "");
  queue("host_a");
  scheduler();
  settle();
  EXPECT_EQ(node_of("web"), "n1");
  EXPECT_EQ(pod("web")["status"]["conditions"][0]["type"], "PodScheduled");
  EXPECT_THAT(events_of("web"),
              testing::ElementsAre("Scheduled: Successfully assigned default/web to n1"));
}

TEST_F(Scheduling, SpreadsPodsEvenly) {
  for (const char* n : {"n1", "n2", "n3"}) create("nodes", node_json(n));
  queue("host_a");
  scheduler();
  for (int i = 0; i < 12; ++i) create("pods", pod_json("p" + std::to_string(i)));
  settle();
  EXPECT_EQ(pods_by_node(), (std::map<std::string, int>{{"n1", 4}, {"n2", 4}, {"n3", 4}}));
}

TEST_F(Scheduling, ExplainsWhatFitsNowhereAndTriesAgainWhenANodeComes) {
  create("nodes", node_json("small", "1"));
  queue("host_a");
  scheduler();
  create("pods", pod_json("big", "2"));
  create("pods", pod_json("little"));
  settle();
  const std::string message =
      "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No "
      "preemption victims found for incoming pod.";
  EXPECT_EQ(node_of("little"), "small");
  EXPECT_EQ(node_of("big"), "");
  EXPECT_THAT(events_of("big"), testing::ElementsAre("FailedScheduling: " + message));
  EXPECT_EQ(pod("big")["status"]["conditions"][0]["reason"], "Unschedulable");
  EXPECT_EQ(pod("big")["status"]["conditions"][0]["message"], message);
  create("nodes", node_json("large", "8"));
  advance(2s);
  EXPECT_EQ(node_of("big"), "large");
  EXPECT_EQ(pod("big")["status"]["conditions"][0]["status"], "True");
}

TEST_F(Scheduling, TriesAgainWhenAPodGoesAndOnlyThen) {
  create("nodes", node_json("n1", "1"));
  queue("host_a");
  scheduler();
  create("pods", pod_json("first", "1"));
  settle();
  create("pods", pod_json("second", "1"));
  advance(30s);
  EXPECT_EQ(node_of("second"), "");
  EXPECT_EQ(events_of("second").size(), 1u);
  EXPECT_EQ(put(write_op::remove, "pods", pod_json("first")), "");
  advance(2s);
  EXPECT_EQ(node_of("second"), "n1");
}

TEST_F(Scheduling, RespectsCordonAndUncordon) {
  json n = node_json("n1");
  n["spec"]["unschedulable"] = true;
  create("nodes", n);
  settle();
  EXPECT_EQ(node("n1")["spec"]["taints"][0]["key"], "node.kubernetes.io/unschedulable");
  queue("host_a");
  scheduler();
  create("pods", pod_json("web"));
  settle();
  EXPECT_THAT(events_of("web"), testing::ElementsAre(testing::HasSubstr(
                                    "0/1 nodes are available: 1 node(s) were unschedulable.")));
  n = node("n1");
  n["spec"].erase("unschedulable");
  EXPECT_EQ(put(write_op::update, "nodes", n), "");
  advance(3s);
  EXPECT_FALSE(node("n1")["spec"].contains("taints"));
  EXPECT_EQ(node_of("web"), "n1");
}

TEST_F(Scheduling, PodsWithGatesWait) {
  create("nodes", node_json("n1"));
  queue("host_a");
  scheduler();
  json p = pod_json("web");
  p["spec"]["schedulingGates"] = {{{"name", "g"}}};
  create("pods", p);
  settle();
  EXPECT_EQ(node_of("web"), "");
  p["spec"].erase("schedulingGates");
  EXPECT_EQ(put(write_op::update, "pods", p), "");
  settle();
  EXPECT_EQ(node_of("web"), "n1");
}

TEST_F(Scheduling, OtherSchedulersPodsAreLeftAlone) {
  create("nodes", node_json("n1"));
  queue("host_a");
  scheduler();
  json p = pod_json("custom");
  p["spec"]["schedulerName"] = "my-custom-scheduler";
  create("pods", p);
  settle();
  EXPECT_EQ(node_of("custom"), "");
  queue("host_b", "my-custom-scheduler");
  scheduler(2, "my-custom-scheduler");
  settle();
  EXPECT_EQ(node_of("custom"), "n1");
  EXPECT_TRUE(cache_->get({"leases.coordination.k8s.io", "kube-system", "my-custom-scheduler"}));
  EXPECT_TRUE(cache_->get({"leases.coordination.k8s.io", "kube-system", "kube-scheduler"}));
}

TEST_F(Scheduling, AStandbyTakesOverAtOnceWhenTheHolderIsKilled) {
  create("nodes", node_json("n1"));
  const auto a = queue("host_a");
  queue("host_b");
  scheduler();
  auto holder = [&] {
    return model::string_at(
        cache_->get({"leases.coordination.k8s.io", "kube-system", "kube-scheduler"})->parse(),
        {"spec", "holderIdentity"});
  };
  EXPECT_EQ(holder(), "host_a");
  advance(20s);
  EXPECT_EQ(holder(), "host_a");
  kill(a);
  settle();
  EXPECT_EQ(holder(), "host_b");
  create("pods", pod_json("web"));
  settle();
  EXPECT_EQ(node_of("web"), "n1");
  EXPECT_THAT(events_of("kube-scheduler"),
              testing::Contains("LeaderElection: host_b became leader"));
}

TEST_F(Scheduling, WhatAKilledSchedulerHeldGoesToAnother) {
  create("nodes", node_json("n1", "100"));
  queue("host_a");
  const auto first = scheduler(1);
  for (int i = 0; i < 50; ++i)
    ASSERT_EQ(put(write_op::create, "nodes", node_json("m" + std::to_string(i))), "");
  // Without running: the batch is on its way when the scheduler dies.
  caf::anon_send_exit(first, caf::exit_reason::kill);
  for (int i = 0; i < 20; ++i) create("pods", pod_json("p" + std::to_string(i)));
  scheduler(2);
  settle();
  EXPECT_EQ(pods_by_node().count(""), 0u);
}

TEST_F(Scheduling, AKubeletGetsItsPodsAndItsDeathMakesTheNodeUnknown) {
  create("nodes", node_json("n1"));
  json fixed = pod_json("fixed");
  fixed["spec"]["nodeName"] = "n1";
  create("pods", fixed);
  settle();
  heard h;
  auto k = sys_.spawn<kubelet>(&h);
  caf::anon_send(registry_, attach_atom::value, std::string("n1"), uint64_t{1}, kubelet_actor{k});
  run();
  EXPECT_THAT(h.pods, testing::ElementsAre("sync fixed"));
  EXPECT_TRUE(h.synced);
  queue("host_a");
  scheduler();
  create("pods", pod_json("web"));
  settle();
  EXPECT_EQ(put(write_op::remove, "pods", fixed), "");
  settle();
  EXPECT_THAT(h.pods, testing::ElementsAre("sync fixed", "assign web", "unassign fixed"));
  kill(k);
  settle();
  const json n = node("n1");
  EXPECT_EQ(n["status"]["conditions"][0]["status"], "Unknown");
  EXPECT_EQ(n["status"]["conditions"][0]["reason"], "NodeStatusUnknown");
  EXPECT_EQ(n["status"]["conditions"][0]["message"], "Kubelet stopped posting node status.");
  EXPECT_EQ(n["spec"]["taints"][0]["key"], "node.kubernetes.io/unreachable");
  create("pods", pod_json("late"));
  settle();
  EXPECT_EQ(node_of("late"), "");
  json back = n;
  back["status"]["conditions"][0]["status"] = "True";
  EXPECT_EQ(put(write_op::update, "nodes", back), "");
  advance(3s);
  EXPECT_FALSE(node("n1")["spec"].contains("taints"));
  EXPECT_EQ(node_of("late"), "n1");
}

// Who writes a node's name into a pod asks nobody: the kubelet is told what does not fit, and what
// it does not run takes nothing away from others.
TEST_F(Scheduling, WhatDoesNotFitIsRefusedByTheKubeletOfItsNode) {
  create("nodes", node_json("n1", "1"));
  const auto fixed = [](const std::string& name, const char* cpu, const char* created) {
    json p = pod_json(name, cpu);
    p["spec"]["nodeName"] = "n1";
    p["metadata"]["creationTimestamp"] = created;
    return p;
  };
  create("pods", fixed("younger", "600m", "2026-11-22T10:00:02Z"));
  create("pods", fixed("older", "600m", "2026-11-22T10:00:01Z"));
  json runs = fixed("runs", "300m", "2026-11-22T10:00:03Z");
  runs["status"]["startTime"] = "2026-11-22T10:00:03Z";
  create("pods", runs);
  settle();
  heard h;
  auto k = sys_.spawn<kubelet>(&h);
  caf::anon_send(registry_, attach_atom::value, std::string("n1"), uint64_t{1}, kubelet_actor{k});
  run();
  ASSERT_THAT(h.pods, testing::UnorderedElementsAre("refuse younger: OutOfcpu", "sync younger",
                                                    "sync older", "sync runs"));
  EXPECT_EQ(h.pods.front(), "refuse younger: OutOfcpu") << "before it is heard of";
  h.pods.clear();
  create("pods", fixed("large", "200m", "2026-11-22T10:00:04Z"));
  create("pods", fixed("small", "50m", "2026-11-22T10:00:04Z"));
  queue("host_a");
  scheduler();
  create("pods", pod_json("chosen", "50m"));
  settle();
  EXPECT_THAT(h.pods, testing::UnorderedElementsAre("refuse large: OutOfcpu", "assign small",
                                                    "assign chosen"));
  EXPECT_EQ(node_of("chosen"), "n1");
  kill(k);
}

TEST_F(Scheduling, ASilentKubeletsNodeIsUnknownAfterTheGracePeriod) {
  create("nodes", node_json("n1"));
  advance(35s);
  EXPECT_EQ(node("n1")["status"]["conditions"][0]["status"], "True");
  advance(15s);
  EXPECT_EQ(node("n1")["status"]["conditions"][0]["status"], "Unknown");
}

TEST_F(Scheduling, LeaseRenewalsKeepANodeReady) {
  create("nodes", node_json("n1"));
  json lease = {{"apiVersion", "coordination.k8s.io/v1"},
                {"kind", "Lease"},
                {"metadata", {{"name", "n1"}, {"namespace", "kube-node-lease"}}}};
  create("leases.coordination.k8s.io", lease);
  for (int i = 0; i < 10; ++i) {
    advance(10s);
    lease["spec"]["renewTime"] = model::to_rfc3339_micro(now_);
    ASSERT_EQ(put(write_op::update, "leases.coordination.k8s.io", lease), "");
  }
  EXPECT_EQ(node("n1")["status"]["conditions"][0]["status"], "True");
}

TEST_F(Scheduling, APodThatChangesWhileItIsBoundKeepsTheChange) {
  create("nodes", node_json("n1"));
  settle();
  create("pods", pod_json("web"));
  reservation r{"n1", "default", "web", "uid-web"};
  json labelled = pod_json("web");
  labelled["metadata"]["labels"]["a"] = "b";
  write label;
  label.op = write_op::update;
  label.resource = "pods";
  label.ns = "default";
  label.name = "web";
  label.object = model::encode("pods", labelled);
  // The label reaches the store between the proxy's verdict and the binding.
  std::vector<reserve_result> results;
  sys_.spawn([&](caf::event_based_actor* self) {
    self->request(registry_, caf::infinite, reserve_atom::value, std::vector<reservation>{r})
        .then([&](std::vector<reserve_result>& got) { results = std::move(got); });
  });
  auto& sched = dynamic_cast<caf::scheduler::test_coordinator&>(sys_.scheduler());
  for (int i = 0; i < 3; ++i) sched.run_once();
  caf::anon_send(store_, write_atom::value, label);
  settle();
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].outcome, reserve_outcome::bound);
  EXPECT_EQ(node_of("web"), "n1");
  EXPECT_EQ(pod("web")["metadata"]["labels"]["a"], "b");
}

TEST_F(Scheduling, AReservationForAMissingPodNodeOrRoomIsRefused) {
  create("nodes", node_json("n1", "1"));
  create("pods", pod_json("big", "2"));
  create("pods", pod_json("web"));
  settle();
  std::map<std::string, reserve_outcome> outcome;
  sys_.spawn([&](caf::event_based_actor* self) {
    self->request(registry_, caf::infinite, reserve_atom::value,
                  std::vector<reservation>{{"n1", "default", "big", "uid-big"},
                                           {"n1", "default", "none", "uid-none"},
                                           {"n1", "default", "web", "another uid"},
                                           {"n2", "default", "web", "uid-web"}})
        .then([&](const std::vector<reserve_result>& got) {
          for (const auto& r : got) outcome[r.uid] = r.outcome;
        });
  });
  settle();
  EXPECT_EQ(outcome,
            (std::map<std::string, reserve_outcome>{{"uid-big", reserve_outcome::declined},
                                                    {"uid-none", reserve_outcome::obsolete},
                                                    {"another uid", reserve_outcome::obsolete},
                                                    {"uid-web", reserve_outcome::declined}}));
}

TEST_F(Scheduling, TellsWhyAPodFitsNowhereThoughOthersKeepComing) {
  for (const char* n : {"n1", "n2", "n3"}) create("nodes", node_json(n, "30"));
  queue("host_a");
  scheduler();
  create("pods", pod_json("huge", "64"));
  auto& sched = dynamic_cast<caf::scheduler::test_coordinator&>(sys_.scheduler());
  // At no moment nothing is under way.
  for (int i = 0; i < 200 && events_of("huge").empty(); ++i) {
    write w;
    w.resource = "pods";
    w.ns = "default";
    const auto p = pod_json("p" + std::to_string(i), "10m");
    w.name = model::string_at(p, {"metadata", "name"});
    w.object = model::encode("pods", p);
    caf::anon_send(store_, write_atom::value, w);
    for (int n = 0; n < 25 && sched.try_run_once(); ++n) {
    }
    now_ += 1ms;
    sched.advance_time(1ms);
  }
  run();
  advance(2s);
  EXPECT_THAT(events_of("huge"), testing::Contains(testing::HasSubstr("3 Insufficient cpu")));
}

TEST_F(Scheduling, PreemptsGracefullyAndTakesThePromisedRoom) {
  create("nodes", node_json("n1", "1"));
  queue("host_a");
  scheduler();
  json low = pod_json("low", "1");
  low["spec"]["terminationGracePeriodSeconds"] = 30;
  create("pods", low);
  settle();
  json vip = pod_json("vip", "1");
  vip["spec"]["priority"] = 100;
  create("pods", vip);
  settle();
  EXPECT_EQ(pod("vip")["status"]["nominatedNodeName"], "n1");
  EXPECT_EQ(pod("low")["metadata"]["deletionGracePeriodSeconds"], 30);
  EXPECT_EQ(pod("low")["status"]["conditions"][1]["reason"], "PreemptionByScheduler");
  EXPECT_THAT(events_of("low"),
              testing::Contains("Preempted: Preempted by pod uid-vip on node n1"));
  // The room is the vip's, whoever comes while it becomes free.
  create("pods", pod_json("sneaky", "1"));
  advance(5s);
  EXPECT_EQ(put(write_op::remove, "pods", low), "");
  advance(5s);
  EXPECT_EQ(node_of("vip"), "n1");
  EXPECT_EQ(node_of("sneaky"), "");
}

TEST_F(Scheduling, TheLeaseTellsTheProfileOfItsHolder) {
  const auto told = [&] {
    return model::string_at(
        cache_->get({"leases.coordination.k8s.io", "kube-system", "kube-scheduler"})->parse(),
        {"metadata", "annotations", model::profile_annotation});
  };
  model::profile own;
  own.published = "{\"profile\":{}}";
  profile_ = std::make_shared<const model::profile>(own);
  const auto first = queue("host_0");
  settle();
  EXPECT_EQ(told(), own.published);
  profile_ = nullptr;
  queue("host_1");
  caf::anon_send(first, stop_atom::value);
  run();
  EXPECT_EQ(told(), "") << "nobody holds it";
  advance(5s);
  EXPECT_EQ(told(), "") << "the default profile need not be told";
  kill(first);
}

TEST_F(Scheduling, AStoppedQueueHasGivenItsLeaseBackWhenItEnds) {
  const auto holder = [&] {
    const auto lease =
        cache_->get({"leases.coordination.k8s.io", "kube-system", "kube-scheduler"})->parse();
    return model::string_at(lease, {"spec", "holderIdentity"});
  };
  const auto first = queue("host_0");
  settle();
  EXPECT_EQ(holder(), "host_0");
  std::string at_its_end = "it has not ended";
  owned_.push_back(sys_.spawn([&](caf::event_based_actor* self) -> caf::behavior {
    self->monitor(first);
    self->set_down_handler([&, self](const caf::down_msg&) {
      at_its_end = holder();
      self->quit();
    });
    return {[](tick_atom) {}};
  }));
  run();
  caf::anon_send(first, stop_atom::value);
  run();
  EXPECT_EQ(at_its_end, "") << "who starts again at once, with a changed profile, need not wait";
}

/// Follows a queue from elsewhere: no `down` message of it comes this far.
class onlooker final : public queue_follower::base {
 public:
  onlooker(caf::actor_config& cfg, std::vector<std::string>* heard)
      : queue_follower::base(cfg), heard_(heard) {}
  behavior_type make_behavior() override {
    return {[this](queue_atom, const std::string& name, const queue_actor&) {
              heard_->push_back("here: " + name);
            },
            [this](gone_atom, const std::string& name, const queue_actor&) {
              heard_->push_back("gone: " + name);
            }};
  }

 private:
  std::vector<std::string>* heard_;
};

TEST_F(Scheduling, WhoFollowsAQueueFromElsewhereLearnsOfItsEnd) {
  std::vector<std::string> heard;
  const queue_follower follower = sys_.spawn<onlooker>(&heard);
  owned_.push_back(caf::actor_cast<caf::actor>(follower));
  caf::anon_send(registry_, enlist_atom::value, std::string("default-scheduler"), follower);
  const auto first = queue("host_0");
  queue("host_1", "other");
  settle();
  EXPECT_EQ(heard, (std::vector<std::string>{"here: default-scheduler"}));
  kill(first);
  EXPECT_EQ(heard.back(), "gone: default-scheduler");
  queue("host_2");
  advance(20s);
  EXPECT_EQ(heard.back(), "here: default-scheduler");
}

TEST_F(Scheduling, AStandbyThatIsToldOfTheHoldersEndDoesNotWaitForItsLease) {
  const auto holder = [&] {
    return model::string_at(
        cache_->get({"leases.coordination.k8s.io", "kube-system", "kube-scheduler"})->parse(),
        {"spec", "holderIdentity"});
  };
  const auto first = queue("host_0");
  const auto standby = queue("host_1");
  settle();
  ASSERT_EQ(holder(), "host_0");
  // Of a queue that is not the holder's it takes no notice.
  caf::anon_send(standby, gone_atom::value, std::string("default-scheduler"),
                 caf::actor_cast<queue_actor>(standby));
  settle();
  EXPECT_EQ(holder(), "host_0");
  caf::anon_send(standby, gone_atom::value, std::string("default-scheduler"),
                 caf::actor_cast<queue_actor>(first));
  settle();
  EXPECT_EQ(holder(), "host_1");
  // The old holder was not dead: it steps down, and does not take the Lease back.
  create("nodes", node_json("n1"));
  create("pods", pod_json("web"));
  scheduler();
  advance(5s);
  EXPECT_EQ(holder(), "host_1");
  EXPECT_EQ(node_of("web"), "n1");
}

// What the registry of another process says of a queue of this one that has just ended.
TEST_F(Scheduling, AHandleThatNamesNobodyIsPassedOver) {
  const std::string name = "default-scheduler";
  const auto host = queue("host_0");
  const auto worker = scheduler();
  settle();
  caf::anon_send(host, queue_atom::value, name, queue_actor{});
  caf::anon_send(host, gone_atom::value, name, queue_actor{});
  caf::anon_send(host, join_atom::value, scheduler_actor{}, std::uint32_t{1});
  caf::anon_send(host, done_atom::value, scheduler_actor{}, std::uint64_t{0},
                 std::vector<pod_result>{});
  caf::anon_send(worker, queue_atom::value, name, queue_actor{});
  caf::anon_send(registry_, queue_atom::value, name, queue_actor{});
  caf::anon_send(registry_, enlist_atom::value, name, queue_follower{});
  caf::anon_send(registry_, offers_atom::value, scheduler_actor{});
  caf::anon_send(registry_, ack_atom::value, scheduler_actor{}, std::uint64_t{1});
  settle();
  create("nodes", node_json("n1"));
  create("pods", pod_json("web"));
  advance(5s);
  EXPECT_EQ(node_of("web"), "n1");
}

}  // namespace
}  // namespace troupe::scheduler
