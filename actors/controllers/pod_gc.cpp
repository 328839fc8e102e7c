#include "actors/controllers/controller.hpp"

#include <algorithm>

namespace troupe {
namespace {

using namespace std::chrono_literals;

std::string node_of(const model::object& pod) {
  for (const auto& [path, value] : pod.header().fields)
    if (path == "spec.nodeName") return value;
  return {};
}

// Pods of a node that does not exist are removed once it has been away for
// kube-controller-manager's quarantine time. The key is the node's name.
struct pod_gc_controller : controller {
  static constexpr auto quarantine = 40s;
  static constexpr std::size_t batch = 256;

  std::string name() const override { return "pod-garbage-collector"; }
  std::vector<std::string> resources() const override { return {"nodes", "pods"}; }

  void observe(const store::event& e, controller_host& host) override {
    const auto& key = e.object->key();
    const bool deleted = e.type == store::event::kind::deleted;
    if (key.resource == "nodes") {
      if (deleted) host.visit(key.name, quarantine);
    } else if (!deleted) {
      const auto node = node_of(*e.object);
      if (!node.empty() && !host.cache().get({"nodes", "", node})) host.visit(node, quarantine);
    }
  }

  void reconcile(const std::string& node, controller_host& host,
                 std::function<void(outcome)> done) override {
    if (host.cache().get({"nodes", "", node})) return done({});
    std::vector<write> writes;
    for (const auto& pod : host.cache().list("pods").objects) {
      if (node_of(*pod) != node) continue;
      if (writes.size() == batch) break;
      writes.push_back({write_op::remove,
                        "pods",
                        pod->key().ns,
                        pod->key().name,
                        {},
                        caf::none,
                        pod->header().uid});
    }
    if (writes.empty()) return done({});
    const bool more = writes.size() == batch;
    host.commit(std::move(writes), [done, more](const std::vector<std::string>& errors) {
      for (const auto& text : errors) {
        if (text.empty()) continue;
        const auto s = model::status_from_text(text);
        if (s.code != 404 && s.code != 409) return done({s.message, std::nullopt});
      }
      done(more ? outcome{{}, 0ms} : outcome{});
    });
  }
};

}  // namespace

controller_actor spawn_pod_gc_controller(caf::actor_system& sys, controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<pod_gc_controller>());
}

}  // namespace troupe
