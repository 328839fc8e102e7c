#include "actors/api/api.hpp"
#include "actors/store/store.hpp"
#include "messages/system_config.hpp"
#include "store/memory_journal.hpp"

#include <benchmark/benchmark.h>
#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <optional>
#include <stdexcept>

// What a request costs from the API actor to the store and back, without HTTP, disk and threads:
// everything runs on one virtual clock. Under `valgrind --tool=callgrind` its instructions can be
// counted, which no other load on the machine changes.

namespace troupe {
namespace {

struct one_thread : system_config {
  one_thread() { set("scheduler.policy", caf::atom("testing")); }
};

class control_plane {
 public:
  control_plane() {
    store_options so;
    so.journal = std::make_shared<store::memory_journal>();
    so.cache = std::make_shared<store::cache>();
    so.detached = false;
    store_ = spawn_store(sys_, so);
    sched_.run();
    api_options ao;
    ao.cache = so.cache;
    ao.store = store_;
    ao.tokens = std::make_shared<const model::token_issuer>();
    api_ = spawn_api(sys_, ao);
    must(201, "POST", "/api/v1/namespaces", R"({"metadata":{"name":"bench"}})");
    must(201, "POST", "/api/v1/namespaces/bench/serviceaccounts",
         R"({"metadata":{"name":"default"}})");
  }
  control_plane(const control_plane&) = delete;
  control_plane& operator=(const control_plane&) = delete;
  ~control_plane() {
    caf::anon_send_exit(api_, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(store_, caf::exit_reason::user_shutdown);
    api_ = nullptr;
    store_ = nullptr;
    sched_.run();
  }

  void must(std::uint16_t code, std::string method, std::string target, std::string body,
            std::string content_type = "application/json") {
    api_request r;
    r.method = std::move(method);
    r.target = std::move(target);
    r.content_type = std::move(content_type);
    r.user = {"admin", {"system:masters", "system:authenticated"}};
    r.body = blob_ref(std::move(body));
    std::optional<api_response> answer;
    sys_.spawn([&](caf::event_based_actor* self) {
      self->request(api_, caf::infinite, request_atom::value, r).then([&](const api_response& a) {
        answer = a;
      });
    });
    sched_.run();
    if (!answer) throw std::runtime_error("no answer to " + r.target);
    if (answer->code != code) throw std::runtime_error(std::string(answer->body.bytes()));
  }

 private:
  one_thread cfg_;
  caf::actor_system sys_{cfg_};
  caf::scheduler::test_coordinator& sched_ =
      dynamic_cast<caf::scheduler::test_coordinator&>(sys_.scheduler());
  store_actor store_;
  api_server_actor api_;
};

std::string pod(int number) {
  std::string out = R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"pod-)";
  out += std::to_string(number);
  out +=
      R"(","namespace":"bench","labels":{"app":"bench"}},"spec":{"containers":[{"name":"main","image":"busybox:1.35","resources":{"requests":{"cpu":"10m","memory":"16Mi"}}}]}})";
  return out;
}

void create(benchmark::State& state) {
  control_plane plane;
  int n = 0;
  for (auto _ : state) plane.must(201, "POST", "/api/v1/namespaces/bench/pods", pod(n++));
}
BENCHMARK(create)->Unit(benchmark::kMicrosecond);

void update(benchmark::State& state) {
  control_plane plane;
  plane.must(201, "POST", "/api/v1/namespaces/bench/pods", pod(0));
  int n = 0;
  for (auto _ : state) {
    std::string patch = R"({"metadata":{"annotations":{"n":")";
    patch.append(std::to_string(n++)).append("\"}}}");
    plane.must(200, "PATCH", "/api/v1/namespaces/bench/pods/pod-0", std::move(patch),
               "application/merge-patch+json");
  }
}
BENCHMARK(update)->Unit(benchmark::kMicrosecond);

void get(benchmark::State& state) {
  control_plane plane;
  plane.must(201, "POST", "/api/v1/namespaces/bench/pods", pod(0));
  for (auto _ : state) plane.must(200, "GET", "/api/v1/namespaces/bench/pods/pod-0", "");
}
BENCHMARK(get)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace troupe

BENCHMARK_MAIN();
