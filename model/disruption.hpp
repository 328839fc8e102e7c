#pragma once

#include "model/object.hpp"
#include "model/status.hpp"
#include "model/time.hpp"

#include <optional>

namespace troupe::model {

// What PodDisruptionBudgets have to say about an eviction.

/// Whether evicting this pod disrupts nothing, whatever its budgets say: it has ended or not begun,
/// or is being deleted.
bool ignores_budgets(const json& pod);

/// Whether a budget of the pod's namespace selects it.
bool guards(const json& budget, const string_pairs& pod_labels);

/// Whether an unready pod may go without asking: its budget says so, or enough others are healthy.
bool lets_unready_go(const json& budget);

/// Takes one disruption for `pod` out of the budget's status, as apiserver does. The Status (429
/// with the cause DisruptionBudget, or 403) when none is left; the budget is then unchanged.
std::optional<status> take_disruption(json& budget, const std::string& pod, time_point now);

/// Sets the condition DisruptionAllowed: True for the reason SufficientPods, False for others.
void set_disruption_allowed(json& budget, std::string_view reason, time_point now,
                            std::string_view message);
/// Whether the condition is there and says so.
bool says_disruption_allowed(const json& budget, bool allowed);

/// 429: the budget's controller has to catch up first.
status budget_in_progress(const std::string& budget);

}  // namespace troupe::model
