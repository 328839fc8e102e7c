#pragma once

#include "model/object.hpp"
#include "model/propagation.hpp"
#include "model/schema.hpp"
#include "model/status.hpp"
#include "model/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace troupe::model {

/// metav1.DeleteOptions, as far as it decides anything.
struct delete_options {
  std::optional<std::int64_t> grace;  ///< seconds
  std::string if_uid;
  std::string if_version;
  propagation dependents;
  bool dry_run = false;
};

/// Reads a body (may be null). A Status when a field has the wrong type (400) or an option has no
/// such value (422).
std::variant<delete_options, status> delete_options_of(const json& body);

/// What a delete does to an object.
struct deletion {
  enum class action : std::uint8_t {
    remove,  ///< out of the store, now
    mark,    ///< store `object`: the deletion has begun
    pending  ///< nothing: it has begun already
  };
  action what = action::remove;
  json object;
};

/// Decides as apiserver's registry: pods on a node that have not ended get their grace period,
/// finalizers (those for the dependents among them) and a namespace's contents hold an object back.
/// A Status (409) when a precondition does not hold.
std::variant<deletion, status> decide_deletion(const kind_info& kind, const object_key& key,
                                               json object, const delete_options& options,
                                               time_point now);

/// Whether an object's header and text show already that decide_deletion would have it removed;
/// most objects need not be read any closer. False: it may be, nevertheless.
bool goes_at_once(const kind_info& kind, const object& stored, const delete_options& options);

/// Whether an update left nothing that holds a deleted object back: the store removes it then.
bool may_vanish(const kind_info& kind, const json& object);

}  // namespace troupe::model
