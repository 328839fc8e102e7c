#include "model/storage_protection.hpp"

#include "actors/controllers/controller.hpp"
#include "actors/controllers/owner_graph.hpp"
#include "actors/controllers/resource_names.hpp"
#include "actors/controllers/volume_index.hpp"
#include "model/owners.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;

void carry_out(model::protection what, std::string_view finalizer, const model::object_key& key,
               json document, controller_host& host, std::function<void(outcome)> done) {
  if (what == model::protection::keep) return done({});
  if (what == model::protection::add) model::add_finalizer(document, finalizer);
  if (what == model::protection::release)
    document = model::without_finalizer(std::move(document), finalizer);
  host.call("PUT", path_of(key), document, [done](const api_response& r) {
    if (r.code == 409) return done({{}, 50ms});
    done(outcome_of(r));
  });
}

// Lets claims go that are being deleted once no pod has them. Keys are "ns/name" of claims.
struct pvc_protection_controller : controller {
  std::string name() const override { return "pvc-protection-controller"; }
  std::vector<std::string> resources() const override { return {resources::claims, "pods"}; }

  void relist(const std::string& resource, controller_host& host) override {
    if (resource != "pods") return;
    users.clear();
    // Pods that are gone by now tell nobody.
    for (const auto& o : host.cache().list(resources::claims).objects)
      if (o->header().deleting) host.visit(o->key().ns + "/" + o->key().name, 0ms);
  }

  void observe(const store::event& e, controller_host& host) override {
    const auto& key = e.object->key();
    const bool deleted = e.type == store::event::kind::deleted;
    if (key.resource == resources::claims) {
      if (!deleted) host.visit(key.ns + "/" + key.name, 0ms);
      return;
    }
    for (const auto& claim : users.observe(e))
      if (deleted || e.object->header().deleting) host.visit(claim, 0ms);
  }

  void reconcile(const std::string& text, controller_host& host,
                 std::function<void(outcome)> done) override {
    const auto claim = host.cache().get(key_in(resources::claims, text));
    if (!claim) return done({});
    const json document = claim->parse();
    bool used = false;
    for (const auto& user : users.of(text))
      if (const auto pod = host.cache().get(key_in("pods", user)))
        used = used || model::uses_claim(pod->parse(), document);
    const auto what = model::judge_protection(document, model::claim_protection, used);
    carry_out(what, model::claim_protection, claim->key(), document, host, std::move(done));
  }

  claim_users users;
};

// Lets volumes go that are being deleted once no claim is bound to them. Keys are those of volumes.
struct pv_protection_controller : controller {
  std::string name() const override { return "pv-protection-controller"; }
  std::vector<std::string> resources() const override { return {resources::volumes}; }

  void observe(const store::event& e, controller_host& host) override {
    if (e.type != store::event::kind::deleted) host.visit(to_string(e.object->key()), 0ms);
  }

  void reconcile(const std::string& text, controller_host& host,
                 std::function<void(outcome)> done) override {
    const auto volume = host.cache().get(parse_key(text));
    if (!volume) return done({});
    const json document = volume->parse();
    const bool bound = model::string_at(document, {"status", "phase"}) == "Bound";
    const auto what = model::judge_protection(document, model::volume_protection, bound);
    carry_out(what, model::volume_protection, volume->key(), document, host, std::move(done));
  }
};

}  // namespace

controller_actor spawn_pvc_protection_controller(caf::actor_system& sys,
                                                 controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<pvc_protection_controller>());
}

controller_actor spawn_pv_protection_controller(caf::actor_system& sys,
                                                controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<pv_protection_controller>());
}

}  // namespace troupe
