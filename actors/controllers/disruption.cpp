#include "actors/controllers/controller.hpp"
#include "actors/controllers/owner_graph.hpp"
#include "actors/controllers/resource_names.hpp"
#include "model/binding.hpp"
#include "model/custom/kinds.hpp"
#include "model/disruption_budget.hpp"
#include "model/selections.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;

// Counts PodDisruptionBudgets, so that evictions know how many pods may go, and takes back what was
// said of pods (condition DisruptionTarget) that did not go after all. Keys are those of budgets
// and pods.
struct disruption_controller : controller {
  std::string name() const override { return "disruption-controller"; }
  std::vector<std::string> resources() const override { return {resources::budgets, "pods"}; }

  void relist(const std::string& resource, controller_host& host) override {
    if (resource != "pods") return;
    pods.clear_members();
    pods_known = true;
    // Pods that are gone by now tell nobody.
    for (const auto& o : host.cache().list(resources::budgets).objects)
      host.visit(to_string(o->key()), 0ms);
  }

  void observe(const store::event& e, controller_host& host) override {
    const auto& key = e.object->key();
    const bool deleted = e.type == store::event::kind::deleted;
    if (key.resource == resources::budgets) return observe_budget(*e.object, deleted, host);
    for (const auto& name : deleted ? pods.remove(key) : pods.put(*e.object))
      host.visit(model::to_string({resources::budgets, key.ns, name}), 0ms);
    if (!deleted && e.object->says(model::word::disruption_target)) host.visit(to_string(key), 0ms);
  }

  void observe_budget(const model::object& budget, bool deleted, controller_host& host) {
    const auto& key = budget.key();
    if (deleted) return pods.drop(key.ns, key.name);
    // Without a selector it selects nothing.
    const json selector = model::at(budget.parse(), {"spec", "selector"});
    if (!selector.is_object())
      pods.drop(key.ns, key.name);
    else if (pods.set(key.ns, key.name, selector) && pods_known)
      for (const auto& pod : host.cache().list("pods", key.ns).objects) pods.put(*pod);
    host.visit(to_string(key), 0ms);
  }

  void reconcile(const std::string& text, controller_host& host,
                 std::function<void(outcome)> done) override {
    const auto stored = host.cache().get(parse_key(text));
    if (!stored) return done({});
    if (stored->key().resource == "pods") return take_back(*stored, host, std::move(done));
    std::vector<const model::guarded_pod*> selected;
    for (const auto* m : pods.selected(stored->key().ns, stored->key().name))
      selected.push_back(&m->fact);
    json budget = stored->parse();
    auto decision = model::decide_budget(
        budget, selected, [&host](const model::object_key& k) { return host.cache().get(k); },
        *host.cache().custom_kinds(), host.now());
    tell(*stored, decision, host);
    outcome end;
    if (decision.recheck) end.again = until(*decision.recheck, host);
    if (decision.status == model::at(budget, {"status"})) return done(end);
    budget["status"] = std::move(decision.status);
    put_status(stored->key(), budget, end, host, std::move(done));
  }

  static void tell(const model::object& budget, const model::budget_decision& decision,
                   controller_host& host) {
    const auto say = [&](const model::remark& r, model::object_reference about) {
      auto note = r.about(std::move(about));
      note.component = "controllermanager";
      host.record(std::move(note));
    };
    for (const auto& r : decision.remarks)
      say(r, model::reference_to(budget, "PodDisruptionBudget", "policy/v1"));
    const auto& key = budget.key();
    for (const auto& name : decision.lingered)
      if (const auto pod = host.cache().get({"pods", key.ns, name}))
        say({"NotDeleted",
             "Pod was expected by PDB " + key.ns + "/" + key.name + " to be deleted but it wasn't",
             true},
            model::reference_to(*pod, "Pod"));
  }

  // A moment after it: times are told in seconds.
  static std::chrono::milliseconds until(model::time_point t, const controller_host& host) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(t - host.now()) + 1s;
  }

  static void take_back(const model::object& stored, controller_host& host,
                        std::function<void(outcome)> done) {
    json pod = stored.parse();
    const auto stale = model::judge_disruption_target(pod, host.now());
    if (stale.at) return done({{}, until(*stale.at, host)});
    if (!stale.now) return done({});
    model::set_condition(pod, "DisruptionTarget", "False", host.now());
    put_status(stored.key(), pod, {}, host, std::move(done));
  }

  static void put_status(const model::object_key& key, const json& document, outcome end,
                         controller_host& host, std::function<void(outcome)> done) {
    host.call("PUT", path_of(key) + "/status", document, [done, end](const api_response& r) {
      if (r.code == 409) return done({{}, 0ms});
      auto o = outcome_of(r);
      o.again = end.again;
      done(o);
    });
  }

  model::selections<model::guarded_pod> pods;
  bool pods_known = false;
};

}  // namespace

controller_actor spawn_disruption_controller(caf::actor_system& sys, controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<disruption_controller>());
}

}  // namespace troupe
