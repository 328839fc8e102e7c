#pragma once

#include "model/json.hpp"
#include "model/object.hpp"
#include "model/time.hpp"

#include <cstdint>
#include <string>

namespace troupe::model {

/// What an event is about: core/v1 ObjectReference.
struct object_reference {
  std::string api_version = "v1";
  std::string kind;
  std::string ns;
  std::string name;
  std::string uid;
  std::string resource_version;
  std::string field_path;  ///< spec.containers{web}

  json to_json() const;
};

/// The reference of a stored object of a core kind ("Pod", "Node").
object_reference reference_to(const object& o, std::string_view kind,
                              std::string_view api_version = "v1");

/// One thing that happened, as a component tells it (client-go's EventRecorder).
struct event_note {
  object_reference about;
  std::string type = "Normal";  ///< or Warning
  std::string reason;           ///< Scheduled
  std::string message;
  std::string component;  ///< default-scheduler, kubelet
  std::string host;       ///< of a kubelet: its node

  /// What repeats of the same event have in common (client-go's getEventKey).
  std::string key() const;
  /// Events of cluster-scoped objects live in "default".
  std::string ns() const { return about.ns.empty() ? "default" : about.ns; }
};

/// "web.17f0a9c3d2b1e4f5": the object's name and the time in hexadecimal nanoseconds.
std::string event_name(const event_note& note, time_point first);

/// The Event object: without uid and creationTimestamp, which the API gives it.
json event_json(const event_note& note, std::string_view name, time_point first, time_point last,
                std::int64_t count);

}  // namespace troupe::model
