#include "actors/controllers/controller.hpp"
#include "actors/controllers/resource_names.hpp"
#include "model/flow_control/dangling.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;

// Says of each FlowSchema whether its priority level is there. Keys are names of schemas.
struct flow_schema_controller : controller {
  std::string name() const override { return "flow-schema-controller"; }
  std::vector<std::string> resources() const override {
    return {resources::flow_schemas, resources::priority_levels};
  }

  void observe(const store::event& e, controller_host& host) override {
    const auto& key = e.object->key();
    if (key.resource == resources::flow_schemas) return host.visit(key.name, 0ms);
    // There are few schemas, and levels seldom come or go.
    if (e.type == store::event::kind::modified) return;
    for (const auto& o : host.cache().list(resources::flow_schemas).objects)
      host.visit(o->key().name, 0ms);
  }

  void reconcile(const std::string& key, controller_host& host,
                 std::function<void(outcome)> done) override {
    const auto stored = host.cache().get({resources::flow_schemas, "", key});
    if (!stored) return done({});
    json schema = stored->parse();
    const auto level = model::string_at(schema, {"spec", "priorityLevelConfiguration", "name"});
    const bool exists = host.cache().get({resources::priority_levels, "", level}) != nullptr;
    if (!model::set_dangling(schema, exists, host.now())) return done({});
    host.call("PUT", path_of(stored->key()) + "/status", schema,
              [done = std::move(done)](const api_response& r) {
                if (r.code == 409) return done({{}, after_conflict});
                done(outcome_of(r));
              });
  }
};

}  // namespace

controller_actor spawn_flow_schema_controller(caf::actor_system& sys, controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<flow_schema_controller>());
}

}  // namespace troupe
