// Tables of limits and priorities.

#include "model/table/columns.hpp"

namespace troupe::model {
namespace {

std::string amount(const json& quantities, const std::string& resource) {
  const json& q = at(quantities, {resource});
  return q.is_string() ? q.get<std::string>() : q.is_null() ? "0" : q.dump();
}

// "cpu: 1/4, memory: 1Gi/8Gi": of the limits.* resources, or of the others.
std::string usage(const json& o, bool limits) {
  std::string out;
  const json& hard = at(o, {"status", "hard"});
  if (!hard.is_object()) return out;
  for (const auto& [resource, value] : hard.items()) {
    if (resource.starts_with("limits.") != limits) continue;
    out += (out.empty() ? "" : ", ") + resource + ": " +
           amount(at(o, {"status", "used"}), resource) + "/" + amount(hard, resource);
  }
  return out;
}

shown_column usage_column(std::string name, std::string description, bool limits) {
  return made_column(std::move(name), std::move(description),
                     [limits](const json& o) -> json { return usage(o, limits); });
}

}  // namespace

std::span<const printer> policy_printers() {
  static const printer all[] = {
      {"poddisruptionbudgets.policy",
       {name_column(),
        text_column("Min Available", "The fewest pods to be left", "spec.minAvailable", "N/A"),
        text_column("Max Unavailable", "The most pods to be missing", "spec.maxUnavailable", "N/A"),
        number_column("Allowed Disruptions", "Pods that may be evicted now",
                      "status.disruptionsAllowed"),
        age_column()}},
      {"resourcequotas",
       {name_column(), age_column(),
        usage_column("Request", "Used and allowed, of requests", false),
        usage_column("Limit", "Used and allowed, of limits", true)}},
      {"priorityclasses.scheduling.k8s.io",
       {name_column(), number_column("Value", "The priority of its pods", "value"),
        boolean_column("Global-Default", "Whether pods have it that name none", "globalDefault"),
        age_column(),
        text_column("PreemptionPolicy", "Whether its pods displace others", "preemptionPolicy")}},
      {"runtimeclasses.node.k8s.io",
       {name_column(), text_column("Handler", "The runtime's name for it", "handler"),
        age_column()}}};
  return all;
}

}  // namespace troupe::model
