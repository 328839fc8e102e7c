#include "actors/controllers/controller.hpp"
#include "actors/controllers/owner_graph.hpp"
#include "actors/controllers/resource_names.hpp"
#include "actors/controllers/volume_index.hpp"
#include "model/volumes/binding.hpp"

#include <map>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;

// Binds claims to volumes. Keys are those of claims and volumes; each look at one makes the write
// that brings it further, until there is none.
struct volume_binder : controller {
  std::string name() const override { return "persistentvolume-binder"; }
  std::vector<std::string> resources() const override {
    return {resources::classes, resources::volumes, resources::claims, "pods"};
  }

  void relist(const std::string& resource, controller_host& host) override {
    if (resource == "pods") users.clear();
    if (resource == resources::volumes) index.clear();
    if (resource == resources::claims) {
      waiting.clear();
      by_class.clear();
    }
    // What is gone by now tells nobody.
    for (const char* other : {resources::claims, resources::volumes})
      for (const auto& o : host.cache().list(other).objects) host.visit(to_string(o->key()), 0ms);
  }

  void observe(const store::event& e, controller_host& host) override {
    const auto& key = e.object->key();
    const bool deleted = e.type == store::event::kind::deleted;
    if (key.resource == "pods") {
      for (const auto& claim : users.observe(e))
        if (waits(claim)) visit_claim(claim, host);
    } else if (key.resource == resources::classes) {
      observe_class(*e.object, deleted, host);
    } else if (key.resource == resources::claims) {
      observe_claim(*e.object, deleted, host);
    } else {
      observe_volume(e, deleted, host);
    }
  }

  void observe_class(const model::object& o, bool deleted, controller_host& host) {
    const auto& name = o.key().name;
    defaults.erase(name);
    if (deleted) return;
    const json document = o.parse();
    if (model::string_at(document, {"metadata", "annotations",
                                    "storageclass.kubernetes.io/is-default-class"}) == "true") {
      defaults[name] = model::string_at(document, {"metadata", "creationTimestamp"});
      visit_waiting({}, host);
    }
    visit_waiting(name, host);
  }

  void observe_claim(const model::object& o, bool deleted, controller_host& host) {
    const auto text = o.key().ns + "/" + o.key().name;
    if (const auto before = waiting.find(text); before != waiting.end()) {
      by_class[before->second].erase(text);
      waiting.erase(before);
    }
    const json claim = o.parse();
    if (!deleted && model::string_at(claim, {"status", "phase"}) == "Pending") {
      waiting[text] = model::class_of_claim(claim);
      by_class[waiting[text]].insert(text);
    }
    if (!deleted) visit_claim(text, host);
    for (const auto& name : index.of_claim(text)) visit_volume(name, host);
    if (const auto named = model::string_at(claim, {"spec", "volumeName"}); !named.empty())
      visit_volume(named, host);
  }

  void observe_volume(const store::event& e, bool deleted, controller_host& host) {
    const auto& name = e.object->key().name;
    if (deleted)
      index.remove(name);
    else
      index.put(*e.object);
    const model::volume_facts facts(*e.object);
    if (!facts.claim.empty())
      visit_claim(facts.claim, host);
    else if (!deleted && facts.phase == "Available")
      visit_waiting(facts.storage_class, host);
    if (!deleted) visit_volume(name, host);
  }

  bool waits(const std::string& claim) const { return waiting.contains(claim); }
  void visit_waiting(const std::string& storage_class, controller_host& host) {
    if (const auto at = by_class.find(storage_class); at != by_class.end())
      for (const auto& claim : at->second) visit_claim(claim, host);
  }
  static void visit_claim(const std::string& claim, controller_host& host) {
    host.visit(to_string(key_in(resources::claims, claim)), 0ms);
  }
  static void visit_volume(const std::string& name, controller_host& host) {
    host.visit(model::to_string({resources::volumes, {}, name}), 0ms);
  }

  void reconcile(const std::string& text, controller_host& host,
                 std::function<void(outcome)> done) override {
    const auto stored = host.cache().get(parse_key(text));
    if (!stored) return done({});
    if (stored->key().resource == resources::volumes)
      return step_volume(*stored, host, std::move(done));
    const json claim = stored->parse();
    auto step = model::next_claim_step(claim, around(*stored, claim, host));
    if (!step.chosen.empty())
      step = model::bind_claim(document({resources::volumes, {}, step.chosen}, host), claim);
    for (const auto& r : step.remarks) tell(r, *stored, "PersistentVolumeClaim", host);
    if (!step.volume.is_null()) {
      // Until the write is answered no other claim chooses it.
      const auto volume = model::string_at(step.volume, {"metadata", "name"});
      index.remove(volume);
      return put({resources::volumes, {}, volume}, step.volume, false, host,
                 [this, volume, &host, done](const outcome& o) {
                   if (const auto now = host.cache().get({resources::volumes, {}, volume}))
                     index.put(*now);
                   done(o);
                 });
    }
    if (step.claim.is_null()) return done({});
    put(stored->key(), step.claim, step.status, host, std::move(done));
  }

  model::claim_surroundings around(const model::object& stored, const json& claim,
                                   controller_host& host) const {
    model::claim_surroundings out;
    const auto text = stored.key().ns + "/" + stored.key().name;
    const auto storage_class = model::class_of_claim(claim);
    out.volumes = index.candidates(text, storage_class);
    if (!storage_class.empty())
      out.storage_class = document({resources::classes, {}, storage_class}, host);
    std::string newest;
    for (const auto& [name, made] : defaults)
      if (out.default_class.empty() || made > newest) out.default_class = name, newest = made;
    if (const auto named = model::string_at(claim, {"spec", "volumeName"}); !named.empty())
      out.named_volume = document({resources::volumes, {}, named}, host);
    auto node = model::string_at(claim, {"metadata", "annotations", model::selected_node});
    for (const auto& user : users.of(text)) {
      const auto pod = host.cache().get(key_in("pods", user));
      if (!pod) continue;
      const auto* on = model::find(pod->header().fields, "spec.nodeName");
      if (!on || on->empty())
        out.waiting_pods.push_back(pod->key().name);
      else if (node.empty())
        node = *on;
    }
    if (const auto found = node.empty() ? nullptr : host.cache().get({"nodes", {}, node}))
      out.consumer_node = found->view<model::node_view>();
    return out;
  }

  static json document(const model::object_key& key, const controller_host& host) {
    const auto found = host.cache().get(key);
    return found ? found->parse() : json();
  }

  void step_volume(const model::object& stored, controller_host& host,
                   std::function<void(outcome)> done) {
    const json volume = stored.parse();
    json claim;
    if (const auto* facts = index.find(stored.key().name); facts && !facts->claim.empty())
      claim = document(key_in(resources::claims, facts->claim), host);
    const auto step = model::next_volume_step(volume, claim, host.now());
    for (const auto& r : step.remarks) tell(r, stored, "PersistentVolume", host);
    if (step.remove)
      return host.call("DELETE", path_of(stored.key()), nullptr,
                       [done](const api_response& r) { done(outcome_of(r)); });
    if (step.volume.is_null()) return done({});
    put(stored.key(), step.volume, step.status, host, std::move(done));
  }

  static void tell(const model::remark& r, const model::object& about, const char* kind,
                   controller_host& host) {
    auto note = r.about(model::reference_to(about, kind));
    note.component = "persistentvolume-controller";
    host.record(std::move(note));
  }

  // Then looks again: for the next step, or at what was there instead.
  static void put(const model::object_key& key, const json& document, bool status,
                  controller_host& host, std::function<void(outcome)> done) {
    host.call("PUT", path_of(key) + (status ? "/status" : ""), document,
              [done](const api_response& r) {
                auto o = outcome_of(r);
                if (o.failure.empty()) o.again = r.code == 409 ? 50ms : 0ms;
                done(std::move(o));
              });
  }

  volume_index index;
  claim_users users;
  std::unordered_map<std::string, std::string> waiting;             // pending claims: their class
  std::unordered_map<std::string, std::set<std::string>> by_class;  // pending claims
  std::map<std::string, std::string> defaults;  // default classes: when they were made
};

}  // namespace

controller_actor spawn_volume_binder(caf::actor_system& sys, controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<volume_binder>());
}

}  // namespace troupe
