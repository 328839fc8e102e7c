#include "model/volumes/volume.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr const char* beta_class = "volume.beta.kubernetes.io/storage-class";

std::string class_of(const json& object) {
  const auto old = string_at(object, {"metadata", "annotations", beta_class});
  return old.empty() ? string_at(object, {"spec", "storageClassName"}) : old;
}

quantity storage_of(const json& list) {
  const json& value = at(list, {"storage"});
  const auto parsed = quantity::parse(value.is_string() ? value.get<std::string>() : value.dump());
  return parsed.value_or(quantity());
}

quantity requested(const json& claim) {
  return storage_of(at(claim, {"spec", "resources", "requests"}));
}

bool offers_modes(const volume_facts& volume, const json& claim) {
  const json& wanted = at(claim, {"spec", "accessModes"});
  return std::all_of(wanted.begin(), wanted.end(), [&](const json& mode) {
    return std::find(volume.access_modes.begin(), volume.access_modes.end(), mode) !=
           volume.access_modes.end();
  });
}

bool same_mode(const volume_facts& volume, const json& claim) {
  return volume.mode == string_at(claim, {"spec", "volumeMode"}, "Filesystem");
}

bool fits(const volume_facts& volume, const json& claim) {
  return !volume.deleting && volume.capacity >= requested(claim) && same_mode(volume, claim) &&
         offers_modes(volume, claim);
}

}  // namespace

volume_facts::volume_facts(const json& volume)
    : name(string_at(volume, {"metadata", "name"})),
      storage_class(class_of(volume)),
      phase(string_at(volume, {"status", "phase"})),
      mode(string_at(volume, {"spec", "volumeMode"}, "Filesystem")),
      capacity(storage_of(at(volume, {"spec", "capacity"}))),
      claim_uid(string_at(volume, {"spec", "claimRef", "uid"})),
      deleting(at(volume, {"metadata", "deletionTimestamp"}).is_string()) {
  for (const json& m : at(volume, {"spec", "accessModes"})) access_modes.push_back(m);
  for (const auto& [key, value] : at(volume, {"metadata", "labels"}).items())
    labels.emplace_back(key, value);
  if (const json& required = at(volume, {"spec", "nodeAffinity", "required"}); required.is_object())
    nodes = node_selector_terms(required);
  if (const json& ref = at(volume, {"spec", "claimRef"}); ref.is_object())
    claim = string_at(ref, {"namespace"}) + "/" + string_at(ref, {"name"});
}

bool volume_facts::reaches(const node_view& node) const {
  return !nodes || std::any_of(nodes->begin(), nodes->end(),
                               [&](const node_selector_term& t) { return t.matches(node); });
}

std::string class_of_claim(const json& claim) {
  return class_of(claim);
}

bool has_annotation(const json& object, const char* name) {
  return !at(object, {"metadata", "annotations", name}).is_null();
}

bool is_bound_to(const volume_facts& volume, const json& claim) {
  return volume.claim == string_at(claim, {"metadata", "namespace"}) + "/" +
                             string_at(claim, {"metadata", "name"}) &&
         (volume.claim_uid.empty() || volume.claim_uid == string_at(claim, {"metadata", "uid"}));
}

const volume_facts* find_match(const json& claim, const std::vector<const volume_facts*>& volumes,
                               const node_view* node) {
  const auto storage_class = class_of(claim);
  std::optional<label_selector> selector;
  if (const json& s = at(claim, {"spec", "selector"}); s.is_object()) {
    std::string error;
    selector = label_selector::from_json(s, error);
    if (!selector) return nullptr;
  }
  const volume_facts* best = nullptr;
  for (const volume_facts* v : volumes) {
    if (!fits(*v, claim)) continue;
    if (is_bound_to(*v, claim)) return v;
    if (!v->claim.empty() || v->phase != "Available" || v->storage_class != storage_class) continue;
    if (selector && !selector->matches(v->labels)) continue;
    if (node && !v->reaches(*node)) continue;
    if (!best || v->access_modes.size() < best->access_modes.size() ||
        (v->access_modes.size() == best->access_modes.size() && v->capacity < best->capacity))
      best = v;
  }
  return best;
}

std::string mismatch(const volume_facts& volume, const json& claim) {
  if (volume.deleting) return "the volume is marked for deletion \"" + volume.name + "\"";
  if (volume.capacity < requested(claim)) return "requested PV is too small";
  if (volume.storage_class != class_of(claim)) return "storageClassName does not match";
  if (!same_mode(volume, claim)) return "incompatible volumeMode";
  if (!offers_modes(volume, claim)) return "incompatible accessMode";
  return {};
}

}  // namespace troupe::model
