#include "actors/controllers/controller.hpp"
#include "actors/controllers/owner_graph.hpp"
#include "actors/controllers/paths.hpp"
#include "model/scheduling/pod_group.hpp"
#include "model/selections.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;

// Keeps the status of PodGroups (the custom resource of the scheduler-plugins project, where it is
// defined). Keys are those of PodGroups.
struct pod_group_controller : controller {
  std::string name() const override { return "pod-group-controller"; }
  std::vector<std::string> resources() const override {
    return {model::pod_groups_resource, "pods"};
  }

  void relist(const std::string& resource, controller_host& host) override {
    if (resource != "pods") return;
    pods.clear_members();
    pods_known = true;
    // Pods that are gone by now tell nobody.
    for (const auto& o : host.cache().list(model::pod_groups_resource).objects)
      host.visit(to_string(o->key()), 0ms);
  }

  void observe(const store::event& e, controller_host& host) override {
    const auto& key = e.object->key();
    const bool deleted = e.type == store::event::kind::deleted;
    if (key.resource == model::pod_groups_resource) return observe_group(key, deleted, host);
    for (const auto& group : deleted ? pods.remove(key) : pods.put(*e.object))
      host.visit(model::to_string({model::pod_groups_resource, key.ns, group}), 0ms);
  }

  void observe_group(const model::object_key& key, bool deleted, controller_host& host) {
    if (deleted) return pods.drop(key.ns, key.name);
    const json selector{{"matchLabels", {{model::pod_group_label, key.name}}}};
    if (pods.set(key.ns, key.name, selector) && pods_known)
      for (const auto& pod : host.cache().list("pods", key.ns).objects) pods.put(*pod);
    host.visit(to_string(key), 0ms);
  }

  void reconcile(const std::string& text, controller_host& host,
                 std::function<void(outcome)> done) override {
    const auto stored = host.cache().get(parse_key(text));
    if (!stored) return done({});
    const auto& key = stored->key();
    json group = stored->parse();
    std::vector<const model::group_member*> members;
    for (const auto* m : pods.selected(key.ns, key.name)) members.push_back(&m->fact);
    auto status = model::pod_group_status(group, members, host.now());
    if (is_said(model::at(group, {"status"}), status)) return done({});
    group["status"] = std::move(status);
    to_served_version(key, host.cache(), group);
    host.call("PUT", path_of(key, host.cache()) + "/status", group, [done](const api_response& r) {
      if (r.code == 409) return done({{}, after_conflict});
      done(outcome_of(r));
    });
  }

  // Later definitions of the kind have no count of those that are on nodes, and drop it.
  static bool is_said(const json& said, const json& status) {
    if (model::string_at(said, {"phase"}).empty()) return false;
    json wanted = status;
    if (!said.contains("scheduled")) wanted.erase("scheduled");
    return wanted == said;
  }

  model::selections<model::group_member> pods;
  bool pods_known = false;
};

}  // namespace

controller_actor spawn_pod_group_controller(caf::actor_system& sys, controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<pod_group_controller>());
}

}  // namespace troupe
