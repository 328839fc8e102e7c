#pragma once

#include "model/custom/kinds.hpp"
#include "model/time.hpp"

#include <vector>

namespace troupe::model {

// What apiextensions-apiserver's controllers write into the status of a CustomResourceDefinition.

inline constexpr std::string_view cleanup_finalizer = "customresourcecleanup.apiextensions.k8s.io";

/// What accept_names() has to know of a definition that is served already.
json names_of(const custom_definition& definition);

/// Decides which names a definition gets (status.acceptedNames, conditions NamesAccepted and
/// Established), given the other definitions. False when the status says so already.
bool accept_names(json& definition, const std::vector<json>& others, time_point now);

/// What the deletion of a definition begins with: the finalizer that keeps it until its objects are
/// gone, and the condition that says so.
void hold_definition(json& definition, time_point now);

/// Sets the condition Terminating; false when it is that already.
bool set_terminating(json& definition, bool done, time_point now);

}  // namespace troupe::model
