#include "model/cluster_role_aggregation.hpp"

#include "actors/controllers/controller.hpp"
#include "actors/controllers/resource_names.hpp"
#include "model/selections.hpp"

#include <map>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;

// Fills the rules of ClusterRoles that collect those of others. Keys are names of roles; each of a
// role's selectors stands under "role#number".
struct cluster_role_aggregation_controller : controller {
  std::string name() const override { return "clusterrole-aggregation-controller"; }
  std::vector<std::string> resources() const override { return {resources::cluster_roles}; }

  void relist(const std::string&, controller_host& host) override {
    others.clear_members();
    for (const auto& [role, count] : counts) host.visit(role, 0ms);
  }

  void observe(const store::event& e, controller_host& host) override {
    const auto& key = e.object->key();
    const bool deleted = e.type == store::event::kind::deleted;
    set_selectors(key.name,
                  deleted ? std::vector<json>() : model::role_selectors(e.object->parse()), host);
    for (const auto& selector : deleted ? others.remove(key) : others.put(*e.object))
      host.visit(selector.substr(0, selector.rfind('#')), 0ms);
    if (!deleted && counts.contains(key.name)) host.visit(key.name, 0ms);
  }

  void set_selectors(const std::string& role, const std::vector<json>& selectors,
                     controller_host& host) {
    bool fresh = false;
    for (std::size_t i = 0; i < selectors.size(); ++i)
      fresh = others.set({}, numbered(role, i), selectors[i]) || fresh;
    const auto before = counts.contains(role) ? counts[role] : 0;
    for (auto i = selectors.size(); i < before; ++i) others.drop({}, numbered(role, i));
    if (selectors.empty())
      counts.erase(role);
    else
      counts[role] = selectors.size();
    if (fresh)
      for (const auto& o : host.cache().list(resources::cluster_roles).objects) others.put(*o);
  }

  static std::string numbered(const std::string& role, std::size_t i) {
    return role + "#" + std::to_string(i);
  }

  void reconcile(const std::string& role, controller_host& host,
                 std::function<void(outcome)> done) override {
    const model::object_key key{resources::cluster_roles, {}, role};
    const auto stored = host.cache().get(key);
    const auto count = counts.find(role);
    if (!stored || count == counts.end()) return done({});
    std::map<std::string, const model::role_rules*> found;  // by name
    for (std::size_t i = 0; i < count->second; ++i)
      for (const auto* m : others.selected({}, numbered(role, i)))
        if (m->name != role) found.emplace(m->name, &m->fact);
    std::vector<const model::role_rules*> from;
    for (const auto& [name, rules] : found) from.push_back(rules);
    json document = stored->parse();
    auto rules = model::aggregated_rules(document, from);
    if (!rules) return done({});
    document["rules"] = std::move(*rules);
    host.call("PUT", path_of(key), document, [done](const api_response& r) {
      if (r.code == 409) return done({{}, 50ms});
      done(outcome_of(r));
    });
  }

  model::selections<model::role_rules> others;
  std::unordered_map<std::string, std::size_t> counts;  // of selectors, by role
};

}  // namespace

controller_actor spawn_cluster_role_aggregation_controller(caf::actor_system& sys,
                                                           controller_options options) {
  return spawn_controller(sys, std::move(options),
                          std::make_unique<cluster_role_aggregation_controller>());
}

}  // namespace troupe
