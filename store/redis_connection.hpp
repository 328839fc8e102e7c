#pragma once

#include "store/journal.hpp"

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

struct redisContext;
struct redisReply;

namespace troupe::store {

/// Where a Redis is.
struct redis_address {
  std::string socket;  ///< path of a unix socket; empty: host and port
  std::string host = "127.0.0.1";
  std::uint16_t port = 6379;
  std::string user;  ///< ACL user; empty: the default one
  std::string password;
  int db = 0;
  std::chrono::milliseconds connect_timeout{1000};
  std::chrono::milliseconds command_timeout{5000};
};

/// "unix:/path" or "host:port", for logs.
std::string to_string(const redis_address& a);

struct redis_reply_deleter {
  void operator()(redisReply* r) const;
};
using redis_reply = std::unique_ptr<redisReply, redis_reply_deleter>;

/// What an error reply ("OOM command not allowed ...") means.
journal_result result_of_error(std::string_view text);

/// A blocking connection. Commands are put into a pipeline and sent with the first read. After a
/// failure it stays failed until connect().
class redis_connection {
 public:
  explicit redis_connection(redis_address address);
  ~redis_connection();
  redis_connection(const redis_connection&) = delete;
  redis_connection& operator=(const redis_connection&) = delete;

  /// Connects anew, authenticates and selects the database.
  journal_result connect();
  void close();
  bool connected() const { return context_ != nullptr; }

  /// Begins a command of `arguments` parts in the pipeline; argument() adds each.
  void command(std::size_t arguments);
  void argument(std::string_view bytes);
  /// A whole command.
  void command(std::initializer_list<std::string_view> parts);

  /// The next reply, in the order of the commands. An error reply is a reply; the result is of the
  /// connection.
  journal_result read(redis_reply& out);
  /// Reads one reply and takes an error reply for a failure.
  journal_result expect(redis_reply& out);

 private:
  journal_result flush();
  journal_result fail();

  const redis_address address_;
  redisContext* context_ = nullptr;
  std::string pipeline_;
};

}  // namespace troupe::store
