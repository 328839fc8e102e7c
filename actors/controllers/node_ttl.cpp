#include "model/node_ttl.hpp"

#include "actors/controllers/controller.hpp"
#include "model/json_text.hpp"

#include <unordered_set>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;

// Keeps the annotation of nodes for what kubelets may keep. Keys are the names of nodes.
struct node_ttl_controller : controller {
  // A cluster that is just growing passes several sizes.
  static constexpr auto pause = 5s;

  std::string name() const override { return "ttl-controller"; }
  std::vector<std::string> resources() const override { return {"nodes"}; }
  void relist(const std::string&, controller_host&) override { nodes.clear(); }

  void observe(const store::event& e, controller_host& host) override {
    const auto& node = e.object->key().name;
    if (e.type == store::event::kind::deleted)
      nodes.erase(node);
    else
      nodes.insert(node);
    if (ttl.resize(nodes.size()))
      for (const auto& each : nodes) host.visit(each, pause);
    if (e.type != store::event::kind::deleted && !has_it(*e.object)) host.visit(node, pause);
  }

  std::string seconds() const { return std::to_string(ttl.value().count()); }

  // Told from the text: nodes are written often.
  bool has_it(const model::object& node) const {
    std::string entry = "\"";
    entry += model::node_ttl_annotation;
    entry += "\":\"" + seconds() + '"';
    return model::mentions(node.bytes(), entry);
  }

  void reconcile(const std::string& node, controller_host& host,
                 std::function<void(outcome)> done) override {
    const auto stored = host.cache().get({"nodes", {}, node});
    if (!stored || has_it(*stored)) return done({});
    json patch;
    patch["metadata"]["annotations"][model::node_ttl_annotation] = seconds();
    host.call("PATCH", path_of(stored->key()), patch,
              [done](const api_response& r) { done(outcome_of(r)); });
  }

  std::unordered_set<std::string> nodes;
  model::node_ttl ttl;
};

}  // namespace

controller_actor spawn_node_ttl_controller(caf::actor_system& sys, controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<node_ttl_controller>());
}

}  // namespace troupe
