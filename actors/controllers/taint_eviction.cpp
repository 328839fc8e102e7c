#include "model/taint_eviction.hpp"

#include "actors/controllers/controller.hpp"
#include "actors/controllers/owner_graph.hpp"
#include "actors/controllers/pod_ending.hpp"
#include "actors/controllers/pods_by_node.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;

// Deletes pods from nodes with a taint NoExecute that they do not tolerate, or no longer. Keys are
// those of pods.
struct taint_eviction_controller : controller {
  std::string name() const override { return "taint-eviction-controller"; }
  std::vector<std::string> resources() const override { return {"nodes", "pods"}; }

  void relist(const std::string& resource, controller_host&) override {
    if (resource == "pods") pods.clear();
  }

  void observe(const store::event& e, controller_host& host) override {
    const auto& key = e.object->key();
    const bool deleted = e.type == store::event::kind::deleted;
    if (key.resource == "nodes") {
      auto now = deleted ? std::vector<model::taint>()
                         : model::no_execute_taints(*e.object->view<model::node_view>());
      auto& before = taints[key.name];
      if (now != before)
        for (const auto& pod : pods.of(key.name)) host.visit(pod, 0ms);
      before = std::move(now);
      if (before.empty()) taints.erase(key.name);
      return;
    }
    pods.observe(e);
    const auto text = to_string(key);
    if (deleted)
      leaving.erase(text);
    else if (taints.contains(pods_by_node::node_of(*e.object)) || leaving.contains(text))
      host.visit(text, 0ms);
  }

  void reconcile(const std::string& key, controller_host& host,
                 std::function<void(outcome)> done) override {
    const auto pod = host.cache().get(parse_key(key));
    if (!pod || pod->header().deleting) {
      leaving.erase(key);
      return done({});
    }
    const auto at_node = taints.find(pods_by_node::node_of(*pod));
    const auto delay =
        at_node == taints.end()
            ? std::nullopt
            : model::eviction_delay(at_node->second, pod->view<model::pod_view>()->tolerations);
    if (!delay || *delay == 0s) cancel(key, *pod, host);
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

  pods_by_node pods;
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
