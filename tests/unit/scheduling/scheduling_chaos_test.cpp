// floors: actors/scheduler actors/store
#include "tests/unit/scheduling/scheduling_fixture.hpp"

namespace troupe::scheduler {
namespace {

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

}  // namespace
}  // namespace troupe::scheduler
