#include "actors/scheduler/node_proxy.hpp"

#include "actors/scheduler/node_ledger.hpp"
#include "messages/errors.hpp"
#include "model/node_lifecycle.hpp"
#include "model/scheduling/bind_draft.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

namespace troupe::scheduler {
namespace {

// Pods a part of a sync.
constexpr std::size_t sync_part = 100;

class node_proxy final : public node_proxy_actor::base {
 public:
  node_proxy(caf::actor_config& cfg, node_proxy_options options)
      : node_proxy_actor::base(cfg), options_(std::move(options)) {
    set_down_handler([this](const caf::down_msg& down) {
      if (!kubelet_ || down.source != kubelet_.address()) return;
      spdlog::warn("node {}: the kubelet went down", options_.node);
      kubelet_ = nullptr;
      lost_ = true;
      tend_node();
    });
  }

  const char* name() const override { return "node_proxy"; }
  void on_exit() override {
    kubelet_ = nullptr;
    options_.store = nullptr;
  }

  behavior_type make_behavior() override {
    return {[this](reserve_atom, const std::vector<reservation>& asked) { return reserve(asked); },
            [this](release_atom, const std::vector<std::string>& uids) {
              for (const auto& uid : uids) ledger_.release(uid);
              return make_offer();
            },
            [this](pods_atom, const std::vector<pod_change>& changes, bool all) {
              apply(changes, all);
              return make_offer();
            },
            [this](node_atom, const object_ref& node) {
              const bool unknown = ledger_.view() && ledger_.view()->ready == "Unknown";
              ledger_.set_node(node.get());
              if (unknown && node && ledger_.view()->ready == "True") lost_ = false;
              tend_node();
              return make_offer();
            },
            [this](attach_atom, uint64_t incarnation, const kubelet_actor& kubelet) {
              return attach(incarnation, kubelet);
            },
            [this](logs_atom, const log_request& r, uint64_t id,
                   const stream_sink& sink) -> caf::result<stream_source> {
              if (!kubelet_) return away();
              return delegate(kubelet_, logs_atom::value, r, id, sink);
            },
            [this](tunnel_atom, const tunnel_request& r, uint64_t id,
                   const tunnel_actor& to) -> caf::result<tunnel_actor> {
              if (!kubelet_) return away();
              return delegate(kubelet_, tunnel_atom::value, r, id, to);
            },
            [this](reclaim_atom, const std::string& directory) -> caf::result<bool> {
              if (!kubelet_) return away();
              return delegate(kubelet_, reclaim_atom::value, directory);
            },
            [this](silent_atom) {
              lost_ = true;
              tend_node();
            },
            [this](tick_atom) { tend_node(); },
            [this](stop_atom) { quit(); }};
  }

 private:
  caf::error away() const {
    return to_error(
        model::unavailable("the kubelet of node \"" + options_.node + "\" is not connected"));
  }

  offer make_offer() const {
    offer o;
    o.node = options_.node;
    o.version = ledger_.version();
    o.object = ledger_.node();
    o.used = ledger_.used();
    o.removed = ledger_.node() == nullptr;
    return o;
  }

  caf::result<std::vector<verdict>, offer> reserve(const std::vector<reservation>& asked) {
    std::vector<verdict> out;
    for (const auto& r : asked) out.push_back(judge(r));
    return {std::move(out), make_offer()};
  }

  verdict judge(const reservation& r) {
    verdict v;
    v.uid = r.uid;
    auto refuse = [&](reserve_outcome outcome, std::string reason) {
      v.outcome = outcome;
      v.reason = std::move(reason);
      return std::move(v);
    };
    const auto pod = options_.cache->get({"pods", r.ns, r.name});
    if (!pod || pod->header().uid != r.uid)
      return refuse(reserve_outcome::obsolete, "the pod is gone");
    // Held already: another scheduler has asked the same, and its binding may have committed.
    const bool held = ledger_.holds(r.uid);
    model::filter_rules rules;
    rules.enabled = r.filters;
    rules.ignored_resources = r.ignored;
    if (auto refused = ledger_.reserve(pod->view<model::pod_view>(), rules))
      return refuse(reserve_outcome::declined, refused->reasons.front());
    auto bound = model::bind_draft(*pod, options_.node, options_.clock());
    if (const auto* s = std::get_if<model::status>(&bound)) {
      if (!held) ledger_.release(r.uid);
      return refuse(reserve_outcome::obsolete, s->message);
    }
    v.outcome = reserve_outcome::bound;
    v.bind.op = write_op::update;
    v.bind.resource = "pods";
    v.bind.ns = r.ns;
    v.bind.name = r.name;
    v.bind.object = std::move(std::get<model::draft>(bound));
    v.bind.if_version = pod->version();
    v.bind.if_uid = r.uid;
    return v;
  }

  void apply(const std::vector<pod_change>& changes, bool all) {
    std::vector<model::object_ptr> stale;
    if (all) {
      std::unordered_map<std::string, bool> there;
      for (const auto& c : changes) there[c.pod->header().uid] = true;
      for (auto& pod : ledger_.bound())
        if (!there.contains(pod->header().uid)) stale.push_back(std::move(pod));
    }
    for (const auto& pod : stale) drop(pod);
    for (const auto& c : changes) {
      if (c.gone)
        drop(c.pod);
      else if (ledger_.commit(c.pod.get()) && kubelet_)
        hand_over(c.pod);
    }
  }

  void hand_over(const object_ref& pod) {
    if (const auto* why = ledger_.objection(pod->header().uid))
      send(kubelet_, refuse_atom::value, pod, why->reason, why->message);
    else
      send(kubelet_, assign_atom::value, pod);
  }

  void drop(const object_ref& pod) {
    if (ledger_.remove(pod->header().uid) && kubelet_) send(kubelet_, unassign_atom::value, pod);
  }

  caf::result<bool> attach(uint64_t incarnation, const kubelet_actor& kubelet) {
    if (!kubelet) return away();
    if (incarnation < incarnation_)
      return to_error(model::conflict({"nodes", "", options_.node},
                                      "a newer incarnation of the kubelet is attached"));
    if (kubelet_) demonitor(kubelet_.address());
    incarnation_ = incarnation;
    kubelet_ = kubelet;
    lost_ = false;
    monitor(kubelet_);
    std::vector<object_ref> part;
    ++sync_;
    auto bound = ledger_.bound();
    // Before the kubelet hears of them in the sync, and runs them.
    for (const auto& pod : bound)
      if (ledger_.objection(pod->header().uid)) hand_over(object_ref{pod});
    for (auto& pod : bound) {
      if (part.size() == sync_part) {
        send(kubelet_, sync_atom::value, sync_, std::move(part), false);
        part.clear();
      }
      part.emplace_back(std::move(pod));
    }
    send(kubelet_, sync_atom::value, sync_, std::move(part), true);
    spdlog::info("node {}: kubelet attached", options_.node);
    return true;
  }

  // Brings the Node in line with what is known of its kubelet: conditions when it is lost, taints
  // always. A refused write is followed by an event of the newer Node, which leads here again.
  void tend_node() {
    const auto node = ledger_.node();
    if (!node || writing_) return;
    const auto view = ledger_.view();
    const bool mark = lost_ && view->ready != "Unknown";
    if (!mark && model::has_lifecycle_taints(*view)) return;
    model::json document = node->parse();
    if (mark) model::mark_unknown(document, options_.clock());
    model::set_lifecycle_taints(document, options_.clock());
    write w;
    w.op = write_op::update;
    w.resource = "nodes";
    w.name = options_.node;
    w.object = model::encode("nodes", document);
    w.if_version = node->version();
    w.if_uid = node->header().uid;
    writing_ = true;
    request(options_.store, caf::infinite, write_atom::value, std::move(w))
        .then(
            [this](const object_ref& written) {
              writing_ = false;
              // The commit may be ahead of the registry's cursor.
              if (ledger_.node() && written->version() > ledger_.node()->version())
                ledger_.set_node(written.get());
              tend_node();
            },
            [this](const caf::error& e) {
              writing_ = false;
              const auto s = to_status(e);
              spdlog::debug("node {}: not written: {}", options_.node, s.message);
              if (s.code != 404) delayed_send(this, options_.retry, tick_atom::value);
            });
  }

  node_proxy_options options_;
  node_ledger ledger_;
  kubelet_actor kubelet_;
  uint64_t incarnation_ = 0;
  uint64_t sync_ = 0;
  bool lost_ = false;     // the kubelet is down or silent
  bool writing_ = false;  // the Node
};

}  // namespace

node_proxy_actor spawn_node_proxy(caf::actor_system& system, node_proxy_options options) {
  return system.spawn<node_proxy>(std::move(options));
}

}  // namespace troupe::scheduler
