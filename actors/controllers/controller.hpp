#pragma once

#include "actors/controllers/controllers.hpp"
#include "model/event.hpp"
#include "model/json.hpp"
#include "model/json_writer.hpp"
#include "model/status.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// When to look again at what somebody else has written in the meantime.
inline constexpr std::chrono::milliseconds after_conflict{50};

/// How the reconciliation of a key ended.
struct outcome {
  std::string failure;                             ///< not empty: try again, later each time
  std::optional<std::chrono::milliseconds> again;  ///< look at it again after this time
};

/// What a controller's rule can do. Callbacks come later, on the controller's own thread.
class controller_host {
 public:
  virtual ~controller_host() = default;
  virtual const store::cache& cache() const = 0;
  virtual model::time_point now() const = 0;
  /// Asks the API: as a part of the control plane (group system:masters), in a process of its own
  /// as the user that it has joined as. A PATCH is a strategic merge patch, of a custom kind a
  /// merge patch. The body may be empty.
  virtual void call(std::string method, std::string target, blob_ref body,
                    std::function<void(const api_response&)> done) = 0;
  /// The same with a document; null: no body.
  void call(std::string method, std::string target, const model::json& body,
            std::function<void(const api_response&)> done) {
    call(std::move(method), std::move(target),
         body.is_null() ? blob_ref() : blob_ref(model::dump(body)), std::move(done));
  }
  /// Writes past the API, in the control plane's process alone; what failed, with an empty text for
  /// what did not.
  virtual void commit(std::vector<write> writes,
                      std::function<void(const std::vector<std::string>&)> done) = 0;
  /// Has a node remove the directory of a volume (as node_registry_actor); the Status, or nothing
  /// when it is gone.
  virtual void reclaim(const std::string& node, const std::string& directory,
                       std::function<void(const std::optional<model::status>&)> done) = 0;
  /// Tells people of something, as an Event; from the component called as the rule unless the note
  /// says otherwise.
  virtual void record(model::event_note note) = 0;
  /// Reconciles `key` after a time (0: soon); the earlier of several calls counts.
  virtual void visit(const std::string& key, std::chrono::milliseconds after) = 0;
};

/// A rule: which keys an event concerns, and what is to be done about a key. One key is reconciled
/// by one call at a time, which ends when all that it asked for is answered; by the next one the
/// rule has observed the events of its own writes.
class controller {
 public:
  virtual ~controller() = default;
  virtual std::string name() const = 0;
  virtual std::vector<std::string> resources() const = 0;
  /// Once, before the first event.
  virtual void start(controller_host&) {}
  /// Events of one of the resources were missed, or are yet to come: all that exists of it comes
  /// next.
  virtual void relist(const std::string& /*resource*/, controller_host&) {}
  /// Everything that exists at the start comes as added.
  virtual void observe(const store::event& e, controller_host& host) = 0;
  virtual void reconcile(const std::string& key, controller_host& host,
                         std::function<void(outcome)> done) = 0;
};

controller_actor spawn_controller(caf::actor_system& sys, controller_options options,
                                  std::unique_ptr<controller> rule);

/// The path of an object: /api/v1/namespaces/ns/pods/name; without a name, of all that are beside
/// it. Empty for an unknown resource.
std::string path_of(const model::object_key& key);
/// The path that an object is created at: that of its collection, of the object's own path.
std::string collection_of(const std::string& path);

/// Success, "is there already" and "is gone already" are no failures.
outcome outcome_of(const api_response& r);

}  // namespace troupe
