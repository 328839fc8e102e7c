#pragma once

#include "model/volumes/volume.hpp"

#include <vector>

namespace troupe::model {

/// The volumes of these that a claim may get, the best first: those that are bound to it already,
/// then of those that are available the ones with the fewest further access modes, and of these the
/// smallest. Nodes do not matter to it: find_match() takes the first that the node reaches.
std::vector<const volume_facts*> matches(const json& claim,
                                         const std::vector<const volume_facts*>& volumes);

}  // namespace troupe::model
