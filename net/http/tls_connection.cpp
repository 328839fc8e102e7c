#include "net/http/tls_connection.hpp"

#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <openssl/x509.h>

#include <cstring>
#include <system_error>

namespace troupe::http {
namespace {

// Troupe speaks HTTP/1.1 only; a client that offers nothing we know goes on without ALPN.
int select_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* in, unsigned in_size, void*) {
  for (unsigned i = 0; i + in[i] < in_size; i += in[i] + 1u) {
    if (in[i] != 8 || std::memcmp(in + i + 1, "http/1.1", 8) != 0) continue;
    *out = in + i + 1;
    *out_size = in[i];
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_NOACK;
}

std::vector<std::string> entries(X509_NAME* name, int nid) {
  std::vector<std::string> out;
  for (int at = -1; (at = X509_NAME_get_index_by_NID(name, nid, at)) >= 0;) {
    unsigned char* text = nullptr;
    const int n =
        ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (n < 0) continue;
    out.emplace_back(reinterpret_cast<char*>(text), static_cast<std::size_t>(n));
    OPENSSL_free(text);
  }
  return out;
}

std::shared_ptr<const peer_identity> identity_of(X509* certificate) {
  X509_NAME* subject = X509_get_subject_name(certificate);
  auto names = entries(subject, NID_commonName);
  if (names.empty()) return nullptr;
  return std::make_shared<const peer_identity>(
      peer_identity{names.front(), entries(subject, NID_organizationName)});
}

class tls_connection final : public connection {
 public:
  tls_connection(std::shared_ptr<event_loop> loop, asio::ip::tcp::socket s,
                 asio::ssl::context& context)
      : connection(std::move(loop)), stream_(std::move(s), context) {
    secure_ = true;
  }

  void start() override {
    stream_.async_handshake(asio::ssl::stream_base::server,
                            [this, self = shared_from_this()](error_code ec) {
                              if (ec) return close();
                              identify();
                              opened();
                            });
  }
  void close() override {
    error_code ignored;
    stream_.next_layer().close(ignored);
    closed();
  }

 private:
  void identify() {
    SSL* ssl = stream_.native_handle();
    X509* certificate = SSL_get_peer_certificate(ssl);
    if (!certificate) return;
    if (SSL_get_verify_result(ssl) == X509_V_OK) peer_ = identity_of(certificate);
    peer_rejected_ = !peer_;
    X509_free(certificate);
  }
  void start_read(asio::mutable_buffer into) override {
    stream_.async_read_some(
        into, [this, self = shared_from_this()](error_code ec, std::size_t n) { on_read(ec, n); });
  }
  void start_write() override {
    asio::async_write(stream_, out_, [this, self = shared_from_this()](error_code ec, std::size_t) {
      on_write(ec);
    });
  }
  void end_sending() override {
    error_code ignored;
    stream_.next_layer().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  }

  asio::ssl::stream<asio::ip::tcp::socket> stream_;
};

}  // namespace

asio::ssl::context make_server_context(const tls_options& options) {
  asio::ssl::context ctx(asio::ssl::context::tls_server);
  SSL_CTX* native = ctx.native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  // A resumed session would have to carry the client's certificate along; none are kept.
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(native, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(native, select_protocol, nullptr);
  ctx.use_certificate_chain(asio::buffer(options.certificate));
  ctx.use_private_key(asio::buffer(options.key), asio::ssl::context::pem);
  if (!options.client_ca.empty()) {
    ctx.add_certificate_authority(asio::buffer(options.client_ca));
    ctx.set_verify_mode(asio::ssl::verify_peer);
    // A certificate that does not verify ends in a 401 with a reason, not in a broken handshake:
    // identify() reads the result that OpenSSL keeps.
    ctx.set_verify_callback([](bool, asio::ssl::verify_context&) { return true; });
  }
  return ctx;
}

std::shared_ptr<connection> make_tls_connection(std::shared_ptr<event_loop> loop,
                                                asio::ip::tcp::socket socket,
                                                asio::ssl::context& context) {
  return std::make_shared<tls_connection>(std::move(loop), std::move(socket), context);
}

}  // namespace troupe::http
