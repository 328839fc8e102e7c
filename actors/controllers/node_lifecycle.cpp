#include "actors/controllers/controller.hpp"
#include "actors/controllers/owner_graph.hpp"
#include "actors/controllers/pods_by_node.hpp"
#include "model/node_view.hpp"
#include "model/workload/pod_facts.hpp"

#include <set>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;

// The pods of a node that stops being ready are not ready either: nobody is left to say so, and
// Services must not lead to them. What the node itself becomes is its proxy's to say. Keys are
// those of pods.
struct node_lifecycle_controller : controller {
  std::string name() const override { return "node-controller"; }
  std::vector<std::string> resources() const override { return {"nodes", "pods"}; }

  void observe(const store::event& e, controller_host& host) override {
    const auto& key = e.object->key();
    if (key.resource == "nodes") return observe_node(e, host);
    // At the start: the node may have been lost while nobody looked.
    if (e.type == store::event::kind::added && lost_.contains(pods_by_node::node_of(*e.object)))
      host.visit(to_string(key), 0ms);
  }

  void observe_node(const store::event& e, controller_host& host) {
    const auto& node = e.object->key().name;
    const auto ready = e.object->view<model::node_view>()->ready;
    if (e.type == store::event::kind::deleted || ready == "True" || ready.empty()) {
      lost_.erase(node);
      return;
    }
    const bool was_ready = e.previous && e.previous->view<model::node_view>()->ready == "True";
    if (!was_ready && e.type != store::event::kind::added) return;
    if (ready == "Unknown") lost_.insert(node);
    if (was_ready)
      tell(model::reference_to(*e.object, "Node"), "Normal",
           "Node " + node + " status is now: NodeNotReady", host);
    for (const auto& pod : host.cache().pods_on(node)) host.visit(to_string(pod->key()), 0ms);
  }

  void reconcile(const std::string& key, controller_host& host,
                 std::function<void(outcome)> done) override {
    const auto pod = host.cache().get(parse_key(key));
    if (!pod || !model::pod_facts(*pod).ready) return done({});
    const auto node = host.cache().get({"nodes", "", pods_by_node::node_of(*pod)});
    if (!node || node->view<model::node_view>()->ready == "True") return done({});
    const json patch = {{"metadata", {{"uid", pod->header().uid}}},
                        {"status",
                         {{"conditions",
                           {{{"type", "Ready"},
                             {"status", "False"},
                             {"lastTransitionTime", model::to_rfc3339(host.now())}}}}}}};
    host.call("PATCH", path_of(pod->key()) + "/status", patch,
              [pod, &host, done = std::move(done)](const api_response& r) {
                if (r.code < 300)
                  tell(model::reference_to(*pod, "Pod"), "Warning", "Node is not ready", host);
                done(outcome_of(r));
              });
  }

  static void tell(model::object_reference about, const char* type, std::string message,
                   controller_host& host) {
    model::event_note note;
    note.about = std::move(about);
    note.type = type;
    note.reason = "NodeNotReady";
    note.message = std::move(message);
    host.record(std::move(note));
  }

  std::set<std::string> lost_;  // nodes that nobody hears of
};

}  // namespace

controller_actor spawn_node_lifecycle_controller(caf::actor_system& sys,
                                                 controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<node_lifecycle_controller>());
}

}  // namespace troupe
