#include "model/validation/names.hpp"
#include "model/validation/pod.hpp"

#include <algorithm>
#include <limits>

namespace troupe::model {
namespace {

constexpr std::string_view mutable_fields =
    "pod updates may not change fields other than `spec.containers[*].image`,"
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only "
    "additions "
    "to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it "
    "was previously negative)";

/// Takes the old images over, so that what is left to differ may not.
void ignore_images(json& spec, const json& old, const char* list) {
  const auto& before = items_of(old, list);
  if (before.empty()) return;
  auto& now = spec[list].get_ref<json::array_t&>();
  for (std::size_t i = 0; i < now.size(); ++i)
    if (before[i].contains("image")) now[i]["image"] = before[i]["image"];
}

void validate_deadline(const json& old, const json& spec, const field_path& spec_path,
                       faults& out) {
  const json& before = value_of(old, "activeDeadlineSeconds");
  const json& now = value_of(spec, "activeDeadlineSeconds");
  const field_path path = spec_path.child("activeDeadlineSeconds");
  if (before.is_null() || before == now) return;
  if (now.is_null())
    out.invalid(path, now, "must not update from a positive integer to nil value");
  else if (now.get<std::int64_t>() > before.get<std::int64_t>())
    out.invalid(path, now, "must be less than or equal to previous value");
}

/// Tolerations may be added, and change their tolerationSeconds.
void validate_added_tolerations(const json& old, const json& spec, const field_path& path,
                                faults& out) {
  const auto without_seconds = [](json t) {
    t.erase("tolerationSeconds");
    return t;
  };
  for (const json& before : items_of(old, "tolerations")) {
    const auto& now = items_of(spec, "tolerations");
    const bool kept = std::ranges::any_of(
        now, [&](const json& t) { return without_seconds(t) == without_seconds(before); });
    if (!kept) {
      out.forbidden(path.child("tolerations"),
                    "existing toleration can not be modified except its tolerationSeconds");
      return;
    }
  }
}

/// Gates may only go; while there are any, the node selector may grow.
void validate_gates_and_selector(const json& old, json& spec, const field_path& path, faults& out) {
  const auto& before = items_of(old, "schedulingGates");
  for (const json& gate : items_of(spec, "schedulingGates"))
    if (std::ranges::find(before, gate) == before.end())
      out.forbidden(path.child("schedulingGates"),
                    "only deletion is allowed, but found new scheduling gate '" +
                        std::string(text_of(gate, "name")) + "'");
  if (before.empty()) return;
  const auto& now = members_of(spec, "nodeSelector");
  for (const auto& [key, value] : members_of(old, "nodeSelector")) {
    const auto found = now.find(key);
    if (found == now.end() || found->second != value) return;
  }
  if (old.contains("nodeSelector"))
    spec["nodeSelector"] = old["nodeSelector"];
  else
    spec.erase("nodeSelector");
}

/// The spec with everything that may change as it was.
json immutable_part(const json& old, json spec) {
  for (const char* list : {"containers", "initContainers"}) ignore_images(spec, old, list);
  for (const char* name : {"activeDeadlineSeconds", "tolerations", "schedulingGates"}) {
    spec.erase(name);
    if (old.contains(name)) spec[name] = old[name];
  }
  if (const json& grace = value_of(old, "terminationGracePeriodSeconds");
      grace.is_number_integer() && grace.get<std::int64_t>() < 0 &&
      value_of(spec, "terminationGracePeriodSeconds") == 1)
    spec["terminationGracePeriodSeconds"] = grace;
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

}  // namespace

void validate_pod_update(const json& old_pod, const json& pod, faults& out) {
  const field_path path("spec");
  const json& old = value_of(old_pod, "spec");
  json spec = value_of(pod, "spec");
  if (!old.is_object() || !spec.is_object()) return;
  for (const char* list : {"containers", "initContainers"}) {
    const field_path list_path = path.child(list);
    const auto& now = items_of(spec, list);
    if (now.size() != items_of(old, list).size()) {
      out.forbidden(list_path, "pod updates may not add or remove containers");
      return;
    }
    for (std::size_t i = 0; i < now.size(); ++i) {
      const field_path here = list_path.index(i);
      if (text_of(now[i], "image").empty()) out.required(here.child("image"));
      validate_image(now[i], here, out);
    }
  }
  validate_deadline(old, spec, path, out);
  validate_added_tolerations(old, spec, path, out);
  validate_tolerations(spec, path, out);
  validate_gates_and_selector(old, spec, path, out);
  const json kept = immutable_part(old, std::move(spec));
  if (kept != old) out.forbidden(path, std::string(mutable_fields) + differences(old, kept));
}

void validate_pod_status_update(const json& old, const json& pod, faults& out) {
  const field_path path("status");
  const json& status = value_of(pod, "status");
  if (at(old, {"spec", "nodeName"}) != at(pod, {"spec", "nodeName"}))
    out.forbidden(path.child("nodeName"), "may not be changed directly");
  const field_path ips_path = path.child("podIPs");
  const auto& ips = items_of(status, "podIPs");
  name_set seen;
  for (std::size_t i = 0; i < ips.size(); ++i) {
    const auto ip = text_of(ips[i], "ip");
    const field_path here = ips_path.index(i);
    out.check(here, ip, ip_fault(ip));
    if (!seen.insert(ip).second) out.duplicate(here, ip);
  }
  const auto policy = at(pod, {"spec", "restartPolicy"});
  if (policy == "Always") return;
  // What has ended for good stays ended.
  const field_path states_path = path.child("containerStatuses");
  const auto& before = items_of(value_of(old, "status"), "containerStatuses");
  const auto& now = items_of(status, "containerStatuses");
  for (std::size_t i = 0; i < now.size(); ++i) {
    const auto was = std::ranges::find_if(
        before, [&](const json& s) { return text_of(s, "name") == text_of(now[i], "name"); });
    if (was == before.end()) continue;
    const json& ended = at(*was, {"state", "terminated"});
    const bool final = ended.is_object() && (policy == "Never" || value_of(ended, "exitCode") == 0);
    const field_path here = states_path.index(i);
    if (final && at(now[i], {"state", "terminated"}).is_null())
      out.forbidden(here.child("state"), "may not be transitioned to non-terminated state");
  }
}

}  // namespace troupe::model
