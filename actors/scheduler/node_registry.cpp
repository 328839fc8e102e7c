#include "actors/scheduler/node_registry.hpp"

#include "actors/scheduler/cache_wake.hpp"
#include "actors/scheduler/node_proxy.hpp"
#include "actors/scheduler/offer_board.hpp"
#include "actors/scheduler/open_jobs.hpp"
#include "messages/errors.hpp"
#include "model/selector.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include <deque>
#include <set>
#include <unordered_map>

namespace troupe::scheduler {
namespace {

constexpr uint32_t offers_timer = 0;
constexpr uint32_t sweep_timer = 1;
constexpr uint32_t limbo_timer = 2;
// Rounds that a binding gets whose pod changed under it.
constexpr int bind_rounds = 4;

using pod_changes = std::vector<pod_change>;

class node_registry final : public scheduling_registry_actor::base {
 public:
  node_registry(caf::actor_config& cfg, node_registry_options options)
      : scheduling_registry_actor::base(cfg), options_(std::move(options)) {
    set_down_handler([this](const caf::down_msg& down) { on_down(down.source); });
  }

  const char* name() const override { return "node_registry"; }

  behavior_type make_behavior() override {
    monitor(options_.store);
    for (const char* resource : {"nodes", "pods", "leases.coordination.k8s.io"})
      wake_.watch(*options_.cache, resource, scheduling_registry_actor{this});
    load();
    arm(sweep_timer, options_.grace_period / 8);
    return {
        [this](attach_atom, const std::string& node, uint64_t incarnation,
               const kubelet_actor& kubelet) -> caf::result<bool> {
          drain();  // the Node may have been created just now
          const auto proxy = proxies_.find(node);
          if (proxy == proxies_.end()) return to_error(model::not_found({"nodes", "", node}));
          heard(node);
          return delegate(proxy->second, attach_atom::value, incarnation, kubelet);
        },
        [this](logs_atom, const std::string& node, const log_request& r, uint64_t id,
               const stream_sink& sink) -> caf::result<stream_source> {
          const auto proxy = proxies_.find(node);
          if (proxy == proxies_.end()) return to_error(model::not_found({"nodes", "", node}));
          return delegate(proxy->second, logs_atom::value, r, id, sink);
        },
        [this](tunnel_atom, const std::string& node, const tunnel_request& r, uint64_t id,
               const tunnel_actor& to) -> caf::result<tunnel_actor> {
          const auto proxy = proxies_.find(node);
          if (proxy == proxies_.end()) return to_error(model::not_found({"nodes", "", node}));
          return delegate(proxy->second, tunnel_atom::value, r, id, to);
        },
        [this](offers_atom, const scheduler_actor& who) {
          monitor(who);
          board_.subscribe(who);
          publish_soon();
        },
        [this](ack_atom, const scheduler_actor& who, uint64_t number) {
          board_.acknowledge(who.address(), number);
          publish_soon();
        },
        [this](reserve_atom, std::vector<reservation>& asked) { return reserve(std::move(asked)); },
        [this](settle_atom) {
          auto promise = make_response_promise<uint64_t>();
          jobs_.when_ended(
              [this, promise]() mutable { promise.deliver(options_.cache->version()); });
          return promise;
        },
        [this](queue_atom, const std::string& scheduler, const queue_actor& queue) {
          monitor(queue);
          queues_[scheduler] = queue;
          send(queue, release_atom::value, releases_);
          // It judges by what it has loaded: schedulers must learn that their offers reflect that.
          drain();
          posted_at_ = std::min(nodes_seen_, pods_seen_);
          settle();
          for (const auto& f : followers_[scheduler]) send(f, queue_atom::value, scheduler, queue);
        },
        [this](enlist_atom, const std::string& scheduler, const queue_follower& who) {
          monitor(who);
          followers_[scheduler].push_back(who);
          if (const auto q = queues_.find(scheduler); q != queues_.end())
            send(who, queue_atom::value, scheduler, q->second);
        },
        [this](changed_atom) { drain(); },
        [this](tick_atom, uint32_t timer) { on_timer(timer); },
        [this](stop_atom) { quit(); }};
  }

  void on_exit() override {
    wake_.drop();
    for (const auto& [node, proxy] : proxies_) anon_send(proxy, stop_atom::value);
    proxies_.clear();
    followers_.clear();
    queues_.clear();
    board_ = {};
    options_.store = nullptr;
  }

 private:
  // --- what the cache says

  /// What was sent to proxies on account of the store up to `version`.
  struct drained {
    uint64_t version = 0;
    std::size_t waiting = 0;
  };
  using drained_ptr = std::shared_ptr<drained>;

  void load() {
    const auto nodes = options_.cache->list("nodes");
    const auto pods = options_.cache->list("pods");
    const auto leases = options_.cache->list("leases.coordination.k8s.io", "kube-node-lease");
    nodes_seen_ = nodes.version;
    pods_seen_ = pods.version;
    leases_seen_ = leases.version;
    auto round = std::make_shared<drained>(drained{std::min(nodes_seen_, pods_seen_), 0});
    std::set<std::string> there;
    for (const auto& node : nodes.objects) {
      there.insert(node->key().name);
      show_node(node->key().name, node, round);
    }
    std::map<std::string, pod_changes> by_node;
    orphans_.clear();
    for (const auto& pod : pods.objects)
      if (const auto* node = node_of(*pod)) by_node[*node].push_back({pod, false});
    for (const auto& [node, proxy] : proxies_) {
      if (!there.contains(node)) show_node(node, {}, round);
      by_node.try_emplace(node);
    }
    for (auto& [node, changes] : by_node) show_pods(node, std::move(changes), true, round);
    finish(std::move(round));
  }

  void drain() {
    wake_.taken();
    bool expired = false;
    auto round = std::make_shared<drained>();
    read("nodes", nodes_seen_, expired, [&](const store::event& e) {
      const bool gone = e.type == store::event::kind::deleted;
      heard(e.object->key().name);
      show_node(e.object->key().name, gone ? nullptr : e.object, round);
    });
    std::map<std::string, pod_changes> by_node;
    read("pods", pods_seen_, expired, [&](const store::event& e) {
      if (const auto* node = node_of(*e.object))
        by_node[*node].push_back({e.object, e.type == store::event::kind::deleted});
    });
    read("leases.coordination.k8s.io", leases_seen_, expired, [&](const store::event& e) {
      if (e.object->key().ns == "kube-node-lease") heard(e.object->key().name);
    });
    if (expired) return load();
    for (auto& [node, changes] : by_node) show_pods(node, std::move(changes), false, round);
    round->version = std::min(nodes_seen_, pods_seen_);
    finish(std::move(round));
  }

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

  static const std::string* node_of(const model::object& pod) {
    const auto* node = model::find(pod.header().fields, "spec.nodeName");
    return node && !node->empty() ? node : nullptr;
  }

  node_proxy_actor proxy_of(const std::string& node, const drained_ptr& round) {
    auto [at, fresh] = proxies_.try_emplace(node);
    if (!fresh) return at->second;
    node_proxy_options o;
    o.node = node;
    o.cache = options_.cache;
    o.store = options_.store;
    o.clock = options_.clock;
    at->second = spawn_node_proxy(system(), std::move(o));
    heard(node);
    if (auto waiting = orphans_.extract(node); !waiting.empty()) {
      pod_changes changes;
      for (auto& [uid, pod] : waiting.mapped()) changes.push_back({pod, false});
      tell(proxies_.at(node), round, pods_atom::value, std::move(changes), false);
    }
    return proxies_.at(node);
  }

  void show_node(const std::string& node, model::object_ptr object, const drained_ptr& round) {
    if (!object && !proxies_.contains(node)) return;
    tell(proxy_of(node, round), round, node_atom::value, object_ref(std::move(object)));
  }

  void show_pods(const std::string& node, pod_changes changes, bool all, const drained_ptr& round) {
    if (const auto proxy = proxies_.find(node); proxy != proxies_.end())
      return tell(proxy->second, round, pods_atom::value, std::move(changes), all);
    auto& waiting = orphans_[node];  // pods of a node that is not there (yet)
    for (auto& c : changes)
      if (c.gone)
        waiting.erase(c.pod->header().uid);
      else
        waiting[c.pod->header().uid] = c.pod.get();
    if (waiting.empty()) orphans_.erase(node);
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

  void finish(drained_ptr round) {
    rounds_.push_back(std::move(round));
    settle();
  }

  void settle() {
    while (!rounds_.empty() && rounds_.front()->waiting == 0) {
      settled_ = rounds_.front()->version;
      rounds_.pop_front();
    }
    // Offers that went out ahead of their version are followed by it.
    if (settled_ >= posted_at_) told_ = std::max(told_, posted_at_);
    publish_soon();
  }

  void posted(offer o) {
    if (!board_.post(std::move(o))) return;
    posted_at_ = std::min(nodes_seen_, pods_seen_);
    publish_soon();
  }

  // --- offers

  void publish_soon() {
    if (publishing_ || !board_.due(told_)) return;
    publishing_ = true;
    arm(offers_timer, options_.offer_interval);
  }

  void publish() {
    for (auto& d : board_.deliveries(told_))
      send(d.to, offers_atom::value, d.number, settled_, releases_, std::move(d.offers),
           d.snapshot);
  }

  // --- reservations

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

  caf::typed_response_promise<std::vector<reserve_result>> reserve(std::vector<reservation> asked) {
    auto j = std::make_shared<job>();
    j->promise = make_response_promise<std::vector<reserve_result>>();
    j->number = jobs_.begin();
    ask(j, std::move(asked));
    return j->promise;
  }

  void ask(const job_ptr& j, std::vector<reservation> asked) {
    std::map<std::string, std::vector<reservation>> by_node;
    for (auto& r : asked) {
      j->asked[r.uid] = r;
      by_node[r.node].push_back(std::move(r));
    }
    ++j->waiting;  // until all are asked
    for (auto& [node, list] : by_node) {
      const auto proxy = proxies_.find(node);
      if (proxy == proxies_.end()) {
        refuse(j, list, "the node is gone");
        continue;
      }
      ++j->waiting;
      request(proxy->second, caf::infinite, reserve_atom::value, list)
          .then(
              [this, j](std::vector<verdict>& verdicts, offer& o) {
                for (auto& v : verdicts) judge(*j, std::move(v), o.version);
                posted(std::move(o));
                answered(j);
              },
              [this, j, list](const caf::error&) {
                refuse(j, list, "the node's proxy is down");
                answered(j);
              });
    }
    answered(j);
  }

  static void refuse(const job_ptr& j, const std::vector<reservation>& list, const char* why) {
    for (const auto& r : list) j->results.push_back({r.uid, reserve_outcome::declined, why});
    j->declined = true;
  }

  static void judge(job& j, verdict v, uint64_t offer_version) {
    if (v.outcome == reserve_outcome::bound) {
      j.versions[v.uid] = offer_version;
      j.writes.push_back(std::move(v.bind));
      j.held.push_back(j.asked.at(v.uid));
      return;
    }
    j.declined = j.declined || v.outcome == reserve_outcome::declined;
    j.results.push_back({std::move(v.uid), v.outcome, std::move(v.reason)});
  }

  // Gangs of which a member was refused let go of what they hold.
  void break_up_gangs(job& j) {
    std::set<std::string> broken;
    for (const auto& r : j.results)
      if (const auto& gang = j.asked.at(r.uid).gang;
          !gang.empty() && r.outcome != reserve_outcome::bound)
        broken.insert(gang);
    if (broken.empty()) return;
    for (std::size_t i = j.held.size(); i-- > 0;) {
      if (!broken.contains(j.held[i].gang)) continue;
      release(j.held[i]);
      j.results.push_back(
          {j.held[i].uid, reserve_outcome::declined, "another pod of its group was refused"});
      j.held.erase(j.held.begin() + static_cast<std::ptrdiff_t>(i));
      j.writes.erase(j.writes.begin() + static_cast<std::ptrdiff_t>(i));
    }
    j.declined = true;
  }

  void answered(const job_ptr& j) {
    if (--j->waiting > 0) return;
    break_up_gangs(*j);
    if (j->writes.empty()) return deliver(*j);
    auto writes = std::exchange(j->writes, {});
    auto held = std::exchange(j->held, {});
    request(options_.store, caf::infinite, write_atom::value, std::move(writes))
        .then(
            [this, j, held](const std::vector<object_ref>&,
                            const std::vector<std::string>& errors) { committed(j, held, errors); },
            [this, j, held](const caf::error& e) {
              committed(j, held,
                        std::vector<std::string>(held.size(), model::to_text(to_status(e))));
            });
  }

  // A binding that met a change of its pod is tried again on the newer pod; one whose fate is
  // unknown keeps its reservation until it is known.
  void committed(const job_ptr& j, const std::vector<reservation>& held,
                 const std::vector<std::string>& errors) {
    std::vector<reservation> again;
    for (std::size_t i = 0; i < held.size(); ++i) {
      const auto& r = held[i];
      const std::string error = i < errors.size() ? errors[i] : std::string();
      if (error.empty()) {
        j->results.push_back({r.uid, reserve_outcome::bound, {}, j->versions[r.uid]});
        continue;
      }
      const auto s = model::status_from_text(error);
      if (s.code >= 429) {
        limbo_.push_back(r);
        if (limbo_.size() == 1) arm(limbo_timer, std::chrono::milliseconds(1000));
        j->results.push_back({r.uid, reserve_outcome::failed, s.message});
        continue;
      }
      const auto pod = options_.cache->get({"pods", r.ns, r.name});
      const bool same = pod && pod->header().uid == r.uid && !pod->header().deleting;
      const auto* node = pod ? node_of(*pod) : nullptr;
      if (same && node && *node == r.node) {
        j->results.push_back({r.uid, reserve_outcome::bound, {}, j->versions[r.uid]});
      } else if (same && !node && s.code == 409 && j->round < bind_rounds) {
        again.push_back(r);
      } else {
        release(r);
        j->results.push_back({r.uid,
                              same && !node ? reserve_outcome::failed : reserve_outcome::obsolete,
                              s.message});
      }
    }
    if (again.empty()) return deliver(*j);
    ++j->round;
    ask(j, std::move(again));
  }

  void release(const reservation& r) {
    const auto proxy = proxies_.find(r.node);
    if (proxy == proxies_.end()) return;
    request(proxy->second, caf::infinite, release_atom::value, std::vector<std::string>{r.uid})
        .then(
            [this](offer& o) {
              posted(std::move(o));
              ++releases_;
              for (const auto& [scheduler, queue] : queues_)
                send(queue, release_atom::value, releases_);
            },
            [](const caf::error&) { /* the proxy is gone, and its node with it */ });
  }

  void deliver(job& j) {
    if (j.declined) publish();  // so that the next decision knows better
    j.promise.deliver(std::move(j.results));
    jobs_.end(j.number);
  }

  void retry_limbo() {
    auto held = std::exchange(limbo_, {});
    if (held.empty()) return;
    auto j = std::make_shared<job>();
    j->waiting = 1;
    j->number = jobs_.begin();
    for (const auto& r : held) j->asked[r.uid] = r;
    ask(j, std::move(held));
    answered(j);
  }

  // --- the rest

  void heard(const std::string& node) { heard_[node] = options_.clock(); }

  void sweep() {
    const auto now = options_.clock();
    for (auto& [node, at] : heard_) {
      if (at + options_.grace_period > now) continue;
      if (const auto proxy = proxies_.find(node); proxy != proxies_.end())
        send(proxy->second, silent_atom::value);
      at = now;
    }
  }

  template <class Duration>
  void arm(uint32_t timer, Duration after) {
    delayed_send(this, after, tick_atom::value, timer);
  }

  void on_timer(uint32_t timer) {
    if (timer == offers_timer) {
      publishing_ = false;
      publish();
    } else if (timer == sweep_timer) {
      sweep();
      arm(sweep_timer, options_.grace_period / 8);
    } else {
      retry_limbo();
    }
  }

  void on_down(const caf::actor_addr& who) {
    if (options_.store && who == options_.store.address()) return quit(caf::exit_reason::unknown);
    board_.unsubscribe(who);
    for (auto& [scheduler, list] : followers_)
      std::erase_if(list, [&](const queue_follower& f) { return f.address() == who; });
    std::erase_if(queues_, [&](const auto& q) { return q.second.address() == who; });
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
  open_jobs jobs_;
  std::deque<drained_ptr> rounds_;
  uint64_t nodes_seen_ = 0;
  uint64_t pods_seen_ = 0;
  uint64_t leases_seen_ = 0;
  uint64_t settled_ = 0;    // all offers reflect the store up to here
  uint64_t posted_at_ = 0;  // an offer changed when the cursors were here
  uint64_t told_ = 0;       // the version that subscribers must learn of
  uint64_t releases_ = 0;
  bool publishing_ = false;
};

}  // namespace

scheduling_registry_actor spawn_node_registry(caf::actor_system& system,
                                              node_registry_options options) {
  return system.spawn<node_registry>(std::move(options));
}

}  // namespace troupe::scheduler
