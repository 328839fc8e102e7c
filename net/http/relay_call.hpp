#pragma once

// Inside of the relay: one request, and those who get its answer. All on the relay's thread unless
// it says otherwise.

#include "net/http/connection.hpp"
#include "net/http/relay.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/beast/http/message.hpp>

#include <optional>

namespace troupe::http {

class relay_call;

/// Whom an answer goes to.
class relay_receiver {
 public:
  virtual ~relay_receiver() = default;
  /// The head; `length` of the body where it is known. A receiver that keeps the call may go on
  /// with it later.
  virtual void head(const boost::beast::http::response_header<>& h,
                    std::optional<std::uint64_t> length,
                    const std::shared_ptr<relay_call>& call) = 0;
  /// A piece of the body, or of what comes after a 101. False: no more until resume().
  virtual bool data(std::string_view piece) = 0;
  /// That was all.
  virtual void end() = 0;
  /// No answer, or no more of it.
  virtual void failed(const std::string& why) = 0;
};

class relay_call : public std::enable_shared_from_this<relay_call> {
 public:
  virtual ~relay_call() = default;
  virtual void start(std::chrono::milliseconds patience) = 0;
  /// Goes on reading.
  virtual void resume() = 0;
  /// Sends bytes after a 101; `sent` is called when they have gone out.
  virtual void write(std::string bytes, std::function<void()> sent) = 0;
  /// Nobody wants the rest.
  virtual void cancel() = 0;
};

asio::ssl::context make_relay_context(const relay_target& whom, const std::string& certificate,
                                      const std::string& key);
/// Throws std::invalid_argument for an address that is none.
std::shared_ptr<relay_call> make_relay_call(asio::io_context& io,
                                            std::shared_ptr<asio::ssl::context> context,
                                            const relay_target& whom, relay_request what,
                                            std::shared_ptr<relay_receiver> to);

/// Answers a client.
std::shared_ptr<relay_receiver> make_answer_receiver(asio::io_context& io, exchange_ptr to,
                                                     relay::failure failed);
/// Passes it on piece by piece; `head` is called instead of the listener's.
std::shared_ptr<relay_receiver> make_listening_receiver(
    std::function<void(int, const std::string&, const std::shared_ptr<relay_call>&)> head,
    relay_listener listener);
/// Gathers the answer.
std::shared_ptr<relay_receiver> make_fetch_receiver(std::size_t limit,
                                                    std::function<void(client_reply)> done);

}  // namespace troupe::http
