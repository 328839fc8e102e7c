#include "actors/controllers/batches.hpp"
#include "actors/controllers/controller.hpp"
#include "actors/controllers/resource_names.hpp"
#include "model/lease.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;

// Each API server has a Lease in kube-system that says that it is there; who has ended leaves it
// behind. Looks once an hour, as kube-apiserver does.
struct identity_lease_controller : controller {
  static constexpr auto period = 1h;
  static inline const std::string sweep = "sweep";

  std::string name() const override { return "apiserver-lease-garbage-collector"; }
  std::vector<std::string> resources() const override { return {}; }
  void start(controller_host& host) override { host.visit(sweep, 0ms); }
  void observe(const store::event&, controller_host&) override {}

  void reconcile(const std::string&, controller_host& host,
                 std::function<void(outcome)> done) override {
    std::vector<model::object_ptr> stale;
    for (const auto& lease : host.cache().list(resources::leases, "kube-system").objects)
      if (model::is_stale_identity(lease->parse(), host.now())) stale.push_back(lease);
    const auto count = stale.size();
    call_all(
        count,
        [stale = std::move(stale), &host](std::size_t i, std::function<void(std::string)> ended) {
          // One that was renewed in the meantime stays.
          const auto& lease = *stale[i];
          json only;
          only["preconditions"] = {{"uid", lease.header().uid},
                                   {"resourceVersion", std::to_string(lease.version())}};
          host.call("DELETE", path_of(lease.key()), only,
                    [ended](const api_response& r) { ended(outcome_of(r).failure); });
        },
        [done](const batch_result& r) {
          done({r.failure, period});
        });
  }
};

}  // namespace

controller_actor spawn_identity_lease_controller(caf::actor_system& sys,
                                                 controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<identity_lease_controller>());
}

}  // namespace troupe
