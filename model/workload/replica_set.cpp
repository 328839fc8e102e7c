#include "model/workload/replica_set.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

// A ReplicationController's selector is a plain map, and its template's labels when it has none.
json selector_of(const object& set, const json& document) {
  const json& selector = at(document, {"spec", "selector"});
  if (set.key().resource != "replicationcontrollers") return selector;
  return {{"matchLabels",
           selector.empty() ? at(document, {"spec", "template", "metadata", "labels"}) : selector}};
}

// Counts that Go leaves out when they are 0.
void put_count(json& status, const char* name, std::int64_t count) {
  if (count == 0)
    status.erase(name);
  else
    status[name] = count;
}

}  // namespace

replica_set_view::replica_set_view(const object& set) {
  const json document = set.content();
  replicas = int_at(document, {"spec", "replicas"}, 1);
  min_ready = std::chrono::seconds(int_at(document, {"spec", "minReadySeconds"}, 0));
  generation = int_at(document, {"metadata", "generation"}, 0);
  std::string error;
  selector = label_selector::from_json(selector_of(set, document), error);
  if (selector && selector->empty()) selector.reset();  // would select everything
  template_ = at(document, {"spec", "template"});
  const json& labels = at(template_, {"metadata", "labels"});
  if (labels.is_object())
    for (const auto& [key, value] : labels.items())
      if (value.is_string()) template_labels.emplace_back(key, value.get<std::string>());
  status = at(document, {"status"});
}

bool replica_set_view::fully_labels(const string_pairs& labels) const {
  return std::ranges::all_of(template_labels, [&](const auto& wanted) {
    const auto* found = find(labels, wanted.first);
    return found && *found == wanted.second;
  });
}

void replica_counts::add(const pod_facts& pod, bool labeled, std::chrono::seconds min_ready,
                         time_point now) {
  ++replicas;
  if (labeled) ++fully_labeled;
  if (!pod.ready) return;
  ++ready;
  if (pod.available(min_ready, now))
    ++available;
  else if (const auto at = pod.available_at(min_ready); at && (!next || *at < *next))
    next = at;
}

json replica_set_status(const replica_set_view& set, const replica_counts& counts,
                        const std::optional<replica_failure>& failure, time_point now) {
  json status = set.status.is_object() ? set.status : json::object();
  status["replicas"] = counts.replicas;
  put_count(status, "fullyLabeledReplicas", counts.fully_labeled);
  put_count(status, "readyReplicas", counts.ready);
  put_count(status, "availableReplicas", counts.available);
  status["observedGeneration"] = set.generation;
  json conditions = json::array();
  bool told = false;
  for (const json& c : at(status, {"conditions"})) {
    const bool failed = string_at(c, {"type"}) == "ReplicaFailure";
    told = told || (failed && failure);
    if (!failed || failure) conditions.push_back(c);
  }
  if (failure && !told)
    conditions.push_back({{"type", "ReplicaFailure"},
                          {"status", "True"},
                          {"lastTransitionTime", to_rfc3339(now)},
                          {"reason", failure->reason},
                          {"message", failure->message}});
  status.erase("conditions");
  if (!conditions.empty()) status["conditions"] = std::move(conditions);
  return status;
}

}  // namespace troupe::model
