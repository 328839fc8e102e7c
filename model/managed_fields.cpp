#include "model/managed_fields.hpp"

#include "model/conversion.hpp"
#include "model/custom/kinds.hpp"
#include "model/reset_fields.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace troupe::model {
namespace {

constexpr std::size_t max_update_managers = 10;
constexpr std::string_view ancient_manager = "ancient-changes";

bool is_reset(const json& list) {
  return list.is_array() &&
         (list.empty() || (list.size() == 1 && list[0].is_object() && list[0].empty()));
}

/// The entries that a write starts from: those it carries itself, else those of the version before.
managed_entries entries_before(json own, const json& old, bool of_subresource) {
  if (!of_subresource) {
    if (is_reset(own)) return {};
    if (auto sent = read_managed_fields(std::move(own), true); sent && !sent->empty())
      return std::move(*sent);
  }
  return read_managed_fields(at(old, {"metadata", "managedFields"})).value_or(managed_entries{});
}

/// Keeps at most ten update managers: the oldest of one version become one.
void fold_oldest(managed_entries& entries) {
  std::vector<managed_entry*> updaters;
  for (managed_entry& e : entries)
    if (e.operation == manage_operation::update) updaters.push_back(&e);
  if (updaters.size() <= max_update_managers) return;
  std::sort(updaters.begin(), updaters.end(), [](const auto* a, const auto* b) {
    return std::tie(a->time, a->manager, a->api_version, a->subresource) <
           std::tie(b->time, b->manager, b->api_version, b->subresource);
  });
  std::map<std::string, managed_entry*> buckets;
  std::size_t left = updaters.size();
  for (managed_entry* e : updaters) {
    if (left <= max_update_managers) break;
    const auto [bucket, first] = buckets.emplace(e->api_version, e);
    if (first) continue;
    managed_entry& into = *bucket->second;
    into.manager = ancient_manager;
    into.subresource.clear();
    into.fields.unite(e->fields);
    into.time = e->time;
    e->fields = {};
    --left;
  }
  std::erase_if(entries, [](const managed_entry& e) { return e.fields.empty(); });
}

/// What the writer holds afterwards: also what it set, and not what it removed.
void take_over(managed_entries& entries, managed_entry writer, versioned_changes& changes) {
  std::erase_if(entries, [&](managed_entry& e) {
    const field_changes* seen = changes.in(e.api_version);
    if (!seen) return true;
    e.fields.subtract(seen->set);
    e.fields.subtract(seen->removed);
    return e.fields.empty() && !e.same_writer(writer);
  });
  const auto own = std::find_if(entries.begin(), entries.end(),
                                [&](const managed_entry& e) { return e.same_writer(writer); });
  field_set& set = changes.own().set;
  if (own == entries.end()) {
    if (set.empty()) return;
    writer.fields = std::move(set);
    entries.push_back(std::move(writer));
    return;
  }
  if (!set.empty()) {
    own->fields.unite(set);
    own->time = std::move(writer.time);
  }
  if (own->fields.empty()) entries.erase(own);
}

}  // namespace

versioned_changes::versioned_changes(const kind_info& kind, const json& before, const json& after,
                                     const field_set& ignored)
    : kind_(kind), before_(before), after_(after), ignored_(ignored) {
  in(kind.api_version());
}

const field_changes* versioned_changes::in(std::string_view api_version) {
  for (const auto& [version, changes] : known_)
    if (version == api_version) return &changes;
  const kind_info* to = known_.empty() ? &kind_ : version_of(kind_, api_version);
  if (!to || !to->type) return nullptr;
  field_changes changes;
  if (to == &kind_) {
    changes = compare_fields(before_, after_, *to->type);
  } else {
    json before = before_, after = after_;
    convert(kind_, *to, before);
    convert(kind_, *to, after);
    changes = compare_fields(before, after, *to->type);
  }
  changes.set.subtract_whole(ignored_);
  changes.removed.subtract_whole(ignored_);
  return &known_.emplace_back(api_version, std::move(changes)).second;
}

const kind_info* version_of(const kind_info& kind, std::string_view api_version) {
  if (api_version == kind.api_version()) return &kind;
  if (const custom_version* custom = custom_of(kind)) {
    for (const auto& v : custom->definition->versions)
      if (v->served && v->kind.api_version() == api_version) {
        v->prepare();
        return &v->kind;
      }
    return nullptr;
  }
  const auto slash = api_version.find('/');
  const auto group = slash == api_version.npos ? std::string_view{} : api_version.substr(0, slash);
  const auto version = slash == api_version.npos ? api_version : api_version.substr(slash + 1);
  const kind_info* found = schema::instance().by_kind(group, version, kind.kind);
  return found && found->resource == kind.resource ? found : nullptr;
}

void update_managed_fields(json& object, const json* old, const field_manager& manager,
                           time_point now, const kind_info& kind) {
  const auto metadata = object.find("metadata");
  if (!kind.type || metadata == object.end() || !metadata->is_object()) return;
  json sent;
  if (const auto own = metadata->find("managedFields"); own != metadata->end()) {
    sent = std::move(*own);
    metadata->erase(own);
  }
  static const json nothing;
  managed_entries entries;
  if (old) entries = entries_before(std::move(sent), *old, !manager.subresource.empty());
  // An object whose managers were reset is tracked again from the next apply on.
  if (old && entries.empty()) return;
  versioned_changes changes(kind, old ? *old : nothing, object,
                            reset_fields(kind, manager.subresource));
  if (!changes.own().empty()) {
    take_over(entries, entry_for(manager, kind, now), changes);
    fold_oldest(entries);
  }
  if (!entries.empty())
    object["metadata"]["managedFields"] = write_managed_fields(std::move(entries));
}

}  // namespace troupe::model
