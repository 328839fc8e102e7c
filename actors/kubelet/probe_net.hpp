#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

// Probes over the network; they block, at most for their time-out.

/// Whom a request of a probe or a hook goes to.
struct http_target {
  std::string host, path;
  int port = 0;
  bool tls = false;  ///< whoever answers is believed, as kubelet does
  std::vector<std::pair<std::string, std::string>> headers;
};

/// The code of an answer, or why there was none.
struct http_result {
  int code = 0;
  std::string error;
};
http_result http_get(const http_target& to, std::chrono::milliseconds timeout);

/// "HTTP probe failed ..." or "dial tcp ..."; empty when the probe passed.
std::string probe_http(const http_target& to, std::chrono::seconds timeout);
std::string probe_tcp(const std::string& host, int port, std::chrono::seconds timeout);

}  // namespace troupe
