#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace troupe::model {

/// Aligns text with elastic tab stops, as Go's text/tabwriter does with blanks: a cell ends with a
/// tab, and the cells of neighbouring lines that stand one below the other get one width.
std::string align_tabs(std::string_view text, std::size_t min_width, std::size_t padding);

}  // namespace troupe::model
