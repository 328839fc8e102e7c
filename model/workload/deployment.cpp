#include "model/workload/deployment.hpp"

#include "model/validation/int_or_percent.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace troupe::model {
namespace {

constexpr std::int64_t unlimited = std::numeric_limits<std::int32_t>::max();

json object_at(const json& value, std::initializer_list<std::string_view> path) {
  const json& found = at(value, path);
  return found.is_object() ? found : json::object();
}

// kube's ResolveFenceposts: a rollout that may neither add nor miss a pod would never move.
void resolve_fenceposts(deployment_view& d, const json& rolling) {
  d.max_surge = scaled_value(at(rolling, {"maxSurge"}), d.replicas, true);
  d.max_unavailable = scaled_value(at(rolling, {"maxUnavailable"}), d.replicas, false);
  if (d.max_surge == 0 && d.max_unavailable == 0) d.max_unavailable = 1;
  d.max_unavailable = std::min(d.max_unavailable, d.replicas);
}

}  // namespace

deployment_view::deployment_view(const object& deployment)
    : name(deployment.key().name),
      ns(deployment.key().ns),
      uid(deployment.header().uid),
      deleting(deployment.header().deleting) {
  const json document = deployment.content();
  const json& spec = at(document, {"spec"});
  generation = int_at(document, {"metadata", "generation"});
  replicas = int_at(spec, {"replicas"}, 1);
  min_ready = int_at(spec, {"minReadySeconds"});
  paused = at(spec, {"paused"}) == true;
  recreate = at(spec, {"strategy", "type"}) == "Recreate";
  if (!recreate) resolve_fenceposts(*this, at(spec, {"strategy", "rollingUpdate"}));
  if (const auto deadline = int_at(spec, {"progressDeadlineSeconds"}, unlimited);
      deadline != unlimited)
    progress_deadline = std::chrono::seconds(deadline);
  if (const auto limit = int_at(spec, {"revisionHistoryLimit"}, unlimited); limit != unlimited)
    history_limit = limit;
  selector_json = at(spec, {"selector"});
  std::string error;
  selector = label_selector::from_json(selector_json, error);
  if (selector && selector->empty()) selector.reset();
  template_ = at(spec, {"template"});
  annotations = object_at(document, {"metadata", "annotations"});
  status = object_at(document, {"status"});
}

rollout_set::rollout_set(const object& set)
    : name(set.key().name), uid(set.header().uid), deleting(set.header().deleting) {
  const json document = set.content();
  created = from_rfc3339(string_at(document, {"metadata", "creationTimestamp"}));
  generation = int_at(document, {"metadata", "generation"});
  observed_generation = int_at(document, {"status", "observedGeneration"});
  replicas = int_at(document, {"spec", "replicas"}, 1);
  min_ready = int_at(document, {"spec", "minReadySeconds"});
  actual = int_at(document, {"status", "replicas"});
  ready = int_at(document, {"status", "readyReplicas"});
  available = int_at(document, {"status", "availableReplicas"});
  annotations = object_at(document, {"metadata", "annotations"});
  template_ = without_hash(at(document, {"spec", "template"}));
  for (const json& c : at(document, {"status", "conditions"}))
    if (string_at(c, {"type"}) == "ReplicaFailure") failure = c;
}

std::int64_t rollout_set::revision() const {
  return number_in(annotations, revision_annotation).value_or(0);
}

json without_hash(json template_) {
  if (json* metadata = template_.is_object() && template_.contains("metadata")
                           ? &template_["metadata"]
                           : nullptr;
      metadata && metadata->is_object() && at(*metadata, {"labels"}).is_object())
    (*metadata)["labels"].erase(pod_template_hash_label);
  return template_;
}

std::optional<std::int64_t> number_in(const json& annotations, const char* name) {
  const std::string text = string_at(annotations, {name});
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

void sort_by_age(rollout_sets& sets) {
  std::ranges::sort(sets, [](const rollout_set& a, const rollout_set& b) {
    return std::tie(a.created, a.name) < std::tie(b.created, b.name);
  });
}

std::int64_t wanted_replicas(const rollout_sets& sets) {
  std::int64_t sum = 0;
  for (const auto& s : sets) sum += s.replicas;
  return sum;
}

}  // namespace troupe::model
