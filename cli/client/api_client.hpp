#pragma once

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::cli {

/// A request of the Kubernetes API as a command makes it.
struct client_request {
  std::string method;  ///< GET POST PUT PATCH DELETE
  std::string target;  ///< path and query
  std::string body;
  std::string content_type;  ///< empty: application/json
  std::string accept;        ///< empty: application/json
};

struct client_response {
  int code = 200;
  std::string body;  ///< a Status when the code is 400 or more
  std::vector<std::string> warnings;
};

/// A stream ended before its time.
struct connection_lost : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What commands speak to: the API actor, over whatever leads there.
class api_client {
 public:
  virtual ~api_client() = default;
  /// Throws std::runtime_error when the cluster cannot be reached.
  virtual client_response request(const client_request& request) = 0;
  /// A GET whose answer is a stream (watch, log). Hands each chunk to `on_chunk` until the stream
  /// ends or `on_chunk` returns false. With a code other than 200 the body says why. Throws
  /// connection_lost.
  virtual client_response stream(const std::string& target, const std::string& accept,
                                 const std::function<bool(std::string_view)>& on_chunk) = 0;
  /// The namespace of the kubeconfig's current context.
  virtual std::string default_namespace() const { return "default"; }
};

/// Connects with a kubeconfig (empty: found as kubectl finds it).
using client_factory = std::function<std::unique_ptr<api_client>(const std::string& kubeconfig)>;

}  // namespace troupe::cli
