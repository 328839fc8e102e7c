#pragma once

#include "actors/api/api.hpp"
#include "actors/controllers/controllers.hpp"
#include "actors/events/recorder.hpp"
#include "actors/store/store.hpp"
#include "messages/system_config.hpp"
#include "store/memory_journal.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <gtest/gtest.h>

namespace troupe {

using namespace std::chrono_literals;
using model::json;

struct deterministic_config : system_config {
  deterministic_config() { set("scheduler.policy", caf::atom("testing")); }
};

// The real API and store on a virtual clock, over a journal in memory. `window`: how many events
// the cache keeps; who falls further behind is to list everything again. With `tokens`, pods need
// an account.
class virtual_cluster {
 public:
  explicit virtual_cluster(std::size_t window = 16384,
                           std::shared_ptr<const model::token_issuer> tokens = nullptr)
      : cache(std::make_shared<store::cache>(window)) {
    store_options so;
    so.journal = std::make_shared<store::memory_journal>();
    so.cache = cache;
    so.detached = false;
    options.store = spawn_store(sys, so);
    sched.run();
    api_options ao;
    ao.cache = cache;
    ao.store = options.store;
    ao.clock = [this] { return now; };
    ao.tokens = std::move(tokens);
    options.api = spawn_api(sys, ao);
    options.cache = cache;
    options.clock = [this] { return now; };
    events::recorder_options eo;
    eo.store = options.store;
    eo.clock = options.clock;
    options.recorder = events::spawn_recorder(sys, eo);
  }

  virtual_cluster(const virtual_cluster&) = delete;
  virtual_cluster& operator=(const virtual_cluster&) = delete;

  ~virtual_cluster() {
    stop_controllers();
    caf::anon_send_exit(options.recorder, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(options.api, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(options.store, caf::exit_reason::user_shutdown);
    options.api = nullptr;
    options.store = nullptr;
    options.recorder = nullptr;
    pass(100s);
  }

  void stop_controllers() {
    for (auto& c : running) caf::anon_send_exit(c, caf::exit_reason::kill);
    running.clear();
    sched.run();
  }

  void pass(std::chrono::seconds time) {
    sched.run();
    for (auto t = 0ms; t < time; t += 500ms) {
      now += 500ms;
      sched.advance_time(500ms);
      sched.run();
    }
  }

  api_response ask(const std::string& method, const std::string& target, const json& body = {},
                   user_info user = {"admin", {"system:masters", "system:authenticated"}}) {
    api_request r;
    r.method = method;
    r.target = target;
    r.user = std::move(user);
    if (!body.is_null()) r.body = blob_ref(body.dump());
    auto got = std::make_shared<api_response>();
    got->code = 0;
    sys.spawn([this, r, got](caf::event_based_actor* self) {
      self->request(options.api, caf::infinite, request_atom::value, r)
          .then([got](const api_response& a) { *got = a; });
    });
    sched.run();
    return *got;
  }

  int code(const std::string& method, const std::string& target, const json& body = {}) {
    return ask(method, target, body).code;
  }

  deterministic_config cfg;
  caf::actor_system sys{cfg};
  caf::scheduler::test_coordinator& sched =
      dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  std::shared_ptr<store::cache> cache;
  model::time_point now{std::chrono::seconds(1700000000)};
  controller_options options;
  std::vector<controller_actor> running;
};

class Controllers : public ::testing::Test, protected virtual_cluster {};

inline json named(const char* kind, const std::string& name) {
  return {{"apiVersion", "v1"}, {"kind", kind}, {"metadata", {{"name", name}}}};
}

inline json pod_on(const std::string& name, const std::string& node) {
  auto out = named("Pod", name);
  out["spec"] = {{"nodeName", node},
                 {"containers", {{{"name", "c"}, {"image", "busybox"}}}},
                 {"terminationGracePeriodSeconds", 0}};
  return out;
}

}  // namespace troupe
