#pragma once

#include "net/http/client.hpp"
#include "net/http/server.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::http {

/// A server that requests are passed on to, over TLS unless it is `plain`.
struct relay_target {
  std::string host;       ///< whom its certificate has to name
  std::string dial;       ///< where it is: "10.0.0.1:8443", "[fd00::1]:443"
  std::string ca;         ///< PEM: whom to trust; empty: as the system does
  bool insecure = false;  ///< trust anybody
  bool plain = false;     ///< no TLS
};

/// What it is asked.
struct relay_request {
  std::string method, target, body;
  std::vector<std::pair<std::string, std::string>> headers;  ///< without Host and lengths
};

struct relay_options {
  std::string certificate, key;                ///< PEM: who we are to those servers; empty: nobody
  std::chrono::milliseconds patience{60'000};  ///< for the head of an answer
};

/// Who hears an answer that comes in pieces. All calls come on the relay's thread.
struct relay_listener {
  std::function<void(int code, const std::string& content_type)> head;
  /// A piece of at most 64 KiB of the body. False: no more until resume().
  std::function<bool(std::string_view piece)> data;
  /// Nothing more comes: empty after all of the answer, else why.
  std::function<void(const std::string& why)> end;
};

/// The listener's hold on such an answer. Callable from any thread.
class relay_stream {
 public:
  virtual ~relay_stream() = default;
  /// Goes on reading.
  virtual void resume() = 0;
  /// Nobody wants the rest; nothing is heard after what is on its way.
  virtual void cancel() = 0;
};

/// Passes requests of our clients on to other servers, and their answers back while they come: also
/// those that do not end (watches), and connections that leave HTTP. One thread, no blocking; a
/// reader that is slow holds up its own answer alone. Each request has a connection of its own.
class relay {
 public:
  /// Throws std::system_error when certificate or key are unusable.
  explicit relay(relay_options options);
  ~relay();
  relay(const relay&) = delete;
  relay& operator=(const relay&) = delete;

  /// Why there is no answer; called on the relay's thread, and the exchange is not answered then.
  using failure = std::function<void(const exchange_ptr&, const std::string& why)>;
  void pass(exchange_ptr to, relay_target whom, relay_request what, failure failed);
  /// One answer for ourselves, at most `limit` bytes; `done` is called on the relay's thread.
  void fetch(relay_target whom, relay_request what, std::chrono::milliseconds patience,
             std::size_t limit, std::function<void(client_reply)> done);
  /// One answer for ourselves of any length, while it comes.
  std::shared_ptr<relay_stream> listen(relay_target whom, relay_request what,
                                       relay_listener listener);
  /// Runs `f` on the relay's thread, soon or after a while; not any more once it has stopped.
  void post(std::function<void()> f);
  void post_after(std::chrono::milliseconds delay, std::function<void()> f);
  /// Ends all that is under way.
  void stop();

 private:
  struct impl;
  class listening;
  std::shared_ptr<impl> impl_;
};

}  // namespace troupe::http
