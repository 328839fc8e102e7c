#pragma once

#include "model/request_info.hpp"
#include "net/http/relay.hpp"
#include "store/cache.hpp"

#include <memory>
#include <mutex>

namespace troupe::rest {

/// The subresource `proxy` of pods, services and nodes: passes requests on to them, over HTTP or,
/// where they ask for it, HTTPS with any certificate. From any thread.
class proxy {
 public:
  explicit proxy(std::shared_ptr<const store::cache> cache) : cache_(std::move(cache)) {}

  /// Passes an authorized request on, or answers what is against it.
  void pass(const http::exchange_ptr& x, const model::request_info& info);
  /// Ends what is under way. After the server that has its requests from here.
  void stop();

 private:
  struct way;
  std::variant<way, model::status> find(const model::request_info& info) const;
  http::relay& relay();

  std::shared_ptr<const store::cache> cache_;
  std::mutex guard_;
  std::unique_ptr<http::relay> relay_;  ///< once something is to be passed on
};

}  // namespace troupe::rest
