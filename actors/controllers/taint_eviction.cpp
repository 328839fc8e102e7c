#include "model/taint_eviction.hpp"

#include "actors/controllers/controller.hpp"
#include "actors/controllers/owner_graph.hpp"
#include "actors/controllers/pod_ending.hpp"
#include "actors/controllers/pods_by_node.hpp"
#include "model/zone_eviction.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace troupe {
namespace {

using namespace std::chrono_literals;

// A node's name as a key; no pod is called so.
constexpr std::string_view zone_prefix = "/zone/";

// Deletes pods from nodes with a taint NoExecute that they do not tolerate, or no longer. The
// taints of nodes that are not ready count from the node's turn on: so many nodes of a zone a
// second (model/zone_eviction). Keys are those of pods, and of zones whose nodes wait for a turn.
struct taint_eviction_controller : controller {
  std::string name() const override { return "taint-eviction-controller"; }
  std::vector<std::string> resources() const override { return {"nodes", "pods"}; }

  void observe(const store::event& e, controller_host& host) override {
    const auto& key = e.object->key();
    const bool deleted = e.type == store::event::kind::deleted;
    if (key.resource == "nodes") return observe_node(*e.object, deleted, host);
    if (taints.empty() && leaving.empty()) return;
    const auto text = to_string(key);
    if (deleted)
      leaving.erase(text);
    else if (taints.contains(pods_by_node::node_of(*e.object)) || leaving.contains(text))
      host.visit(text, 0ms);
  }

  void observe_node(const model::object& node, bool deleted, controller_host& host) {
    const auto& name = node.key().name;
    const auto view = node.view<model::node_view>();
    count(name, *view, deleted, host);
    auto now = deleted ? std::vector<model::taint>() : model::no_execute_taints(*view);
    const bool away = std::any_of(now.begin(), now.end(), is_of_lost_node);
    if (!away) {
      turned.erase(name);
      waiting[view->zone].erase(name);
    } else if (!turned.contains(name) && waiting[view->zone].insert(name).second) {
      host.visit(std::string(zone_prefix) + view->zone, 0ms);
    }
    auto& before = taints[name];
    if (now != before) visit_pods(name, host);
    before = std::move(now);
    if (before.empty()) taints.erase(name);
  }

  static void visit_pods(const std::string& node, controller_host& host) {
    for (const auto& pod : host.cache().pods_on(node)) host.visit(to_string(pod->key()), 0ms);
  }

  // Zones that wait look again when more or fewer nodes are ready.
  void count(const std::string& name, const model::node_view& view, bool deleted,
             controller_host& host) {
    const bool ready = view.ready == "True";
    const auto counted = places.find(name);
    if (counted != places.end()) {
      if (!deleted && counted->second == std::pair(view.zone, ready)) return;
      const auto& [zone, was_ready] = counted->second;
      auto& zone_now = zones[zone];
      --(was_ready ? zone_now.ready : zone_now.not_ready);
      if (zone_now.ready + zone_now.not_ready == 0) zones.erase(zone);
      if (zone != view.zone) waiting[zone].erase(name);
      places.erase(counted);
    }
    if (!deleted) {
      ++(ready ? zones[view.zone].ready : zones[view.zone].not_ready);
      places[name] = {view.zone, ready};
    }
    for (const auto& [zone, nodes] : waiting)
      if (!nodes.empty()) host.visit(std::string(zone_prefix) + zone, 0ms);
  }

  static bool is_of_lost_node(const model::taint& t) {
    return t.key == "node.kubernetes.io/not-ready" || t.key == "node.kubernetes.io/unreachable";
  }

  void give_turns(const std::string& zone, controller_host& host,
                  const std::function<void(outcome)>& done) {
    auto& nodes = waiting[zone];
    auto& pace = paces[zone];
    const double rate = model::eviction_rate(zones, zone);
    while (!nodes.empty() && pace.take(rate, host.now())) {
      const auto name = *nodes.begin();
      nodes.erase(nodes.begin());
      turned.insert(name);
      visit_pods(name, host);
    }
    if (nodes.empty()) waiting.erase(zone);
    const auto next = waiting.contains(zone) ? pace.next(rate, host.now()) : std::nullopt;
    if (!next) return done({});
    done({{}, std::chrono::ceil<std::chrono::milliseconds>(*next - host.now())});
  }

  // The taints that count by now.
  std::vector<model::taint> taints_of(const std::string& node) const {
    const auto found = taints.find(node);
    if (found == taints.end()) return {};
    auto out = found->second;
    if (!turned.contains(node)) std::erase_if(out, is_of_lost_node);
    return out;
  }

  void reconcile(const std::string& key, controller_host& host,
                 std::function<void(outcome)> done) override {
    if (key.starts_with(zone_prefix)) return give_turns(key.substr(zone_prefix.size()), host, done);
    const auto pod = host.cache().get(parse_key(key));
    if (!pod || pod->header().deleting) {
      leaving.erase(key);
      return done({});
    }
    const auto at_node = taints_of(pods_by_node::node_of(*pod));
    const auto delay =
        at_node.empty() ? std::nullopt
                        : model::eviction_delay(at_node, pod->view<model::pod_view>()->tolerations);
    if (delay.value_or(0s) == 0s) cancel(key, *pod, host);
    if (!delay) return done({});
    // The first taint sets the time; later ones do not put it off.
    const auto due =
        *delay == 0s ? host.now() : leaving.emplace(key, host.now() + *delay).first->second;
    if (due > host.now())
      return done({{}, std::chrono::duration_cast<std::chrono::milliseconds>(due - host.now())});
    tell("Marking for deletion Pod ", *pod, host);
    end_pod(*pod,
            {"DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint", false,
             std::nullopt},
            host, std::move(done));
  }

  void cancel(const std::string& key, const model::object& pod, controller_host& host) {
    if (leaving.erase(key) != 0) tell("Cancelling deletion of Pod ", pod, host);
  }

  static void tell(const char* what, const model::object& pod, controller_host& host) {
    model::event_note note;
    note.about = model::reference_to(pod, "Pod");
    note.reason = "TaintManagerEviction";
    note.message = what + pod.key().ns + "/" + pod.key().name;
    host.record(std::move(note));
  }

  std::map<std::string, model::zone_count> zones;
  std::unordered_map<std::string, std::pair<std::string, bool>> places;  // node: zone, ready
  std::map<std::string, std::set<std::string>> waiting;                  // by zone: nodes
  std::set<std::string> turned;  // nodes that are not ready and have had their turn
  std::map<std::string, model::eviction_pace> paces;
  std::unordered_map<std::string, std::vector<model::taint>>
      taints;                                                  // by node, where there are any
  std::unordered_map<std::string, model::time_point> leaving;  // by pod: when
};

}  // namespace

controller_actor spawn_taint_eviction_controller(caf::actor_system& sys,
                                                 controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<taint_eviction_controller>());
}

}  // namespace troupe
