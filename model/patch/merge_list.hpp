#pragma once

#include "model/json.hpp"
#include "model/schema.hpp"

#include <string>
#include <string_view>
#include <unordered_map>

namespace troupe::model {

// What the strategic patch and its diff have in common: how a value's members merge.

constexpr std::string_view patch_directive = "$patch";
constexpr std::string_view retain_keys_directive = "$retainKeys";
constexpr std::string_view delete_from_list_prefix = "$deleteFromPrimitiveList/";
constexpr std::string_view set_order_prefix = "$setElementOrder/";

/// What is known of an object's members: the fields of a struct, or one type for all values of a
/// map, or nothing.
struct shape {
  const type_info* fields = nullptr;
  const type_info* values = nullptr;

  const field_info* field(std::string_view name) const {
    return fields ? fields->field(name) : nullptr;
  }
  /// The shape of the member `name`, or of its items when it is an array.
  shape member(std::string_view name) const;
};

/// The merge key of a list that merges by key; "" for lists of scalars and lists that do not merge.
std::string_view merge_key(const field_info* field);

/// Whether the list merges item by item.
inline bool merges(const field_info* field) {
  return field && field->kind == field_kind::array && field->merge;
}

/// What tells an item of a merging list from the others: its merge key's value, or itself.
/// "" when a keyed item has no key.
std::string identity(const json& item, std::string_view key);

/// Items' identities and where they stand.
using positions = std::unordered_map<std::string, std::size_t>;
positions positions_of(const json& list, std::string_view key);

}  // namespace troupe::model
