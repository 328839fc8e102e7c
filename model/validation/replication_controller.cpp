#include "model/go_text.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/pod.hpp"
#include "model/validation/workload.hpp"

#include <algorithm>

namespace troupe::model {

void validate_replication_controller(const json& controller, faults& out) {
  static constexpr const char* counters[] = {"minReadySeconds", "replicas"};
  const field_path path("spec");
  const json& spec = value_of(controller, "spec");
  const json& tmpl = value_of(spec, "template");
  const auto& selector = members_of(spec, "selector");
  validate_counters(spec, path, counters, out);
  if (selector.empty()) out.required(path.child("selector"));
  if (tmpl.is_null()) return out.required(path.child("template"));
  const json& labels = at(tmpl, {"metadata", "labels"});
  const bool selects = std::ranges::all_of(selector, [&](const auto& term) {
    return text_of(labels, term.first.c_str()) == as_text(term.second) && labels.is_object() &&
           labels.contains(term.first);
  });
  const field_path template_path = path.child("template");
  const field_path metadata_path = template_path.child("metadata");
  if (!selects)
    out.invalid(metadata_path.child("labels"), go_string_map(labels),
                "`selector` does not match template `labels`");
  validate_kept_template(tmpl, template_path, "ReplicationController", out);
}

void validate_replication_controller_status(const json&, const json& controller, faults& out) {
  static constexpr const char* counters[] = {"replicas", "fullyLabeledReplicas", "readyReplicas",
                                             "availableReplicas", "observedGeneration"};
  static constexpr const char* bounded[] = {"fullyLabeledReplicas", "readyReplicas",
                                            "availableReplicas"};
  const field_path path("status");
  const json& status = value_of(controller, "status");
  validate_counters(status, path, counters, out);
  validate_replica_counters(status, path, bounded, "readyReplicas", out);
}

void validate_pod_template_object(const json& object, faults& out) {
  validate_pod_template(value_of(object, "template"), field_path("template"), out);
}

}  // namespace troupe::model
