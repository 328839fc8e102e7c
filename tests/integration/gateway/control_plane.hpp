#pragma once

#include "actors/api/api.hpp"
#include "actors/store/store.hpp"
#include "messages/errors.hpp"
#include "messages/system_config.hpp"
#include "net/http/client.hpp"
#include "net/rest/gateway.hpp"
#include "store/memory_journal.hpp"

#include <caf/all.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>

namespace troupe::test {

/// Store, API actor and gateway as a control plane has them, over a memory journal, with the
/// namespaces that a cluster begins with.
class control_plane {
 public:
  /// Makes the registry that logs come from.
  using make_registry = std::function<node_registry_actor(caf::actor_system&)>;

  explicit control_plane(gateway_options options = plain_options(), const make_registry& nodes = {},
                         store_limits limits = {})
      : system_(config_) {
    cache_ = std::make_shared<store::cache>();
    store_options s;
    s.journal = std::make_shared<store::memory_journal>();
    s.cache = cache_;
    s.limits = limits;
    auto health = s.health;
    store_ = spawn_store(system_, std::move(s));
    api_options a;
    a.cache = cache_;
    a.store = store_;
    a.seed = 42;
    if (nodes) a.nodes = nodes(system_);
    options.cache = cache_;
    options.apis = {spawn_api(system_, a)};
    api_ = options.apis.front();
    options.checks.push_back(
        {{"store"}, [health] { return health->ready() ? "" : "not loaded"; }, true});
    gateway_ = std::make_unique<gateway>(system_, std::move(options));
    while (!health->ready()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    for (const char* name : {"default", "kube-system", "kube-public", "kube-node-lease"})
      client().post("/api/v1/namespaces",
                    std::string(R"({"metadata":{"name":")") + name + R"("}})");
  }

  ~control_plane() {
    gateway_->stop();
    gateway_.reset();
    caf::anon_send_exit(api_, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(store_, caf::exit_reason::user_shutdown);
    api_ = nullptr;
    store_ = nullptr;
  }

  static gateway_options plain_options() {
    gateway_options o;
    o.http.listeners.push_back({});
    return o;
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }
  std::uint16_t port() const { return gateway_->ports().front(); }
  std::uint16_t secure_port() const { return gateway_->ports().back(); }
  http::client client() const {
    http::client_options o;
    o.url = url();
    return http::client(std::move(o));
  }
  gateway& door() { return *gateway_; }
  store::cache& cache() { return *cache_; }
  caf::actor_system& system() { return system_; }
  const api_actor& api() const { return api_; }

 private:
  system_config config_;
  caf::actor_system system_;
  std::shared_ptr<store::cache> cache_;
  store_actor store_;
  api_actor api_;
  std::unique_ptr<gateway> gateway_;
};

}  // namespace troupe::test
