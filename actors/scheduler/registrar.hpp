#pragma once

#include "actors/scheduler/cache_wake.hpp"
#include "actors/scheduler/exclusive_claims.hpp"
#include "actors/scheduler/node_registry.hpp"
#include "actors/scheduler/offer_board.hpp"
#include "actors/scheduler/open_jobs.hpp"

#include <caf/all.hpp>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace troupe::scheduler {

/// The node registry actor: keeps the node proxies up to date with the cache (registrar_follow),
/// has them judge reservations and binds what they accept (registrar_reserve), and publishes their
/// offers (node_registry.cpp, with the rest).
class registrar final : public scheduling_registry_actor::base {
 public:
  registrar(caf::actor_config& cfg, node_registry_options options);

  const char* name() const override { return "node_registry"; }
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  static constexpr uint32_t offers_timer = 0;
  static constexpr uint32_t sweep_timer = 1;
  static constexpr uint32_t limbo_timer = 2;

  using pod_changes = std::vector<pod_change>;
  /// What was sent to proxies on account of the store up to `version`.
  struct drained {
    uint64_t version = 0;
    std::size_t waiting = 0;
  };
  using drained_ptr = std::shared_ptr<drained>;
  /// Reservations that were asked for in one message.
  struct job {
    caf::typed_response_promise<std::vector<reserve_result>> promise;
    std::map<std::string, reservation> asked;  // by uid
    std::map<std::string, uint64_t> versions;  // uid to the offer that counts it
    std::vector<reserve_result> results;
    std::vector<write> writes;
    std::vector<reservation> held;  // what `writes` would bind
    std::size_t waiting = 0;
    int round = 1;
    bool declined = false;
    open_jobs::number number = 0;
  };
  using job_ptr = std::shared_ptr<job>;

  // What the cache says.
  void load();
  void drain();
  static const std::string* node_of(const model::object& pod);
  node_proxy_actor proxy_of(const std::string& node, const drained_ptr& round);
  void show_node(const std::string& node, model::object_ptr object, const drained_ptr& round);
  void show_pods(const std::string& node, pod_changes changes, bool all, const drained_ptr& round);
  void finish(drained_ptr round);
  void settle();
  void posted(offer o);
  void owe_version();

  template <class Each>
  void read(std::string_view resource, uint64_t& seen, bool& expired, Each each) {
    for (;;) {
      const auto batch = options_.cache->events(resource, seen);
      expired = expired || batch.expired;
      if (batch.expired) return;
      for (const auto& e : batch.events) each(e);
      seen = batch.version;
      if (batch.events.empty()) return;
    }
  }

  // Any request to a proxy that answers with its offer.
  template <class... Ts>
  void tell(const node_proxy_actor& proxy, drained_ptr round, Ts&&... message) {
    ++round->waiting;
    request(proxy, caf::infinite, std::forward<Ts>(message)...)
        .then(
            [this, round](offer& o) {
              --round->waiting;
              posted(std::move(o));
              settle();
            },
            [this, round](const caf::error&) {
              --round->waiting;
              settle();
            });
  }

  // Reservations.
  caf::typed_response_promise<std::vector<reserve_result>> reserve(std::vector<reservation> asked);
  void ask(const job_ptr& j, std::vector<reservation> asked);
  bool hold_claims(job& j, const reservation& r);
  void release_claims(open_jobs::number number, const job& j);
  static void refuse(const job_ptr& j, const std::vector<reservation>& list, const char* why);
  static void judge(job& j, verdict v, uint64_t offer_version);
  void break_up_gangs(job& j);
  void answered(const job_ptr& j);
  void committed(const job_ptr& j, const std::vector<reservation>& held,
                 const std::vector<std::string>& errors);
  void release(const reservation& r);
  void deliver(job& j);
  void retry_limbo();

  // Offers, and the rest.
  void publish_soon();
  void publish();
  void heard(const std::string& node);
  void sweep();
  void on_timer(uint32_t timer);
  void on_down(const caf::actor_addr& who);
  void queue_down(const caf::actor_addr& who);

  template <class Duration>
  void arm(uint32_t timer, Duration after) {
    delayed_send(this, after, tick_atom::value, timer);
  }

  node_registry_options options_;
  cache_wake wake_;
  offer_board board_;
  std::unordered_map<std::string, node_proxy_actor> proxies_;
  std::unordered_map<std::string, std::map<std::string, model::object_ptr>> orphans_;
  std::unordered_map<std::string, model::time_point> heard_;
  std::map<std::string, std::vector<queue_follower>> followers_;
  std::map<std::string, queue_actor> queues_;
  std::vector<reservation> limbo_;
  exclusive_claims claims_;
  open_jobs jobs_;
  std::deque<drained_ptr> rounds_;
  uint64_t nodes_seen_ = 0;
  uint64_t pods_seen_ = 0;
  uint64_t leases_seen_ = 0;
  uint64_t newest_ = 0;          // version of the newest event that proxies were told of
  uint64_t settled_ = 0;         // all offers reflect the store up to here
  std::deque<uint64_t> posted_;  // offers changed that reflect it up to there, and nobody knows yet
  uint64_t told_ = 0;            // the version that subscribers must learn of
  uint64_t releases_ = 0;
  bool publishing_ = false;
};

}  // namespace troupe::scheduler
