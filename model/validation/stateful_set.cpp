#include "model/go_text.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/metadata.hpp"
#include "model/validation/pod.hpp"
#include "model/validation/workload.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

void validate_update_strategy(const json& strategy, const field_path& path, faults& out) {
  const auto type = text_of(strategy, "type");
  const json& rolling = value_of(strategy, "rollingUpdate");
  const field_path rolling_path = path.child("rollingUpdate");
  if (type == "OnDelete") {
    if (!rolling.is_null())
      out.invalid(rolling_path, rolling, "only allowed for updateStrategy 'RollingUpdate'");
  } else if (type == "RollingUpdate") {
    out.nonnegative(rolling_path.child("partition"), value_of(rolling, "partition"));
  } else if (type.empty()) {
    out.required(path);
  } else {
    out.invalid(path, strategy, "must be 'RollingUpdate' or 'OnDelete'");
  }
}

void validate_retention(const json& policy, const field_path& path, faults& out) {
  if (!policy.is_object()) return;
  for (const char* name : {"whenDeleted", "whenScaled"})
    if (const auto value = text_of(policy, name); value != "Retain" && value != "Delete")
      out.not_supported(path.child(name), value, {"Retain", "Delete"});
}

/// The template's metadata only: its volumes are not known before the claims are made.
void validate_template(const json& tmpl, const field_path& path, faults& out) {
  validate_template_metadata(value_of(tmpl, "metadata"), value_of(tmpl, "spec"), path, out);
  validate_kept_pods(tmpl, path, "StatefulSet", out);
}

constexpr const char* free_fields[] = {
    "minReadySeconds", "ordinals", "persistentVolumeClaimRetentionPolicy",
    "replicas",        "template", "updateStrategy"};

/// Whether all but the free fields of `a` are in `b`, with the same values.
bool keeps_the_rest(const json::object_t& a, const json::object_t& b) {
  return std::ranges::all_of(a, [&](const auto& member) {
    if (std::ranges::find(free_fields, member.first) != std::end(free_fields)) return true;
    const auto found = b.find(member.first);
    return found != b.end() && found->second == member.second;
  });
}

}  // namespace

void validate_stateful_set(const json& set, faults& out) {
  static constexpr const char* counters[] = {"replicas", "minReadySeconds"};
  const field_path path("spec");
  const json& spec = value_of(set, "spec");
  const json& selector = value_of(spec, "selector");
  const json& tmpl = value_of(spec, "template");
  if (const auto policy = text_of(spec, "podManagementPolicy"); policy.empty())
    out.required(path.child("podManagementPolicy"));
  else if (policy != "OrderedReady" && policy != "Parallel")
    out.invalid(path.child("podManagementPolicy"), policy, "must be 'OrderedReady' or 'Parallel'");
  validate_update_strategy(value_of(spec, "updateStrategy"), path.child("updateStrategy"), out);
  validate_retention(value_of(spec, "persistentVolumeClaimRetentionPolicy"),
                     path.child("persistentVolumeClaimRetentionPolicy"), out);
  validate_counters(spec, path, counters, out);
  out.nonnegative(path.child("ordinals.start"), value_of(value_of(spec, "ordinals"), "start"));
  validate_own_selector(selector, path.child("selector"), "statefulset", out);
  validate_selects_template(selector, tmpl, path, out);
  validate_template(tmpl, path.child("template"), out);
}

void validate_stateful_set_update(const json& old, const json& set, faults& out) {
  validate_stateful_set(set, out);
  const auto& before = members_of(old, "spec");
  const auto& now = members_of(set, "spec");
  if (!keeps_the_rest(before, now) || !keeps_the_rest(now, before))
    out.forbidden(field_path("spec"),
                  "updates to statefulset spec for fields other than 'replicas', 'ordinals', "
                  "'template', 'updateStrategy', 'persistentVolumeClaimRetentionPolicy' and "
                  "'minReadySeconds' are forbidden");
}

void validate_stateful_set_status(const json& old, const json& set, faults& out) {
  static constexpr const char* counters[] = {
      "replicas",          "readyReplicas",      "currentReplicas", "updatedReplicas",
      "availableReplicas", "observedGeneration", "collisionCount"};
  static constexpr const char* bounded[] = {"readyReplicas", "currentReplicas", "updatedReplicas",
                                            "availableReplicas"};
  const field_path path("status");
  const json& status = value_of(set, "status");
  validate_counters(status, path, counters, out);
  validate_replica_counters(status, path, bounded, "status.readyReplicas", out);
  validate_collisions(value_of(old, "status"), status, path, out);
}

void validate_controller_revision(const json& revision, faults& out) {
  if (value_of(revision, "data").is_null()) out.required(field_path("data"), "data is mandatory");
  out.nonnegative(field_path("revision"), value_of(revision, "revision"));
}

void validate_controller_revision_update(const json& old, const json& revision, faults& out) {
  validate_controller_revision(revision, out);
  if (const json& data = value_of(revision, "data"); data != value_of(old, "data"))
    out.invalid(field_path("data"), data, "field is immutable");
}

}  // namespace troupe::model
