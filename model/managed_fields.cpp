#include "model/managed_fields.hpp"

#include "model/field_set.hpp"

#include <algorithm>
#include <tuple>

namespace troupe::model {
namespace {

constexpr std::size_t max_update_managers = 10;
constexpr std::string_view ancient_manager = "ancient-changes";

/// One element of metadata.managedFields.
struct entry {
  std::string manager;
  std::string operation;
  std::string api_version;
  std::string subresource;
  std::string time;
  field_set fields;

  bool same_writer(const entry& o) const {
    return std::tie(manager, operation, api_version, subresource) ==
           std::tie(o.manager, o.operation, o.api_version, o.subresource);
  }
  /// Kubernetes' order: operation (Apply first), time, manager, version, subresource.
  bool operator<(const entry& o) const {
    return std::tie(operation, time, manager, api_version, subresource) <
           std::tie(o.operation, o.time, o.manager, o.api_version, o.subresource);
  }
};

json to_json(entry e) {
  json out = {{"apiVersion", std::move(e.api_version)}, {"fieldsType", "FieldsV1"},
              {"fieldsV1", std::move(e.fields).take()}, {"manager", std::move(e.manager)},
              {"operation", std::move(e.operation)},    {"time", std::move(e.time)}};
  if (!e.subresource.empty()) out["subresource"] = std::move(e.subresource);
  return out;
}

/// Reads entries; false when one of them is malformed.
bool read(const json& list, std::vector<entry>& out) {
  out.clear();
  if (!list.is_array()) return list.is_null();
  for (const json& e : list) {
    if (e.is_object() && e.empty() && list.size() == 1) return true;  // [{}] resets them.
    entry read_entry{string_at(e, {"manager"}),    string_at(e, {"operation"}),
                     string_at(e, {"apiVersion"}), string_at(e, {"subresource"}),
                     string_at(e, {"time"}),       field_set(at(e, {"fieldsV1"}))};
    if (read_entry.operation != "Update" && read_entry.operation != "Apply") return false;
    if (string_at(e, {"fieldsType"}) != "FieldsV1" || !at(e, {"fieldsV1"}).is_object())
      return false;
    out.push_back(std::move(read_entry));
  }
  return true;
}

/// The entries that a write starts from: those it carries itself, else those of the version before.
std::vector<entry> entries_before(const json& object, const json& old) {
  std::vector<entry> out;
  const json& own = at(object, {"metadata", "managedFields"});
  if (own.is_array() && !own.empty() && read(own, out)) return out;
  if (!read(at(old, {"metadata", "managedFields"}), out)) out.clear();
  return out;
}

/// Keeps at most ten update managers: the oldest become one.
void fold_oldest(std::vector<entry>& entries) {
  std::vector<std::size_t> updates;
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (entries[i].operation == "Update" && entries[i].subresource.empty()) updates.push_back(i);
  if (updates.size() <= max_update_managers) return;
  std::sort(entries.begin(), entries.end());
  std::size_t excess = updates.size() - max_update_managers + 1;
  std::vector<entry> kept, folded;
  for (entry& e : entries) {
    if (excess == 0 || e.operation != "Update" || !e.subresource.empty()) {
      kept.push_back(std::move(e));
      continue;
    }
    --excess;
    e.manager = ancient_manager;
    const auto same = std::find_if(folded.begin(), folded.end(),
                                   [&](const entry& f) { return f.same_writer(e); });
    if (same == folded.end()) {
      folded.push_back(std::move(e));
    } else {
      same->fields.unite(e.fields);
      same->time = std::max(same->time, e.time);
    }
  }
  std::move(folded.begin(), folded.end(), std::back_inserter(kept));
  entries = std::move(kept);
}

/// What the writer holds afterwards: also what it set, and not what it removed.
void take_over(std::vector<entry>& entries, entry writer, const field_changes& changes) {
  for (entry& e : entries) {
    if (!e.same_writer(writer)) {
      e.fields.subtract(changes.set);
      e.fields.subtract(changes.removed);
    }
  }
  const auto own = std::find_if(entries.begin(), entries.end(),
                                [&](const entry& e) { return e.same_writer(writer); });
  if (own == entries.end()) {
    writer.fields = changes.set;
    entries.push_back(std::move(writer));
  } else {
    const field_set held = own->fields;
    own->fields.unite(changes.set);
    own->fields.subtract(changes.removed);
    if (!(own->fields == held)) own->time = std::move(writer.time);
  }
  std::erase_if(entries, [](const entry& e) { return e.fields.empty(); });
}

}  // namespace

void update_managed_fields(json& object, const json* old, const field_manager& manager,
                           time_point now, const kind_info& kind) {
  if (!kind.type || !at(object, {"metadata"}).is_object()) return;
  entry writer{
      std::string(manager.name), manager.operation == manage_operation::update ? "Update" : "Apply",
      kind.api_version(),        std::string(manager.subresource),
      to_rfc3339(now),           {}};
  static const json nothing;
  field_changes changes = compare_fields(old ? *old : nothing, object, *kind.type);
  json& metadata = object["metadata"];
  if (!old) {
    metadata.erase("managedFields");
    if (changes.set.empty()) return;
    writer.fields = std::move(changes.set);
    metadata["managedFields"].push_back(to_json(std::move(writer)));
    return;
  }
  std::vector<entry> entries = entries_before(object, *old);
  if (!changes.set.empty() || !changes.removed.empty()) {
    take_over(entries, std::move(writer), changes);
    fold_oldest(entries);
  }
  std::sort(entries.begin(), entries.end());
  metadata.erase("managedFields");
  if (entries.empty()) return;
  json& list = metadata["managedFields"] = json::array();
  for (entry& e : entries) list.push_back(to_json(std::move(e)));
}

}  // namespace troupe::model
