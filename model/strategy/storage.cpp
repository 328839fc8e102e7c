#include "model/strategy/cluster_kinds.hpp"

namespace troupe::model {
namespace {

json* spec_of(json& object) {
  const auto found = object.find("spec");
  return found == object.end() || !found->is_object() ? nullptr : &*found;
}

/// dataSource knows no namespace, so a reference into one stays where it is.
void match_data_sources(json& spec) {
  const json source = at(spec, {"dataSource"});
  const json ref = at(spec, {"dataSourceRef"});
  if (!source.is_null() && ref.is_null()) {
    spec["dataSourceRef"] = source;
  } else if (source.is_null() && !ref.is_null() && string_at(ref, {"namespace"}).empty()) {
    json& made = spec["dataSource"];
    made = ref;
    made.erase("namespace");
  }
}

}  // namespace

void prepare_persistent_volume(json& volume) {
  volume["status"] = {{"phase", "Pending"},
                      {"lastPhaseTransitionTime", at(volume, {"metadata", "creationTimestamp"})}};
  if (json* spec = spec_of(volume)) spec->erase("volumeAttributesClassName");
}

void prepare_persistent_volume_status(const json& old, json& volume, time_point now) {
  constexpr const char* since = "lastPhaseTransitionTime";
  const json& was = at(old, {"status"});
  const json& is = at(volume, {"status"});
  if (at(is, {"phase"}) == at(was, {"phase"})) return;
  const json& given = at(is, {since});
  if (given.is_null() || given == at(was, {since})) volume["status"][since] = to_rfc3339(now);
}

void prepare_claim(json& claim) {
  claim["status"] = {{"phase", "Pending"}};
  prepare_claim_update(nullptr, claim);
}

void prepare_claim_update(const json& old, json& claim) {
  json* spec = spec_of(claim);
  if (!spec) return;
  if (at(old, {"spec", "volumeAttributesClassName"}).is_null())
    spec->erase("volumeAttributesClassName");
  match_data_sources(*spec);
}

void prepare_volume_attachment(json& attachment) {
  attachment["status"] = {{"attached", false}};
}

}  // namespace troupe::model
