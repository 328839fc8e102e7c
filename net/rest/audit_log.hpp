#pragma once

#include "messages/api.hpp"
#include "model/audit.hpp"
#include "model/authorizer.hpp"
#include "net/http/server.hpp"

#include <filesystem>
#include <memory>
#include <mutex>

namespace troupe::rest {

/// Writes audit events to a file, a JSON document a line, as a policy asks. An event is written
/// before its answer goes out. Callable from any thread.
class audit_log : public std::enable_shared_from_this<audit_log> {
 public:
  /// Opens the file to append to it. Throws std::system_error.
  audit_log(model::audit_policy policy, const std::filesystem::path& file, model::wall_clock clock,
            std::shared_ptr<const model::authorizer> rights);
  ~audit_log();
  audit_log(const audit_log&) = delete;
  audit_log& operator=(const audit_log&) = delete;

  /// A request has come; the rest of its events follow by themselves. Null when the policy wants
  /// none. Its record may be completed until the exchange is passed on.
  std::shared_ptr<model::audit_record> begin(const http::exchange_ptr& x, const user_info& user,
                                             const model::request_info& info);
  /// The same of a request that came by another door: what its answer has to be told to; null when
  /// the policy wants none.
  http::exchange::observer begin(const http::request& r, const user_info& user,
                                 const model::request_info& info);
  /// A request has come with credentials that are none: one event, when it is refused.
  void begin_refused(const http::exchange_ptr& x, const model::request_info& info);

 private:
  struct begun {
    std::shared_ptr<model::audit_record> record;
    http::exchange::observer observer;
  };
  /// Nothing in it when the policy wants none.
  begun start(const http::request& r, const user_info& user, const model::request_info& info);
  std::shared_ptr<model::audit_record> record_of(const http::request& r,
                                                 const model::audit_rule& rule,
                                                 const model::request_info& info) const;
  void write(const model::audit_record& r, const model::audit_rule& rule, std::string_view stage);
  void complete(model::audit_record& r, const http::response& answer) const;

  const model::audit_policy policy_;
  const model::wall_clock clock_;
  const std::shared_ptr<const model::authorizer> rights_;
  std::mutex mutex_;
  int file_ = -1;
};

/// Gives a request a name for its audit events, unless its client has.
void name_events(http::request& r);
/// A user as events tell of it.
model::audit_user audited(const user_info& user);

}  // namespace troupe::rest
