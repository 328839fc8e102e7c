#pragma once

#include "model/hooks/hook.hpp"

#include <map>
#include <string>
#include <vector>

namespace troupe::model {

// AdmissionReview: what webhooks are asked, and what they say.

std::string review_text(const hook& h, const hook_request& r, const kind_info& as,
                        const std::string& uid);

/// What a webhook answered.
struct hook_answer {
  std::string error;  ///< no answer that counts; why
  bool allowed = false;
  status refusal;  ///< when it is not allowed
  json patch;      ///< a JSON patch, or null
  std::vector<std::string> warnings;
  std::map<std::string, std::string> audit_annotations;  ///< "WEBHOOK/KEY"
};

/// Reads the body of an answer. `mutates`: patches are listened to.
hook_answer read_review(const hook& h, const std::string& uid, int code, const std::string& body,
                        bool mutates);

/// 500: the webhook could not be asked, or did not answer as it has to.
status hook_failed(const hook& h, const std::string& why);
/// 400: what a dry run must not ask of a webhook with side effects.
/// 500 for a webhook that wants to change what cannot be changed.
status changes_nothing(const hook& h);
status no_dry_run(const hook& h);

/// The object with a webhook's patch, in the version of the request; `as` is the one in which the
/// webhook saw it. A Status when the patch does not fit.
std::variant<json, status> apply_hook_patch(const hook& h, const hook_request& r,
                                            const kind_info& as, const json& patch);

}  // namespace troupe::model
