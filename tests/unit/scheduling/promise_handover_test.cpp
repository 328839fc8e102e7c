// floors: actors/scheduler actors/store
// Several schedulers of one name: what a pod has been promised goes with it to the next scheduler,
// also while the store does not show it.
#include "tests/unit/scheduling/scheduling_fixture.hpp"

namespace troupe::scheduler {
namespace {

/// A store that takes writes and keeps them to itself, until it is asked for its version when it
/// does not hold any more.
class slow_store final : public store_actor::base {
 public:
  struct held {
    bool holding = false;
    std::vector<std::function<void()>> writes;
  };
  slow_store(caf::actor_config& cfg, store_actor behind, std::shared_ptr<held> to)
      : store_actor::base(cfg), behind_(std::move(behind)), held_(std::move(to)) {}
  behavior_type make_behavior() override {
    return {[this](write_atom, const write& w) { return pass<object_ref>(w); },
            [this](write_atom, const std::vector<write>& w) {
              return pass<std::vector<object_ref>, std::vector<std::string>>(w);
            },
            [this](version_atom) {
              for (auto& w : std::exchange(held_->writes, {})) w();
              return delegate(behind_, version_atom::value);
            }};
  }
  void on_exit() override { behind_ = nullptr; }

 private:
  template <class... Ts, class What>
  caf::result<Ts...> pass(const What& what) {
    auto answer = make_response_promise<Ts...>();
    auto go = [this, what, answer]() mutable {
      request(behind_, caf::infinite, write_atom::value, what)
          .then([answer](const Ts&... said) mutable { answer.deliver(said...); },
                [answer](const caf::error& e) mutable { answer.deliver(e); });
    };
    if (held_->holding)
      held_->writes.push_back(std::move(go));
    else
      go();
    return answer;
  }

  store_actor behind_;
  std::shared_ptr<held> held_;
};

class PromiseHandover : public Scheduling {
 protected:
  scheduler_host slow_scheduler() {
    const auto direct = store_;
    slow_ = store_ = sys_.spawn<slow_store>(direct, held_);
    owned_.push_back(caf::actor_cast<caf::actor>(store_));
    auto s = scheduler();
    store_ = direct;
    return s;
  }
  void let_go() {
    held_->holding = false;
    caf::anon_send(slow_, version_atom::value);
    run();
  }
  static json important(const std::string& name, int priority) {
    json p = pod_json(name, "1");
    p["spec"]["priority"] = priority;
    p["spec"]["terminationGracePeriodSeconds"] = 30;
    return p;
  }
  bool is_going(const std::string& name) {
    return model::at(pod(name), {"metadata", "deletionTimestamp"}).is_string();
  }
  void TearDown() override {
    held_->writes.clear();
    slow_ = nullptr;
    Scheduling::TearDown();
  }
  /// A node full of one pod: less important than any other, it would be the next one to go.
  void tempt() {
    auto least = important("least", 0);
    least["spec"]["nodeName"] = "n9";
    create("pods", least);
    create("nodes", node_json("n9", "1"));
  }

  store_actor slow_;
  std::shared_ptr<slow_store::held> held_ = std::make_shared<slow_store::held>();
};

TEST_F(PromiseHandover, TheNextSchedulerOfAPreemptorPreemptsNobodyElse) {
  create("nodes", node_json("n1", "1"));
  queue("host_a");
  const auto first = slow_scheduler();
  create("pods", important("low", 1));
  settle();
  ASSERT_EQ(node_of("low"), "n1");
  held_->holding = true;
  create("pods", important("vip", 100));
  settle();
  ASSERT_FALSE(held_->writes.empty()) << "low's end, and the nomination of vip";
  ASSERT_FALSE(is_going("low"));
  kill(first);
  scheduler(2);
  tempt();
  advance(3s);
  EXPECT_FALSE(is_going("least")) << "low was sent away already";
  EXPECT_EQ(pod("vip")["status"].value("nominatedNodeName", ""), "n1")
      << "the next scheduler says what the first could not";
  let_go();
  settle();
  EXPECT_FALSE(is_going("least"));
}

TEST_F(PromiseHandover, WhatWasPromisedIsKeptWhenItsWritesCome) {
  create("nodes", node_json("n1", "1"));
  queue("host_a");
  slow_scheduler();
  create("pods", important("low", 1));
  settle();
  held_->holding = true;
  create("pods", important("vip", 100));
  settle();
  scheduler(2);
  scheduler(3);
  tempt();
  advance(3s);
  let_go();
  settle();
  ASSERT_TRUE(is_going("low"));
  EXPECT_FALSE(is_going("least"));
  ASSERT_EQ(put(write_op::remove, "pods", pod_json("low")), "");
  advance(5s);
  EXPECT_EQ(node_of("vip"), "n1");
  EXPECT_FALSE(is_going("least"));
}

// A victim that could not be told to go is no reason to wait for ever.
TEST_F(PromiseHandover, AVictimThatNobodySeesGoIsNotWaitedFor) {
  create("nodes", node_json("n1", "1"));
  queue("host_a");
  const auto first = slow_scheduler();
  create("pods", important("low", 1));
  settle();
  held_->holding = true;
  create("pods", important("vip", 100));
  settle();
  kill(first);
  held_->writes.clear();
  scheduler(2);
  tempt();
  advance(3s);
  ASSERT_FALSE(is_going("least"));
  advance(30s);
  auto n1 = node("n1");
  n1["status"]["allocatable"]["cpu"] = "1001m";
  ASSERT_EQ(put(write_op::update, "nodes", n1), "");
  advance(12s);
  EXPECT_TRUE(is_going("least") || is_going("low"));
}

}  // namespace
}  // namespace troupe::scheduler
