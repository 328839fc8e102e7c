#pragma once

#include "cli/bench/endpoint.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <functional>
#include <memory>

namespace troupe::cli::bench {

/// One keep-alive connection, cheap enough that a single thread loads a server. Handlers run in
/// the io_context; a broken connection throws bench_error out of its run().
class connection {
 public:
  /// `body` is as much of it as was to be kept, `size` of how many bytes.
  using on_reply = std::function<void(int code, std::string_view body, std::size_t size)>;
  using on_data = std::function<void(std::string_view part)>;

  /// Connects, and shakes hands where TLS is spoken. Blocks. Throws bench_error.
  static std::unique_ptr<connection> open(boost::asio::io_context& io, const endpoint& to);
  virtual ~connection() = default;

  /// Sends a request (make_request) and calls `done` with the answer. One at a time. Of the body
  /// no more than `keep` bytes are kept: to count is cheaper than to hold.
  virtual void send(std::string request, on_reply done, std::size_t keep = std::string::npos) = 0;
  /// Sends a watch request and calls `data` with each piece of the body as it comes, for ever.
  virtual void stream(std::string request, on_data data) = 0;
};

/// A request and its answer, without haste. Throws bench_error when there is none.
std::pair<int, std::string> ask(const endpoint& to, std::string_view method,
                                std::string_view target, std::string_view body = {},
                                std::string_view content_type = "application/json");

}  // namespace troupe::cli::bench
