#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace troupe::cli {

/// "host:port", with brackets around an IPv6 address.
std::string join_host_port(const std::string& host, std::uint16_t port);
/// The inverse; nothing when the text is no such pair.
std::optional<std::pair<std::string, std::uint16_t>> split_host_port(const std::string& text);

}  // namespace troupe::cli
