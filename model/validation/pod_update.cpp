#include "model/go_text.hpp"
#include "model/validation/pod.hpp"
#include "model/validation/validate.hpp"

#include <algorithm>
#include <limits>

namespace troupe::model {
namespace {

constexpr std::string_view mutable_fields =
    "pod updates may not change fields other than `spec.containers[*].image`,"
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only "
    "additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set "
    "to 1 if it was previously negative)";
constexpr const char* needed_terms = "requiredDuringSchedulingIgnoredDuringExecution";

/// Whether the rest can still be compared.
bool validate_container_lists(const json& old, const json& spec, const field_path& path,
                              faults& out) {
  for (const char* list : {"containers", "initContainers"}) {
    const field_path list_path = path.child(list);
    if (items_of(spec, list).size() == items_of(old, list).size()) continue;
    out.forbidden(list_path, "pod updates may not add or remove containers");
    return false;
  }
  return true;
}

/// A deadline may come and may get nearer. Whether the rest is still worth a look.
bool validate_deadline(const json& old, const json& spec, const field_path& spec_path,
                       faults& out) {
  const json& before = value_of(old, "activeDeadlineSeconds");
  const json& now = value_of(spec, "activeDeadlineSeconds");
  const field_path path = spec_path.child("activeDeadlineSeconds");
  if (before.is_null() || before == now) return true;
  if (now.is_null()) {
    out.invalid(path, now, "must not update from a positive integer to nil value");
    return true;
  }
  if (now < before) return true;
  out.invalid(path, now, "must be less than or equal to previous value");
  return false;
}

bool same_but_seconds(const json& a, const json& b) {
  return std::ranges::all_of(
      std::initializer_list<const char*>{"key", "operator", "value", "effect"},
      [&](const char* name) { return value_of(a, name) == value_of(b, name); });
}

/// Tolerations may be added, and change their tolerationSeconds.
void validate_added_tolerations(const json& old, const json& spec, const field_path& path,
                                faults& out) {
  const auto& now = items_of(spec, "tolerations");
  for (const json& before : items_of(old, "tolerations"))
    if (std::ranges::none_of(now, [&](const json& t) { return same_but_seconds(t, before); }))
      return out.forbidden(path.child("tolerations"),
                           "existing toleration can not be modified except its tolerationSeconds");
}

void validate_removed_gates(const json& old, const json& spec, const field_path& spec_path,
                            faults& out) {
  const field_path path = spec_path.child("schedulingGates");
  const auto& before = items_of(old, "schedulingGates");
  const auto& now = items_of(spec, "schedulingGates");
  for (std::size_t i = 0; i < now.size(); ++i) {
    const field_path here = path.index(i);
    if (std::ranges::find(before, now[i]) == before.end())
      out.forbidden(here.child("name"),
                    "only deletion is allowed, but found new scheduling gate '" +
                        std::string(text_of(now[i], "name")) + "'");
  }
}

void validate_grown_selector(const json& old, const json& spec, const field_path& path,
                             faults& out) {
  const auto& now = members_of(spec, "nodeSelector");
  for (const auto& [key, value] : members_of(old, "nodeSelector"))
    if (const auto found = now.find(key); found == now.end() || found->second != value)
      return out.invalid(path.child("nodeSelector"), go_string_map(value_of(spec, "nodeSelector")),
                         "only additions to spec.nodeSelector are allowed (no mutations or "
                         "deletions)");
}

/// Whether `now` begins with all of `before`.
bool begins_with(const json::array_t& now, const json::array_t& before) {
  return now.size() >= before.size() && std::equal(before.begin(), before.end(), now.begin());
}

bool only_adds(const json& before, const json& now) {
  const auto& old_labels = items_of(before, "matchExpressions");
  const auto& old_fields = items_of(before, "matchFields");
  const auto& labels = items_of(now, "matchExpressions");
  const auto& fields = items_of(now, "matchFields");
  if (old_labels.empty() && old_fields.empty()) return labels.empty() && fields.empty();
  return begins_with(labels, old_labels) && begins_with(fields, old_fields);
}

/// Terms are alternatives: another one, or one less, would widen or void what was asked for.
void validate_narrowed_affinity(const json& old, const json& spec, const field_path& spec_path,
                                faults& out) {
  const auto terms_of = [](const json& s) -> const json& {
    return at(s, {"affinity", "nodeAffinity", needed_terms, "nodeSelectorTerms"});
  };
  const json& before = terms_of(old);
  const json& now = terms_of(spec);
  if (before.empty() || before == now) return;
  const field_path affinity_path = spec_path.child("affinity");
  const field_path node_path = affinity_path.child("nodeAffinity");
  const field_path needed_path = node_path.child(needed_terms);
  const field_path path = needed_path.child("nodeSelectorTerms");
  if (before.size() != now.size())
    return out.invalid(path, now,
                       "no additions/deletions to non-empty NodeSelectorTerms list are allowed");
  for (std::size_t i = 0; i < before.size(); ++i)
    if (!only_adds(before[i], now[i]))
      out.invalid(path.index(i), now[i], "only additions are allowed (no mutations or deletions)");
}

void keep(const json& from, json& to, const char* name) {
  if (const auto found = from.find(name); found != from.end())
    to[name] = *found;
  else
    to.erase(name);
}

void keep_node_affinity(const json& old, json& spec) {
  if (value_of(value_of(spec, "affinity"), "nodeAffinity") ==
      value_of(value_of(old, "affinity"), "nodeAffinity"))
    return;
  json& affinity = spec["affinity"];
  if (!affinity.is_object()) affinity = json::object();
  keep(value_of(old, "affinity").is_object() ? old["affinity"] : json::object(), affinity,
       "nodeAffinity");
  if (affinity.empty() && !old.contains("affinity")) spec.erase("affinity");
}

/// The spec with everything that may change as it was.
json immutable_part(const json& old, json spec) {
  for (const char* list : {"containers", "initContainers"}) {
    const auto& before = items_of(old, list);
    for (std::size_t i = 0; i < before.size(); ++i) keep(before[i], spec[list][i], "image");
  }
  for (const char* name : {"activeDeadlineSeconds", "tolerations", "schedulingGates"})
    keep(old, spec, name);
  if (integer_of(old, "terminationGracePeriodSeconds") < 0 &&
      value_of(spec, "terminationGracePeriodSeconds") == 1)
    keep(old, spec, "terminationGracePeriodSeconds");
  if (!items_of(old, "schedulingGates").empty()) {
    keep(old, spec, "nodeSelector");
    keep_node_affinity(old, spec);
  }
  return spec;
}

/// The fields of the spec that differ, a line each.
std::string differences(const json& old, const json& spec) {
  std::string out;
  const auto note = [&](const std::string& name) { out += "\n  spec." + name; };
  for (const auto& [name, value] : old.items())
    if (!spec.contains(name) || spec[name] != value) note(name);
  for (const auto& [name, value] : spec.items())
    if (!old.contains(name)) note(name);
  return out;
}

void validate_spec_update(const json& old, const json& spec, faults& out) {
  const field_path path("spec");
  if (!validate_container_lists(old, spec, path, out)) return;
  if (!validate_deadline(old, spec, path, out)) return;
  validate_added_tolerations(old, spec, path, out);
  validate_removed_gates(old, spec, path, out);
  if (!items_of(old, "schedulingGates").empty()) {
    validate_grown_selector(old, spec, path, out);
    validate_narrowed_affinity(old, spec, path, out);
  }
  const json kept = immutable_part(old, spec);
  if (kept != old) out.forbidden(path, std::string(mutable_fields) + differences(old, kept));
}

}  // namespace

void validate_pod_update(const json& old_pod, const json& pod, faults& out) {
  const json& old = value_of(old_pod, "spec");
  const json& spec = value_of(pod, "spec");
  const json& metadata = value_of(pod, "metadata");
  const field_path metadata_path("metadata");
  validate_pod_annotations_update(value_of(old_pod, "metadata"), metadata, spec,
                                  metadata_path.child("annotations"), out);
  // What was stored is valid: most updates change metadata only.
  if (!old.is_object() || !spec.is_object() || spec == old) return;
  validate_changed_pod(pod, out);
  validate_spec_update(old, spec, out);
}

std::vector<cause> validate_ephemeral_containers_update(const json& old, const json& pod) {
  faults out;
  if (!at(old, {"metadata", "annotations", "kubernetes.io/config.mirror"}).is_null()) {
    out.forbidden(field_path(""), "static pods do not support ephemeral containers");
    return out.take();
  }
  validate_changed_pod(pod, out);
  const field_path spec_path("spec");
  const field_path path = spec_path.child("ephemeralContainers");
  const auto& now = items_of(value_of(pod, "spec"), "ephemeralContainers");
  for (const json& container : items_of(value_of(old, "spec"), "ephemeralContainers")) {
    const auto name = text_of(container, "name");
    const auto kept =
        std::ranges::find_if(now, [&](const json& c) { return text_of(c, "name") == name; });
    const std::string which =
        "existing ephemeral containers \"" + std::string(name) + "\" may not be ";
    if (kept == now.end())
      out.forbidden(path, which + "removed\n");
    else if (*kept != container)
      out.forbidden(path, which + "changed\n");
  }
  for (std::size_t i = 0; i < now.size(); ++i) {
    const field_path here = path.index(i);
    if (text_of(now[i], "name").empty()) out.required(here.child("name"));
  }
  return out.take();
}

}  // namespace troupe::model
