#pragma once

#include "model/review.hpp"

namespace troupe::model {

// One function a kind of review; each fills in the status.

std::optional<status> review_self(const review_request& r, json& document);
std::optional<status> review_token(const review_request& r, json& document);
/// SubjectAccessReview, LocalSubjectAccessReview and SelfSubjectAccessReview.
std::optional<status> review_access(const review_request& r, json& document);
std::optional<status> review_rules(const review_request& r, json& document);

/// authentication.k8s.io UserInfo.
json user_info_json(const identity& who);

}  // namespace troupe::model
