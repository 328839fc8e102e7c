#pragma once

// Inside of the gateway: groups and versions that other servers serve (kube-aggregator).

#include "messages/api.hpp"
#include "model/api_services.hpp"
#include "model/request_info.hpp"
#include "net/http/relay.hpp"
#include "store/cache.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe::rest {

struct aggregation_options {
  std::shared_ptr<store::cache> cache;
  api_actor api;  ///< writes the conditions
  /// PEM: the front proxy's, by which those servers know us; empty: none.
  std::string certificate, key;
  model::wall_clock clock = model::system_wall_clock();
};

/// Follows the APIServices of the cache: looks after the servers that they name (each is asked for
/// its resources every thirty seconds, and when something about it changes), keeps their condition
/// Available, shows what they serve in discovery, and passes requests on to them.
class aggregation {
 public:
  explicit aggregation(aggregation_options options);
  ~aggregation();
  aggregation(const aggregation&) = delete;
  aggregation& operator=(const aggregation&) = delete;

  /// Who serves a request; null: this server. From any thread.
  std::shared_ptr<const model::api_service> find(const model::request_info& info);
  /// Passes it on in the name of `user`; 503 where the server cannot be reached.
  void pass(const http::exchange_ptr& x, const user_info& user, const model::api_service& to);
  /// Whether others serve anything.
  bool any();
  /// Whether a request of an actor of ours is another server's to answer.
  bool serves(const api_request& r);
  /// Its answer there, of at most 4 MB; 503 where there is none. `done` is called once, mostly on
  /// the relay's thread.
  void fetch(const api_request& r, std::function<void(api_response)> done);
  /// Its answer while it comes; null, and nothing is heard, where there is none.
  std::shared_ptr<http::relay_stream> listen(const api_request& r, http::relay_listener listener);
  /// A discovery document or the index of OpenAPI 3 with what others serve in it.
  model::document merged(std::string_view path, const model::document& base);
  /// Ends what is under way. After the server that has its requests from here.
  void stop();

 private:
  using service_ptr = std::shared_ptr<const model::api_service>;
  struct watched;

  /// Whom to ask what for a request of an actor of ours; nothing where nobody answers it.
  std::optional<std::pair<http::relay_target, http::relay_request>> route(const api_request& r);
  void follow();
  void schedule(std::chrono::milliseconds after);
  void look();
  void arm(std::chrono::steady_clock::time_point at);
  void look_at(const service_ptr& s);
  void ask(const service_ptr& s, const std::string& dial);
  void answered(const service_ptr& s, const http::client_reply& r);
  void ask_openapi(const service_ptr& s, const std::string& dial);
  void ask_openapi_2(const service_ptr& s, const std::string& dial);
  void conclude(const service_ptr& s, const model::api_availability& a);
  void publish();

  aggregation_options options_;
  http::relay relay_;
  std::atomic<bool> stale_{true};
  std::atomic<bool> any_{false};
  std::atomic<bool> look_posted_{false};

  std::mutex guard_;
  std::map<std::string, service_ptr, std::less<>> served_;  ///< by "group/version"
  std::vector<model::extension_version> shown_;
  std::uint64_t shown_number_ = 0;
  struct made {
    std::uint64_t number = 0;
    std::shared_ptr<const std::string> base;
    model::document text;
  };
  std::map<std::string, made, std::less<>> made_;

  std::map<std::string, watched> watched_;  ///< by name; of the relay's thread, as armed_ is
  std::chrono::steady_clock::time_point armed_ = std::chrono::steady_clock::time_point::max();
  std::vector<store::cache::subscription> woken_;
};

/// A client's request as it is passed on, with more headers; what the client sent is moved out.
http::relay_request relayed(http::request& r,
                            std::vector<std::pair<std::string, std::string>> more);

/// The headers that tell another server who asks, in the words of the ConfigMap
/// kube-system/extension-apiserver-authentication. Nothing when a name cannot stand in a header.
std::optional<std::vector<std::pair<std::string, std::string>>> identity_headers(
    const user_info& user);

}  // namespace troupe::rest
