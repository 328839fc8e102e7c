#pragma once

#include "model/request_info.hpp"
#include "model/schema.hpp"
#include "model/selector.hpp"
#include "model/status.hpp"
#include "store/cache.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace troupe::store {

// metav1.ListOptions: what a list, watch or deletecollection asks for.

/// A Status (422) for options that do not go together, in apimachinery's words.
std::optional<model::status> check_list_options(const model::request_info& info);
std::optional<model::status> check_watch_options(const model::request_info& info);

/// The parameter resourceVersion; 0: there is none. A Status when it is no version.
std::variant<std::uint64_t, model::status> named_version(const model::request_info& info);
/// The version that the cache must have reached for this read (resourceVersion); 0: any. A Status
/// when the parameter is no version.
std::variant<std::uint64_t, model::status> needed_version(const model::request_info& info);
/// 504 for a version that did not come in time: "Timeout: Too large resource version: 7, ...".
model::status too_large_version(std::uint64_t wanted, std::uint64_t current);

/// A query parameter as a number; nothing when it is absent.
std::optional<std::int64_t> number_option(const model::request_info& info, const char* name);

/// What a list or watch or deletecollection selects.
struct selection {
  std::string ns;
  model::label_selector labels;
  model::field_selector fields;
  /// Whose schema has fields of its own to select by: they are looked for in the objects' texts.
  const model::kind_info* custom = nullptr;

  bool everything() const { return labels.empty() && fields.empty(); }
  bool matches(const object_ptr& object) const;
  /// The one object of `kind` that can match, where the selection names it; else nothing.
  std::optional<model::object_key> only(const model::kind_info& kind) const;
  /// What all that can match has in common; nothing when that is no topic.
  std::optional<topic> subject(const model::kind_info& kind) const;
};
std::variant<selection, model::status> selection_of(const model::request_info& info,
                                                    const model::kind_info& kind);

}  // namespace troupe::store
