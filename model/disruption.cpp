#include "model/disruption.hpp"

#include "model/binding.hpp"
#include "model/selector.hpp"

namespace troupe::model {
namespace {

constexpr std::size_t most_disrupted_pods = 2000;
constexpr const char* would_violate =
    "Cannot evict pod as it would violate the pod's disruption budget.";

std::int64_t count_at(const json& budget, const char* field) {
  const json& found = at(budget, {"status", field});
  return found.is_number_integer() ? found.get<std::int64_t>() : 0;
}

status refused(const std::string& why) {
  status s{429, "TooManyRequests", would_violate};
  s.causes.push_back({"DisruptionBudget", why, ""});
  return s;
}

status forbidden_budget(const std::string& name, const char* why) {
  return forbidden({"poddisruptionbudget.policy", "", name}, why);
}

// Why a budget with nothing left has nothing left.
std::string shortage(const json& budget, const std::string& name) {
  const json& conditions = at(budget, {"status", "conditions"});
  if (conditions.is_array())
    for (const json& c : conditions)
      if (string_at(c, {"type"}) == "DisruptionAllowed" && string_at(c, {"status"}) == "False" &&
          string_at(c, {"reason"}) == "SyncFailed")
        return "The disruption budget " + name +
               " does not allow evicting pods currently because it failed sync: " +
               string_at(c, {"message"});
  return "The disruption budget " + name + " needs " +
         std::to_string(count_at(budget, "desiredHealthy")) + " healthy pods and has " +
         std::to_string(count_at(budget, "currentHealthy")) + " currently";
}

}  // namespace

bool ignores_budgets(const json& pod) {
  const std::string phase = string_at(pod, {"status", "phase"});
  return phase == "Succeeded" || phase == "Failed" || phase == "Pending" ||
         at(pod, {"metadata", "deletionTimestamp"}).is_string();
}

bool guards(const json& budget, const string_pairs& pod_labels) {
  const json& selector = at(budget, {"spec", "selector"});
  if (!selector.is_object()) return false;  // none selects nothing, an empty one everything
  std::string error;
  const auto parsed = label_selector::from_json(selector, error);
  return parsed && parsed->matches(pod_labels);
}

bool lets_unready_go(const json& budget) {
  if (string_at(budget, {"spec", "unhealthyPodEvictionPolicy"}) == "AlwaysAllow") return true;
  const auto desired = count_at(budget, "desiredHealthy");
  return desired > 0 && count_at(budget, "currentHealthy") >= desired;
}

std::optional<status> take_disruption(json& budget, const std::string& pod, time_point now) {
  const std::string name = string_at(budget, {"metadata", "name"});
  const json& generation = at(budget, {"metadata", "generation"});
  if (generation.is_number_integer() &&
      count_at(budget, "observedGeneration") < generation.get<std::int64_t>())
    return budget_in_progress(name);
  const auto allowed = count_at(budget, "disruptionsAllowed");
  if (allowed < 0) return forbidden_budget(name, "pdb disruptions allowed is negative");
  if (at(budget, {"status", "disruptedPods"}).size() > most_disrupted_pods)
    return forbidden_budget(name,
                            "DisruptedPods map too big - too many evictions not confirmed by PDB "
                            "controller");
  if (allowed == 0) return refused(shortage(budget, name));
  budget["status"]["disruptionsAllowed"] = allowed - 1;
  budget["status"]["disruptedPods"][pod] = to_rfc3339(now);
  if (allowed > 1) return std::nullopt;
  set_disruption_allowed(budget, "InsufficientPods", now, "");
  return std::nullopt;
}

void set_disruption_allowed(json& budget, std::string_view reason, time_point now,
                            std::string_view message) {
  const bool allowed = reason == "SufficientPods";
  json& condition =
      set_condition(budget, "DisruptionAllowed", allowed ? "True" : "False", now, reason);
  condition.erase("lastProbeTime");
  condition["message"] = message;
  condition["observedGeneration"] = count_at(budget, "observedGeneration");
}

bool says_disruption_allowed(const json& budget, bool allowed) {
  for (const json& c : at(budget, {"status", "conditions"}))
    if (string_at(c, {"type"}) == "DisruptionAllowed")
      return string_at(c, {"status"}) == (allowed ? "True" : "False");
  return false;
}

status budget_in_progress(const std::string& budget) {
  status s =
      refused("The disruption budget " + budget + " is still being processed by the server.");
  s.retry_after = 10;
  return s;
}

}  // namespace troupe::model
