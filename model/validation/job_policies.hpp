#pragma once

#include "model/validation/path.hpp"

namespace troupe::model {

// What decides whether a Job has failed or succeeded early; `spec` is the Job's.

void validate_pod_failure_policy(const json& spec, const field_path& path, faults& out);
void validate_success_policy(const json& spec, const field_path& path, faults& out);

}  // namespace troupe::model
