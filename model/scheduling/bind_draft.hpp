#pragma once

#include "model/object.hpp"
#include "model/status.hpp"
#include "model/time.hpp"

#include <string_view>
#include <variant>

namespace troupe::model {

/// The pod bound to a node, encoded: what model::bind() and encode() give, byte for byte, but
/// spliced into the text without parsing it where the pod is as the API left it (some ten times
/// cheaper). The Status when it cannot be bound.
std::variant<draft, status> bind_draft(const object& pod, std::string_view node, time_point now);

}  // namespace troupe::model
