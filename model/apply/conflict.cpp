#include "model/apply/conflict.hpp"

#include <algorithm>
#include <tuple>

namespace troupe::model {
namespace {

/// `"kubectl" using apps/v1`, `"hpa" with subresource "scale" using apps/v1`; of an applier the
/// name.
std::string name_of(const managed_entry& e) {
  std::string out = json(e.manager).dump(-1, ' ', false, json::error_handler_t::replace);
  if (!e.subresource.empty()) out += " with subresource \"" + e.subresource + "\"";
  if (e.operation == manage_operation::update) out += " using " + e.api_version;
  return out;
}

bool comes_before(const managed_entry* a, const managed_entry* b) {
  const bool a_updates = a->operation == manage_operation::update;
  const bool b_updates = b->operation == manage_operation::update;
  return std::tie(a->manager, a_updates, a->api_version, a->subresource) <
         std::tie(b->manager, b_updates, b->api_version, b->subresource);
}

}  // namespace

apply_conflicts conflicts_of(const managed_entries& entries, const managed_entry* own,
                             versioned_changes& changes) {
  std::vector<const managed_entry*> others;
  for (const managed_entry& e : entries)
    if (&e != own) others.push_back(&e);
  std::sort(others.begin(), others.end(), comes_before);
  apply_conflicts out;
  for (const managed_entry* e : others) {
    const field_changes* seen = changes.in(e->api_version);
    if (!seen) continue;
    for (std::string& path : e->fields.paths_also_in(seen->set))
      out.push_back({e, std::move(path)});
  }
  return out;
}

status conflict_status(const apply_conflicts& conflicts) {
  status s{409, "Conflict", "Apply failed with " + std::to_string(conflicts.size())};
  for (const auto& c : conflicts)
    s.causes.push_back({"FieldManagerConflict", "conflict with " + name_of(*c.owner), c.path});
  if (conflicts.size() == 1) {
    s.message += " conflict: " + s.causes[0].message + ": " + conflicts[0].path;
    return s;
  }
  s.message += " conflicts: ";
  const managed_entry* last = nullptr;
  for (const auto& c : conflicts) {
    if (c.owner != last) {
      if (last) s.message += '\n';
      s.message += "conflicts with " + name_of(*c.owner) + ":";
    }
    s.message += "\n- " + c.path;
    last = c.owner;
  }
  return s;
}

}  // namespace troupe::model
