#pragma once

#include "net/http/message.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe::http {

class connection;

/// One request that waits for its answer. Holding it keeps its connection; dropping it unanswered
/// answers 500.
class exchange {
 public:
  exchange(std::shared_ptr<connection> c, request r);
  ~exchange();
  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;

  /// The handler may move parts out.
  request& in() { return request_; }

  /// Called once with the answer, before it goes out, on the thread that answers; for a stream also
  /// what it returns, at the stream's end. Several may be set, before the exchange is passed on.
  using observer = std::function<std::function<void()>(const response&, bool streams)>;
  void observe(observer o) { observers_.push_back(std::move(o)); }
  /// A header of the answer, whatever it will be. Before the exchange is passed on.
  void add_header(std::string name, std::string value) {
    headers_.emplace_back(std::move(name), std::move(value));
  }

  /// Answers, from any thread. Only the first answer counts.
  void respond(response r);
  /// Answers with a body in pieces, from any thread.
  void stream(response head, std::shared_ptr<body_source> body);
  /// Answers 101 with these headers and leaves HTTP, from any thread.
  void upgrade(response head, std::shared_ptr<upgraded> session);
  /// What a body source's producer calls, from any thread, when there is something to pull. Does
  /// not hold the connection.
  std::function<void()> waker() const;
  /// Runs `f` on the connection's thread.
  void post(std::function<void()> f);
  /// Runs `f` there after a while. On the connection's thread only.
  void post_after(std::chrono::milliseconds delay, std::function<void()> f);

 private:
  std::shared_ptr<connection> connection_;
  request request_;
  /// The answer begins: everybody hears of it. What is to be called at a stream's end.
  std::vector<std::function<void()>> begin(response& r, bool streams);

  std::vector<observer> observers_;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::atomic<bool> answered_{false};
};
using exchange_ptr = std::shared_ptr<exchange>;

/// Called on a server thread for each request; must not block.
using handler = std::function<void(exchange_ptr)>;

/// Keys and certificates of a TLS listener, as PEM text.
struct tls_options {
  std::string certificate;  ///< the server's, with its chain
  std::string key;
  std::string client_ca;  ///< whose client certificates are believed; empty: none asked for
};

struct listener_options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;                  ///< 0: any free one
  std::shared_ptr<const tls_options> tls;  ///< null: plain HTTP
};

/// Half of the cores, one at least: the actors want them all, and on two cores a second thread
/// costs more switches than it serves (docs/performance.md).
unsigned usual_server_threads();

struct server_options {
  std::vector<listener_options> listeners;
  unsigned threads = usual_server_threads();
  std::size_t header_limit = 64u << 10;  ///< bytes; past it 431
  std::size_t target_limit = 8u << 10;   ///< past it 414
  std::size_t body_limit = 3u << 20;     ///< past it 413
  /// Further ones are closed at once. 0: what the limit on open files leaves, an eighth kept back.
  std::size_t max_connections = 0;
  std::size_t gzip_from = 128u << 10;      ///< bodies above it are compressed when that is accepted
  std::chrono::seconds idle_timeout{90};   ///< between two requests
  std::chrono::seconds read_timeout{32};   ///< for the rest of a request that has begun
  std::chrono::seconds write_timeout{30};  ///< without the peer taking a byte of a write
  std::chrono::milliseconds grace{2'000};  ///< that stop() waits for requests under way
};

/// An HTTP/1.1 server: plain and TLS listeners on a few threads of its own, each connection served
/// by one of them. Keeps connections, answers pipelined requests in order.
class server {
 public:
  /// Binds and starts. Throws std::system_error when an address cannot be bound or a certificate
  /// is unusable.
  server(server_options options, handler handle);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// The port of each listener, in the order of the options.
  const std::vector<std::uint16_t>& ports() const;
  std::size_t connections() const;
  /// Stops accepting, ends streams and idle connections, lets answers under way go out, then ends
  /// the threads. Idempotent; must not be called on a server thread.
  void stop();

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace troupe::http
