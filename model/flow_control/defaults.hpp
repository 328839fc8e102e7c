#pragma once

#include "model/json.hpp"

#include <optional>
#include <vector>

namespace troupe::model {

/// The PriorityLevelConfigurations and FlowSchemas of every cluster, mandatory and suggested, as
/// documents to create; levels first.
const std::vector<json>& default_flow_objects();

/// What of a mandatory or suggested object a start brings back: the spec, unless somebody has said
/// apf.kubernetes.io/autoupdate-spec: "false" (or taken that annotation off a suggested one).
/// Nothing when all is as it should be.
std::optional<json> reconciled_flow_object(const json& stored, const json& wanted);

}  // namespace troupe::model
