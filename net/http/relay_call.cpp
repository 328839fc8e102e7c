#include "net/http/relay_call.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include <charconv>
#include <limits>
#include <stdexcept>
#include <type_traits>

namespace troupe::http {
namespace beast = boost::beast;
namespace bhttp = beast::http;
using tcp = asio::ip::tcp;

namespace {

constexpr std::size_t relay_piece = 64u << 10;
constexpr std::uint32_t relay_header_limit = 64u << 10;

tcp::endpoint endpoint_of(std::string_view address) {
  const auto colon = address.rfind(':');
  if (colon == std::string_view::npos) throw std::invalid_argument("the address has no port");
  std::string_view host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto port = address.substr(colon + 1);
  std::uint16_t number = 0;
  const auto [end, fault] = std::from_chars(port.data(), port.data() + port.size(), number);
  error_code ec;
  const auto ip = asio::ip::make_address(std::string(host), ec);
  if (ec || fault != std::errc() || end != port.data() + port.size())
    throw std::invalid_argument("the address is no IP address with a port");
  return {ip, number};
}

// `Stream` is a TCP stream, or a TLS stream over one.
template <class Stream>
class relay_call_over final : public relay_call {
  static constexpr bool secure = !std::is_same_v<Stream, beast::tcp_stream>;

  // The next step after an operation that went well.
  template <class F>
  auto step(const char* what, F next) {
    return [self = shared_from_this(), this, what, next](error_code ec, auto&&...) {
      if (over_) return;
      if (ec) return fail(what, ec);
      next();
    };
  }

 public:
  relay_call_over(Stream stream, std::shared_ptr<asio::ssl::context> context,
                  const relay_target& whom, relay_request what, std::shared_ptr<relay_receiver> to)
      : context_(std::move(context)),
        stream_(std::move(stream)),
        at_(endpoint_of(whom.dial)),
        to_(std::move(to)) {
    if constexpr (secure) {
      if (!whom.insecure) stream_.set_verify_callback(asio::ssl::host_name_verification(whom.host));
      SSL_set_tlsext_host_name(stream_.native_handle(), whom.host.c_str());
    }
    request_.version(11);
    request_.method_string(what.method);
    request_.target(what.target);
    request_.set(bhttp::field::host, whom.host);
    for (const auto& [name, value] : what.headers) request_.insert(name, value);
    request_.body() = std::move(what.body);
    request_.prepare_payload();
    parser_.header_limit(relay_header_limit);
    parser_.body_limit(std::numeric_limits<std::uint64_t>::max());  // what is kept is bounded
  }

  void start(std::chrono::milliseconds patience) override {
    lowest().expires_after(patience);
    lowest().async_connect(at_, step("connect", [this] { shake_hands(); }));
  }

  void resume() override {
    if (!reading_ && !over_) read();
  }

  void write(std::string bytes, std::function<void()> sent) override {
    if (over_) return;
    out_ = std::move(bytes);
    asio::async_write(
        stream_, asio::buffer(out_),
        [self = shared_from_this(), this, sent = std::move(sent)](error_code ec, std::size_t) {
          if (ec) return fail("send", ec);
          sent();
        });
  }

  void cancel() override {
    over_ = true;
    lowest().close();
  }

 private:
  beast::tcp_stream& lowest() { return beast::get_lowest_layer(stream_); }

  void fail(const char* what, error_code ec) {
    if (over_) return;
    cancel();
    to_->failed(std::string(what) + ": " + ec.message());
  }

  void shake_hands() {
    error_code ignored;
    lowest().socket().set_option(asio::socket_base::keep_alive(true), ignored);
    lowest().socket().set_option(tcp::no_delay(true), ignored);
    if constexpr (secure)
      stream_.async_handshake(asio::ssl::stream_base::client,
                              step("TLS handshake", [this] { send_request(); }));
    else
      send_request();
  }

  void send_request() {
    bhttp::async_write(stream_, request_, step("send", [this] { read_head(); }));
  }

  void read_head() {
    bhttp::async_read_header(stream_, buffer_, parser_, step("receive", [this] {
                               lowest().expires_never();
                               began();
                             }));
  }

  void began() {
    left_http_ = parser_.get().result_int() == 101;
    std::optional<std::uint64_t> length;
    if (const auto known = parser_.content_length()) length = *known;
    to_->head(parser_.get().base(), length, shared_from_this());
    if (left_http_ && buffer_.size() > 0) {
      const auto bytes = buffer_.cdata();
      const bool more = to_->data(
          {static_cast<const char*>(bytes.data()), static_cast<std::size_t>(bytes.size())});
      buffer_.consume(buffer_.size());
      if (!more) return;
    }
    read();
  }

  void read() {
    if (over_) return;
    if (left_http_) return read_raw();
    if (parser_.is_done()) return finish();
    auto& body = parser_.get().body();
    piece_.resize(relay_piece);
    body.data = piece_.data();
    body.size = piece_.size();
    reading_ = true;
    bhttp::async_read_some(stream_, buffer_, parser_,
                           [self = shared_from_this(), this](error_code ec, std::size_t) {
                             reading_ = false;
                             if (over_) return;
                             if (ec == bhttp::error::need_buffer) ec = {};
                             if (ec) return fail("receive", ec);
                             const auto got = piece_.size() - parser_.get().body().size;
                             if (got == 0 || to_->data({piece_.data(), got})) read();
                           });
  }

  void read_raw() {
    piece_.resize(relay_piece);
    reading_ = true;
    stream_.async_read_some(asio::buffer(piece_),
                            [self = shared_from_this(), this](error_code ec, std::size_t got) {
                              reading_ = false;
                              if (over_) return;
                              // A server that closes the connection has said all.
                              if (ec) return finish();
                              if (to_->data({piece_.data(), got})) read();
                            });
  }

  void finish() {
    cancel();
    to_->end();
  }

  std::shared_ptr<asio::ssl::context> context_;
  Stream stream_;
  tcp::endpoint at_;
  std::shared_ptr<relay_receiver> to_;
  bhttp::request<bhttp::string_body> request_;
  bhttp::response_parser<bhttp::buffer_body> parser_;
  beast::flat_buffer buffer_;
  std::vector<char> piece_;
  std::string out_;
  bool reading_ = false;
  bool left_http_ = false;
  bool over_ = false;
};

class fetch_receiver final : public relay_receiver {
 public:
  fetch_receiver(std::size_t limit, std::function<void(client_reply)> done)
      : limit_(limit), done_(std::move(done)) {}

  void head(const bhttp::response_header<>& h, std::optional<std::uint64_t>,
            const std::shared_ptr<relay_call>& call) override {
    call_ = call;
    reply_.code = static_cast<int>(h.result_int());
    reply_.content_type = std::string(h[bhttp::field::content_type]);
  }
  bool data(std::string_view piece) override {
    if (reply_.body.size() + piece.size() > limit_) {
      if (const auto call = call_.lock()) call->cancel();
      failed("the answer is larger than " + std::to_string(limit_) + " bytes");
      return false;
    }
    reply_.body += piece;
    return true;
  }
  void end() override { done_(std::move(reply_)); }
  void failed(const std::string& why) override {
    reply_.error = why;
    done_(std::move(reply_));
  }

 private:
  std::size_t limit_;
  std::function<void(client_reply)> done_;
  std::weak_ptr<relay_call> call_;
  client_reply reply_;
};

class listening_receiver final : public relay_receiver {
 public:
  using head_fn = std::function<void(int, const std::string&, const std::shared_ptr<relay_call>&)>;

  listening_receiver(head_fn head, relay_listener listener)
      : head_(std::move(head)), listener_(std::move(listener)) {}

  void head(const bhttp::response_header<>& h, std::optional<std::uint64_t>,
            const std::shared_ptr<relay_call>& call) override {
    head_(static_cast<int>(h.result_int()), std::string(h[bhttp::field::content_type]), call);
  }
  bool data(std::string_view piece) override { return listener_.data(piece); }
  void end() override { listener_.end({}); }
  void failed(const std::string& why) override { listener_.end(why); }

 private:
  head_fn head_;
  relay_listener listener_;
};

}  // namespace

asio::ssl::context make_relay_context(const relay_target& whom, const std::string& certificate,
                                      const std::string& key) {
  asio::ssl::context ctx(asio::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(ctx.native_handle(), TLS1_2_VERSION);
  if (whom.insecure) {
    ctx.set_verify_mode(asio::ssl::verify_none);
  } else {
    ctx.set_verify_mode(asio::ssl::verify_peer);
    if (whom.ca.empty())
      ctx.set_default_verify_paths();
    else
      ctx.add_certificate_authority(asio::buffer(whom.ca));
  }
  if (!certificate.empty()) {
    ctx.use_certificate_chain(asio::buffer(certificate));
    ctx.use_private_key(asio::buffer(key), asio::ssl::context::pem);
  }
  return ctx;
}

std::shared_ptr<relay_call> make_relay_call(asio::io_context& io,
                                            std::shared_ptr<asio::ssl::context> context,
                                            const relay_target& whom, relay_request what,
                                            std::shared_ptr<relay_receiver> to) {
  if (whom.plain)
    return std::make_shared<relay_call_over<beast::tcp_stream>>(
        beast::tcp_stream(io), nullptr, whom, std::move(what), std::move(to));
  using tls_stream = beast::ssl_stream<beast::tcp_stream>;
  tls_stream stream(io, *context);
  return std::make_shared<relay_call_over<tls_stream>>(std::move(stream), std::move(context), whom,
                                                       std::move(what), std::move(to));
}

std::shared_ptr<relay_receiver> make_listening_receiver(
    std::function<void(int, const std::string&, const std::shared_ptr<relay_call>&)> head,
    relay_listener listener) {
  return std::make_shared<listening_receiver>(std::move(head), std::move(listener));
}

std::shared_ptr<relay_receiver> make_fetch_receiver(std::size_t limit,
                                                    std::function<void(client_reply)> done) {
  return std::make_shared<fetch_receiver>(limit, std::move(done));
}

}  // namespace troupe::http
