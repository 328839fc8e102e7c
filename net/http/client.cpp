#include "net/http/client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include <optional>
#include <stdexcept>

namespace troupe::http {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace {

struct address {
  bool tls = true;
  std::string host;
  std::string port;
};

// "https://host:port/ignored", "https://[::1]:6443"
address parse_url(std::string_view url) {
  address a;
  if (url.starts_with("http://")) {
    a.tls = false;
    url.remove_prefix(7);
  } else if (url.starts_with("https://")) {
    url.remove_prefix(8);
  } else {
    throw std::invalid_argument("the URL must start with https:// or http://");
  }
  url = url.substr(0, url.find('/'));
  a.port = a.tls ? "443" : "80";
  const auto colon = url.rfind(':');
  if (colon != std::string_view::npos && url.find(']', colon) == std::string_view::npos) {
    a.port = url.substr(colon + 1);
    url = url.substr(0, colon);
  }
  if (url.starts_with('[') && url.ends_with(']')) url = url.substr(1, url.size() - 2);
  if (url.empty()) throw std::invalid_argument("the URL names no host");
  a.host = url;
  return a;
}

asio::ssl::context make_context(const client_options& o) {
  asio::ssl::context ctx(asio::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(ctx.native_handle(), TLS1_2_VERSION);
  if (o.insecure) {
    ctx.set_verify_mode(asio::ssl::verify_none);
  } else {
    ctx.set_verify_mode(asio::ssl::verify_peer);
    if (o.ca.empty())
      ctx.set_default_verify_paths();
    else
      ctx.add_certificate_authority(asio::buffer(o.ca));
  }
  if (!o.certificate.empty()) {
    ctx.use_certificate_chain(asio::buffer(o.certificate));
    ctx.use_private_key(asio::buffer(o.key), asio::ssl::context::pem);
  }
  return ctx;
}

}  // namespace

struct client::impl {
  explicit impl(client_options o) : options(std::move(o)) {}

  client_options options;
  asio::io_context io;
  std::optional<asio::ssl::context> ssl;
  std::optional<beast::ssl_stream<beast::tcp_stream>> secure;
  std::optional<beast::tcp_stream> plain;
  beast::flat_buffer buffer;
  address to;

  bool connected() const { return secure || plain; }
  void disconnect() {
    secure.reset();
    plain.reset();
    buffer.clear();
  }

  beast::tcp_stream& lowest() { return plain ? *plain : secure->next_layer(); }

  // Runs one asynchronous operation to its end; the stream's own timer bounds it.
  template <class Start>
  void await(const char* what, Start start) {
    error_code result = asio::error::would_block;
    start([&result](error_code ec, auto&&...) { result = ec; });
    io.restart();
    io.run();
    if (result) throw std::runtime_error(std::string(what) + ": " + result.message());
  }

  void connect(std::chrono::steady_clock::time_point deadline) {
    to = parse_url(options.url);
    tcp::resolver resolver(io);
    const address at = options.dial.empty() ? to : parse_url("https://" + options.dial);
    const auto endpoints = resolver.resolve(at.host, at.port);
    if (to.tls) {
      if (!ssl) ssl.emplace(make_context(options));
      secure.emplace(io, *ssl);
      if (!options.insecure)
        secure->set_verify_callback(asio::ssl::host_name_verification(to.host));
      SSL_set_tlsext_host_name(secure->native_handle(), to.host.c_str());
    } else {
      plain.emplace(io);
    }
    lowest().expires_at(deadline);
    await("connect", [&](auto done) { lowest().async_connect(endpoints, std::move(done)); });
    if (secure)
      await("TLS handshake", [&](auto done) {
        secure->async_handshake(asio::ssl::stream_base::client, std::move(done));
      });
  }

  template <class Stream>
  client_reply exchange(Stream& stream, bhttp::request<bhttp::string_body>& request) {
    await("send", [&](auto done) { bhttp::async_write(stream, request, std::move(done)); });
    bhttp::response_parser<bhttp::string_body> parser;
    parser.body_limit(options.body_limit);
    await("receive",
          [&](auto done) { bhttp::async_read(stream, buffer, parser, std::move(done)); });
    auto answer = parser.release();
    client_reply reply;
    reply.code = static_cast<int>(answer.result_int());
    reply.content_type = std::string(answer[bhttp::field::content_type]);
    reply.body = std::move(answer.body());
    if (!answer.keep_alive()) disconnect();
    return reply;
  }

  client_reply once(bhttp::request<bhttp::string_body>& request) {
    const auto deadline = std::chrono::steady_clock::now() + options.timeout;
    if (!connected()) connect(deadline);
    request.set(bhttp::field::host, to.host + ":" + to.port);
    for (const auto& [name, value] : options.headers) request.set(name, value);
    lowest().expires_at(deadline);
    return secure ? exchange(*secure, request) : exchange(*plain, request);
  }
};

client::client(client_options options) : impl_(std::make_unique<impl>(std::move(options))) {}
client::~client() = default;
client::client(client&&) noexcept = default;
client& client::operator=(client&&) noexcept = default;

client_reply client::send(std::string_view method, std::string_view target, std::string body,
                          std::string_view content_type) {
  bhttp::request<bhttp::string_body> request;
  request.version(11);
  request.method_string({method.data(), method.size()});
  request.target({target.data(), target.size()});
  request.set(bhttp::field::user_agent, impl_->options.user_agent);
  request.set(bhttp::field::accept, impl_->options.accept);
  if (!impl_->options.accept_encoding.empty())
    request.set(bhttp::field::accept_encoding, impl_->options.accept_encoding);
  if (!impl_->options.bearer_token.empty())
    request.set(bhttp::field::authorization, "Bearer " + impl_->options.bearer_token);
  if (!body.empty()) {
    request.set(bhttp::field::content_type,
                boost::string_view(content_type.data(), content_type.size()));
    request.body() = std::move(body);
  }
  request.prepare_payload();
  client_reply failed;
  // A kept connection may have been closed by the server meanwhile: one more try on a new one, but
  // only of what may be repeated.
  const bool may_repeat = impl_->connected() && method == "GET";
  for (int tries = may_repeat ? 2 : 1; tries > 0; --tries) {
    try {
      return impl_->once(request);
    } catch (const std::exception& e) {
      impl_->disconnect();
      failed.error = e.what();
    }
  }
  return failed;
}

}  // namespace troupe::http
