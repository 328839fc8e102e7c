#include "actors/controllers/controller.hpp"
#include "model/custom/kinds.hpp"
#include "model/hooks/hook.hpp"
#include "model/hooks/type_checking.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;

// Says in the status of ValidatingAdmissionPolicies what their expressions name that the kinds that
// they are about do not have: once a generation. Keys are names of policies.
struct policy_type_controller : controller {
  std::string name() const override { return "validatingadmissionpolicy-status"; }
  std::vector<std::string> resources() const override {
    return {std::string(model::policies_resource)};
  }

  void observe(const store::event& e, controller_host& host) override {
    if (e.type != store::event::kind::deleted) host.visit(e.object->key().name, 0ms);
  }

  void reconcile(const std::string& policy, controller_host& host,
                 std::function<void(outcome)> done) override {
    const model::object_key key{std::string(model::policies_resource), {}, policy};
    const auto stored = host.cache().get(key);
    if (!stored) return done({});
    json document = stored->parse();
    const auto generation = model::int_at(document, {"metadata", "generation"});
    if (generation <= model::int_at(document, {"status", "observedGeneration"})) return done({});
    document["status"]["observedGeneration"] = generation;
    document["status"]["typeChecking"] = types_of(document, host);
    host.call("PUT", path_of(key) + "/status", document, [done](const api_response& r) {
      if (r.code == 409) return done({{}, after_conflict});
      done(outcome_of(r));
    });
  }

  /// Kinds may go while they are looked at: what keeps them is held until then.
  static json types_of(const json& policy, controller_host& host) {
    std::vector<model::served_kind> held;
    const auto customs = host.cache().custom_kinds();
    const auto keep = [&](model::served_kind found) {
      held.push_back(std::move(found));
      return held.back().kind;
    };
    const auto& built_in = model::schema::instance();
    const model::kind_finder kinds{
        [&](std::string_view group, std::string_view version, std::string_view plural) {
          const auto* own = built_in.by_plural(group, version, plural);
          return own ? own : keep(customs->by_plural(group, version, plural));
        },
        [&](std::string_view group, std::string_view version, std::string_view kind) {
          const auto* own = built_in.by_kind(group, version, kind);
          return own ? own : keep(customs->by_kind(group, version, kind));
        }};
    return model::checked_types(policy, kinds);
  }
};

}  // namespace

controller_actor spawn_policy_type_controller(caf::actor_system& sys, controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<policy_type_controller>());
}

}  // namespace troupe
