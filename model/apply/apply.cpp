#include "model/apply/apply.hpp"

#include "model/apply/conflict.hpp"
#include "model/apply/last_applied.hpp"
#include "model/apply/merge.hpp"
#include "model/apply/typed_check.hpp"
#include "model/conversion.hpp"
#include "model/custom/document.hpp"
#include "model/custom/kinds.hpp"
#include "model/reset_fields.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace troupe::model {
namespace {

constexpr std::string_view before_first_apply = "before-first-apply";

/// "default/web; apps/v1, Kind=Deployment", as kube-apiserver names an object in its errors.
std::string full_name(const json& object) {
  std::string version = string_at(object, {"apiVersion"});
  if (version.find('/') == version.npos) version.insert(0, "/");
  return string_at(object, {"metadata", "namespace"}) + "/" +
         string_at(object, {"metadata", "name"}) + "; " + version +
         ", Kind=" + string_at(object, {"kind"});
}

std::optional<status> check(const kind_info& kind, const json& configuration) {
  if (!configuration.is_object()) return bad_request("error decoding YAML: it is no object");
  const std::string name = full_name(configuration);
  if (string_at(configuration, {"apiVersion"}) != kind.api_version() ||
      string_at(configuration, {"kind"}) != kind.kind)
    return bad_request("invalid object type: " + name.substr(name.find("; ") + 2));
  if (!at(configuration, {"metadata", "managedFields"}).is_null())
    return bad_request("metadata.managedFields must be nil");
  const custom_version* custom = custom_of(kind);
  const std::string why = custom ? apply_faults(custom->schema(), configuration)
                                 : typed_faults(configuration, *kind.type);
  if (!why.empty())
    return status{500, "", "failed to create typed patch object (" + name + "): " + why};
  return std::nullopt;
}

/// A copy of the object but for its managedFields, which are half of many objects.
json without_managed_fields(const json& live) {
  json out = json::object();
  for (const auto& [key, value] : live.items()) {
    if (key != "metadata" || !value.is_object()) {
      out.emplace(key, value);
      continue;
    }
    json& metadata = out["metadata"] = json::object();
    for (const auto& [name, v] : value.items())
      if (name != "managedFields") metadata.emplace(name, v);
  }
  return out;
}

std::vector<const field_set*> owners_in(const std::string& api_version,
                                        const managed_entries& entries) {
  // Every configuration names its object, though nobody is recorded as the owner of the name.
  static const field_set name(json::parse(R"({"f:metadata": {"f:name": {}}})"));
  std::vector<const field_set*> out{&name};
  for (const managed_entry& e : entries)
    if (e.api_version == api_version) out.push_back(&e.fields);
  return out;
}

/// Puts back what entries of other versions than `pruned_in` own of what was pruned. Both documents
/// are of the version `kind`.
json restore_versions(const kind_info& kind, const json& merged, json pruned,
                      const std::string& pruned_in, const managed_entries& entries) {
  std::set<std::string> done{pruned_in};
  for (const managed_entry& e : entries) {
    const kind_info* other = version_of(kind, e.api_version);
    if (!other || !other->type || !done.insert(e.api_version).second) continue;
    json whole = merged;
    convert(kind, *other, whole);
    convert(kind, *other, pruned);
    const field_set missing = compare_fields(whole, pruned, *other->type).removed;
    prune(whole, missing, owners_in(e.api_version, entries), *other->type);
    convert(*other, kind, whole);
    pruned = std::move(whole);
  }
  return pruned;
}

class application {
 public:
  application(const kind_info& kind, const json& live, const json& configuration,
              const applier& who, time_point now)
      : kind_(kind), live_(live), configuration_(configuration), who_(who), now_(now) {}

  std::variant<json, status> run() {
    auto read = read_managed_fields(at(live_, {"metadata", "managedFields"}));
    if (!read) return status{500, "", "failed to decode managed fields"};
    entries_ = std::move(*read);
    json object = without_managed_fields(live_);
    if (entries_.empty() && live_.is_object()) note_first_apply(object);
    merge_configuration(object, configuration_, *kind_.type);
    own();
    prune_last(object);
    if (auto bad = take_over(object)) return *bad;
    if (who_.manager == last_applied_manager) update_last_applied(object, configuration_);
    if (!entries_.empty())
      object["metadata"]["managedFields"] = write_managed_fields(std::move(entries_));
    return object;
  }

 private:
  const field_set& ignored() const { return reset_fields(kind_, who_.subresource); }

  /// An object that nobody managed gets a manager of all that is in it.
  void note_first_apply(const json& object) {
    managed_entry first =
        entry_for({before_first_apply, manage_operation::update, who_.subresource}, kind_, now_);
    first.fields = compare_fields(nullptr, object, *kind_.type).set;
    first.fields.subtract_whole(ignored());
    if (!first.fields.empty()) entries_.push_back(std::move(first));
  }

  /// Puts the applier's set in the place of its last one.
  void own() {
    managed_entry entry = entry_for(who_.writer(), kind_, now_);
    entry.fields = fields_of(configuration_, *kind_.type);
    entry.fields.subtract_whole(ignored());
    const auto found = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const managed_entry& e) { return e.same_writer(entry); });
    if (found == entries_.end()) {
      own_ = entries_.size();
      entries_.push_back(std::move(entry));
      return;
    }
    own_ = static_cast<std::size_t>(found - entries_.begin());
    if (found->fields == entry.fields && found->api_version == entry.api_version)
      entry.time = found->time;
    last_ = std::move(*found);
    *found = std::move(entry);
  }

  void prune_last(json& object) {
    if (last_.fields.empty() || last_.fields == entries_[own_].fields) return;
    const kind_info* version = version_of(kind_, last_.api_version);
    if (!version || !version->type) return;
    const bool one_version = std::all_of(entries_.begin(), entries_.end(), [&](const auto& e) {
      return e.api_version == last_.api_version;
    });
    json merged = one_version ? json() : object;
    if (version != &kind_) convert(kind_, *version, object);
    prune(object, last_.fields, owners_in(last_.api_version, entries_), *version->type);
    if (version != &kind_) convert(*version, kind_, object);
    if (!one_version)
      object = restore_versions(kind_, merged, std::move(object), last_.api_version, entries_);
  }

  /// Finds conflicts, and takes what was changed from its owners.
  std::optional<status> take_over(const json& after) {
    versioned_changes changes(kind_, live_, after, ignored());
    if (!who_.force) {
      auto conflicts = conflicts_of(entries_, &entries_[own_], changes);
      if (!conflicts.empty() && who_.manager == last_applied_manager) allow_last_applied(conflicts);
      if (!conflicts.empty()) return conflict_status(conflicts);
    }
    for (managed_entry& e : entries_) {
      if (&e == &entries_[own_]) continue;
      const field_changes* seen = changes.in(e.api_version);
      if (seen) {
        e.fields.subtract(seen->set);
        e.fields.subtract(seen->removed);
      } else {
        e.fields = {};  // of a version that is not served any more
      }
    }
    std::erase_if(entries_, [](const managed_entry& e) { return e.fields.empty(); });
    return std::nullopt;
  }

  /// What client-side apply set is kubectl's own.
  void allow_last_applied(apply_conflicts& conflicts) const {
    const field_set allowed = last_applied_fields(live_, kind_);
    const auto paths = allowed.paths_also_in(allowed);
    const std::set<std::string> own(paths.begin(), paths.end());
    std::erase_if(conflicts, [&](const apply_conflict& c) { return own.contains(c.path); });
  }

  const kind_info& kind_;
  const json& live_;
  const json& configuration_;
  const applier& who_;
  time_point now_;
  managed_entries entries_;
  managed_entry last_;   ///< the applier's entry before
  std::size_t own_ = 0;  ///< place of its entry now
};

}  // namespace

std::variant<json, status> apply_configuration(const kind_info& kind, const json& live,
                                               const json& configuration, const applier& who,
                                               time_point now) {
  if (auto bad = check(kind, configuration)) return *bad;
  return application(kind, live, configuration, who, now).run();
}

void touch_manager(json& object, const field_manager& writer, const kind_info& kind,
                   time_point now) {
  if (!at(object, {"metadata", "managedFields"}).is_array()) return;
  const managed_entry own = entry_for(writer, kind, now);
  json& list = object["metadata"]["managedFields"];
  for (json& e : list)
    if (string_at(e, {"operation"}) == "Apply" && string_at(e, {"manager"}) == own.manager &&
        string_at(e, {"subresource"}) == own.subresource)
      e["time"] = own.time;
  sort_managed_fields(list);
}

}  // namespace troupe::model
