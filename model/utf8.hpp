#pragma once

#include <string_view>

namespace troupe::model {

/// Whether the text is UTF-8 as JSON takes it: no overlong forms, no surrogates.
bool is_utf8(std::string_view text);

}  // namespace troupe::model
