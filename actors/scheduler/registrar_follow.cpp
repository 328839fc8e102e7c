#include "actors/scheduler/node_proxy.hpp"
#include "actors/scheduler/registrar.hpp"
#include "model/selector.hpp"

#include <set>

namespace troupe::scheduler {

void registrar::load() {
  const auto pods = options_.cache->list("pods");  // first: the older version reflects them all
  const auto nodes = options_.cache->list("nodes");
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
  claims_.clear_committed();
  for (const auto& pod : pods.objects) {
    claims_.see(*pod, false);
    if (const auto* node = node_of(*pod)) by_node[*node].push_back({pod, false});
  }
  for (const auto& [node, proxy] : proxies_) {
    if (!there.contains(node)) show_node(node, {}, round);
    by_node.try_emplace(node);
  }
  for (auto& [node, changes] : by_node) show_pods(node, std::move(changes), true, round);
  finish(std::move(round));
}

void registrar::drain() {
  wake_.taken();
  bool expired = false;
  auto round = std::make_shared<drained>();
  read("nodes", nodes_seen_, expired, [&](const store::event& e) {
    const bool gone = e.type == store::event::kind::deleted;
    newest_ = std::max(newest_, e.version());
    heard(e.object->key().name);
    show_node(e.object->key().name, gone ? nullptr : e.object, round);
  });
  std::map<std::string, pod_changes> by_node;
  read("pods", pods_seen_, expired, [&](const store::event& e) {
    const bool gone = e.type == store::event::kind::deleted;
    newest_ = std::max(newest_, e.version());
    claims_.see(*e.object, gone);
    if (const auto* node = node_of(*e.object)) by_node[*node].push_back({e.object, gone});
  });
  read("leases.coordination.k8s.io", leases_seen_, expired, [&](const store::event& e) {
    if (e.object->key().ns == "kube-node-lease") heard(e.object->key().name);
  });
  if (expired) return load();
  for (auto& [node, changes] : by_node) show_pods(node, std::move(changes), false, round);
  round->version = std::min(nodes_seen_, pods_seen_);
  finish(std::move(round));
}

const std::string* registrar::node_of(const model::object& pod) {
  const auto* node = model::find(pod.header().fields, "spec.nodeName");
  return node && !node->empty() ? node : nullptr;
}

node_proxy_actor registrar::proxy_of(const std::string& node, const drained_ptr& round) {
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

void registrar::show_node(const std::string& node, model::object_ptr object,
                          const drained_ptr& round) {
  if (!object && !proxies_.contains(node)) return;
  tell(proxy_of(node, round), round, node_atom::value, object_ref(std::move(object)));
}

void registrar::show_pods(const std::string& node, pod_changes changes, bool all,
                          const drained_ptr& round) {
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

void registrar::finish(drained_ptr round) {
  rounds_.push_back(std::move(round));
  settle();
}

void registrar::settle() {
  while (!rounds_.empty() && rounds_.front()->waiting == 0) {
    settled_ = rounds_.front()->version;
    rounds_.pop_front();
  }
  // Offers that went out ahead of their version are followed by it.
  for (; !posted_.empty() && posted_.front() <= settled_; posted_.pop_front()) told_ = settled_;
  publish_soon();
}

void registrar::posted(offer o) {
  if (!board_.post(std::move(o))) return;
  owe_version();
  publish_soon();
}

// What changed an offer has been told of by now, and so has been everything before it. A cursor may
// be behind the newest event, if that came while the cursors were read: it is read again for that.
void registrar::owe_version() {
  const auto version = std::max(newest_, std::min(nodes_seen_, pods_seen_));
  if (posted_.empty() || posted_.back() < version) posted_.push_back(version);
}

}  // namespace troupe::scheduler
