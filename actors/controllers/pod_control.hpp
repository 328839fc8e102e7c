#pragma once

#include "actors/controllers/batches.hpp"
#include "actors/controllers/controller.hpp"
#include "model/object.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// A workload that acts on its dependents: what events are about and references lead to.
struct workload {
  model::object_ptr object;
  std::string api_version;
  std::string kind;

  model::json reference() const;
  /// Records an Event about it.
  void tell(controller_host& host, std::string_view type, std::string_view reason,
            std::string message) const;
};

/// Ends with an empty text when all went well.
using ended_fn = std::function<void(std::string failure)>;

/// Makes a pod ("Created pod: NAME", "Error creating: ..."). A namespace that is being deleted is
/// no failure.
void create_pod(const workload& owner, blob_ref pod, controller_host& host, ended_fn ended);

/// Removes a pod ("Deleted pod: NAME", "Error deleting: ..."). One that is gone is no failure.
void delete_pod(const workload& owner, const model::object& pod, controller_host& host,
                ended_fn ended);

/// Whether a create failed because its namespace is being deleted.
bool ends_with_namespace(const model::status& s);

/// Objects to take over or to let go.
struct claims {
  std::vector<model::object_ptr> adopted;
  std::vector<model::object_ptr> released;
  std::string finalizer;  ///< that adopted objects get; or empty
  bool empty() const { return adopted.empty() && released.empty(); }
};

/// Carries claims out. An owner that is gone, is another or is being deleted adopts nothing.
void carry_out(const workload& owner, const claims& c, controller_host& host,
               std::function<void(outcome)> done);

/// Whether somebody has written the status of an object since it was `judged`: what was made of it
/// would take that back.
bool status_is_another(const model::object& judged, const controller_host& host);

/// Writes the status that was made of `judged`; where somebody has written another one in the
/// meantime, the key is looked at again instead. A status that is there already is not written.
void put_status(const model::object& judged, model::json status, controller_host& host,
                std::function<void(outcome)> done);

/// The same over whatever else changed in the meantime. `done` also gets the status' text as it is
/// stored then; empty after a failure.
void put_status(const model::object_key& key, const std::string& uid, model::json status,
                controller_host& host, std::function<void(outcome, std::string)> done);

}  // namespace troupe
