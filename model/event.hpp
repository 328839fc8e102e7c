#pragma once

#include "model/json.hpp"
#include "model/object.hpp"
#include "model/time.hpp"

#include <cstdint>
#include <string>
#include <vector>

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

/// One thing that happened, as a component tells it: in the way of core/v1 (client-go's
/// tools/record), or, when it says what was done, in that of events.k8s.io/v1 (tools/events), as
/// kube-scheduler does.
struct event_note {
  object_reference about;
  std::string type = "Normal";  ///< or Warning
  std::string reason;           ///< Scheduled
  std::string message;
  std::string component;  ///< default-scheduler, kubelet
  std::string host;       ///< of a kubelet: its node; of one with an action: the reportingInstance
  std::string action;     ///< Binding; empty: in the way of core/v1
  std::vector<object_reference> related;  ///< to one with an action: none or one

  /// What repeats of the same event have in common (client-go's getEventKey and getKey). With an
  /// action that is the object's version, too; and the message, so that none is lost.
  std::string key() const;
  /// Events of cluster-scoped objects live in "default".
  std::string ns() const { return about.ns.empty() ? "default" : about.ns; }
};

/// "web.17f0a9c3d2b1e4f5": the object's name and the time in hexadecimal nanoseconds.
std::string event_name(const event_note& note, time_point first);

/// The Event object, as core/v1 has it: without uid and creationTimestamp, which the API gives it.
/// Repeats are counted by it, or, with an action, by its series.
json event_json(const event_note& note, std::string_view name, time_point first, time_point last,
                std::int64_t count);

/// The series of an Event with an action: how often, and when last.
json event_series(std::int64_t count, time_point last);

}  // namespace troupe::model
