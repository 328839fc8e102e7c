// floors: actors/kubelet
#include "actors/kubelet/api_gate.hpp"

#include "messages/system_config.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <gtest/gtest.h>

#include <deque>

namespace troupe {
namespace {

constexpr gate_limits limits{4, 12, 16, std::chrono::milliseconds(100)};

struct deterministic_config : system_config {
  deterministic_config() { set("scheduler.policy", caf::atom("testing")); }
};

// Requests as they reach the API, which answers when the test says so.
struct held {
  std::vector<std::string> targets;
  std::deque<caf::typed_response_promise<api_response>> open;
};

using answer_atom = caf::atom_constant<caf::atom("answer")>;
using held_actor = api_actor::extend<caf::reacts_to<answer_atom, bool>>;

held_actor::behavior_type held_api(held_actor::pointer self, std::shared_ptr<held> h) {
  return {[self, h](request_atom, api_request& r) -> caf::result<api_response> {
            h->targets.push_back(r.target);
            h->open.push_back(self->make_response_promise<api_response>());
            return h->open.back();
          },
          [](open_atom, api_request&, uint64_t,
             stream_sink&) -> caf::result<api_response, stream_source> {
            return {api_response{}, stream_source{}};
          },
          [h](answer_atom, bool well) {
            if (well)
              h->open.front().deliver(api_response{});
            else
              h->open.front().deliver(make_error(caf::sec::runtime_error));
            h->open.pop_front();
          }};
}

class ApiGate : public ::testing::Test {
 protected:
  ApiGate()
      : api(sys.spawn(held_api, h)), gate(spawn_api_gate(sys, api, limits, [this] {
          return others + static_cast<std::int64_t>(h->open.size());
        })) {}
  ~ApiGate() override {
    while (!h->open.empty()) answer();
    caf::anon_send_exit(gate, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(api, caf::exit_reason::user_shutdown);
    sched.run();
  }

  void ask(const char* method, const std::string& target) {
    api_request r;
    r.method = method;
    r.target = target;
    self->request(gate, caf::infinite, request_atom::value, r);
    sched.run();
  }
  void answer(bool well = true) {
    caf::anon_send(api, answer_atom::value, well);
    sched.run();
  }

  deterministic_config cfg;
  caf::actor_system sys{cfg};
  caf::scheduler::test_coordinator& sched =
      dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  caf::scoped_actor self{sys};
  std::shared_ptr<held> h = std::make_shared<held>();
  std::int64_t others = 0;
  held_actor api;
  api_actor gate;
};

TEST_F(ApiGate, LetsAFewThroughInTheirOrder) {
  others = 100;
  for (int i = 0; i < 10; ++i) ask("PATCH", std::to_string(i));
  EXPECT_EQ(h->open.size(), limits.least);
  answer();
  EXPECT_EQ(h->open.size(), limits.least);
  while (!h->open.empty()) answer();
  EXPECT_EQ(h->targets,
            (std::vector<std::string>{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}));
}

TEST_F(ApiGate, LetsTheNextThroughAfterAFailureToo) {
  sched.advance_time(limits.quiet * 2);
  for (int i = 0; i < 20; ++i) ask("PATCH", std::to_string(i));
  answer(false);
  EXPECT_EQ(h->targets.size(), limits.alone + 1);
}

TEST_F(ApiGate, LetsFewerThroughTheMoreOthersWrite) {
  const struct {
    std::int64_t others;
    std::chrono::milliseconds later;
    std::size_t let_through;
  } table[] = {
      {0, limits.quiet * 2, 16}, {1, {}, 6}, {0, limits.quiet, 12}, {2, {}, 4}, {30, {}, 4},
      {0, limits.quiet * 2, 16}};
  for (const auto& row : table) {
    sched.advance_time(row.later);
    others = row.others;
    for (int i = 0; i < 20; ++i) ask("PATCH", "pod");
    EXPECT_EQ(h->open.size(), row.let_through) << row.others;
    while (!h->open.empty()) answer();
  }
}

}  // namespace
}  // namespace troupe
