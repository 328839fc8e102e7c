#pragma once

#include <string>
#include <string_view>

namespace troupe::model {

/// Whether the text is UTF-8 as JSON takes it: no overlong forms, no surrogates.
bool is_utf8(std::string_view text);

/// How many characters a text in UTF-8 has.
std::size_t count_characters(std::string_view text);

/// With small letters for the capital ones of ASCII.
std::string ascii_lower(std::string_view text);

}  // namespace troupe::model
