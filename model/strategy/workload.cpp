#include "model/strategy/feature_gates.hpp"
#include "model/strategy/kinds.hpp"

#include <charconv>

namespace troupe::model {
namespace {

constexpr const char* template_generation = "deprecated.daemonset.template.generation";

std::int64_t generation_of(const json& set) {
  const std::string text = string_at(set, {"metadata", "annotations", template_generation});
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

void set_generation(json& set, std::int64_t value) {
  set["metadata"]["annotations"][template_generation] = std::to_string(value);
}

json* member(json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() || !found->is_object() ? nullptr : &*found;
}

// MaxUnavailableStatefulSet.
void drop_max_unavailable(json& set, const json& old) {
  if (!at(old, {"spec", "updateStrategy", "rollingUpdate", "maxUnavailable"}).is_null()) return;
  json* spec = member(set, "spec");
  json* strategy = spec ? member(*spec, "updateStrategy") : nullptr;
  json* rolling = strategy ? member(*strategy, "rollingUpdate") : nullptr;
  if (rolling) rolling->erase("maxUnavailable");
}

}  // namespace

void prepare_pod_template(json& object) {
  prepare_pod_template_update(nullptr, object);
}

void prepare_pod_template_update(const json& old, json& object) {
  json* pod = member(object, "template");
  json* spec = pod ? member(*pod, "spec") : nullptr;
  if (spec) drop_disabled_fields(*spec, at(old, {"template", "spec"}));
}

void prepare_workload(json& object) {
  if (json* spec = member(object, "spec")) prepare_pod_template(*spec);
}

void prepare_workload_update(const json& old, json& object) {
  if (json* spec = member(object, "spec")) prepare_pod_template_update(at(old, {"spec"}), *spec);
}

void prepare_daemon_set(json& set) {
  if (generation_of(set) < 1) set_generation(set, 1);
  prepare_workload(set);
}

void prepare_daemon_set_update(const json& old, json& set) {
  prepare_workload_update(old, set);
  const bool changed = at(old, {"spec", "template"}) != at(set, {"spec", "template"});
  set_generation(set, generation_of(old) + (changed ? 1 : 0));
}

void prepare_stateful_set(json& set) {
  drop_max_unavailable(set, nullptr);
  prepare_workload(set);
}

void prepare_stateful_set_update(const json& old, json& set) {
  drop_max_unavailable(set, old);
  prepare_workload_update(old, set);
}

}  // namespace troupe::model
