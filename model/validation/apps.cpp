#include "model/go_text.hpp"
#include "model/validation/int_or_percent.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/label_selector.hpp"
#include "model/validation/workload.hpp"

namespace troupe::model {
namespace {

const json& spec_of(const json& object) {
  return value_of(object, "spec");
}

void validate_same_selector(const json& old, const json& object, faults& out) {
  const json& now = value_of(spec_of(object), "selector");
  const field_path path("spec");
  if (now != value_of(spec_of(old), "selector"))
    out.invalid(path.child("selector"), go_label_selector(now), "field is immutable");
}

void validate_rolling_deployment(const json& rolling, const field_path& path, faults& out) {
  const json& unavailable = value_of(rolling, "maxUnavailable");
  const json& surge = value_of(rolling, "maxSurge");
  const field_path unavailable_path = path.child("maxUnavailable");
  validate_int_or_percent(unavailable, unavailable_path, out);
  validate_int_or_percent(surge, path.child("maxSurge"), out);
  if (number_or_percent(unavailable) == 0 && number_or_percent(surge) == 0)
    out.invalid(unavailable_path, go_int_or_string(unavailable),
                "may not be 0 when `maxSurge` is 0");
  validate_at_most_all(unavailable, unavailable_path, out);
}

void validate_deployment_strategy(const json& strategy, const field_path& path, faults& out) {
  const auto type = text_of(strategy, "type");
  const json& rolling = value_of(strategy, "rollingUpdate");
  const field_path rolling_path = path.child("rollingUpdate");
  if (type == "Recreate") {
    if (!rolling.is_null())
      out.forbidden(rolling_path, "may not be specified when strategy `type` is 'Recreate'");
  } else if (type == "RollingUpdate") {
    if (rolling.is_null())
      out.required(rolling_path, "this should be defaulted and never be nil");
    else
      validate_rolling_deployment(rolling, rolling_path, out);
  } else {
    out.not_supported(path, type, {"Recreate", "RollingUpdate"});
  }
}

void validate_rolling_daemons(const json& rolling, const field_path& path, faults& out) {
  const json& unavailable = value_of(rolling, "maxUnavailable");
  const json& surge = value_of(rolling, "maxSurge");
  const field_path unavailable_path = path.child("maxUnavailable");
  const field_path surge_path = path.child("maxSurge");
  validate_int_or_percent(unavailable, unavailable_path, out);
  validate_int_or_percent(surge, surge_path, out);
  validate_at_most_all(unavailable, unavailable_path, out);
  validate_at_most_all(surge, surge_path, out);
  const bool some_unavailable = number_or_percent(unavailable) != 0;
  const bool some_surge = number_or_percent(surge) != 0;
  if (some_unavailable && some_surge)
    out.invalid(surge_path, go_int_or_string(surge),
                "may not be set when maxUnavailable is non-zero");
  else if (!some_unavailable && !some_surge)
    out.required(unavailable_path, "cannot be 0 when maxSurge is 0");
}

void validate_daemon_strategy(const json& strategy, const field_path& path, faults& out) {
  const auto type = text_of(strategy, "type");
  if (type == "OnDelete") return;
  if (type != "RollingUpdate") return out.not_supported(path, type, {"RollingUpdate", "OnDelete"});
  const json& rolling = value_of(strategy, "rollingUpdate");
  if (rolling.is_null())
    out.required(path.child("rollingUpdate"));
  else
    validate_rolling_daemons(rolling, path.child("rollingUpdate"), out);
}

}  // namespace

void validate_deployment(const json& deployment, faults& out) {
  static constexpr const char* counters[] = {"replicas", "minReadySeconds", "revisionHistoryLimit",
                                             "progressDeadlineSeconds"};
  const field_path path("spec");
  const json& spec = spec_of(deployment);
  const json& selector = value_of(spec, "selector");
  const json& tmpl = value_of(spec, "template");
  validate_counters(spec, path, counters, out);
  validate_own_selector(selector, path.child("selector"), "deployment", out);
  validate_selects_template(selector, tmpl, path, out);
  validate_kept_template(tmpl, path.child("template"), "ReplicaSet", out);
  validate_deployment_strategy(value_of(spec, "strategy"), path.child("strategy"), out);
  const json& deadline = value_of(spec, "progressDeadlineSeconds");
  if (deadline.is_number_integer() &&
      deadline.get<std::int64_t>() <= integer_of(spec, "minReadySeconds"))
    out.invalid(path.child("progressDeadlineSeconds"), deadline,
                "must be greater than minReadySeconds");
}

void validate_deployment_update(const json& old, const json& deployment, faults& out) {
  validate_deployment(deployment, out);
  validate_same_selector(old, deployment, out);
}

void validate_deployment_status(const json& old, const json& deployment, faults& out) {
  static constexpr const char* counters[] = {"observedGeneration", "replicas",
                                             "updatedReplicas",    "readyReplicas",
                                             "availableReplicas",  "unavailableReplicas",
                                             "collisionCount"};
  static constexpr const char* bounded[] = {"updatedReplicas", "readyReplicas",
                                            "availableReplicas"};
  const field_path path("status");
  const json& status = value_of(deployment, "status");
  validate_counters(status, path, counters, out);
  validate_replica_counters(status, path, bounded, "readyReplicas", out);
  validate_collisions(value_of(old, "status"), status, path, out);
}

void validate_replica_set(const json& set, faults& out) {
  static constexpr const char* counters[] = {"replicas", "minReadySeconds"};
  const field_path path("spec");
  const json& spec = spec_of(set);
  const json& selector = value_of(spec, "selector");
  const json& tmpl = value_of(spec, "template");
  validate_counters(spec, path, counters, out);
  validate_own_selector(selector, path.child("selector"), "deployment", out);
  validate_selects_template(selector, tmpl, path, out);
  validate_kept_template(tmpl, path.child("template"), "ReplicaSet", out);
}

void validate_replica_set_update(const json& old, const json& set, faults& out) {
  validate_replica_set(set, out);
  validate_same_selector(old, set, out);
}

void validate_replica_set_status(const json&, const json& set, faults& out) {
  static constexpr const char* counters[] = {"replicas", "fullyLabeledReplicas", "readyReplicas",
                                             "availableReplicas", "observedGeneration"};
  static constexpr const char* bounded[] = {"fullyLabeledReplicas", "readyReplicas",
                                            "availableReplicas"};
  const field_path path("status");
  const json& status = value_of(set, "status");
  validate_counters(status, path, counters, out);
  validate_replica_counters(status, path, bounded, "readyReplicas", out);
}

void validate_daemon_set(const json& set, faults& out) {
  static constexpr const char* counters[] = {"minReadySeconds", "revisionHistoryLimit"};
  const field_path path("spec");
  const json& spec = spec_of(set);
  const json& selector = value_of(spec, "selector");
  const json& tmpl = value_of(spec, "template");
  if (selector.is_object())
    validate_own_selector(selector, path.child("selector"), "daemonset", out);
  if (select_labels(selector, nullptr).valid) validate_selects_template(selector, tmpl, path, out);
  validate_kept_template(tmpl, path.child("template"), "DaemonSet", out);
  validate_counters(spec, path, counters, out);
  validate_daemon_strategy(value_of(spec, "updateStrategy"), path.child("updateStrategy"), out);
}

void validate_daemon_set_update(const json& old, const json& set, faults& out) {
  validate_daemon_set(set, out);
  validate_same_selector(old, set, out);
}

void validate_daemon_set_status(const json& old, const json& set, faults& out) {
  static constexpr const char* counters[] = {"currentNumberScheduled", "numberMisscheduled",
                                             "desiredNumberScheduled", "numberReady",
                                             "observedGeneration",     "updatedNumberScheduled",
                                             "numberAvailable",        "numberUnavailable",
                                             "collisionCount"};
  const field_path path("status");
  const json& status = value_of(set, "status");
  validate_counters(status, path, counters, out);
  validate_collisions(value_of(old, "status"), status, path, out);
}

}  // namespace troupe::model
