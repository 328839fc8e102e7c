#include "model/owners.hpp"

#include "model/custom/owners.hpp"
#include "model/json_read.hpp"
#include "model/json_text.hpp"
#include "model/propagation.hpp"
#include "model/schema.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

const json& references_of(const json& object) {
  return at(object, {"metadata", "ownerReferences"});
}

// "apps/v1" and "Deployment" to the kind that is served.
served_kind kind_of(const owner_reference& owner, const custom_kinds& custom) {
  const auto slash = owner.api_version.find('/');
  const bool core = slash == std::string::npos;
  const std::string_view text = owner.api_version;
  const auto group = core ? std::string_view() : text.substr(0, slash);
  const auto version = core ? text : text.substr(slash + 1);
  if (const kind_info* k = schema::instance().by_kind(group, version, owner.kind))
    return {k, nullptr};
  return custom.by_kind(group, version, owner.kind);
}

}  // namespace

std::vector<owner_reference> owner_references(const json& object) {
  std::vector<owner_reference> out;
  const json& references = references_of(object);
  if (!references.is_array()) return out;
  out.reserve(references.size());
  for (const json& r : references)
    out.push_back({string_at(r, {"apiVersion"}), string_at(r, {"kind"}), string_at(r, {"name"}),
                   string_at(r, {"uid"}), at(r, {"blockOwnerDeletion"}) == true,
                   at(r, {"controller"}) == true});
  return out;
}

std::optional<owner_reference> controller_of(const object& o) {
  if (o.header().owners.empty()) return std::nullopt;
  const auto text = member_text(o.text_of(part::metadata), "ownerReferences");
  const json metadata = {{"ownerReferences", read_json(text)}};
  for (auto& owner : owner_references({{"metadata", metadata}}))
    if (owner.controller) return std::move(owner);
  return std::nullopt;
}

bool blocks_deletion(const json& object, std::string_view owner_uid) {
  const json& references = references_of(object);
  return references.is_array() &&
         std::any_of(references.begin(), references.end(), [&](const json& r) {
           return at(r, {"uid"}) == owner_uid && at(r, {"blockOwnerDeletion"}) == true;
         });
}

object_key owner_key(const owner_reference& owner, const object_key& dependent,
                     const custom_kinds& custom) {
  const served_kind found = kind_of(owner, custom);
  if (!found) return {};
  return {std::string(found.kind->resource), found.kind->namespaced ? dependent.ns : "",
          owner.name};
}

object_key owner_key(const owner_reference& owner, const object_key& dependent) {
  return owner_key(owner, dependent, {});
}

namespace {

owner_state judge(const owner_reference& owner, const object_key& dependent,
                  const object_lookup& lookup, const custom_kinds& custom,
                  const known_owners& others) {
  const served_kind kind = kind_of(owner, custom);
  if (!kind) {
    const auto known = others.find(owner.uid);
    return known == others.end() ? owner_state::unserved : known->second;
  }
  if (kind.kind->namespaced && dependent.ns.empty()) return owner_state::unreachable;
  const object_ptr found = lookup(owner_key(owner, dependent, custom));
  if (!found || found->header().uid != owner.uid) return owner_state::absent;
  if (found->header().deleting && has_finalizer(found->parse(), foreground_finalizer))
    return owner_state::waiting;
  return owner_state::solid;
}

}  // namespace

bool is_served_here(const owner_reference& owner, const custom_kinds& custom) {
  return static_cast<bool>(kind_of(owner, custom));
}

owner_state judge_owner(const owner_reference& owner, const object_key& dependent,
                        const object_lookup& lookup) {
  return judge(owner, dependent, lookup, {}, {});
}

collection decide_collection(const json& object, const object_key& key, bool owns,
                             const object_lookup& lookup) {
  return decide_collection(object, key, owns, lookup, {});
}

collection decide_collection(const json& object, const object_key& key, bool owns,
                             const object_lookup& lookup, const custom_kinds& custom,
                             const known_owners& others) {
  using action = collection::action;
  collection c;
  bool solid = false;
  bool waiting = false;
  bool unclear = false;
  const auto owners = owner_references(object);
  for (const auto& owner : owners) {
    switch (judge(owner, key, lookup, custom, others)) {
      case owner_state::solid:
        solid = true;
        continue;
      case owner_state::unserved:
        c.what = action::wait;
        return c;
      case owner_state::unreachable:
        unclear = true;
        c.absent.push_back(owner);
        continue;
      case owner_state::waiting:
        waiting = true;
        break;
      case owner_state::absent:
        c.absent.push_back(owner);
        break;
    }
    c.released.push_back(owner.uid);
  }
  if (owners.empty() || unclear || (solid && c.released.empty())) return c;
  if (solid) {
    c.what = action::release;
    return c;
  }
  c.what = action::remove;
  if (waiting && owns)
    c.policy = "Foreground";  // what hangs below has to go first, too
  else if (has_finalizer(object, orphan_finalizer))
    c.policy = "Orphan";
  else
    c.policy = has_finalizer(object, foreground_finalizer) ? "Foreground" : "Background";
  return c;
}

json without_owners(const json& object, const std::vector<std::string>& uids) {
  json out = object;
  json& references = out["metadata"]["ownerReferences"];
  if (references.is_array())
    std::erase_if(references.get_ref<json::array_t&>(), [&](const json& r) {
      return std::find(uids.begin(), uids.end(), string_at(r, {"uid"})) != uids.end();
    });
  if (references.empty()) out["metadata"].erase("ownerReferences");
  return out;
}

json unblocked(json object) {
  if (json& references = object["metadata"]["ownerReferences"]; references.is_array())
    for (json& r : references) r["blockOwnerDeletion"] = false;
  return object;
}

json without_finalizer(json object, std::string_view name) {
  json& finalizers = object["metadata"]["finalizers"];
  if (finalizers.is_array())
    std::erase_if(finalizers.get_ref<json::array_t&>(), [&](const json& f) { return f == name; });
  if (finalizers.empty()) object["metadata"].erase("finalizers");
  return object;
}

}  // namespace troupe::model
