#pragma once

// The whole conversation on one thread and a virtual clock: store, node registry with its proxies,
// queues and schedulers.
#include "actors/events/recorder.hpp"
#include "actors/scheduler/node_registry.hpp"
#include "actors/scheduler/scheduler.hpp"
#include "actors/store/store.hpp"
#include "messages/errors.hpp"
#include "messages/system_config.hpp"
#include "model/binding.hpp"
#include "model/instruments/instruments.hpp"
#include "model/pod_view.hpp"
#include "model/random.hpp"
#include "store/memory_journal.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>

namespace troupe::scheduler {
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
    return {
        [this](sync_atom, uint64_t, const std::vector<object_ref>& pods, bool last) {
          for (const auto& p : pods) to_->pods.push_back("sync " + p->key().name);
          to_->synced = last;
        },
        [this](assign_atom, const object_ref& pod) {
          to_->pods.push_back("assign " + pod->key().name);
        },
        [this](refuse_atom, const object_ref& pod, const std::string& reason, const std::string&) {
          to_->pods.push_back("refuse " + pod->key().name + ": " + reason);
        },
        [this](unassign_atom, const object_ref& pod) {
          to_->pods.push_back("unassign " + pod->key().name);
        },
        [](logs_atom, const log_request&, uint64_t,
           const stream_sink&) -> caf::result<stream_source> {
          return to_error(model::not_found({"pods", "", ""}));
        },
        [](tunnel_atom, const tunnel_request&, uint64_t,
           const tunnel_actor&) -> caf::result<tunnel_actor> {
          return to_error(model::not_found({"pods", "", ""}));
        },
        [](reclaim_atom, const std::string&) { return true; },
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
    o.metrics = metrics_;
    o.clock = clock();
    o.profile = profile_;
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
    o.metrics = metrics_;
    o.clock = clock();
    o.seed = seed;
    o.profile = profile_;
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
  /// The value of a sample of `metrics_` by its name and labels as they are written; 0 when there
  /// is none.
  double value(const std::string& sample) {
    const auto text = "\n" + metrics_->text();
    const auto at = text.find("\n" + sample + " ");
    if (at == std::string::npos) return 0;
    double out = 0;
    const auto* from = text.data() + at + sample.size() + 2;
    std::from_chars(from, text.data() + text.size(), out);
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
  std::shared_ptr<const model::profile> profile_;  // of queues and schedulers; null: the default
  std::shared_ptr<model::instruments> metrics_;    // the same; null: nothing is counted
  std::vector<caf::actor> owned_;
};

}  // namespace troupe::scheduler
