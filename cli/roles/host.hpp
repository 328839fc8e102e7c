#pragma once

#include "cli/client/host_name.hpp"
#include "cli/client/host_port.hpp"

#include <string>
#include <vector>

namespace troupe::cli {

/// IPv4 and IPv6 addresses of the interfaces that are up, loopback last, link-local left out.
std::vector<std::string> host_addresses();
/// "0.0.0.0" and "::".
bool is_wildcard(const std::string& address);

}  // namespace troupe::cli
