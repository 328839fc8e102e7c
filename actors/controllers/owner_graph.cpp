#include "actors/controllers/owner_graph.hpp"

#include "model/owners.hpp"
#include "model/propagation.hpp"

#include <algorithm>

namespace troupe {
namespace {

// A quick look, without parsing: whether the end of this object may hang on its dependents.
bool may_wait(const model::object& o) {
  return o.header().deleting && (o.bytes().find(model::foreground_finalizer) != std::string::npos ||
                                 o.bytes().find(model::orphan_finalizer) != std::string::npos);
}

bool elsewhere(const model::object_key& owner, const std::string& ns) {
  return !owner.ns.empty() && owner.ns != ns;
}

bool contains(const std::vector<std::string>& list, const std::string& one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

}  // namespace

model::object_key parse_key(std::string_view text) {
  const auto first = text.find('/');
  const auto last = text.rfind('/');
  model::object_key key{std::string(text.substr(0, first)), {}, std::string(text.substr(last + 1))};
  if (last > first) key.ns = text.substr(first + 1, last - first - 1);
  return key;
}

std::vector<std::string> owner_graph::apply(const store::event& e) {
  std::vector<std::string> look;
  const auto& header = e.object->header();
  const auto own = owners_.find(header.uid);
  if (own == owners_.end() && header.owners.empty() && !may_wait(*e.object) &&
      (!e.previous || e.previous->header().owners.empty()))
    return look;
  const std::string key = to_string(e.object->key());
  const bool deleted = e.type == store::event::kind::deleted;
  if (deleted && own != owners_.end()) {
    owner& o = own->second;
    o.at.reset();
    o.awaited.reset();
    o.gone = true;
    look.assign(o.dependents.begin(), o.dependents.end());
  } else if (own != owners_.end()) {
    place(own->second, e.object->key(), look);
  }
  if (e.previous)
    for (const auto& uid : e.previous->header().owners)
      if (deleted || !contains(header.owners, uid)) unlink(uid, key, look);
  for (const auto& uid : header.owners) {
    if (deleted)
      unlink(uid, key, look);
    else
      link(uid, *e.object, key, look);
  }
  if (!deleted && may_wait(*e.object)) look.push_back(key);
  return look;
}

void owner_graph::place(owner& o, const model::object_key& where, std::vector<std::string>& look) {
  const bool news = !o.at;
  o.gone = false;
  if (!news) return;
  o.at = where;
  if (where.ns.empty()) return;
  for (const auto& key : o.dependents)
    if (elsewhere(where, parse_key(key).ns)) look.push_back(key);
}

void owner_graph::link(const std::string& uid, const model::object& dependent,
                       const std::string& key, std::vector<std::string>& look) {
  owner& o = owners_[uid];
  if (!o.dependents.insert(key).second) {
    if (o.awaited && o.awaited->contains(key) && !model::blocks_deletion(dependent.parse(), uid))
      settle(o, key, look);
    return;
  }
  // The first to name an owner looks for it; later ones go by what came out of that.
  const bool first = o.dependents.size() == 1 && !o.at;
  if (first || o.gone || o.awaited || (o.at && elsewhere(*o.at, dependent.key().ns)))
    look.push_back(key);
  if (o.awaited) {
    o.awaited.reset();
    if (o.at) look.push_back(to_string(*o.at));
  }
}

void owner_graph::unlink(const std::string& uid, const std::string& key,
                         std::vector<std::string>& look) {
  const auto at = owners_.find(uid);
  if (at == owners_.end() || at->second.dependents.erase(key) == 0) return;
  settle(at->second, key, look);
  if (at->second.dependents.empty()) owners_.erase(at);
}

void owner_graph::settle(owner& o, const std::string& key, std::vector<std::string>& look) {
  if (o.awaited && o.awaited->erase(key) != 0 && o.awaited->empty() && o.at)
    look.push_back(to_string(*o.at));
}

std::vector<std::string> owner_graph::found(const std::string& uid,
                                            const model::object_key& where) {
  std::vector<std::string> look;
  if (const auto at = owners_.find(uid); at != owners_.end()) place(at->second, where, look);
  return look;
}

std::vector<std::string> owner_graph::absent(const std::string& uid) {
  const auto at = owners_.find(uid);
  if (at == owners_.end() || at->second.gone) return {};
  at->second.gone = true;
  at->second.at.reset();
  return {at->second.dependents.begin(), at->second.dependents.end()};
}

bool owner_graph::unsure(const std::string& uid) const {
  const auto at = owners_.find(uid);
  return at != owners_.end() && !at->second.at && !at->second.gone;
}

const model::object_key* owner_graph::where(const std::string& uid) const {
  const auto at = owners_.find(uid);
  return at != owners_.end() && at->second.at ? &*at->second.at : nullptr;
}

const owner_graph::keys* owner_graph::dependents(const std::string& uid) const {
  const auto at = owners_.find(uid);
  return at != owners_.end() ? &at->second.dependents : nullptr;
}

void owner_graph::await(const std::string& uid, keys blocking) {
  if (const auto at = owners_.find(uid); at != owners_.end())
    at->second.awaited = std::move(blocking);
}

const owner_graph::keys* owner_graph::awaited(const std::string& uid) const {
  const auto at = owners_.find(uid);
  return at != owners_.end() && at->second.awaited ? &*at->second.awaited : nullptr;
}

}  // namespace troupe
