#include "actors/controllers/batches.hpp"
#include "actors/controllers/controller.hpp"
#include "actors/controllers/owner_graph.hpp"
#include "actors/controllers/resource_names.hpp"
#include "model/owners.hpp"
#include "model/volumes/ephemeral.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;

// Makes the claims of pods' ephemeral volumes. Keys are those of pods; the garbage collector
// removes a claim with its pod.
struct ephemeral_volume_controller : controller {
  std::string name() const override { return "ephemeral-volume-controller"; }
  std::vector<std::string> resources() const override { return {"pods", resources::claims}; }

  void observe(const store::event& e, controller_host& host) override {
    const auto& key = e.object->key();
    const bool deleted = e.type == store::event::kind::deleted;
    if (key.resource == resources::claims) {
      // One that is deleted while its pod lives is made again.
      const auto owner = deleted ? model::controller_of(*e.object) : std::nullopt;
      if (owner && owner->kind == "Pod")
        host.visit(model::to_string({"pods", key.ns, owner->name}), 0ms);
    } else if (!deleted && !e.object->header().deleting && e.object->says(model::word::ephemeral)) {
      host.visit(to_string(key), 0ms);
    }
  }

  void reconcile(const std::string& text, controller_host& host,
                 std::function<void(outcome)> done) override {
    const auto pod = host.cache().get(parse_key(text));
    if (!pod || pod->header().deleting) return done({});
    std::vector<json> missing;
    for (auto& claim : model::ephemeral_claims(pod->parse())) {
      const auto name = model::string_at(claim, {"metadata", "name"});
      const auto found = host.cache().get({resources::claims, pod->key().ns, name});
      if (!found)
        missing.push_back(std::move(claim));
      else if (const auto owner = model::controller_of(*found);
               !owner || owner->uid != pod->header().uid)
        tell(*pod,
             "PVC " + pod->key().ns + "/" + name + " was not created for pod " + pod->key().ns +
                 "/" + pod->key().name + " (pod is not owner)",
             host);
    }
    const auto path = "/api/v1/namespaces/" + pod->key().ns + "/" + resources::claims;
    call_all(
        missing.size(),
        [missing, path, &host](std::size_t i, std::function<void(std::string)> ended) {
          host.call("POST", path, missing[i],
                    [ended](const api_response& r) { ended(outcome_of(r).failure); });
        },
        [pod, &host, done](const batch_result& r) {
          if (!r.failure.empty()) tell(*pod, "create PVC: " + r.failure, host);
          done({r.failure, std::nullopt});
        });
  }

  static void tell(const model::object& pod, const std::string& why, controller_host& host) {
    model::event_note note;
    note.about = model::reference_to(pod, "Pod");
    note.type = "Warning";
    note.reason = "FailedBinding";
    note.component = "ephemeral_volume";
    note.message = "ephemeral volume: " + why;
    host.record(std::move(note));
  }
};

}  // namespace

controller_actor spawn_ephemeral_volume_controller(caf::actor_system& sys,
                                                   controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<ephemeral_volume_controller>());
}

}  // namespace troupe
