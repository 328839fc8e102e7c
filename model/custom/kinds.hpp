#pragma once

#include "model/custom/schema_node.hpp"
#include "model/custom/types.hpp"
#include "model/json.hpp"
#include "model/object.hpp"
#include "model/schema.hpp"
#include "model/table/printers.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {

// Kinds that CustomResourceDefinitions add to the built-in ones, and the registry of them.

inline constexpr std::string_view definitions_resource =
    "customresourcedefinitions.apiextensions.k8s.io";

struct custom_definition;
struct custom_version;

/// The type of a custom kind; by it custom_of() finds the rest.
struct custom_type : type_info {
  const custom_version* version = nullptr;
};

/// One version of a custom resource, served or not.
struct custom_version {
  kind_info kind;
  const custom_definition* definition = nullptr;
  printer columns;
  bool served = false;
  std::string deprecation;  ///< what clients are warned of; empty: it is not deprecated
  /// Dotted paths without the first dot; empty: there is no scale.
  std::string spec_replicas, status_replicas, label_selector;

  /// Reads the schema, and fills the kind's type in, the first time: most processes never look at
  /// most definitions of a cluster. What by_plural() finds has been through this.
  void prepare() const;
  const schema_node& schema() const {
    prepare();
    return *schema_;
  }

 private:
  friend class definition_reader;
  mutable std::once_flag prepared_;
  mutable node_ptr schema_;
  mutable custom_type type_;
  mutable type_builder types_;
};

/// A CustomResourceDefinition that is served. Immutable.
struct custom_definition : std::enable_shared_from_this<custom_definition> {
  object_ptr object;  ///< the definition itself
  std::string group, plural, singular, kind, list_kind, resource;
  std::vector<std::string> short_names, categories;
  bool namespaced = true;
  bool terminating = false;  ///< it is being deleted: nothing can be created
  bool converts = false;     ///< conversion strategy Webhook
  /// Preferred ones first, in the order of Kubernetes' version priority.
  std::vector<std::unique_ptr<custom_version>> versions;
  const custom_version* stored = nullptr;  ///< in which objects are written
  std::deque<std::string> texts;           ///< what the versions' names point into
};
using definition_ptr = std::shared_ptr<const custom_definition>;

/// Reads a definition whose names have been accepted; null when it cannot be served.
definition_ptr read_definition(const object_ptr& object);

/// Whether a definition's status says that it is established.
bool is_established(const json& definition);

/// The place in discovery that all custom kinds have, after all built-in ones.
int custom_kind_priority();

/// The custom part of a kind; null for built-in kinds.
const custom_version* custom_of(const kind_info& kind);
/// What keeps a kind for as long as somebody uses it; null for built-in ones, which stay.
std::shared_ptr<const void> keep(const kind_info& kind);
/// The version in which objects of this kind's resource are stored.
const kind_info& stored_kind(const kind_info& kind);

/// "v2" before "v1" before "v1beta2" before "v1alpha1" before all that is no such version.
bool is_preferred_version(std::string_view a, std::string_view b);

/// A kind and what keeps it.
struct served_kind {
  const kind_info* kind = nullptr;
  std::shared_ptr<const void> kept;
  explicit operator bool() const { return kind != nullptr; }
};

/// The custom kinds that are served at one time. Immutable: where a definition changes, another
/// registry takes its place.
class custom_kinds {
 public:
  custom_kinds() = default;
  /// Of all definitions there are. What `before` has read already is taken from there.
  custom_kinds(const std::vector<object_ptr>& definitions, const custom_kinds& before);

  served_kind by_plural(std::string_view group, std::string_view version,
                        std::string_view plural) const;
  served_kind by_kind(std::string_view group, std::string_view version,
                      std::string_view kind) const;
  /// The preferred version of a GroupResource.
  served_kind by_resource(std::string_view resource) const;
  /// By GroupResource.
  const std::map<std::string, definition_ptr, std::less<>>& definitions() const {
    return definitions_;
  }
  /// Another number than any other registry of this process has.
  std::uint64_t number() const { return number_; }

 private:
  std::map<std::string, definition_ptr, std::less<>> definitions_;
  std::uint64_t number_ = 0;
};

}  // namespace troupe::model
