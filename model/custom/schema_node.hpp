#pragma once

#include "model/cel/types.hpp"
#include "model/json.hpp"
#include "model/schema.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}
namespace troupe::model::cel {
class program;
}

namespace troupe::model {

// The OpenAPI v3 schema of a custom resource's version, understood once: what prunes, defaults and
// judges its objects.

enum class value_type : std::uint8_t { any, object, array, string, integer, number, boolean };
/// As a schema writes it; empty for any.
std::string_view name_of(value_type t);

/// A rule in CEL (x-kubernetes-validations).
struct schema_rule {
  std::string rule, message, message_expression, reason, field_path;
  bool optional_old_self = false;
  std::shared_ptr<const cel::program> compiled, compiled_message;  ///< null: it is no expression
};

struct schema_node;
using node_ptr = std::unique_ptr<const schema_node>;

/// What a value has to be besides its type.
struct value_rules {
  std::string format, pattern;
  std::shared_ptr<const re2::RE2> regex;  ///< of `pattern`; null when it is no pattern of Go's
  std::optional<double> minimum, maximum, multiple_of;
  bool exclusive_minimum = false, exclusive_maximum = false;
  std::optional<std::size_t> min_length, max_length, min_items, max_items, min_properties,
      max_properties;
  std::vector<json> enumeration;
  std::vector<std::string> required;
  std::vector<node_ptr> all_of, any_of, one_of;
  node_ptr none_of;  ///< `not`
};

struct schema_node {
  struct property {
    std::string name;
    node_ptr node;
  };

  value_type type = value_type::any;
  bool nullable = false;
  bool preserves_unknown = false;  ///< x-kubernetes-preserve-unknown-fields
  bool int_or_string = false;      ///< x-kubernetes-int-or-string
  bool embedded = false;           ///< x-kubernetes-embedded-resource
  bool any_member = false;         ///< additionalProperties: true
  bool atomic = false;             ///< x-kubernetes-map-type: atomic
  list_type list = list_type::atomic;
  std::vector<std::string> map_keys;  ///< x-kubernetes-list-map-keys
  std::optional<json> by_default;
  std::vector<property> properties;  ///< sorted by name
  node_ptr items;
  node_ptr members;                    ///< additionalProperties
  std::unique_ptr<value_rules> rules;  ///< null without any
  std::vector<schema_rule> validations;
  cel::type_ptr self_type;       ///< of what they judge; null without any
  bool has_defaults = false;     ///< here or below
  bool has_validations = false;  ///< here or below
  bool has_embedded = false;     ///< here or below

  const schema_node* find(std::string_view name) const;
  /// What a member of an object is held to; null when nothing is known of it.
  const schema_node* member(std::string_view name) const {
    const schema_node* found = find(name);
    return found ? found : members.get();
  }
};

/// Reads a schema that has been found structural; what it does not know it passes over. Nothing is
/// read deeper than 100 levels.
node_ptr read_schema(const json& schema);

/// The members that every object has, whatever its schema says.
bool is_object_member(std::string_view name);

}  // namespace troupe::model
