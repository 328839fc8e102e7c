#include "actors/kubelet/probe_net.hpp"

#include "actors/kubelet/http_redirect.hpp"

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>

#include <array>
#include <cstdlib>
#include <optional>
#include <thread>

namespace troupe {

namespace {

namespace asio = boost::asio;
using tcp_socket = asio::ip::tcp::socket;
using boost::system::error_code;

// "HTTP/1.1 200": the status line's beginning decides. A page may be long, or never end.
constexpr std::size_t head_size = 12;
// All headers of an answer that sends one elsewhere.
constexpr std::size_t longest_head = 16 * 1024;
constexpr int most_redirects = 10;

std::string place_of(const http_target& to) {
  const bool six = to.host.find(':') != std::string::npos;
  return (six ? "[" + to.host + "]" : to.host) + ":" + std::to_string(to.port);
}

std::string request_to(const http_target& to) {
  std::string request =
      "GET " + to.path +
      " HTTP/1.1\r\nConnection: close\r\nUser-Agent: kube-probe/1.32\r\nAccept: */*\r\n";
  bool named = false;
  for (const auto& [k, v] : to.headers) {
    named = named || k == "Host";
    request += k + ": " + v + "\r\n";
  }
  if (!named) request += "Host: " + place_of(to) + "\r\n";
  return request + "\r\n";
}

/// One question to one server.
class exchange : public std::enable_shared_from_this<exchange> {
 public:
  using told_function = std::function<void(http_result)>;

  exchange(asio::io_context& io, asio::ssl::context& tls, told_function told)
      : context_(tls), socket_(io), timer_(io), told_(std::move(told)) {}

  /// Without a request it only connects.
  void start(const http_target& to, std::string request, std::chrono::milliseconds timeout) {
    dialing_ = "dial tcp " + place_of(to) + ": ";
    if (!request.empty())
      asking_ =
          std::string("Get \"http") + (to.tls ? "s" : "") + "://" + place_of(to) + to.path + "\": ";
    request_ = std::move(request);
    if (to.tls) tls_.emplace(socket_, context_);
    error_code bad;
    const auto address = asio::ip::make_address(to.host, bad);
    if (bad) return fail(dialing_ + "not an address");
    timer_.expires_after(timeout);
    timer_.async_wait([self = shared_from_this()](error_code e) {
      if (!e) self->late();
    });
    socket_.async_connect({address, static_cast<std::uint16_t>(to.port)},
                          [self = shared_from_this()](error_code e) { self->connected(e); });
  }

 private:
  void connected(error_code e) {
    if (e == asio::error::connection_refused) return fail(dialing_ + "connect: connection refused");
    if (e) return fail(dialing_ + e.message());
    connected_ = true;
    if (request_.empty()) return end(http_result());
    if (!tls_) return ask(socket_);
    tls_->async_handshake(asio::ssl::stream_base::client,
                          [self = shared_from_this()](error_code f) {
                            if (f) return self->fail(f.message());
                            self->ask(*self->tls_);
                          });
  }

  template <class Stream>
  void ask(Stream& stream) {
    asio::async_write(stream, asio::buffer(request_),
                      [self = shared_from_this(), &stream](error_code e, std::size_t) {
                        if (e) return self->fail(e.message());
                        self->read(stream);
                      });
  }

  template <class Stream>
  void read(Stream& stream) {
    stream.async_read_some(asio::buffer(buffer_),
                           [self = shared_from_this(), &stream](error_code e, std::size_t n) {
                             self->head_.append(self->buffer_.data(), n);
                             if (self->complete(static_cast<bool>(e))) return self->answered();
                             if (e) return self->fail(e == asio::error::eof ? "EOF" : e.message());
                             self->read(stream);
                           });
  }

  int code() const { return std::atoi(head_.c_str() + 9); }

  bool complete(bool ended) const {
    if (head_.size() < head_size) return false;
    return ended || head_.size() > longest_head || !is_redirect(code()) ||
           head_.find("\r\n\r\n") != head_.npos;
  }

  void answered() {
    if (!head_.starts_with("HTTP/1.")) return fail("malformed HTTP response");
    http_result result;
    result.code = code();
    if (is_redirect(result.code)) result.location = location_of(head_);
    end(result);
  }

  void late() {
    fail(connected_ ? "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
                    : dialing_ + "i/o timeout");
  }

  void fail(const std::string& why) {
    http_result result;
    result.error = asking_ + why;
    end(result);
  }

  void end(const http_result& result) {
    if (!told_) return;
    const auto told = std::exchange(told_, nullptr);
    error_code none;
    timer_.cancel(none);
    socket_.close(none);
    told(result);
  }

  asio::ssl::context& context_;
  tcp_socket socket_;
  std::optional<asio::ssl::stream<tcp_socket&>> tls_;
  asio::steady_timer timer_;
  told_function told_;
  std::string dialing_, asking_, request_, head_;
  std::array<char, 512> buffer_{};
  bool connected_ = false;
};

}  // namespace

struct net_prober::parts {
  using clock = std::chrono::steady_clock;

  /// Asks, and whoever is asked to ask instead, until `deadline`.
  void ask(const http_target& to, clock::time_point deadline, int redirects,
           const std::function<void(http_result)>& told) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - clock::now());
    auto heard = [this, to, deadline, redirects, told](http_result r) {
      const auto next = redirected(to, r.location);
      if (!next) return told(r);
      r.elsewhere = next->host != to.host;
      if (r.elsewhere) return told(r);
      if (redirects == most_redirects) {
        r.error = "Get \"" + r.location + "\": stopped after 10 redirects";
        return told(r);
      }
      ask(*next, deadline, redirects + 1, told);
    };
    std::make_shared<exchange>(io, tls, std::move(heard))
        ->start(to, request_to(to), std::max(left, std::chrono::milliseconds{1}));
  }

  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  asio::ssl::context tls{asio::ssl::context::tls_client};
  std::thread thread;
};

net_prober::net_prober() : parts_(std::make_unique<parts>()) {
  parts_->tls.set_verify_mode(asio::ssl::verify_none);
  parts_->thread = std::thread([this] { parts_->io.run(); });
}

net_prober::~net_prober() {
  parts_->io.stop();
  parts_->thread.join();
}

void net_prober::http(const http_target& to, std::chrono::milliseconds timeout,
                      std::function<void(http_result)> told) {
  const auto deadline = parts::clock::now() + timeout;
  asio::post(parts_->io,
             [this, to, deadline, told = std::move(told)] { parts_->ask(to, deadline, 0, told); });
}

void net_prober::tcp(const std::string& host, int port, std::chrono::milliseconds timeout,
                     std::function<void(std::string)> told) {
  http_target to;
  to.host = host;
  to.port = port;
  asio::post(parts_->io, [this, to, timeout, told = std::move(told)] {
    const auto heard = [told](const http_result& r) { told(r.error); };
    std::make_shared<exchange>(parts_->io, parts_->tls, heard)->start(to, {}, timeout);
  });
}

std::string verdict_of(const http_result& result) {
  if (!result.error.empty()) return result.error;
  if (result.code >= 200 && result.code < 400) return {};
  return "HTTP probe failed with statuscode: " + std::to_string(result.code);
}

}  // namespace troupe
