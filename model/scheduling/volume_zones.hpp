#pragma once

#include "model/node_view.hpp"
#include "model/pod_view.hpp"

namespace troupe::model {

/// Whether a volume's labels say in which zones or regions it is.
bool is_zoned(const string_pairs& volume_labels);

/// Whether they say another one than the node is in (VolumeZone). In a cluster whose nodes have no
/// zones they say nothing.
bool zone_conflict(const string_pairs& volume_labels, const node_view& node);

}  // namespace troupe::model
