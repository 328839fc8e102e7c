#pragma once

#include "model/authorizer.hpp"
#include "model/object.hpp"

#include <optional>

namespace troupe::model::rbac {

/// Refuses a write of a role or binding by which somebody would give rights that they do not have:
/// 403 with the missing ones, unless they may `escalate` the role, or `bind` it. 404 for a binding
/// to a role that is not there. Nothing for other kinds. `old` is null for a creation.
std::optional<status> refuse_escalation(const authorizer& by, const subject& who,
                                        const object_key& key, const json* old, const json& wanted);

}  // namespace troupe::model::rbac
