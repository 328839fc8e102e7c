#pragma once

#include "model/json.hpp"
#include "model/time.hpp"

#include <optional>
#include <string_view>

namespace troupe::model {

/// The condition of a Job of this type, when it is True; null otherwise.
const json& true_condition(const json& job, std::string_view type);

/// "Complete" or "Failed" when the Job has ended, else "".
std::string_view job_end(const json& job);

/// When a Job that has ended is to be deleted: ttlSecondsAfterFinished after its end. Nothing:
/// never.
std::optional<time_point> job_expiry(const json& job);

/// A Job's condition as its controller writes it.
json job_condition(std::string_view type, bool status, std::string_view reason,
                   std::string_view message, time_point now);

/// Sets a condition; false when it was so already. What has never been is not set to False.
bool set_job_condition(json& status, const json& condition);

}  // namespace troupe::model
