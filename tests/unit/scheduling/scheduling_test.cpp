// floors: actors/scheduler actors/store
// The whole conversation on one thread and a virtual clock: store, node registry with its proxies,
// queues and schedulers.
#include "actors/events/recorder.hpp"
#include "actors/scheduler/node_registry.hpp"
#include "actors/scheduler/scheduler.hpp"
#include "actors/store/store.hpp"
#include "messages/errors.hpp"
#include "messages/system_config.hpp"
#include "model/binding.hpp"
#include "model/pod_view.hpp"
#include "model/random.hpp"
#include "store/memory_journal.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::scheduler {
namespace {

using namespace std::chrono_literals;
using model::json;

struct test_config : system_config {
  test_config() : system_config(1) { set("scheduler.policy", caf::atom("testing")); }
};

/// A kubelet that writes down what it is told.
struct heard {
  std::vector<std::string> pods;
  bool synced = false;
};

class kubelet final : public kubelet_actor::base {
 public:
  kubelet(caf::actor_config& cfg, heard* to) : kubelet_actor::base(cfg), to_(to) {}
  behavior_type make_behavior() override {
    return {[this](sync_atom, uint64_t, const std::vector<object_ref>& pods, bool last) {
              for (const auto& p : pods) to_->pods.push_back("sync " + p->key().name);
              to_->synced = last;
            },
            [this](assign_atom, const object_ref& pod) {
              to_->pods.push_back("assign " + pod->key().name);
            },
            [this](unassign_atom, const object_ref& pod) {
              to_->pods.push_back("unassign " + pod->key().name);
            },
            [](logs_atom, const log_request&, uint64_t,
               const stream_sink&) -> caf::result<stream_source> {
              return to_error(model::not_found({"pods", "", ""}));
            },
            [](ping_atom) { return ping_atom::value; }};
  }

 private:
  heard* to_;
};

class Scheduling : public testing::Test {
 protected:
  void SetUp() override {
    store_options o;
    o.journal = std::make_shared<store::memory_journal>();
    o.cache = cache_;
    o.detached = false;
    store_ = spawn_store(sys_, o);
    run();
    node_registry_options r;
    r.cache = cache_;
    r.store = store_;
    r.clock = clock();
    registry_ = spawn_node_registry(sys_, r);
    events::recorder_options e;
    e.store = store_;
    e.clock = clock();
    recorder_ = events::spawn_recorder(sys_, e);
    owned_ = {caf::actor_cast<caf::actor>(registry_), caf::actor_cast<caf::actor>(recorder_),
              caf::actor_cast<caf::actor>(store_)};
    run();
  }

  void TearDown() override {
    for (const auto& a : owned_) caf::anon_send_exit(a, caf::exit_reason::kill);
    owned_.clear();
    run();
    advance(60s);  // timers hold their actors
  }

  model::wall_clock clock() {
    return [this] { return now_; };
  }
  void run() {
    auto& sched = dynamic_cast<caf::scheduler::test_coordinator&>(sys_.scheduler());
    sched.run();
  }
  void advance(std::chrono::milliseconds by, std::chrono::milliseconds step = 100ms) {
    auto& sched = dynamic_cast<caf::scheduler::test_coordinator&>(sys_.scheduler());
    for (auto t = 0ms; t < by; t += step) {
      now_ += step;
      sched.advance_time(step);
      sched.run();
    }
  }
  /// Lets offers, events and bindings settle.
  void settle() { advance(200ms, 10ms); }

  queue_host_actor queue(const std::string& identity,
                         const std::string& name = "default-scheduler") {
    queue_host_options o;
    o.scheduler_name = name;
    o.identity = identity;
    o.cache = cache_;
    o.store = store_;
    o.registry = registry_;
    o.recorder = recorder_;
    o.clock = clock();
    auto a = spawn_queue_host(sys_, o);
    owned_.push_back(caf::actor_cast<caf::actor>(a));
    run();
    return a;
  }
  scheduler_host scheduler(std::uint64_t seed = 1, const std::string& name = "default-scheduler") {
    scheduler_options o;
    o.scheduler_name = name;
    o.cache = cache_;
    o.store = store_;
    o.registry = registry_;
    o.recorder = recorder_;
    o.clock = clock();
    o.seed = seed;
    auto a = spawn_scheduler(sys_, o);
    owned_.push_back(caf::actor_cast<caf::actor>(a));
    run();
    return a;
  }
  template <class Handle>
  void kill(const Handle& a) {
    caf::anon_send_exit(a, caf::exit_reason::kill);
    run();
  }

  /// The error's text, or "".
  std::string put(write_op op, const std::string& resource, const json& document) {
    write w;
    w.op = op;
    w.resource = resource;
    w.ns = model::string_at(document, {"metadata", "namespace"});
    w.name = model::string_at(document, {"metadata", "name"});
    if (op != write_op::remove) w.object = model::encode(resource, document);
    std::string error = "no answer";
    sys_.spawn([&, w](caf::event_based_actor* self) {
      self->request(store_, caf::infinite, write_atom::value, w)
          .then([&](const object_ref&) { error.clear(); },
                [&](const caf::error& e) { error = to_status(e).message; });
    });
    run();
    return error;
  }

  static json node_json(const std::string& name, const std::string& cpu = "4") {
    return {
        {"apiVersion", "v1"},
        {"kind", "Node"},
        {"metadata",
         {{"name", name}, {"uid", "node-" + name}, {"labels", {{"kubernetes.io/hostname", name}}}}},
        {"spec", json::object()},
        {"status",
         {{"allocatable", {{"cpu", cpu}, {"memory", "8Gi"}, {"pods", "110"}}},
          {"conditions", {{{"type", "Ready"}, {"status", "True"}}}}}}};
  }
  static json pod_json(const std::string& name, const std::string& cpu = "100m") {
    return {{"apiVersion", "v1"},
            {"kind", "Pod"},
            {"metadata",
             {{"name", name},
              {"namespace", "default"},
              {"uid", "uid-" + name},
              {"creationTimestamp", "2026-11-22T10:00:00Z"}}},
            {"spec",
             {{"schedulerName", "default-scheduler"},
              {"containers", {{{"name", "c"}, {"resources", {{"requests", {{"cpu", cpu}}}}}}}}}},
            {"status", {{"phase", "Pending"}}}};
  }
  void create(const std::string& resource, const json& document) {
    ASSERT_EQ(put(write_op::create, resource, document), "");
  }
  json pod(const std::string& name) {
    const auto o = cache_->get({"pods", "default", name});
    return o ? o->parse() : json();
  }
  json node(const std::string& name) { return cache_->get({"nodes", "", name})->parse(); }
  std::string node_of(const std::string& pod_name) {
    return model::string_at(pod(pod_name), {"spec", "nodeName"});
  }
  std::vector<std::string> events_of(const std::string& name) {
    std::vector<std::string> out;
    for (const auto& o : cache_->list("events").objects) {
      const json e = o->parse();
      if (model::string_at(e, {"involvedObject", "name"}) == name)
        out.push_back(model::string_at(e, {"reason"}) + ": " + model::string_at(e, {"message"}));
    }
    return out;
  }
  std::map<std::string, int> pods_by_node() {
    std::map<std::string, int> out;
    for (const auto& o : cache_->list("pods").objects)
      ++out[model::string_at(o->parse(), {"spec", "nodeName"})];
    return out;
  }

  test_config cfg_;
  caf::actor_system sys_{cfg_};
  std::shared_ptr<store::cache> cache_ = std::make_shared<store::cache>();
  model::time_point now_ = *model::from_rfc3339("2026-11-22T10:00:00Z");
  store_actor store_;
  scheduling_registry_actor registry_;
  recorder_actor recorder_;
  std::vector<caf::actor> owned_;
};

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

/// Concurrent schedulers, killed schedulers and queues, pods created and deleted, nodes that come:
/// whatever the order, no pod is bound twice and no node is over its allocatable.
class SchedulingChaos : public Scheduling, public testing::WithParamInterface<int> {};

TEST_P(SchedulingChaos, NeverOvercommitsNorBindsTwice) {
  model::random_source random(static_cast<std::uint64_t>(GetParam()));
  std::vector<scheduler_host> schedulers;
  std::vector<queue_host_actor> queues{queue("host_0"), queue("host_1")};
  for (std::uint64_t i = 0; i < 3; ++i) schedulers.push_back(scheduler(i));
  int nodes = 0;
  int pods = 0;
  std::map<std::string, std::string> bound;
  auto& sched = dynamic_cast<caf::scheduler::test_coordinator&>(sys_.scheduler());
  auto post = [&](write w) { caf::anon_send(store_, write_atom::value, std::move(w)); };
  auto write_of = [](write_op op, const std::string& resource, const json& d) {
    write w;
    w.op = op;
    w.resource = resource;
    w.ns = model::string_at(d, {"metadata", "namespace"});
    w.name = model::string_at(d, {"metadata", "name"});
    if (op == write_op::create) w.object = model::encode(resource, d);
    return w;
  };
  auto check = [&] {
    std::map<std::string, std::int64_t> used;
    for (const auto& o : cache_->list("pods").objects) {
      const auto v = o->view<model::pod_view>();
      if (v->node_name.empty()) continue;
      used[v->node_name] += v->requests.cpu;
      const auto [at, fresh] = bound.try_emplace(v->uid, v->node_name);
      EXPECT_EQ(at->second, v->node_name) << v->name << " moved";
    }
    for (const auto& [name, cpu] : used) EXPECT_LE(cpu, 2000) << name << " is overcommitted";
  };
  for (int step = 0; step < 400; ++step) {
    const auto dice = random.below(100);
    if (dice < 50) {
      post(write_of(write_op::create, "pods",
                    pod_json("p" + std::to_string(pods++),
                             std::to_string(100 * (1 + random.below(8))) + "m")));
    } else if (dice < 65 && pods > 0) {
      post(
          write_of(write_op::remove, "pods",
                   pod_json("p" + std::to_string(random.below(static_cast<std::uint64_t>(pods))))));
    } else if (dice < 70 && nodes < 8) {
      post(write_of(write_op::create, "nodes", node_json("n" + std::to_string(nodes++), "2")));
    } else if (dice < 73) {
      auto& s = schedulers[random.below(schedulers.size())];
      caf::anon_send_exit(s, caf::exit_reason::kill);
      s = scheduler(random.next());
    } else if (dice < 75) {
      auto& q = queues[random.below(queues.size())];
      caf::anon_send_exit(q, caf::exit_reason::kill);
      q = queue("host_" + std::to_string(step + 2));
    } else if (dice < 90) {
      advance(10ms, 10ms);
    } else {
      for (auto n = random.below(40); n > 0 && sched.try_run_once(); --n) {
      }
    }
    if (step % 10 == 0) check();
  }
  advance(30s);
  check();
  // What is left pending fits nowhere.
  const auto left = pods_by_node()[""];
  std::map<std::string, std::int64_t> free;
  for (const auto& o : cache_->list("nodes").objects) free[o->key().name] = 2000;
  for (const auto& o : cache_->list("pods").objects)
    if (const auto v = o->view<model::pod_view>(); !v->node_name.empty())
      free[v->node_name] -= v->requests.cpu;
  for (const auto& o : cache_->list("pods").objects) {
    const auto v = o->view<model::pod_view>();
    if (!v->node_name.empty()) continue;
    for (const auto& [name, cpu] : free)
      EXPECT_LT(cpu, v->requests.cpu)
          << v->name << " is pending though " << name << " has room; " << left << " left";
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, SchedulingChaos, testing::Range(0, 30));

/// The same with pods that want to be alone of their kind on a node, and others of that kind that
/// do not care: whoever decides, wherever it is killed, no two are on one node if one minds.
class SchedulingApart : public Scheduling, public testing::WithParamInterface<int> {
 protected:
  static json hermit(const std::string& name) {
    json p = friendly(name);
    p["spec"]["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"] = {
        {{"topologyKey", "kubernetes.io/hostname"},
         {"labelSelector", {{"matchLabels", {{"kind", "shy"}}}}}}};
    return p;
  }
  static json friendly(const std::string& name) {
    json p = pod_json(name);
    p["metadata"]["labels"]["kind"] = "shy";
    return p;
  }
  struct crowd {
    int hermits = 0;
    int all = 0;
  };
  std::map<std::string, crowd> crowds() {
    std::map<std::string, crowd> out;
    for (const auto& o : cache_->list("nodes").objects) out[o->key().name];
    for (const auto& o : cache_->list("pods").objects) {
      const auto v = o->view<model::pod_view>();
      if (!model::find(v->labels, "kind")) continue;
      auto& c = out[v->node_name];
      ++c.all;
      if (v->rules) ++c.hermits;
    }
    return out;
  }
  void check() {
    for (const auto& [node, c] : crowds())
      EXPECT_TRUE(node.empty() || c.hermits == 0 || c.all == 1)
          << node << " has company for its hermit";
  }
};

TEST_P(SchedulingApart, NobodyWhoMindsHasCompany) {
  model::random_source random(static_cast<std::uint64_t>(GetParam()));
  std::vector<scheduler_host> schedulers;
  std::vector<queue_host_actor> queues{queue("host_0"), queue("host_1")};
  for (std::uint64_t i = 0; i < 3; ++i) schedulers.push_back(scheduler(i));
  for (int i = 0; i < 12; ++i) create("nodes", node_json("n" + std::to_string(i)));
  auto& sched = dynamic_cast<caf::scheduler::test_coordinator&>(sys_.scheduler());
  const auto post = [&](write_op op, const json& d) {
    write w;
    w.op = op;
    w.resource = "pods";
    w.ns = "default";
    w.name = model::string_at(d, {"metadata", "name"});
    if (op == write_op::create) w.object = model::encode("pods", d);
    caf::anon_send(store_, write_atom::value, std::move(w));
  };
  int pods = 0;
  for (int step = 0; step < 200; ++step) {
    const auto dice = random.below(100);
    const auto name = "p" + std::to_string(pods);
    if (dice < 45) {
      const auto kind = random.below(6);
      post(write_op::create, kind < 2 ? hermit(name) : kind < 4 ? friendly(name) : pod_json(name));
      ++pods;
    } else if (dice < 65 && pods > 0) {
      const auto which = random.below(static_cast<std::uint64_t>(pods));
      post(write_op::remove, pod_json("p" + std::to_string(which)));
    } else if (dice < 70) {
      auto& s = schedulers[random.below(schedulers.size())];
      caf::anon_send_exit(s, caf::exit_reason::kill);
      s = scheduler(random.next());
    } else if (dice < 72) {
      auto& q = queues[random.below(queues.size())];
      caf::anon_send_exit(q, caf::exit_reason::kill);
      q = queue("host_" + std::to_string(step + 2));
    } else if (dice < 85) {
      advance(10ms, 10ms);
    } else {
      for (auto n = random.below(40); n > 0 && sched.try_run_once(); --n) {
      }
    }
    check();
  }
  advance(60s);
  check();
  // Who still waits has no place.
  const auto all = crowds();
  for (const auto& o : cache_->list("pods").objects) {
    const auto v = o->view<model::pod_view>();
    if (!v->node_name.empty()) continue;
    for (const auto& [node, c] : all)
      EXPECT_TRUE(node.empty() || (v->rules ? c.all > 0 : c.hermits > 0))
          << v->name << " is pending though it could be on " << node;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, SchedulingApart, testing::Range(0, 30));

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

}  // namespace
}  // namespace troupe::scheduler
