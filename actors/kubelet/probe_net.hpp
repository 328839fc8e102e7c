#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

// Probes over the network; they block, at most for their time-out.

/// The code of an answer, or why there was none.
struct http_result {
  int code = 0;
  std::string error;
};
http_result http_get(const std::string& host, int port, const std::string& path,
                     const std::vector<std::pair<std::string, std::string>>& headers,
                     std::chrono::seconds timeout);

/// "HTTP probe failed ..." or "dial tcp ..."; empty when the probe passed.
std::string probe_http(const std::string& host, int port, const std::string& path,
                       const std::vector<std::pair<std::string, std::string>>& headers,
                       std::chrono::seconds timeout);
std::string probe_tcp(const std::string& host, int port, std::chrono::seconds timeout);

}  // namespace troupe
