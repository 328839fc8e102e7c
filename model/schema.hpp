#pragma once

#include "model/json.hpp"
#include "model/object.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {

/// How a list or map merges (x-kubernetes-list-type, patch strategies).
enum class list_type : std::uint8_t { atomic, set, map };

enum class field_kind : std::uint8_t {
  string,
  integer,
  number,
  boolean,  ///< scalars
  int_or_string,
  quantity,
  time,
  micro_time,
  bytes,
  object,      ///< has `type`
  array,       ///< has `item`
  string_map,  ///< map of string to `item`
  any          ///< unstructured (RawExtension, FieldsV1)
};

struct type_info;

struct field_info {
  std::string_view name;
  field_kind kind = field_kind::string;
  field_kind item = field_kind::string;  ///< of arrays and maps
  const type_info* type = nullptr;       ///< of objects, or of the items that are objects
  bool required = false;
  list_type list = list_type::atomic;
  std::vector<std::string_view>
      map_keys;        ///< of list_type::map, and the merge key of a strategic patch (first one)
  bool merge = false;  ///< patchStrategy merge
  bool retain_keys = false;  ///< patchStrategy retainKeys
  bool replace = false;      ///< patchStrategy replace
  bool atomic = false;       ///< a map or struct that apply replaces as a whole
  std::uint8_t bits = 64;    ///< of integers: 32 or 64
  std::uint8_t nesting = 0;  ///< of maps: 1 when the items are lists of `item` ({}[]string)
  std::vector<std::string_view> enumeration;
  std::string_view default_value;  ///< JSON text; empty without default
  bool zero_unset = false;         ///< 0 counts as left out, as "" always does
  std::string_view description;
};

/// One struct of the API: io.k8s.api.core.v1.Container.
struct type_info {
  std::string_view name;  ///< OpenAPI definition name
  std::string_view description;
  bool atomic = false;             ///< replaced as a whole by apply
  std::vector<field_info> fields;  ///< sorted by name
  const field_info* field(std::string_view name) const;
};

/// A subresource and the kind that is sent to it.
struct subresource_info {
  std::string_view name;   ///< "binding"
  std::string_view group;  ///< of `kind`
  std::string_view version;
  std::string_view kind;                ///< "Binding"
  std::vector<std::string_view> verbs;  ///< create get patch update
};

/// One served kind of one version.
struct kind_info {
  std::string_view group;    ///< "" for core
  std::string_view version;  ///< "v1"
  std::string_view kind;     ///< "Pod"
  std::string_view plural;   ///< "pods"
  std::string_view singular;
  std::string_view
      resource;  ///< GroupResource, the storage name: "pods", "leases.coordination.k8s.io"
  bool namespaced = true;
  std::vector<std::string_view> short_names;
  std::vector<std::string_view> categories;
  std::vector<std::string_view>
      verbs;  ///< create delete deletecollection get list patch update watch
  std::vector<std::string_view> subresources;       ///< "status", "binding", "log"
  std::vector<subresource_info> subresource_kinds;  ///< the same, with what they take
  std::vector<std::string_view>
      field_selectors;  ///< paths besides metadata.name and metadata.namespace
  const type_info* type = nullptr;
  bool stored = true;  ///< the version in which objects of `resource` are stored: the preferred one
  int priority = 0;    ///< place of the group and version in discovery: higher is preferred
  std::string api_version() const;  ///< "v1" or "group/version"
  const subresource_info* subresource(std::string_view name) const;
};

/// All served kinds; parsed from the data files below model/schema/ at first use (a few
/// milliseconds at most).
class schema {
 public:
  static const schema& instance();

  /// Preferred groups and versions first.
  std::span<const kind_info> kinds() const;
  const kind_info* by_kind(std::string_view group, std::string_view version,
                           std::string_view kind) const;
  const kind_info* by_plural(std::string_view group, std::string_view version,
                             std::string_view plural) const;
  /// The preferred version of a GroupResource.
  const kind_info* by_resource(std::string_view resource) const;
  /// What a user may type: "po", "pods", "pod", "leases.coordination.k8s.io", "Deployment.v1.apps".
  const kind_info* by_argument(std::string_view argument) const;
  const type_info* type(std::string_view definition_name) const;
  /// All structs, by definition name.
  std::vector<const type_info*> types() const;

 private:
  explicit schema(std::string_view text);
  struct data;
  std::shared_ptr<const data> data_;
};

/// The values of the fields that a field selector may name on this resource, sorted by field path.
string_pairs selectable_fields(std::string_view resource, const json& document);

}  // namespace troupe::model
