#include "cli/commands/metadata_edit.hpp"

#include "cli/commands/session.hpp"
#include "model/label_names.hpp"

#include <algorithm>

namespace troupe::cli {

using model::at;
using model::json;
using model::string_at;

namespace {

constexpr std::string_view change_cause = "kubernetes.io/change-cause";  // may always be replaced

const json& values_of(const metadata_map& map, const json& object) {
  return at(object, {"metadata", map.field});
}

bool removes(const std::string& change) {
  return change.size() > 1 && change.ends_with('-');
}

/// "a=1" into the edit; false when it is none.
bool add_value(const metadata_map& map, const std::string& change, metadata_edit& out) {
  const auto equals = change.find('=');
  if (equals == std::string::npos || (equals == 0 && !map.label)) return false;
  const std::string value = change.substr(equals + 1);
  if (map.label) {
    if (value.find('=') != std::string::npos)
      throw command_failure("error: invalid label spec: " + change);
    if (const auto fault = model::label_value_fault(value); !fault.empty())
      throw command_failure("error: invalid label value: \"" + change + "\": " + fault);
  }
  out.set[change.substr(0, equals)] = value;
  return true;
}

void refuse_contradictions(const metadata_map& map, const metadata_edit& edit) {
  std::string both;
  for (const auto& key : edit.remove)
    if (edit.set.contains(key)) both += (both.empty() ? "" : ", ") + key;
  if (both.empty()) return;
  if (map.label)
    throw command_failure("error: can not both modify and remove a label in the same command");
  throw command_failure(
      "error: can not both modify and remove the following annotation(s) in the same command: " +
      both);
}

void refuse_overwrites(const metadata_map& map, const metadata_edit& edit, const json& object) {
  std::string taken;
  for (const auto& [key, value] : edit.set) {
    const json& old = at(values_of(map, object), {key});
    if (!old.is_string() || key == change_cause || (map.label && old == value)) continue;
    taken += (taken.empty() ? "" : "; ") + ("'" + key + "' already has a value (") +
             old.get<std::string>() + ")";
  }
  if (taken.empty()) return;
  throw command_failure(
      map.label
          ? "error: " + taken + ", and --overwrite is false"
          : "error: --overwrite is false but found the following declared annotation(s): " + taken);
}

}  // namespace

resources_and_changes split_changes(const std::vector<std::string>& args, const std::string& noun,
                                    bool taints) {
  resources_and_changes out;
  for (const std::string& a : args) {
    const bool change = (a.find('=') != std::string::npos && a[0] != '=') || removes(a) ||
                        (taints && a.find(':') != std::string::npos);
    if (change) {
      out.changes.push_back(a);
    } else if (out.changes.empty()) {
      out.resources.push_back(a);
    } else {
      throw command_failure("error: all resources must be specified before " + noun +
                            " changes: " + a);
    }
  }
  return out;
}

metadata_edit parse_metadata_edit(const metadata_map& map,
                                  const std::vector<std::string>& changes) {
  metadata_edit out;
  std::string unclear;
  for (const std::string& change : changes) {
    if (add_value(map, change, out)) continue;
    if (removes(change)) {
      out.remove.push_back(change.substr(0, change.size() - 1));
    } else {
      unclear += (unclear.empty() ? "" : ", ") + change;
    }
  }
  if (!unclear.empty())
    throw command_failure(map.label ? "error: unknown label spec: " + unclear
                                    : "error: invalid annotation format: " + unclear);
  refuse_contradictions(map, out);
  return out;
}

json metadata_patch(const metadata_map& map, const metadata_edit& edit, const json& object) {
  if (!edit.overwrite) refuse_overwrites(map, edit, object);
  const json& now = values_of(map, object);
  json changes = json::object();
  for (const auto& [key, value] : edit.set)
    if (at(now, {key}) != value) changes[key] = value;
  for (const auto& key : edit.remove)
    if (now.is_object() && now.contains(key)) changes[key] = nullptr;
  json out = json::object();
  if (!changes.empty()) out["metadata"][map.field] = std::move(changes);
  if (!edit.resource_version.empty()) out["metadata"]["resourceVersion"] = edit.resource_version;
  return out;
}

std::string metadata_outcome(const metadata_map& map, const metadata_edit& edit, const json& before,
                             const json& after) {
  if (!map.label) return "annotated";
  const json& old = values_of(map, before);
  const json& now = values_of(map, after);
  if (old == now) return "not labeled";
  // Like kubectl: removed when what is left is shorter.
  const auto size = [](const json& v) { return v.is_object() ? v.dump().size() : 2; };
  return !edit.overwrite && size(now) < size(old) ? "unlabeled" : "labeled";
}

}  // namespace troupe::cli
