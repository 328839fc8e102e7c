#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe::cli {

std::string host_name();
/// IPv4 and IPv6 addresses of the interfaces that are up, loopback last, link-local left out.
std::vector<std::string> host_addresses();
/// "0.0.0.0" and "::".
bool is_wildcard(const std::string& address);
/// "host:port", with brackets around an IPv6 address.
std::string join_host_port(const std::string& host, std::uint16_t port);
/// The inverse; nothing when the text is no such pair.
std::optional<std::pair<std::string, std::uint16_t>> split_host_port(const std::string& text);

}  // namespace troupe::cli
