#pragma once

#include "model/validation/path.hpp"

namespace troupe::model {

/// A JobSpec, of a Job or of a CronJob's template, but for its selector.
void validate_job_spec(const json& spec, const field_path& path, faults& out);

}  // namespace troupe::model
