#include "actors/scheduler/node_registry.hpp"

#include "actors/scheduler/registrar.hpp"
#include "messages/errors.hpp"

namespace troupe::scheduler {

registrar::registrar(caf::actor_config& cfg, node_registry_options options)
    : scheduling_registry_actor::base(cfg), options_(std::move(options)) {
  set_down_handler([this](const caf::down_msg& down) { on_down(down.source); });
}

registrar::behavior_type registrar::make_behavior() {
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
      [this](reclaim_atom, const std::string& node,
             const std::string& directory) -> caf::result<bool> {
        const auto proxy = proxies_.find(node);
        if (proxy == proxies_.end()) return to_error(model::not_found({"nodes", "", node}));
        return delegate(proxy->second, reclaim_atom::value, directory);
      },
      // A handle that comes from another process may name nobody: its actor has ended meanwhile.
      [this](offers_atom, const scheduler_actor& who) {
        if (!who) return;
        monitor(who);
        board_.subscribe(who);
        publish_soon();
      },
      [this](ack_atom, const scheduler_actor& who, uint64_t number) {
        if (!who) return;
        board_.acknowledge(who.address(), number);
        publish_soon();
      },
      [this](reserve_atom, std::vector<reservation>& asked) { return reserve(std::move(asked)); },
      [this](settle_atom) {
        auto promise = make_response_promise<uint64_t>();
        jobs_.when_ended([this, promise]() mutable { promise.deliver(options_.cache->version()); });
        return promise;
      },
      [this](queue_atom, const std::string& scheduler, const queue_actor& queue) {
        if (!queue) return;
        monitor(queue);
        queues_[scheduler] = queue;
        send(queue, release_atom::value, releases_);
        // It judges by what it has loaded: schedulers must learn that their offers reflect that.
        drain();
        owe_version();
        settle();
        for (const auto& f : followers_[scheduler]) send(f, queue_atom::value, scheduler, queue);
      },
      [this](enlist_atom, const std::string& scheduler, const queue_follower& who) {
        if (!who) return;
        monitor(who);
        followers_[scheduler].push_back(who);
        if (const auto q = queues_.find(scheduler); q != queues_.end())
          send(who, queue_atom::value, scheduler, q->second);
      },
      [this](changed_atom) { drain(); }, [this](tick_atom, uint32_t timer) { on_timer(timer); },
      [this](stop_atom) { quit(); }};
}

void registrar::on_exit() {
  wake_.drop();
  for (const auto& [node, proxy] : proxies_) anon_send(proxy, stop_atom::value);
  proxies_.clear();
  followers_.clear();
  queues_.clear();
  board_ = {};
  options_.store = nullptr;
}

void registrar::publish_soon() {
  if (publishing_ || !board_.due(told_)) return;
  publishing_ = true;
  arm(offers_timer, options_.offer_interval);
}

void registrar::publish() {
  for (auto& d : board_.deliveries(told_))
    send(d.to, offers_atom::value, d.number, settled_, releases_, std::move(d.offers), d.snapshot);
}

void registrar::heard(const std::string& node) {
  heard_[node] = options_.clock();
}

void registrar::sweep() {
  const auto now = options_.clock();
  for (auto& [node, at] : heard_) {
    if (at + options_.grace_period > now) continue;
    if (const auto proxy = proxies_.find(node); proxy != proxies_.end())
      send(proxy->second, silent_atom::value);
    at = now;
  }
}

void registrar::on_timer(uint32_t timer) {
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

void registrar::on_down(const caf::actor_addr& who) {
  if (options_.store && who == options_.store.address()) return quit(caf::exit_reason::unknown);
  board_.unsubscribe(who);
  for (auto& [scheduler, list] : followers_)
    std::erase_if(list, [&](const queue_follower& f) { return f.address() == who; });
  queue_down(who);
}

// Who follows it need not wait until its Lease has run out: nothing that it gives out can be
// reserved any more.
void registrar::queue_down(const caf::actor_addr& who) {
  for (auto at = queues_.begin(); at != queues_.end();) {
    if (at->second.address() != who) {
      ++at;
      continue;
    }
    for (const auto& f : followers_[at->first]) send(f, gone_atom::value, at->first, at->second);
    at = queues_.erase(at);
  }
}

scheduling_registry_actor spawn_node_registry(caf::actor_system& system,
                                              node_registry_options options) {
  return system.spawn<registrar>(std::move(options));
}

}  // namespace troupe::scheduler
