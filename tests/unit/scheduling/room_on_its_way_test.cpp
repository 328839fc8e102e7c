// floors: actors/scheduler actors/store
// Room that pods have left is offered some time after the store shows that they are gone: a pod
// that is tried in between is not refused, and nobody has to go for it.
#include "tests/unit/scheduling/scheduling_fixture.hpp"

namespace troupe::scheduler {
namespace {

/// Notes which versions offers are said to reflect.
class note_taker final : public scheduler_actor::base {
 public:
  note_taker(caf::actor_config& cfg, scheduling_registry_actor registry,
             std::vector<uint64_t>* told)
      : scheduler_actor::base(cfg), registry_(std::move(registry)), told_(told) {}
  behavior_type make_behavior() override {
    return {[this](offers_atom, uint64_t number, uint64_t version, uint64_t,
                   const std::vector<offer>&, bool) {
              told_->push_back(version);
              send(registry_, ack_atom::value, scheduler_actor{this}, number);
            },
            [](place_atom, uint64_t, const std::vector<object_ref>&,
               const std::vector<promised_room>&) {}};
  }
  void on_exit() override { registry_ = nullptr; }

 private:
  scheduling_registry_actor registry_;
  std::vector<uint64_t>* told_;
};

class RoomOnItsWay : public Scheduling {
 protected:
  static json important(const std::string& name, int priority) {
    json p = pod_json(name, "1");
    p["spec"]["priority"] = priority;
    p["spec"]["terminationGracePeriodSeconds"] = 30;
    return p;
  }
  bool is_going(const std::string& name) {
    return model::at(pod(name), {"metadata", "deletionTimestamp"}).is_string();
  }
  /// A pod's end, and what follows it before a timer can fire: offers are not out yet.
  void remove(const std::string& name) {
    ASSERT_EQ(put(write_op::remove, "pods", pod_json(name)), "");
  }
};

TEST_F(RoomOnItsWay, APreemptorThatIsTriedBeforeItIsOfferedPreemptsNobodyElse) {
  for (const char* n : {"n1", "n2"}) create("nodes", node_json(n, "1"));
  queue("host_a");
  scheduler();
  create("pods", important("low", 1));
  create("pods", important("mid", 5));
  settle();
  create("pods", important("vip", 100));
  settle();
  const auto promised = node_of("low");
  ASSERT_TRUE(is_going("low"));
  ASSERT_EQ(pod("vip")["status"]["nominatedNodeName"], promised);
  advance(5s);  // nothing holds it up when its victim is gone
  remove("low");
  EXPECT_EQ(pod("vip")["status"]["nominatedNodeName"], promised);
  settle();
  EXPECT_EQ(node_of("vip"), promised);
  EXPECT_FALSE(is_going("mid"));
  EXPECT_THAT(events_of("mid"), testing::Each(testing::HasSubstr("Scheduled")));
}

TEST_F(RoomOnItsWay, APodThatIsTriedBeforeItIsOfferedIsNotRefused) {
  create("nodes", node_json("n1", "1"));
  queue("host_a");
  scheduler();
  create("pods", pod_json("first", "1"));
  settle();
  create("pods", pod_json("second", "1"));
  settle();
  ASSERT_EQ(events_of("second").size(), 1u);
  advance(5s);
  remove("first");
  settle();
  EXPECT_EQ(node_of("second"), "n1") << "without another back-off";
  EXPECT_EQ(events_of("second").size(), 2u) << "refused once, and scheduled";
}

// Whoever waits for a version would wait for as long as others write.
TEST_F(RoomOnItsWay, ItIsToldWhatOffersReflectWhileChangesKeepComing) {
  create("nodes", node_json("n1"));
  settle();
  std::vector<uint64_t> told;
  const scheduler_actor listener = sys_.spawn<note_taker>(registry_, &told);
  owned_.push_back(caf::actor_cast<caf::actor>(listener));
  caf::anon_send(registry_, offers_atom::value, listener);
  settle();
  auto& sched = dynamic_cast<caf::scheduler::test_coordinator&>(sys_.scheduler());
  const auto before = told.back();
  // At no moment nothing is on its way to the node's proxy.
  for (int i = 0; i < 200; ++i) {
    write w;
    w.resource = "pods";
    w.ns = "default";
    auto p = pod_json("p" + std::to_string(i), "1m");
    p["spec"]["nodeName"] = "n1";
    w.name = model::string_at(p, {"metadata", "name"});
    w.object = model::encode("pods", p);
    caf::anon_send(store_, write_atom::value, w);
    for (int n = 0; n < 6 && sched.try_run_once(); ++n) {
    }
    now_ += 1ms;
    sched.advance_time(1ms);
  }
  EXPECT_GT(told.back(), before + 100);
  run();
  advance(1s);
  EXPECT_GE(told.back(), before + 200);
}

}  // namespace
}  // namespace troupe::scheduler
