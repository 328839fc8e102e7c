#include "net/rest/aggregated_api.hpp"

#include "model/status.hpp"
#include "net/rest/aggregation.hpp"

#include <caf/all.hpp>

#include <map>

namespace troupe::rest {
namespace {

using answered_atom = caf::atom_constant<caf::atom("answered")>;
using front = api_actor::extend<caf::reacts_to<answered_atom, std::uint64_t, api_response>>;

constexpr std::size_t most_waiting = 256;

class front_actor final : public front::base {
 public:
  front_actor(caf::actor_config& c, api_actor api, std::weak_ptr<aggregation> others)
      : front::base(c), api_(std::move(api)), others_(std::move(others)) {}

  const char* name() const override { return "aggregated api"; }

 protected:
  behavior_type make_behavior() override {
    return {[this](request_atom, api_request& r) -> caf::result<api_response> {
              const auto others = others_.lock();
              if (!others || !others->serves(r))
                return delegate(api_, request_atom::value, std::move(r));
              if (waiting_.size() >= most_waiting) return too_many();
              const auto id = ++last_;
              auto promise = make_response_promise<api_response>();
              waiting_.emplace(id, promise);
              others->fetch(r, [me = caf::actor_cast<front>(this), id](api_response a) {
                caf::anon_send(me, answered_atom::value, id, std::move(a));
              });
              return promise;
            },
            [this](open_atom, api_request& r, std::uint64_t id, stream_sink& sink) {
              return delegate(api_, open_atom::value, std::move(r), id, std::move(sink));
            },
            [this](answered_atom, std::uint64_t id, api_response& a) {
              if (auto found = waiting_.extract(id); !found.empty())
                found.mapped().deliver(std::move(a));
            }};
  }

  void on_exit() override {
    api_ = nullptr;
    waiting_.clear();
  }

 private:
  static api_response too_many() {
    api_response out;
    out.code = 429;
    out.body = blob_ref(
        model::to_text(model::too_many_requests("too many requests wait for other servers", 1)));
    return out;
  }

  api_actor api_;
  std::weak_ptr<aggregation> others_;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, caf::typed_response_promise<api_response>> waiting_;
};

}  // namespace

api_actor spawn_aggregated_api(caf::actor_system& system, api_actor api,
                               const std::shared_ptr<aggregation>& others) {
  return system.spawn<front_actor>(std::move(api), others);
}

}  // namespace troupe::rest
