#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace troupe::model {

/// RFC 4648, with padding: how Kubernetes writes bytes in JSON.
std::string to_base64(std::string_view bytes);
/// Nothing when the text is not base64 with padding. Line breaks are allowed, as Go does.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace troupe::model
