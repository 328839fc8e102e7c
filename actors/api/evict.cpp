#include "actors/api/admission.hpp"
#include "actors/api/remove.hpp"
#include "model/authorize.hpp"
#include "model/binding.hpp"
#include "model/disruption.hpp"
#include "model/subresource.hpp"

namespace troupe::api {
namespace {

bool is_ready(const json& pod) {
  const json& conditions = model::at(pod, {"status", "conditions"});
  if (!conditions.is_array()) return false;
  for (const json& c : conditions)
    if (model::string_at(c, {"type"}) == "Ready") return model::string_at(c, {"status"}) == "True";
  return false;
}

std::vector<object_ptr> guards_of(const object_ptr& pod, const store::cache& objects) {
  std::vector<object_ptr> out;
  for (auto& o : objects.list("poddisruptionbudgets.policy", pod->key().ns).objects)
    if (model::guards(o->parse(), pod->header().labels)) out.push_back(std::move(o));
  return out;
}

// Takes the pod out of its budget. Fills in the write that does, or makes the pod's deletion depend
// on its version.
std::optional<status> ask_budget(call& c, environment& e, const object_ptr& pod,
                                 model::delete_options& options, std::optional<write>& first) {
  if (c.disruption_taken) return std::nullopt;
  const json document = pod->parse();
  if (model::ignores_budgets(document)) {
    // One that is about to begin counts as soon as it is ready.
    if (model::string_at(document, {"status", "phase"}) == "Pending" && options.if_version.empty())
      options.if_version = std::to_string(pod->version());
    return std::nullopt;
  }
  const auto budgets = guards_of(pod, e.objects);
  if (budgets.empty()) return std::nullopt;
  if (budgets.size() > 1)
    return status{500, "",
                  "This pod has more than one PodDisruptionBudget, which the eviction subresource "
                  "does not support."};
  json budget = budgets.front()->parse();
  if (!is_ready(document) && model::lets_unready_go(budget)) {
    if (options.if_version.empty()) options.if_version = std::to_string(pod->version());
    return std::nullopt;
  }
  if (auto bad = model::take_disruption(budget, pod->key().name, e.now)) return bad;
  const object_key& key = budgets.front()->key();
  write w{write_op::update, key.resource, key.ns, key.name};
  w.if_version = budgets.front()->version();
  w.object = model::encode(key.resource, budget);
  first = std::move(w);
  return std::nullopt;
}

}  // namespace

decision evict(call& c, environment& e) {
  // Of this one subresource Kubernetes takes the older version, too.
  if (model::string_at(c.body, {"apiVersion"}) == "policy/v1beta1")
    c.body["apiVersion"] = "policy/v1";
  const auto& eviction = *c.kind->subresource("eviction");
  if (auto bad = check_kind(c, model::subresource_kind(eviction), c.body)) return *bad;
  note_named(c, c.body);
  if (auto ask = mutate_body(c, e.hooks)) return std::move(*ask);
  if (model::string_at(c.body, {"metadata", "name"}) != c.info.name)
    return model::bad_request("name in URL does not match name in Eviction object");
  auto read = model::delete_options_of(model::at(c.body, {"deleteOptions"}));
  if (auto* bad = std::get_if<status>(&read)) return std::move(*bad);
  auto& options = std::get<model::delete_options>(read);
  c.dry_run = c.dry_run || options.dry_run;
  const bool conditional = !options.if_version.empty();
  const object_ptr pod = e.objects.get(c.key());
  if (!pod) return model::not_found(c.key());
  if (auto bad = model::restrict_node({c.user.name, c.user.groups}, c.info, pod->parse()))
    return *bad;
  std::optional<write> first;
  if (auto bad = ask_budget(c, e, pod, options, first)) return *bad;
  decision d = delete_one(c, e, c.key(), options, [&e](json& document) {
    model::set_condition(document, "DisruptionTarget", "True", e.now, "EvictionByEvictionAPI",
                         "Eviction API: evicting");
  });
  if (d.refused) return d;
  // What is judged is the eviction, not the deletion that follows from it.
  d.reviews.clear();
  if (e.hooks.any()) d.reviews.push_back(admission_of(c, "CREATE", c.body, nullptr));
  d.first = std::move(first);
  d.retry = !conditional;
  d.code = 201;
  d.say_success = true;
  return d;
}

}  // namespace troupe::api
