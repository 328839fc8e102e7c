#pragma once

#include "model/hooks/policy.hpp"

#include <string>
#include <variant>
#include <vector>

namespace troupe::model {

/// Why a policy or a binding cannot be judged by, whoever asks: its failurePolicy decides then, and
/// not the actions of its bindings.
struct policy_misfit {
  bool of_binding = true;
  std::string why;
};

/// What a binding has its policy judged with: parameters, one after the other; one null where there
/// are to be none; none where parameterNotFoundAction lets the request pass.
std::variant<std::vector<json>, policy_misfit> params_of(const admission_policy& policy,
                                                         const policy_binding& binding,
                                                         const hook_request& r,
                                                         const policy_world& world);

/// The same as long as only the policy is known.
std::optional<policy_misfit> misfit_of(const admission_policy& policy, const policy_world& world);

}  // namespace troupe::model
