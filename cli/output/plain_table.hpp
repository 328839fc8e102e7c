#pragma once

#include "model/json.hpp"
#include "model/time.hpp"

namespace troupe::cli {

/// The metav1.Table of an answer to a request for one. Servers behind the aggregation layer need
/// not make any: of their objects or lists there are then names and ages, as kubectl shows them.
model::json table_of(model::json answer, model::time_point now);

}  // namespace troupe::cli
