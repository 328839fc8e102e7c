#pragma once

#include "model/describe/text.hpp"

namespace troupe::model {

/// The section of a pod's containers (or init containers).
void describe_containers(describe_text& text, std::string_view title, const json& containers,
                         const json& statuses, const json& pod);

}  // namespace troupe::model
