#include "actors/kubelet/worker.hpp"

namespace troupe {

using namespace model::kubelet;
using model::at;
using model::json;
using std::chrono::seconds;

namespace {

constexpr seconds http_patience{30};

}  // namespace

// A request of a hook is made: what it is answered does not matter.
void pod_worker::run_hook(const json& hook, const container_spec& c, const std::string& id,
                          seconds limit, std::function<void(bool)> ended) {
  if (const auto& nap = at(hook, {"sleep", "seconds"}); nap.is_number_integer())
    return later(
        limit > seconds{0} ? std::min(seconds{nap.get<int>()}, limit) : seconds{nap.get<int>()},
        [ended] { ended(true); });
  if (const auto& http = at(hook, {"httpGet"}); http.is_object() && context_->on_disk()) {
    const auto patience = limit > seconds{0} ? std::min(limit, http_patience) : http_patience;
    return context_->prober->http(target_of(http, c), patience,
                                  [way = way_, ended](const http_result& r) {
                                    way->post([ended, well = r.error.empty()] { ended(well); });
                                  });
  }
  const auto& command = at(hook, {"exec", "command"});
  if (!command.is_array()) return ended(true);
  rt().exec(id, command.get<std::vector<std::string>>(), limit,
            back<exec_result>(
                [ended](const outcome<exec_result>& o) { ended(o && o.value.exit_code == 0); }));
}

}  // namespace troupe
