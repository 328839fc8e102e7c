#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe {

/// Whom a request of a probe or a hook goes to.
struct http_target {
  std::string host, path;
  int port = 0;
  bool tls = false;  ///< whoever answers is believed, as kubelet does
  std::vector<std::pair<std::string, std::string>> headers;
};

/// The code of an answer, or why there was none. Who sends one elsewhere on the same host is
/// followed, as kubelet does; another host is not asked, and the answer counts as it is.
struct http_result {
  int code = 0;
  std::string error;
  std::string location;    ///< of an answer that says where to ask instead
  bool elsewhere = false;  ///< ... which is another host
};

/// Asks servers for probes and hooks: any number at a time, on one thread of its own. None waits
/// for another. Whom it has not answered when it ends it never answers.
class net_prober {
 public:
  net_prober();
  ~net_prober();
  net_prober(const net_prober&) = delete;
  net_prober& operator=(const net_prober&) = delete;

  // Each calls `told` once, on the thread; it may only post.
  void http(const http_target& to, std::chrono::milliseconds timeout,
            std::function<void(http_result)> told);
  /// "" when somebody takes the connection, else why not: "dial tcp ...".
  void tcp(const std::string& host, int port, std::chrono::milliseconds timeout,
           std::function<void(std::string)> told);

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

/// "HTTP probe failed ..." or why there was no answer; empty when the probe passed.
std::string verdict_of(const http_result& result);

}  // namespace troupe
