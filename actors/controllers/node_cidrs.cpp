#include "actors/controllers/controller.hpp"
#include "actors/controllers/owner_graph.hpp"
#include "model/cidr_set.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;

// Gives each node ranges of addresses for its pods, one of each cluster range. Keys are those of
// nodes.
struct node_cidr_controller : controller {
  explicit node_cidr_controller(std::vector<model::cidr_set> ranges) : sets(std::move(ranges)) {}

  std::string name() const override { return "cidrAllocator"; }
  std::vector<std::string> resources() const override { return {"nodes"}; }

  // What nodes have is known before one gets something.
  void observe(const store::event& e, controller_host& host) override {
    const bool deleted = e.type == store::event::kind::deleted;
    if (!deleted && e.type != store::event::kind::added) return;
    const json node = e.object->parse();
    const json& ranges = model::at(node, {"spec", "podCIDRs"});
    for (const json& range : ranges)
      for (auto& s : sets)
        deleted ? s.release(range.get<std::string>()) : s.occupy(range.get<std::string>());
    if (!deleted && ranges.empty()) host.visit(to_string(e.object->key()), 0ms);
  }

  void reconcile(const std::string& key, controller_host& host,
                 std::function<void(outcome)> done) override {
    const auto node = host.cache().get(parse_key(key));
    if (!node || !model::at(node->parse(), {"spec", "podCIDRs"}).empty()) return done({});
    std::vector<std::string> taken;
    for (auto& s : sets)
      if (auto range = s.take()) taken.push_back(std::move(*range));
    if (taken.size() < sets.size()) {
      give_back(taken);
      tell(*node, "CIDRNotAvailable", host);
      return done({"no range of addresses is left for the pods of node " + node->key().name, {}});
    }
    const json patch = {{"metadata", {{"uid", node->header().uid}}},
                        {"spec", {{"podCIDR", taken.front()}, {"podCIDRs", taken}}}};
    host.call("PATCH", path_of(node->key()), patch,
              [this, node, taken, &host, done = std::move(done)](const api_response& r) {
                if (r.code >= 300) {
                  give_back(taken);
                  if (r.code != 404 && r.code != 409) tell(*node, "CIDRAssignmentFailed", host);
                }
                done(outcome_of(r));
              });
  }

  void give_back(const std::vector<std::string>& ranges) {
    for (const auto& range : ranges)
      for (auto& s : sets) s.release(range);
  }

  static void tell(const model::object& node, const char* reason, controller_host& host) {
    model::event_note note;
    note.about = model::reference_to(node, "Node");
    note.reason = reason;
    note.message = "Node " + node.key().name + " status is now: " + reason;
    host.record(std::move(note));
  }

  std::vector<model::cidr_set> sets;
};

}  // namespace

controller_actor spawn_node_cidr_controller(caf::actor_system& sys, controller_options options,
                                            std::vector<model::cidr_set> ranges) {
  return spawn_controller(sys, std::move(options),
                          std::make_unique<node_cidr_controller>(std::move(ranges)));
}

}  // namespace troupe
