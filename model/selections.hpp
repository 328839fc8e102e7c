#pragma once

#include "model/selector.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace troupe::model {

/// Standing label selectors, each with a name in a namespace, and what each of them selects. An
/// object finds its selectors by its labels, so that one costs what it has of labels, and one that
/// nobody selects is not kept. Of what is selected a Fact is kept (comparable, made from the
/// object).
template <class Fact>
class selections {
 public:
  struct member {
    std::string name;
    Fact fact;
  };

  /// Sets the selector `name` of `ns`; true when it is another one than before: then it selects
  /// nothing until the objects of the namespace are put (again).
  bool set(const std::string& ns, const std::string& name, const json& selector) {
    place& p = places_[ns];
    auto text = selector.dump();
    if (const auto at = p.selectors.find(name); at != p.selectors.end()) {
      if (at->second->text == text) return false;
      drop(ns, name);
      return set(ns, name, selector);
    }
    std::string error;
    auto parsed = label_selector::from_json(selector, error);
    if (!parsed) return false;
    auto made = std::make_unique<standing>();
    made->name = name;
    made->text = std::move(text);
    made->handle = handle_of(*parsed);
    made->selector = std::move(*parsed);
    p.by_handle[made->handle].push_back(made.get());
    p.selectors.emplace(name, std::move(made));
    return true;
  }

  void drop(const std::string& ns, const std::string& name) {
    const auto found = places_.find(ns);
    if (found == places_.end()) return;
    place& p = found->second;
    const auto at = p.selectors.find(name);
    if (at == p.selectors.end()) return;
    standing* gone = at->second.get();
    for (const entry* e : gone->members) {
      entry& kept = *p.entries.at(e->what.name);
      remove(kept.by, gone);
      if (kept.by.empty()) p.entries.erase(p.entries.find(kept.what.name));
    }
    remove(p.by_handle[gone->handle], gone);
    if (p.by_handle[gone->handle].empty()) p.by_handle.erase(gone->handle);
    p.selectors.erase(at);
    if (p.selectors.empty()) places_.erase(found);
  }

  /// The object is there. The names of the selectors that it concerns: those that select it or did,
  /// unless nothing about it changed.
  std::vector<std::string> put(const object& o) {
    const auto found = places_.find(o.key().ns);
    if (found == places_.end()) return {};
    place& p = found->second;
    auto now = selecting(p, o.header().labels);
    const auto at = p.entries.find(o.key().name);
    if (at == p.entries.end()) {
      if (now.empty()) return {};
      auto made = std::make_unique<entry>(entry{{o.key().name, Fact(o)}, std::move(now)});
      for (standing* s : made->by) insert(s->members, made.get());
      auto names = names_of(made->by);
      p.entries.emplace(o.key().name, std::move(made));
      return names;
    }
    return change(p, *at->second, std::move(now), o);
  }

  /// The object is gone. The names of the selectors that selected it.
  std::vector<std::string> remove(const object_key& key) {
    const auto found = places_.find(key.ns);
    if (found == places_.end()) return {};
    const auto at = found->second.entries.find(key.name);
    if (at == found->second.entries.end()) return {};
    auto names = names_of(at->second->by);
    for (standing* s : at->second->by) remove(s->members, at->second.get());
    found->second.entries.erase(at);
    return names;
  }

  /// What a selector selects, by name; nothing when there is no such selector.
  std::vector<const member*> selected(const std::string& ns, const std::string& name) const {
    std::vector<const member*> out;
    const auto found = places_.find(ns);
    if (found == places_.end()) return out;
    const auto at = found->second.selectors.find(name);
    if (at == found->second.selectors.end()) return out;
    for (const entry* e : at->second->members) out.push_back(&e->what);
    return out;
  }

  /// Forgets the objects, not the selectors.
  void clear_members() {
    for (auto& [ns, p] : places_) {
      p.entries.clear();
      for (auto& [name, s] : p.selectors) s->members.clear();
    }
  }

 private:
  struct entry;
  struct standing {
    std::string name;
    std::string text;
    std::string handle;  // a label that everything it selects has; empty: there is none
    label_selector selector;
    std::vector<const entry*> members;  // by name
  };
  struct entry {
    member what;
    std::vector<standing*> by;
  };
  struct place {
    std::unordered_map<std::string, std::unique_ptr<standing>> selectors;
    std::unordered_map<std::string, std::vector<standing*>> by_handle;
    std::unordered_map<std::string, std::unique_ptr<entry>> entries;
  };

  static std::string handle_of(const label_selector& s) {
    for (const auto& term : s.terms)
      if (term.op == requirement::operation::in && term.values.size() == 1)
        return term.key + "=" + term.values.front();
    return {};
  }

  static std::vector<standing*> selecting(const place& p, const string_pairs& labels) {
    std::vector<standing*> out;
    const auto look = [&](const std::string& handle) {
      const auto at = p.by_handle.find(handle);
      if (at == p.by_handle.end()) return;
      for (standing* s : at->second)
        if (s->selector.matches(labels)) out.push_back(s);
    };
    look({});
    for (const auto& [key, value] : labels) look(key + "=" + value);
    return out;
  }

  std::vector<std::string> change(place& p, entry& e, std::vector<standing*> now, const object& o) {
    Fact fact(o);
    const bool changed = !(fact == e.what.fact);
    std::vector<std::string> names;
    for (standing* s : e.by)
      if (std::find(now.begin(), now.end(), s) == now.end()) {
        remove(s->members, &e);
        names.push_back(s->name);
      }
    for (standing* s : now) {
      const bool joins = std::find(e.by.begin(), e.by.end(), s) == e.by.end();
      if (joins) insert(s->members, &e);
      if (joins || changed) names.push_back(s->name);
    }
    e.what.fact = std::move(fact);
    e.by = std::move(now);
    if (e.by.empty()) p.entries.erase(p.entries.find(e.what.name));
    return names;
  }

  static std::vector<std::string> names_of(const std::vector<standing*>& list) {
    std::vector<std::string> out;
    for (const standing* s : list) out.push_back(s->name);
    return out;
  }

  static auto spot(std::vector<const entry*>& members, const std::string& name) {
    return std::lower_bound(members.begin(), members.end(), name,
                            [](const entry* e, const std::string& n) { return e->what.name < n; });
  }
  static void insert(std::vector<const entry*>& members, const entry* e) {
    const auto at = spot(members, e->what.name);
    if (at == members.end() || *at != e) members.insert(at, e);
  }
  static void remove(std::vector<const entry*>& members, const entry* e) {
    const auto at = spot(members, e->what.name);
    if (at != members.end() && *at == e) members.erase(at);
  }
  static void remove(std::vector<standing*>& list, const standing* s) {
    list.erase(std::remove(list.begin(), list.end(), s), list.end());
  }

  std::unordered_map<std::string, place> places_;
};

}  // namespace troupe::model
