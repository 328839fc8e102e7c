#include "actors/kubelet/api_gate.hpp"

#include <caf/all.hpp>

#include <deque>

namespace troupe {
namespace {

using reply_promise = caf::typed_response_promise<api_response>;

class api_gate final : public api_actor::base {
 public:
  api_gate(caf::actor_config& c, api_actor api, std::size_t in_flight)
      : api_actor::base(c), api_(std::move(api)), free_(in_flight) {}

  const char* name() const override { return "api_gate"; }

 protected:
  behavior_type make_behavior() override {
    return {[this](request_atom, api_request& r) -> caf::result<api_response> {
              auto promise = make_response_promise<api_response>();
              waiting_.emplace_back(std::move(r), promise);
              admit();
              return promise;
            },
            [this](open_atom, api_request& r, uint64_t id, stream_sink& sink) {
              return delegate(api_, open_atom::value, std::move(r), id, std::move(sink));
            }};
  }

  void on_exit() override { api_ = nullptr; }

 private:
  void admit() {
    while (free_ > 0 && !waiting_.empty()) {
      --free_;
      auto [r, promise] = std::move(waiting_.front());
      waiting_.pop_front();
      request(api_, caf::infinite, request_atom::value, std::move(r))
          .then(
              [this, promise = promise](api_response& a) mutable {
                promise.deliver(std::move(a));
                leave();
              },
              [this, promise = promise](caf::error& e) mutable {
                promise.deliver(std::move(e));
                leave();
              });
    }
  }

  void leave() {
    ++free_;
    admit();
  }

  api_actor api_;
  std::size_t free_;
  std::deque<std::pair<api_request, reply_promise>> waiting_;
};

}  // namespace

api_actor spawn_api_gate(caf::actor_system& system, api_actor api, std::size_t in_flight) {
  return system.spawn<api_gate>(std::move(api), in_flight);
}

}  // namespace troupe
