#include "model/validation/conditions.hpp"
#include "model/validation/int_or_percent.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/label_selector.hpp"
#include "model/validation/workload.hpp"

namespace troupe::model {

void validate_pod_disruption_budget(const json& budget, faults& out) {
  const field_path path("spec");
  const json& spec = value_of(budget, "spec");
  if (!value_of(spec, "minAvailable").is_null() && !value_of(spec, "maxUnavailable").is_null())
    out.invalid(path, spec, "minAvailable and maxUnavailable cannot be both set");
  for (const char* name : {"minAvailable", "maxUnavailable"}) {
    validate_int_or_percent(value_of(spec, name), path.child(name), out);
    validate_at_most_all(value_of(spec, name), path.child(name), out);
  }
  validate_label_selector(value_of(spec, "selector"), path.child("selector"), out);
  if (const json& policy = value_of(spec, "unhealthyPodEvictionPolicy"); !policy.is_null())
    if (const auto text = as_text(policy); text != "IfHealthyBudget" && text != "AlwaysAllow")
      out.not_supported(path.child("unhealthyPodEvictionPolicy"), text,
                        {"AlwaysAllow", "IfHealthyBudget"});
}

void validate_pod_disruption_budget_status(const json&, const json& budget, faults& out) {
  static constexpr const char* counters[] = {"disruptionsAllowed", "currentHealthy",
                                             "desiredHealthy", "expectedPods"};
  const field_path path("status");
  const json& status = value_of(budget, "status");
  validate_conditions(status, path, out);
  validate_counters(status, path, counters, out);
}

}  // namespace troupe::model
