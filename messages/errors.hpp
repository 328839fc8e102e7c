#pragma once

#include "model/status.hpp"

#include <caf/error.hpp>

namespace troupe {

/// A Kubernetes Status as an actor's error; survives the wire.
caf::error to_error(const model::status& s);

/// The Status in an error: what to_error() put there; for CAF's own errors (peer gone, time-out) a
/// 503 or 504 that says so and may be retried.
model::status to_status(const caf::error& e);

}  // namespace troupe
