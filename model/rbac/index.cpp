#include "model/rbac/index.hpp"

#include <algorithm>

namespace troupe::model::rbac {
namespace {

std::string id_of(std::string_view resource, std::string_view ns, std::string_view name) {
  std::string out(resource);
  out += '/';
  out += ns;
  out += '/';
  return out += name;
}

std::string id_of(const object_key& key) {
  return id_of(key.resource, key.ns, key.name);
}

// As RBAC's lister says it: the resource in the singular.
std::string absence(const object_key& role) {
  const bool local = role.resource == roles;
  return std::string(local ? "role" : "clusterrole") + ".rbac.authorization.k8s.io \"" + role.name +
         "\" not found";
}

template <class Map, class Role>
void drop(Map& subjects, const std::string& name, const std::string& ns, const Role& role) {
  const auto held = subjects.find(name);
  if (held == subjects.end()) return;
  const auto list = held->second.find(ns);
  if (list == held->second.end()) return;
  if (const auto one = std::ranges::find(list->second, role); one != list->second.end())
    list->second.erase(one);
  if (list->second.empty()) held->second.erase(list);
  if (held->second.empty()) subjects.erase(held);
}

}  // namespace

// The place of a role, which stays while it is there or bound.
index::role_ptr index::role_at(object_key key) {
  role_ptr& slot = roles_[id_of(key)];
  if (!slot) slot = std::make_shared<role>(role{std::move(key), false, {}});
  return slot;
}

void index::put(const object& o) {
  const auto& key = o.key();
  const json document = o.parse();
  if (key.resource == roles || key.resource == cluster_roles) {
    const auto slot = role_at(key);
    slot->there = true;
    slot->rules = read_rules(document);
    return;
  }
  const auto id = id_of(key);
  forget(id);
  binding b;
  const bool local = string_at(document, {"roleRef", "kind"}) == "Role";
  b.to = role_at({std::string(local ? roles : cluster_roles), local ? key.ns : std::string(),
                  string_at(document, {"roleRef", "name"})});
  for (const json& subject : at(document, {"subjects"})) {
    const auto kind = string_at(subject, {"kind"});
    const auto name = string_at(subject, {"name"});
    if (kind == "User") b.users.push_back(name);
    if (kind == "Group") b.groups.push_back(name);
    if (kind != "ServiceAccount") continue;
    const auto ns = string_at(subject, {"namespace"}, key.ns);
    if (!ns.empty()) b.users.push_back("system:serviceaccount:" + ns + ":" + name);
  }
  for (const auto& user : b.users) users_[user][key.ns].push_back(b.to);
  for (const auto& group : b.groups) groups_[group][key.ns].push_back(b.to);
  bindings_.emplace(id, std::move(b));
}

void index::remove(const object_key& key) {
  const auto id = id_of(key);
  if (key.resource != roles && key.resource != cluster_roles) return forget(id);
  const auto found = roles_.find(id);
  if (found == roles_.end()) return;
  found->second->there = false;
  found->second->rules.clear();
  if (found->second.use_count() == 1) roles_.erase(found);
}

// A binding and what hangs on it; `id` ends in "/NS/NAME".
void index::forget(const std::string& id) {
  const auto found = bindings_.find(id);
  if (found == bindings_.end()) return;
  const auto name = id.rfind('/');
  const auto ns = id.rfind('/', name - 1);
  const auto where = id.substr(ns + 1, name - ns - 1);
  binding b = std::move(found->second);
  bindings_.erase(found);
  for (const auto& user : b.users) drop(users_, user, where, b.to);
  for (const auto& group : b.groups) drop(groups_, group, where, b.to);
  if (!b.to->there && b.to.use_count() == 2) roles_.erase(id_of(b.to->key));
}

void index::clear() {
  roles_.clear();
  bindings_.clear();
  users_.clear();
  groups_.clear();
}

// Every role bound to somebody, until `use` says true.
template <class F>
bool index::visit(const subject& who, std::string_view ns, F use) const {
  const auto look = [&](const by_text<by_namespace>& subjects, std::string_view name) {
    const auto held = subjects.find(name);
    if (held == subjects.end()) return false;
    const auto in = [&](std::string_view where) {
      const auto list = held->second.find(where);
      return list != held->second.end() &&
             std::ranges::any_of(list->second, [&](const role_ptr& r) { return use(*r); });
    };
    return in({}) || (!ns.empty() && in(ns));
  };
  return look(users_, who.name) ||
         std::ranges::any_of(who.groups, [&](const std::string& g) { return look(groups_, g); });
}

bool index::allows(const subject& who, const request_info& what,
                   std::vector<std::string>* missing) const {
  const std::string_view ns = what.is_resource ? std::string_view(what.ns) : std::string_view();
  return visit(who, ns, [&](const role& r) {
    if (!r.there && missing) missing->push_back(absence(r.key));
    return std::ranges::any_of(r.rules,
                               [&](const policy_rule& rule) { return rbac::allows(rule, what); });
  });
}

std::vector<policy_rule> index::rules_of(const subject& who, std::string_view ns,
                                         std::vector<std::string>* missing) const {
  std::vector<policy_rule> out;
  visit(who, ns, [&](const role& r) {
    if (!r.there && missing) missing->push_back(absence(r.key));
    out.insert(out.end(), r.rules.begin(), r.rules.end());
    return false;
  });
  return out;
}

const std::vector<policy_rule>* index::rules_of_role(std::string_view resource, std::string_view ns,
                                                     std::string_view name) const {
  const auto found = roles_.find(id_of(resource, ns, name));
  return found == roles_.end() || !found->second->there ? nullptr : &found->second->rules;
}

}  // namespace troupe::model::rbac
