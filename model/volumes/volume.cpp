#include "model/volumes/volume.hpp"

#include "model/volumes/match.hpp"

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

bool offers_modes(const volume_facts& volume, const json& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const json& mode) {
    return std::find(volume.access_modes.begin(), volume.access_modes.end(), mode) !=
           volume.access_modes.end();
  });
}

std::string mode_of_claim(const json& claim) {
  return string_at(claim, {"spec", "volumeMode"}, "Filesystem");
}

std::string text_of_claim(const json& claim) {
  return string_at(claim, {"metadata", "namespace"}) + "/" + string_at(claim, {"metadata", "name"});
}

// What a claim asks of a volume, read once for all volumes.
class wishes {
 public:
  explicit wishes(const json& claim)
      : text_(text_of_claim(claim)),
        uid_(string_at(claim, {"metadata", "uid"})),
        class_(class_of(claim)),
        mode_(mode_of_claim(claim)),
        modes_(at(claim, {"spec", "accessModes"})),
        size_(requested(claim)) {
    const json& s = at(claim, {"spec", "selector"});
    if (!s.is_object()) return;
    std::string error;
    selector_ = label_selector::from_json(s, error);
    hopeless_ = !selector_;
  }

  bool is_bound(const volume_facts& v) const {
    return v.claim == text_ && (v.claim_uid.empty() || v.claim_uid == uid_);
  }
  bool accept(const volume_facts& v) const {
    if (hopeless_ || v.deleting || v.capacity < size_ || v.mode != mode_ ||
        !offers_modes(v, modes_))
      return false;
    if (!v.claim.empty()) return is_bound(v);
    return v.phase == "Available" && v.storage_class == class_ &&
           (!selector_ || selector_->matches(v.labels));
  }

 private:
  std::string text_, uid_, class_, mode_;
  const json& modes_;
  quantity size_;
  std::optional<label_selector> selector_;
  bool hopeless_ = false;  // its selector says nothing that can be understood
};

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
  return volume.claim == text_of_claim(claim) &&
         (volume.claim_uid.empty() || volume.claim_uid == string_at(claim, {"metadata", "uid"}));
}

std::vector<const volume_facts*> matches(const json& claim,
                                         const std::vector<const volume_facts*>& volumes) {
  const wishes wanted(claim);
  std::vector<const volume_facts*> out;
  std::copy_if(volumes.begin(), volumes.end(), std::back_inserter(out),
               [&](const volume_facts* v) { return wanted.accept(*v); });
  std::stable_sort(out.begin(), out.end(), [](const volume_facts* a, const volume_facts* b) {
    if (a->claim.empty() != b->claim.empty()) return b->claim.empty();
    if (!a->claim.empty()) return false;
    return a->access_modes.size() != b->access_modes.size()
               ? a->access_modes.size() < b->access_modes.size()
               : a->capacity < b->capacity;
  });
  return out;
}

const volume_facts* find_match(const json& claim, const std::vector<const volume_facts*>& volumes,
                               const node_view* node) {
  for (const auto* v : matches(claim, volumes))
    if (!v->claim.empty() || !node || v->reaches(*node)) return v;
  return nullptr;
}

std::string mismatch(const volume_facts& volume, const json& claim) {
  if (volume.deleting) return "the volume is marked for deletion \"" + volume.name + "\"";
  if (volume.capacity < requested(claim)) return "requested PV is too small";
  if (volume.storage_class != class_of(claim)) return "storageClassName does not match";
  if (volume.mode != mode_of_claim(claim)) return "incompatible volumeMode";
  if (!offers_modes(volume, at(claim, {"spec", "accessModes"}))) return "incompatible accessMode";
  return {};
}

}  // namespace troupe::model
