#include "actors/controllers/collect_others.hpp"
#include "actors/controllers/owner_graph.hpp"
#include "actors/controllers/paths.hpp"
#include "model/custom/owners.hpp"
#include "model/event.hpp"
#include "model/propagation.hpp"

#include <algorithm>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;
using model::object_ptr;
using done_fn = std::function<void(outcome)>;

// Deletes what has lost all its owners, keeps foreground deletions waiting for their dependents,
// and lets dependents go where a deletion orphans them. Keys are those of objects. Before anything
// is deleted its owners are looked for in the cache, and the API checks that the object is still
// the one that was judged.
struct garbage_collector : controller {
  static constexpr auto kinds_may_come = 60s;  // an owner's kind is not served
  static constexpr std::size_t orphans_at_once = 64;
  static constexpr const char* others_key = "others";  // no object's: those have a resource

  std::string name() const override { return "generic-garbage-collector"; }
  std::vector<std::string> resources() const override { return {std::string()}; }  // all

  void start(controller_host& host) override { host.visit(others_key, others_interval); }

  void relist(const std::string&, controller_host&) override { graph_.clear(); }

  void observe(const store::event& e, controller_host& host) override {
    visit(graph_.apply(e), host);
  }

  static void visit(const std::vector<std::string>& keys, controller_host& host) {
    for (const auto& key : keys) host.visit(key, 0ms);
  }

  void reconcile(const std::string& key, controller_host& host, done_fn done) override {
    if (key == others_key) return collect_others(host, graph_, std::move(done));
    const object_ptr object = host.cache().get(parse_key(key));
    if (!object) return done({});
    const json document = object->parse();
    if (!object->header().deleting) return attempt(object, document, host, std::move(done));
    if (model::has_finalizer(document, model::orphan_finalizer))
      return orphan(object, document, host, std::move(done));
    if (model::has_finalizer(document, model::foreground_finalizer))
      return await(object, document, host, std::move(done));
    done({});
  }

  // Dependents

  // Owners that another server has are asked about first.
  void attempt(const object_ptr& object, const json& document, controller_host& host,
               done_fn done) {
    auto owners = model::owner_references(document);
    if (std::ranges::none_of(owners, [&](const auto& o) { return is_of_others(o, host); }))
      return judge(object, document, {}, host, std::move(done));
    discover_others(
        host, [this, object, document, owners, &host, done](const other_servers& servers) {
          find_owners(host, servers, owners, object->key().ns,
                      [this, object, document, &host, done](const model::known_owners& known) {
                        judge(object, document, known, host, [done](outcome o) {
                          // Nobody tells when those owners go.
                          if (!o.again) o.again = others_interval;
                          done(std::move(o));
                        });
                      });
        });
  }

  void judge(const object_ptr& object, const json& document, const model::known_owners& others,
             controller_host& host, done_fn done) {
    const auto& key = object->key();
    auto lookup = [&host](const model::object_key& k) { return host.cache().get(k); };
    const auto* below = graph_.dependents(object->header().uid);
    const auto decided = model::decide_collection(document, key, below && !below->empty(), lookup,
                                                  *host.cache().custom_kinds(), others);
    for (const auto& owner : model::owner_references(document)) learn(owner, key, host);
    for (const auto& owner : decided.absent) report_misplaced(owner, document, key, host);
    switch (decided.what) {
      case model::collection::action::keep:
        return done({});
      case model::collection::action::wait:
        return done({{}, kinds_may_come});
      case model::collection::action::release:
        return put(key, model::without_owners(document, decided.released), host, std::move(done));
      case model::collection::action::remove:
        break;
    }
    if (decided.policy == "Foreground" && in_circle(object, host))
      return put(key, model::unblocked(document), host, [done](outcome o) {
        if (o.failure.empty()) o.again = after_conflict;  // now it can be deleted
        done(std::move(o));
      });
    remove(object, decided.policy, host, std::move(done));
  }

  // The graph hears what the cache says about an owner that it has not seen itself.
  void learn(const model::owner_reference& owner, const model::object_key& dependent,
             controller_host& host) {
    if (!graph_.unsure(owner.uid)) return;
    const auto key = model::owner_key(owner, dependent, *host.cache().custom_kinds());
    if (key.resource.empty()) return;
    if (const auto found = host.cache().get(key); found && found->header().uid == owner.uid)
      return visit(graph_.found(owner.uid, key), host);
    for (const auto& other : host.cache().list(key.resource).objects)
      if (other->header().uid == owner.uid)
        return visit(graph_.found(owner.uid, other->key()), host);
    visit(graph_.absent(owner.uid), host);
  }

  // An owner that exists, but where the dependent cannot have meant it.
  void report_misplaced(const model::owner_reference& owner, const json& document,
                        const model::object_key& key, controller_host& host) {
    const auto* at = graph_.where(owner.uid);
    if (!at || at->ns.empty() || at->ns == key.ns) return;
    model::event_note note;
    note.about = {model::string_at(document, {"apiVersion"}), model::string_at(document, {"kind"}),
                  key.ns, key.name, model::string_at(document, {"metadata", "uid"})};
    note.type = "Warning";
    note.reason = "OwnerRefInvalidNamespace";
    note.component = "garbage-collector-controller";
    note.message = "ownerRef [" + owner.api_version + "/" + owner.kind + ", namespace: " + key.ns +
                   ", name: " + owner.name + ", uid: " + owner.uid +
                   "] does not exist in namespace " + json(key.ns).dump();
    host.record(std::move(note));
  }

  // Some object below is itself waiting for its dependents: this one may be among them.
  bool in_circle(const object_ptr& object, controller_host& host) const {
    const auto* below = graph_.dependents(object->header().uid);
    if (!below) return false;
    const json document = object->parse();
    bool blocks = false;
    for (const auto& owner : model::owner_references(document)) blocks = blocks || owner.blocks;
    if (!blocks) return false;
    for (const auto& key : *below) {
      const auto dependent = host.cache().get(parse_key(key));
      if (dependent && dependent->header().deleting &&
          model::has_finalizer(dependent->parse(), model::foreground_finalizer))
        return true;
    }
    return false;
  }

  // Owners

  void await(const object_ptr& object, const json& document, controller_host& host, done_fn done) {
    const std::string& uid = object->header().uid;
    visit(graph_.found(uid, object->key()), host);
    const auto* below = graph_.dependents(uid);
    if (below && !graph_.awaited(uid)) {
      owner_graph::keys blocking;
      for (const auto& key : *below) {
        const auto dependent = host.cache().get(parse_key(key));
        if (!dependent) continue;
        if (model::blocks_deletion(dependent->parse(), uid)) blocking.insert(key);
        if (!dependent->header().deleting) host.visit(key, 0ms);
      }
      graph_.await(uid, std::move(blocking));
    }
    const auto* awaited = graph_.awaited(uid);
    if (awaited && !awaited->empty()) return done({});
    put(object->key(), model::without_finalizer(document, model::foreground_finalizer), host,
        std::move(done));
  }

  void orphan(const object_ptr& object, const json& document, controller_host& host, done_fn done) {
    const std::string& uid = object->header().uid;
    std::vector<object_ptr> bound;
    if (const auto* below = graph_.dependents(uid))
      for (const auto& key : *below) {
        if (bound.size() == orphans_at_once) break;
        auto dependent = host.cache().get(parse_key(key));
        if (!dependent) continue;
        const auto& owners = dependent->header().owners;
        if (std::find(owners.begin(), owners.end(), uid) != owners.end())
          bound.push_back(std::move(dependent));
      }
    if (bound.empty())
      return put(object->key(), model::without_finalizer(document, model::orphan_finalizer), host,
                 std::move(done));
    auto open = std::make_shared<std::size_t>(bound.size());
    auto result = std::make_shared<outcome>(outcome{{}, 0ms});
    for (const auto& dependent : bound)
      put(dependent->key(), model::without_owners(dependent->parse(), {uid}), host,
          [open, result, done](outcome o) {
            if (!o.failure.empty()) result->failure = std::move(o.failure);
            if (--*open == 0) done(*result);
          });
  }

  // Writing

  static void put(const model::object_key& key, json document, controller_host& host,
                  done_fn done) {
    to_served_version(key, host.cache(), document);
    host.call("PUT", path_of(key, host.cache()), document,
              [done](const api_response& r) { done(with_retry(r)); });
  }

  static void remove(const object_ptr& object, const std::string& policy, controller_host& host,
                     done_fn done) {
    const json options = {
        {"apiVersion", "v1"},
        {"kind", "DeleteOptions"},
        {"propagationPolicy", policy},
        {"preconditions",
         {{"uid", object->header().uid}, {"resourceVersion", std::to_string(object->version())}}}};
    host.call("DELETE", path_of(object->key(), host.cache()), options,
              [done](const api_response& r) { done(with_retry(r)); });
  }

  // What changed in between is judged anew.
  static outcome with_retry(const api_response& r) {
    if (r.code == 409) return {{}, after_conflict};
    return outcome_of(r);
  }

  owner_graph graph_;
};

}  // namespace

controller_actor spawn_garbage_collector(caf::actor_system& sys, controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<garbage_collector>());
}

}  // namespace troupe
