#include "actors/controllers/controller.hpp"
#include "actors/controllers/owner_graph.hpp"
#include "model/workload/job_conditions.hpp"

namespace troupe {
namespace {

using model::json;

// Keys are those of Jobs.
struct job_ttl_controller : controller {
  std::string name() const override { return "ttl-after-finished-controller"; }
  std::vector<std::string> resources() const override { return {"jobs.batch"}; }

  void observe(const store::event& e, controller_host& host) override {
    if (e.type != store::event::kind::deleted) host.visit(to_string(e.object->key()), {});
  }

  void reconcile(const std::string& key, controller_host& host,
                 std::function<void(outcome)> done) override {
    const auto stored = host.cache().get(parse_key(key));
    const auto expiry = stored ? model::job_expiry(stored->parse()) : std::nullopt;
    if (!expiry) return done({});
    if (const auto left = *expiry - host.now(); left.count() > 0)
      return done({{}, std::chrono::ceil<std::chrono::milliseconds>(left)});
    // What has been changed since is looked at again.
    const json options = {
        {"propagationPolicy", "Foreground"},
        {"preconditions",
         {{"uid", stored->header().uid}, {"resourceVersion", std::to_string(stored->version())}}}};
    host.call("DELETE", path_of(stored->key()), options,
              [done = std::move(done)](const api_response& r) { done(outcome_of(r)); });
  }
};

}  // namespace

controller_actor spawn_job_ttl_controller(caf::actor_system& sys, controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<job_ttl_controller>());
}

}  // namespace troupe
