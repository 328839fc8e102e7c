#pragma once

#include "model/object.hpp"
#include "model/selector.hpp"

namespace troupe::model {

/// What a controller is to do about an object that is, or could become, its dependent.
enum class claim : std::uint8_t {
  leave,   ///< somebody else's, or nobody's that it may take
  keep,    ///< its own
  adopt,   ///< nobody's yet, and selected: set the controller reference
  release  ///< its own by reference, but no longer selected: take the reference away
};

/// Decides as kube's ControllerRefManager. Inactive pods are not to be asked for. A controller that
/// is being deleted neither adopts nor releases.
claim claim_of(const object& controller, const label_selector& selector, const object& dependent);

/// The strategic merge patch that adopts: it fails when the object's uid is another.
json adoption_patch(const json& controller_reference, const object& dependent);
/// The strategic merge patch that releases.
json release_patch(const object& controller, const object& dependent);

}  // namespace troupe::model
