#pragma once

#include "cli/config/settings.hpp"

namespace troupe::cli {

/// Log lines go to stderr, one a line: time, level, text.
void set_up_logging(const settings& s);

}  // namespace troupe::cli
