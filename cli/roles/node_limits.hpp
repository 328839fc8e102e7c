#pragma once

#include "actors/kubelet/kubelet.hpp"
#include "cli/config/settings.hpp"

namespace troupe::cli {

/// What is kept free on a node, and what goes for it: eviction, removal of images, what is
/// reserved. Throws config_error.
void set_node_limits(const settings& s, kubelet_options& o);

}  // namespace troupe::cli
