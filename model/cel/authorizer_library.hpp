#pragma once

#include "model/authorizer.hpp"
#include "model/cel/value.hpp"

namespace troupe::model::cel {

// The variable `authorizer` of admission: what somebody may do.

/// `authorizer`: asks about `who`. `by` outlives the evaluation.
value authorizer_of(const authorizer& by, const subject& who);
/// `authorizer.requestResource`: about what a request is for; its verb is asked for.
value resource_check_of(const authorizer& by, const subject& who, request_info what);

}  // namespace troupe::model::cel
