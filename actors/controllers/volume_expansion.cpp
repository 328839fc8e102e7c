#include "actors/controllers/controller.hpp"
#include "actors/controllers/owner_graph.hpp"
#include "actors/controllers/resource_names.hpp"
#include "model/volumes/expansion.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;

// Gives bound claims the room that they ask for. Keys are those of claims.
struct volume_expansion_controller : controller {
  std::string name() const override { return "volume_expand"; }
  std::vector<std::string> resources() const override { return {resources::claims}; }

  void observe(const store::event& e, controller_host& host) override {
    const auto key = to_string(e.object->key());
    if (e.type != store::event::kind::deleted && model::wants_more(e.object->parse()))
      return host.visit(key, 0ms);
    told.erase(key);
  }

  void reconcile(const std::string& key, controller_host& host,
                 std::function<void(outcome)> done) override {
    const auto stored = host.cache().get(parse_key(key));
    if (!stored) return done({});
    const json claim = stored->parse();
    if (!model::wants_more(claim)) return done({});
    const model::object_key volume_key{
        resources::volumes, {}, model::string_at(claim, {"spec", "volumeName"})};
    const auto volume = host.cache().get(volume_key);
    if (!volume) return done({});
    auto step = model::next_expansion_step(claim, volume->parse());
    if (!step.volume.is_null())
      return host.call("PUT", path_of(volume_key), step.volume, [done](const api_response& r) {
        done({outcome_of(r).failure, r.code == 409 ? after_conflict : 0ms});
      });
    if (step.claim.is_null()) {
      // Once for each size that is asked for.
      auto asked = model::at(claim, {"spec", "resources", "requests", "storage"}).dump();
      if (std::exchange(told[key], asked) != asked) tell(step.remarks, *stored, host);
      return done({});
    }
    host.call("PUT", path_of(stored->key()) + "/status", step.claim,
              [remarks = std::move(step.remarks), stored, &host, done](const api_response& r) {
                if (r.code == 409) return done({{}, after_conflict});
                if (r.code < 300) tell(remarks, *stored, host);
                done(outcome_of(r));
              });
  }

  static void tell(const std::vector<model::remark>& remarks, const model::object& claim,
                   controller_host& host) {
    for (const auto& r : remarks)
      host.record(r.about(model::reference_to(claim, "PersistentVolumeClaim")));
  }

  std::unordered_map<std::string, std::string> told;  // what claims of others asked for
};

}  // namespace

controller_actor spawn_volume_expansion_controller(caf::actor_system& sys,
                                                   controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<volume_expansion_controller>());
}

}  // namespace troupe
