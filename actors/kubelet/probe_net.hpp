#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

// Probes over the network; they block, at most for their time-out.

/// "HTTP probe failed ..." or "dial tcp ..."; empty when the probe passed.
std::string probe_http(const std::string& host, int port, const std::string& path,
                       const std::vector<std::pair<std::string, std::string>>& headers,
                       std::chrono::seconds timeout);
std::string probe_tcp(const std::string& host, int port, std::chrono::seconds timeout);

}  // namespace troupe
