#pragma once

#include "model/field_set.hpp"
#include "model/json.hpp"
#include "model/schema.hpp"
#include "model/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {

enum class manage_operation : std::uint8_t { update, apply };

/// Who writes: what tells one entry of metadata.managedFields from the others.
struct field_manager {
  std::string_view name;
  manage_operation operation = manage_operation::update;
  std::string_view subresource;  ///< "" for the object itself
};

/// One element of metadata.managedFields.
struct managed_entry {
  std::string manager;
  manage_operation operation = manage_operation::update;
  std::string api_version;
  std::string subresource;
  std::string time;
  field_set fields;

  /// Appliers keep their entry from version to version, updaters have one a version.
  bool same_writer(const managed_entry& o) const {
    return manager == o.manager && operation == o.operation && subresource == o.subresource &&
           (operation == manage_operation::apply || api_version == o.api_version);
  }
};

using managed_entries = std::vector<managed_entry>;

/// An entry for `who` that owns nothing yet.
managed_entry entry_for(const field_manager& who, const kind_info& kind, time_point now);

/// Reads metadata.managedFields of a stored object, or as a client sent it, which is looked at more
/// closely; nothing when an entry is malformed. Null is an empty list.
std::optional<managed_entries> read_managed_fields(json list, bool from_client = false);
/// Writes it in Kubernetes' order: appliers first, then by time, manager, version and subresource.
json write_managed_fields(managed_entries entries);
/// Brings a written list into that order.
void sort_managed_fields(json& list);

/// What a write changed, as each version of the kind sees it.
class versioned_changes {
 public:
  /// `before` may be null; both are of the version `kind` and outlive this. Fields of `ignored` are
  /// left out.
  versioned_changes(const kind_info& kind, const json& before, const json& after,
                    const field_set& ignored);
  field_changes& own() { return known_.front().second; }
  /// Null when the version is not served any more.
  const field_changes* in(std::string_view api_version);

 private:
  const kind_info& kind_;
  const json& before_;
  const json& after_;
  const field_set& ignored_;
  std::vector<std::pair<std::string, field_changes>> known_;
};

/// The version `api_version` ("apps/v1") of a kind, or null.
const kind_info* version_of(const kind_info& kind, std::string_view api_version);

/// Brings metadata.managedFields of `object` up to date as kube-apiserver does for a write that is
/// no apply: the manager owns what the write set or changed, nobody what it removed, and the others
/// lose what it overwrote. Of more than ten update managers the oldest become "ancient-changes".
/// `old` is the version before (null for a create). A client's own entries count as it sent them,
/// save on create and to subresources; `[]` or `[{}]` resets them, and then nothing is tracked
/// until the next apply.
void update_managed_fields(json& object, const json* old, const field_manager& manager,
                           time_point now, const kind_info& kind);

}  // namespace troupe::model
