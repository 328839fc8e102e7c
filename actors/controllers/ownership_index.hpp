#pragma once

#include "model/owners.hpp"
#include "model/selector.hpp"
#include "store/cache.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe {

/// Facts of dependents that are read only when their controller is looked at.
struct no_facts {
  explicit no_facts(const model::object&) {}
};

/// Which dependents (pods, say) belong to which controllers (ReplicaSets, say), as events tell it:
/// by the controller's uid, and those that nobody controls by namespace and labels, in namespaces
/// where a controller may take them in. An event costs O(log n); no question looks at what does not
/// concern it. Keys are model::to_string() of keys.
/// Facts are made of a `const model::object&`.
template <class Facts>
class ownership_index {
 public:
  struct dependent {
    model::object_ptr object;
    Facts facts;
  };
  using dependents = std::map<std::string, dependent>;

  /// `kind`: of the controllers ("ReplicaSet"); what others control is left alone. `resource`: of
  /// the dependents.
  ownership_index(std::string kind, std::string resource)
      : kind_(std::move(kind)), resource_(std::move(resource)) {}

  /// A controller was added or changed. Without a selector it takes in no orphans. The first one of
  /// a namespace that does finds them in `objects`.
  void put_controller(const model::object& o, std::optional<model::label_selector> selector,
                      const store::cache& objects) {
    const auto key = model::to_string(o.key());
    const auto& ns = o.key().ns;
    if (selector && selector->empty()) selector.reset();
    // Counted before the former state is dropped, so that the orphans of a known one stay.
    const bool first = selector && ++selecting_in_[ns] == 1;
    drop_controller(key);
    if (selector) selecting_[bucket(ns, *selector)].insert(key);
    controllers_[key] = {o.header().uid, ns, std::move(selector)};
    by_uid_[o.header().uid] = key;
    if (first) take_in_orphans(ns, objects);
  }

  void drop_controller(const std::string& key) {
    const auto at = controllers_.find(key);
    if (at == controllers_.end()) return;
    const auto& c = at->second;
    if (c.selector) {
      const auto in = selecting_.find(bucket(c.ns, *c.selector));
      if (in->second.erase(key) != 0 && in->second.empty()) selecting_.erase(in);
      if (--selecting_in_[c.ns] == 0) forget_orphans(c.ns);
    }
    by_uid_.erase(c.uid);
    controllers_.erase(at);
  }

  /// Takes in an event of a dependent. The keys of the controllers that it concerns: who controls
  /// it, who did, and, of one that nobody controls, all that select it.
  std::vector<std::string> observe(const store::event& e) {
    std::vector<std::string> concerned;
    const auto key = model::to_string(e.object->key());
    if (const auto known = places_.find(key); known != places_.end()) {
      add_concerned(known->second, concerned);
      if (replaced(e, key, known->second)) return concerned;
      take_out(key, known->second);
      places_.erase(known);
    }
    if (e.type == store::event::kind::deleted) return concerned;
    const auto* owner = e.object->header().controller();
    if (!owner) {
      if (!selecting_in_.contains(e.object->key().ns)) return concerned;
      add_orphan(key, e.object);
      add_selecting(*e.object, concerned);
      return concerned;
    }
    if (e.object->header().controller_kind != kind_) return concerned;
    place p{*owner, {}};
    owned_[p.uid].emplace(key, dependent{e.object, Facts(*e.object)});
    add_concerned(p, concerned);
    places_.emplace(key, std::move(p));
    return concerned;
  }

  /// All that exists of the dependents comes next. The keys of all controllers: what they had may
  /// be gone.
  std::vector<std::string> forget_dependents() {
    owned_.clear();
    orphans_.clear();
    places_.clear();
    return controllers();
  }

  /// All that exists of the controllers comes next.
  void forget_controllers() {
    for (const auto& [ns, count] : selecting_in_) forget_orphans(ns);
    selecting_in_.clear();
    controllers_.clear();
    by_uid_.clear();
    selecting_.clear();
  }

  std::vector<std::string> controllers() const {
    std::vector<std::string> all;
    for (const auto& [key, c] : controllers_) all.push_back(key);
    return all;
  }

  /// What the controller with this uid has, by key; selected or not, active or not.
  const dependents& owned(const std::string& uid) const {
    static const dependents none;
    const auto at = owned_.find(uid);
    return at == owned_.end() ? none : at->second;
  }

  /// What nobody controls and the selector selects.
  std::vector<model::object_ptr> orphans(const std::string& ns,
                                         const model::label_selector& selector) const {
    std::vector<model::object_ptr> out;
    if (selector.empty()) return out;
    const auto at = orphans_.find(bucket(ns, selector));
    if (at == orphans_.end()) return out;
    for (const auto& [key, o] : at->second)
      if (selector.matches(o->header().labels)) out.push_back(o);
    return out;
  }

  /// The key of a controller; null for an unknown uid.
  const std::string* controller(const std::string& uid) const {
    const auto at = by_uid_.find(uid);
    return at == by_uid_.end() ? nullptr : &at->second;
  }

 private:
  struct known_controller {
    std::string uid;
    std::string ns;
    std::optional<model::label_selector> selector;
  };
  // Where a dependent is kept: below a controller, or in buckets of orphans.
  struct place {
    std::string uid;
    std::vector<std::string> buckets;
  };

  // Orphans are found by one label that a selector asks for: "ns/key=value", or by "ns" alone.
  static std::string bucket(const std::string& ns, const model::label_selector& selector) {
    for (const auto& term : selector.terms)
      if (term.op == model::requirement::operation::in && term.values.size() == 1)
        return ns + "/" + term.key + "=" + term.values.front();
    return ns;
  }
  static std::vector<std::string> buckets(const model::object& o) {
    std::vector<std::string> out{o.key().ns};
    for (const auto& [key, value] : o.header().labels)
      out.push_back(o.key().ns + "/" + key + "=" + value);
    return out;
  }

  void add_orphan(const std::string& key, const model::object_ptr& o) {
    place p{{}, buckets(*o)};
    for (const auto& b : p.buckets) orphans_[b].emplace(key, o);
    places_.emplace(key, std::move(p));
  }

  void take_in_orphans(const std::string& ns, const store::cache& objects) {
    for (const auto& o : objects.list(resource_, ns).objects)
      if (auto key = model::to_string(o->key());
          !o->header().controller() && !places_.contains(key))
        add_orphan(key, o);
  }

  void forget_orphans(const std::string& ns) {
    const auto all = orphans_.find(ns);  // the bucket of everything in it
    if (all == orphans_.end()) return;
    for (const auto& [key, o] : std::exchange(all->second, {})) {
      const auto known = places_.find(key);
      take_out(key, known->second);
      places_.erase(known);
    }
    orphans_.erase(ns);
  }

  // One that stays with its controller, as nearly all do, takes its own place.
  bool replaced(const store::event& e, const std::string& key, const place& p) {
    const auto* owner = e.object->header().controller();
    if (e.type == store::event::kind::deleted || !owner || *owner != p.uid ||
        e.object->header().controller_kind != kind_)
      return false;
    owned_.at(p.uid).at(key) = dependent{e.object, Facts(*e.object)};
    return true;
  }

  void take_out(const std::string& key, const place& p) {
    if (const auto at = owned_.find(p.uid); at != owned_.end()) {
      at->second.erase(key);
      if (at->second.empty()) owned_.erase(at);
    }
    for (const auto& b : p.buckets)
      if (const auto at = orphans_.find(b); at != orphans_.end()) {
        at->second.erase(key);
        if (at->second.empty()) orphans_.erase(at);
      }
  }

  void add_concerned(const place& p, std::vector<std::string>& out) const {
    const auto* key = controller(p.uid);
    if (key && std::find(out.begin(), out.end(), *key) == out.end()) out.push_back(*key);
  }
  void add_selecting(const model::object& orphan, std::vector<std::string>& out) const {
    for (const auto& b : buckets(orphan)) {
      const auto at = selecting_.find(b);
      if (at == selecting_.end()) continue;
      for (const auto& key : at->second)
        if (controllers_.at(key).selector->matches(orphan.header().labels)) out.push_back(key);
    }
  }

  const std::string kind_;
  const std::string resource_;
  std::unordered_map<std::string, dependents> owned_;  // by uid
  std::unordered_map<std::string, std::map<std::string, model::object_ptr>> orphans_;
  std::unordered_map<std::string, place> places_;  // of each dependent
  std::map<std::string, known_controller> controllers_;
  std::unordered_map<std::string, std::string> by_uid_;
  std::unordered_map<std::string, std::set<std::string>> selecting_;  // by bucket
  std::unordered_map<std::string, std::size_t> selecting_in_;         // how many in a namespace
};

}  // namespace troupe
