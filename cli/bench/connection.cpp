#include "cli/bench/connection.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace troupe::cli::bench {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

void require(const error_code& fault, const char* what) {
  if (fault) throw bench_error(std::string(what) + ": " + fault.message());
}

// A body of which only the beginning is kept.
struct counted_body {
  struct value_type {
    std::string text;
    std::size_t keep = std::string::npos;
    std::size_t size = 0;
  };
  class reader {
   public:
    template <bool IsRequest, class Fields>
    reader(http::header<IsRequest, Fields>&, value_type& to) : to_(to) {}
    void init(const boost::optional<std::uint64_t>&, error_code& fault) { fault = {}; }
    template <class Buffers>
    std::size_t put(const Buffers& from, error_code& fault) {
      fault = {};
      for (const asio::const_buffer piece : boost::beast::buffers_range_ref(from)) {
        const auto wanted = std::min(piece.size(), to_.keep - std::min(to_.keep, to_.text.size()));
        to_.text.append(static_cast<const char*>(piece.data()), wanted);
        to_.size += piece.size();
      }
      return boost::asio::buffer_size(from);
    }
    void finish(error_code& fault) { fault = {}; }

   private:
    value_type& to_;
  };
};

template <class Stream>
class stream_connection final : public connection {
 public:
  template <class... Ts>
  explicit stream_connection(std::shared_ptr<asio::ssl::context> tls, Ts&&... xs)
      : tls_(std::move(tls)), stream_(std::forward<Ts>(xs)...) {}

  Stream& stream() { return stream_; }

  void send(std::string request, on_reply done, std::size_t keep) override {
    request_ = std::move(request);
    done_ = std::move(done);
    asio::async_write(stream_, asio::buffer(request_), [this, keep](error_code fault, std::size_t) {
      require(fault, "sending a request");
      reply_.emplace();
      reply_->get().body().keep = keep;
      reply_->body_limit(std::uint64_t{1} << 30);
      http::async_read(stream_, buffer_, *reply_, [this](error_code read_fault, std::size_t) {
        require(read_fault, "reading an answer");
        // The handler may send again, so what it is given is moved out first.
        const auto answer = reply_->release();
        const auto handler = std::exchange(done_, nullptr);
        handler(static_cast<int>(answer.result_int()), answer.body().text, answer.body().size);
      });
    });
  }

  void stream(std::string request, on_data data) override {
    request_ = std::move(request);
    data_ = std::move(data);
    asio::async_write(stream_, asio::buffer(request_), [this](error_code fault, std::size_t) {
      require(fault, "sending a request");
      http::async_read_header(stream_, buffer_, body_, [this](error_code read_fault, std::size_t) {
        require(read_fault, "reading an answer");
        if (body_.get().result_int() != 200)
          throw bench_error("a watch was answered with " +
                            std::to_string(body_.get().result_int()));
        body_.body_limit(boost::none);
        read_part();
      });
    });
  }

 private:
  void read_part() {
    auto& body = body_.get().body();
    body.data = part_.data();
    body.size = part_.size();
    http::async_read_some(stream_, buffer_, body_, [this](error_code fault, std::size_t) {
      if (fault != http::error::need_buffer) require(fault, "reading a watch");
      if (body_.is_done()) throw bench_error("a watch ended");
      data_({part_.data(), part_.size() - body_.get().body().size});
      read_part();
    });
  }

  std::shared_ptr<asio::ssl::context> tls_;
  Stream stream_;
  boost::beast::flat_buffer buffer_;
  std::string request_;
  on_reply done_;
  on_data data_;
  std::optional<http::response_parser<counted_body>> reply_;
  http::response_parser<http::buffer_body> body_;
  std::array<char, 65536> part_{};
};

std::shared_ptr<asio::ssl::context> tls_context(const endpoint& to) {
  auto tls = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  if (!to.ca.empty()) {
    tls->add_certificate_authority(asio::buffer(to.ca));
    tls->set_verify_mode(asio::ssl::verify_peer);
  }
  if (!to.certificate.empty()) {
    tls->use_certificate_chain(asio::buffer(to.certificate));
    tls->use_private_key(asio::buffer(to.key), asio::ssl::context::pem);
  }
  return tls;
}

}  // namespace

std::unique_ptr<connection> connection::open(asio::io_context& io, const endpoint& to) {
  error_code fault;
  tcp::resolver resolver(io);
  const auto found = resolver.resolve(to.host, std::to_string(to.port), fault);
  require(fault, to.host.c_str());
  const auto join = [&](tcp::socket& socket) {
    asio::connect(socket, found, fault);
    require(fault, (to.host + ":" + std::to_string(to.port)).c_str());
    socket.set_option(tcp::no_delay(true), fault);
    require(fault, "TCP_NODELAY");
  };
  if (!to.tls) {
    auto plain = std::make_unique<stream_connection<tcp::socket>>(nullptr, io);
    join(plain->stream());
    return plain;
  }
  try {
    auto tls = tls_context(to);
    auto& context = *tls;
    using tls_stream = asio::ssl::stream<tcp::socket>;
    auto secure = std::make_unique<stream_connection<tls_stream>>(std::move(tls), io, context);
    join(secure->stream().next_layer());
    secure->stream().handshake(asio::ssl::stream_base::client);
    return secure;
  } catch (const boost::system::system_error& e) {
    throw bench_error(std::string("TLS: ") + e.what());
  }
}

std::pair<int, std::string> ask(const endpoint& to, std::string_view method,
                                std::string_view target, std::string_view body,
                                std::string_view content_type) {
  asio::io_context io(1);
  const auto link = connection::open(io, to);
  std::pair<int, std::string> answer;
  link->send(make_request(to, method, target, body, content_type),
             [&](int code, std::string_view text, auto) {
               answer = {code, std::string(text)};
             });
  io.run();
  return answer;
}

}  // namespace troupe::cli::bench
