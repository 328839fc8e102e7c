#include "actors/kubelet/api_gate.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <deque>

namespace troupe {
namespace {

using reply_promise = caf::typed_response_promise<api_response>;

class api_gate final : public api_actor::base {
 public:
  api_gate(caf::actor_config& c, api_actor api, gate_limits limits,
           std::function<std::int64_t()> writes)
      : api_actor::base(c), api_(std::move(api)), limits_(limits), writes_(std::move(writes)) {}

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
    while (!waiting_.empty() && under_way_ < limit()) {
      ++under_way_;
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
    --under_way_;
    admit();
  }

  // Half of what is shared beside one other, a third beside two.
  std::size_t limit() {
    const auto others =
        std::max<std::int64_t>(0, writes_() - static_cast<std::int64_t>(under_way_));
    const auto now = clock().now();
    if (others > 0) others_wrote_ = now;
    if (others == 0 && now - others_wrote_ > limits_.quiet) return limits_.alone;
    return std::max(limits_.least, limits_.shared / (1 + static_cast<std::size_t>(others)));
  }

  api_actor api_;
  const gate_limits limits_;
  const std::function<std::int64_t()> writes_;
  std::size_t under_way_ = 0;
  caf::actor_clock::time_point others_wrote_{};
  std::deque<std::pair<api_request, reply_promise>> waiting_;
};

}  // namespace

api_actor spawn_api_gate(caf::actor_system& system, api_actor api, gate_limits limits,
                         std::function<std::int64_t()> writes_under_way) {
  return system.spawn<api_gate>(std::move(api), limits, std::move(writes_under_way));
}

}  // namespace troupe
