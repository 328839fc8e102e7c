#pragma once

#include "model/audit_notes.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::http {

/// Who a verified client certificate speaks for.
struct peer_identity {
  std::string common_name;                 ///< CN
  std::vector<std::string> organizations;  ///< O, each
};

/// What a client wants to speak instead of HTTP on this connection.
struct upgrade_offer {
  std::string protocol;  ///< in lower case: "websocket", "spdy/3.1"
  std::string key;       ///< Sec-WebSocket-Key
  std::string version;   ///< Sec-WebSocket-Version
  /// Sec-WebSocket-Protocol or X-Stream-Protocol-Version, best first.
  std::vector<std::string> protocols;
};

/// A request as it arrived: bounded in size, otherwise unchecked.
struct request {
  std::string method;
  std::string target;
  std::string accept;
  std::string accept_encoding;
  std::string authorization;
  std::string content_type;
  std::string if_none_match;
  std::string user_agent;
  std::string audit_id;  ///< Audit-ID: what its audit events are called; empty until named
  /// Headers Impersonate-*: what follows the dash, in lower case, and the value.
  std::vector<std::pair<std::string, std::string>> impersonate;
  std::string body;
  std::string address;                        ///< where it came from: the peer's IP address
  bool takes_chunks = true;                   ///< HTTP/1.1: a body need not tell its length
  bool secure = false;                        ///< came over TLS
  std::shared_ptr<const peer_identity> peer;  ///< null without a client certificate
  bool peer_rejected = false;  ///< a certificate came that the client CA does not vouch for
  std::shared_ptr<const upgrade_offer> upgrade;  ///< null: it stays with HTTP
};

struct response {
  int code = 200;
  std::string content_type = "application/json";
  std::shared_ptr<const std::string> body;  ///< null: empty
  std::vector<std::pair<std::string, std::string>> headers;
  model::audit_notes notes{};  ///< for those who observe answers; not sent
};

/// The body of a response that is made while it is sent (a watch, a log, a large list). All calls
/// come on the connection's thread.
class body_source {
 public:
  virtual ~body_source() = default;
  /// Appends what is there to `out`, about `limit` bytes at most. Called again once those are sent,
  /// and, when nothing was there, after a wake. False: nothing more will come after `out`.
  virtual bool pull(std::string& out, std::size_t limit) = 0;
  /// Whether a server that stops may end it here: so it is with what has no end of its own.
  virtual bool endless() const { return true; }
  /// Asked when nothing more will come: whether that is not all there was. The connection then ends
  /// in the middle of the answer, so that the client knows.
  virtual bool broken() const { return false; }
  /// When to pull although nobody wakes; heeded to the second.
  virtual std::chrono::steady_clock::time_point due() const {
    return std::chrono::steady_clock::time_point::max();
  }
};

/// What a connection carries after it has left HTTP. Bytes to the client are pulled as a body's.
/// All calls come on the connection's thread.
class upgraded : public body_source {
 public:
  /// Takes received bytes, which it may change; how many. What is left comes again after a wake, or
  /// with more behind it.
  virtual std::size_t take(char* bytes, std::size_t size) = 0;
  /// Whether it wants more bytes now; when it does again, it wakes.
  virtual bool ready() const = 0;
  /// The server stops: appends the last words.
  virtual void retire(std::string& out) = 0;
};

/// Whether the client takes a compressed body.
bool accepts_gzip(const request& r);

/// A time as headers have it: "Mon, 02 Jan 2006 15:04:05 GMT".
std::string header_date(std::chrono::system_clock::time_point t);

/// The reason phrase of a status code.
std::string_view reason_phrase(int code);

/// `text` in gzip's format, quickly rather than tightly.
std::string gzip(std::string_view text);

}  // namespace troupe::http
