#include "net/cri/streaming.hpp"

#include "net/stream/spdy_channels.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <thread>
#include <utility>

namespace troupe::net::cri {

using namespace model::kubelet;
namespace asio = boost::asio;
using boost::system::error_code;
using stream::command_channel;
using tcp = asio::ip::tcp;

namespace {

constexpr std::chrono::seconds opening_limit{10};
constexpr std::size_t head_limit = 16u << 10;
constexpr std::size_t read_size = 128u << 10;

/// The thread of all streams of the process, until the process ends.
asio::io_context& loop() {
  struct runner {
    asio::io_context io{1};
    asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(io);
    std::thread thread{[this] {
      pthread_setname_np(pthread_self(), "cri-stream");
      io.run();
    }};
  };
  static auto& one = *new runner;
  return one.io;
}

struct address {
  std::string host, port, path;
};

/// Of "http://127.0.0.1:35281/exec/TOKEN".
std::optional<address> parse_url(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme)) return std::nullopt;
  url.remove_prefix(scheme.size());
  const auto slash = url.find('/');
  if (slash == url.npos) return std::nullopt;
  const auto authority = url.substr(0, slash);
  const auto colon = authority.rfind(':');
  if (colon == authority.npos) return std::nullopt;
  address a{std::string(authority.substr(0, colon)), std::string(authority.substr(colon + 1)),
            std::string(url.substr(slash))};
  if (a.host.starts_with('[') && a.host.ends_with(']'))
    a.host = a.host.substr(1, a.host.size() - 2);
  return a;
}

class connection final : public tunnel, public std::enable_shared_from_this<connection> {
 public:
  connection(address where, const tunnel_options& options, tunnel_events events,
             done<std::shared_ptr<tunnel>> f)
      : where_(std::move(where)),
        ports_(options.what == tunnel_options::use::port_forward),
        events_(std::move(events)),
        opened_(std::move(f)),
        in_(read_size) {
    const auto channels = stream::channels_of(options);
    dialect_ = ports_ ? stream::spdy_ports_client() : stream::spdy_command_client(channels);
    for (const auto c : channels)
      if (c != command_channel::in && c != command_channel::resize) open_.insert(number(c));
  }

  void start() {
    asio::post(loop(), [self = shared_from_this()] { self->connect(); });
  }

  void write(frame f) override {
    asio::post(loop(), [self = shared_from_this(), f = std::move(f)] {
      self->dialect_->write(f, self->out_);
      ++self->written_;
      self->flush();
    });
  }
  void allow(std::uint32_t frames) override {
    asio::post(loop(), [self = shared_from_this(), frames] {
      self->allowed_ += frames;
      self->understand();
    });
  }
  void close() override {
    asio::post(loop(), [self = shared_from_this()] { self->shut(); });
  }

 private:
  void connect() {
    limit_.expires_after(opening_limit);
    limit_.async_wait([self = shared_from_this()](error_code ec) {
      if (!ec) self->failed("the runtime's streaming server does not answer");
    });
    resolver_.async_resolve(
        where_.host, where_.port,
        [self = shared_from_this()](error_code ec, const tcp::resolver::results_type& found) {
          if (ec) return self->failed("the runtime's streaming server: " + ec.message());
          asio::async_connect(self->socket_, found, [self](error_code bad, const tcp::endpoint&) {
            if (bad) return self->failed("the runtime's streaming server: " + bad.message());
            self->ask();
          });
        });
  }

  void ask() {
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    out_ = "POST " + where_.path + " HTTP/1.1\r\nHost: " + where_.host + ":" + where_.port +
           "\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: " +
           (ports_ ? "portforward.k8s.io" : "v4.channel.k8s.io") + "\r\nContent-Length: 0\r\n\r\n";
    asio::async_write(socket_, asio::buffer(out_),
                      [self = shared_from_this()](error_code ec, std::size_t) {
                        if (ec) return self->failed(ec.message());
                        self->read_head();
                      });
  }

  void read_head() {
    asio::async_read_until(
        socket_, asio::dynamic_buffer(head_, head_limit), "\r\n\r\n",
        [self = shared_from_this()](error_code ec, std::size_t n) {
          if (ec) return self->failed("the runtime's streaming server: " + ec.message());
          self->begin(n);
        });
  }

  void begin(std::size_t head) {
    const auto line = head_.substr(0, head_.find('\r'));
    if (!line.starts_with("HTTP/1.1 101 "))
      return failed("the runtime's streaming server answers " + line);
    limit_.cancel();
    const auto rest = head_.size() - head;
    in_.resize(std::max(read_size, rest));
    std::copy(head_.begin() + static_cast<std::ptrdiff_t>(head), head_.end(), in_.begin());
    end_ = rest;
    head_.clear();
    out_.clear();
    std::vector<frame> none;
    dialect_->begin(none, out_);
    up_ = true;
    if (auto f = std::exchange(opened_, {})) f({shared_from_this(), {}});
    flush();
    understand();
  }

  void failed(const std::string& why) {
    shut();
    if (auto f = std::exchange(opened_, {})) f({{}, {runtime_error::unavailable, why}});
  }

  void shut() {
    up_ = false;
    limit_.cancel();
    resolver_.cancel();
    error_code ignored;
    socket_.close(ignored);
  }

  void end(const std::string& why) {
    if (!up_) return;
    shut();
    events_.ended(why);
  }

  void flush() {
    if (!up_ || writing_ || out_.empty()) return;
    writing_ = true;
    sending_.swap(out_);
    out_.clear();
    asio::async_write(
        socket_, asio::buffer(sending_),
        [self = shared_from_this(), n = std::exchange(written_, 0)](error_code ec, std::size_t) {
          self->writing_ = false;
          // The end of what is read tells more.
          if (ec || !self->up_) return;
          if (n > 0) self->events_.took(n);
          self->flush();
        });
  }

  // What has been read, as far as it may be said; then more.
  void understand() {
    if (!up_ || allowed_ == 0) return;
    std::vector<frame> frames;
    begin_ += dialect_->read(in_.data() + begin_, end_ - begin_, frames, allowed_, out_);
    allowed_ -= std::min<std::uint32_t>(allowed_, static_cast<std::uint32_t>(frames.size()));
    for (auto& f : frames) {
      if (f.what == frame::kind::close) open_.erase(f.channel);
      events_.said(std::move(f));
    }
    flush();
    if (!dialect_->fault().empty())
      return end("the runtime's streaming server: " + dialect_->fault());
    // A command has ended when it can say nothing more, how it ended included.
    if (!ports_ && open_.empty()) return end({});
    if (allowed_ > 0) read();
  }

  void read() {
    if (reading_) return;
    if (begin_ == end_) begin_ = end_ = 0;
    if (in_.size() - end_ < read_size / 2) {
      std::copy(in_.begin() + static_cast<std::ptrdiff_t>(begin_),
                in_.begin() + static_cast<std::ptrdiff_t>(end_), in_.begin());
      end_ -= begin_;
      begin_ = 0;
      if (in_.size() - end_ < read_size / 2) in_.resize(in_.size() * 2);
    }
    reading_ = true;
    socket_.async_read_some(asio::buffer(in_.data() + end_, in_.size() - end_),
                            [self = shared_from_this()](error_code ec, std::size_t n) {
                              self->reading_ = false;
                              if (ec == asio::error::eof) return self->end({});
                              if (ec) return self->end(ec.message());
                              self->end_ += n;
                              self->understand();
                            });
  }

  const address where_;
  const bool ports_;
  const tunnel_events events_;
  done<std::shared_ptr<tunnel>> opened_;
  std::unique_ptr<stream::dialect> dialect_;
  tcp::resolver resolver_{loop()};
  tcp::socket socket_{loop()};
  asio::steady_timer limit_{loop()};
  std::string head_;
  std::vector<char> in_;
  std::size_t begin_ = 0, end_ = 0;  ///< of what in_ holds
  std::string out_, sending_;
  std::uint32_t written_ = 0;     ///< frames in out_
  std::uint32_t allowed_ = 0;     ///< frames that may be said
  std::set<std::uint32_t> open_;  ///< channels on which a command may still say something
  bool up_ = false, reading_ = false, writing_ = false;
};

}  // namespace

void open_stream(const std::string& url, const tunnel_options& options, tunnel_events events,
                 done<std::shared_ptr<tunnel>> f) {
  auto where = parse_url(url);
  if (!where)
    return f({{}, {runtime_error::failed, "the runtime names no address to stream from: " + url}});
  std::make_shared<connection>(std::move(*where), options, std::move(events), std::move(f))
      ->start();
}

}  // namespace troupe::net::cri
