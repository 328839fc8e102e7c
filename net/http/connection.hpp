#pragma once

// Inside of the server: one client's connection.

#include "net/http/server.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <atomic>
#include <optional>
#include <thread>
#include <unordered_set>

namespace troupe::http {

namespace asio = boost::asio;
using boost::system::error_code;
using steady_clock = std::chrono::steady_clock;

/// What all threads of a server share.
struct server_state {
  server_options options;
  handler handle;
  std::atomic<std::size_t> connections{0};
};

/// What the connections of one thread share. Connections hold it, so that an answer that comes
/// after the server is gone still finds its place to be dropped.
struct event_loop {
  explicit event_loop(std::shared_ptr<server_state> s) : server(std::move(s)) {}

  std::shared_ptr<server_state> server;
  asio::io_context io{1};
  asio::steady_timer sweeper{io};
  std::unordered_set<connection*> connections;
  std::string date;  ///< of the Date header, renewed each second
  bool stopping = false;
  /// Nothing that is posted from here on would run, and it would keep its connection, which keeps
  /// the loop.
  std::atomic<bool> ended = false;
  std::thread thread;

  void sweep();  ///< closes connections past their deadline; runs each second
  void stop();   ///< on the loop's thread, like close_all()
  void close_all();
};

/// Reads requests, hands them on one at a time, writes answers. Everything runs on the loop's
/// thread except respond(), stream() and wake(), which post there.
class connection : public std::enable_shared_from_this<connection> {
 public:
  explicit connection(std::shared_ptr<event_loop> loop);
  virtual ~connection() = default;

  virtual void start() = 0;
  /// Ends at once.
  virtual void close() = 0;

  /// Where it comes from. Before it starts.
  void from(std::string address) { address_ = std::move(address); }
  void respond(response r);
  void stream(response head, std::shared_ptr<body_source> body);
  void upgrade(response head, std::shared_ptr<upgraded> session);
  void wake();
  void post(std::function<void()> f);

  /// The server stops: end when the answer under way is out.
  void retire();
  bool overdue(steady_clock::time_point now) const { return now > deadline_; }
  /// A stream that wants to be pulled by now.
  bool due(steady_clock::time_point now) const { return now >= due_; }
  void post_after(std::chrono::milliseconds delay, std::function<void()> f);

 protected:
  virtual void start_read(asio::mutable_buffer into) = 0;
  virtual void start_write() = 0;
  virtual void end_sending() = 0;

  void closed();  ///< the transport is gone: let go of everything
  void opened();  ///< the transport is up: read the first request
  void on_read(error_code ec, std::size_t n);
  void on_write(error_code ec);
  void expire_in(std::chrono::steady_clock::duration d) { deadline_ = steady_clock::now() + d; }

  std::shared_ptr<event_loop> loop_;
  std::vector<asio::const_buffer> out_;  ///< what start_write() sends
  std::shared_ptr<const peer_identity> peer_;
  bool peer_rejected_ = false;
  bool secure_ = false;
  std::string address_;  // the peer's

 private:
  using parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  enum class state { reading, handling, writing, streaming, upgraded, draining, closed };

  void next_request();
  void read_more();
  std::size_t parse(error_code& ec);
  void feed();
  void dispatch();
  void refuse(int code, std::string reason, std::string message);
  void send(response r);
  void send_stream(response head, std::shared_ptr<body_source> body);
  void write_head(const response& r, std::size_t length, bool chunked);
  void send_upgrade(const response& head, std::shared_ptr<upgraded> session);
  void pump();
  void pump_upgraded();
  void feed_upgraded();
  void finished();
  void drain();

  state state_ = state::reading;
  std::optional<parser> parser_;
  std::vector<char> in_;
  std::size_t begin_ = 0;  ///< of what in_ holds unparsed
  std::size_t end_ = 0;
  bool reading_ = false;
  bool writing_ = false;
  bool keep_alive_ = true;
  bool accepts_gzip_ = false;
  bool head_request_ = false;
  bool continued_ = false;  ///< "100 Continue" was sent
  bool last_piece_ = false;
  std::string head_;
  std::string piece_;
  std::shared_ptr<const std::string> body_;
  std::shared_ptr<body_source> source_;
  std::shared_ptr<upgraded> session_;
  std::shared_ptr<connection> self_;  ///< upgraded: it may neither read nor write for a while
  std::atomic<bool> woken_{false};
  steady_clock::time_point deadline_;
  steady_clock::time_point due_ = steady_clock::time_point::max();
};

std::shared_ptr<connection> make_plain_connection(std::shared_ptr<event_loop> loop,
                                                  asio::ip::tcp::socket socket);

}  // namespace troupe::http
