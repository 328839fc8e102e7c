#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::http {

struct client_options {
  std::string url;   ///< "https://127.0.0.1:6443" or "http://..."; a path in it is ignored
  std::string dial;  ///< "host:port" to connect to instead of the URL's, which is still asked for
  std::string ca;    ///< PEM: whom to trust, empty: as the system does; the certificate must also
                     ///< name the host
  bool insecure = false;    ///< trust anybody: only to fetch what is verified by other means
  std::string certificate;  ///< PEM of a client certificate, with its chain; empty: none
  std::string key;          ///< PEM of its key
  std::string bearer_token;
  std::string accept = "application/json";
  std::string accept_encoding;  ///< an answer is not decoded
  std::string user_agent = "troupe";
  /// Sent with each request, in place of those of the same name.
  std::vector<std::pair<std::string, std::string>> headers;
  std::chrono::milliseconds timeout{10'000};  ///< of one request, connecting included
  std::size_t body_limit = 64u << 20;         ///< bytes of an answer
};

/// An answer, or why there is none.
struct client_reply {
  int code = 0;
  std::string content_type;
  std::string body;
  std::string error;  ///< no answer came: could not connect, handshake failed, timed out, ...
  explicit operator bool() const { return error.empty(); }
};

/// A small blocking HTTP/1.1 client that keeps its connection between requests. For start-up work
/// and tests; not for actors, not for several threads at once.
class client {
 public:
  explicit client(client_options options);
  ~client();
  client(client&&) noexcept;
  client& operator=(client&&) noexcept;

  /// Sends one request and waits for its answer. Never throws.
  client_reply send(std::string_view method, std::string_view target, std::string body = {},
                    std::string_view content_type = "application/json");
  client_reply get(std::string_view target) { return send("GET", target); }
  client_reply post(std::string_view target, std::string body) {
    return send("POST", target, std::move(body));
  }

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace troupe::http
