#pragma once

#include "cli/client/join.hpp"
#include "cli/config/settings.hpp"

namespace troupe::cli {

/// join_cluster() by section `join` of a role's settings, of which config_error names the faulty
/// one.
membership join_cluster(const settings& s, const std::filesystem::path& dir, const join_wish& wish,
                        std::chrono::milliseconds patience);

}  // namespace troupe::cli
