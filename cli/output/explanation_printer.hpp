#pragma once

#include "model/json.hpp"
#include "model/pod_view.hpp"
#include "model/scheduling/explanation.hpp"

#include <string>

namespace troupe::cli {

/// Why a pod is where it is, or on no node, as far as it is to be told.
struct pod_account {
  const model::pod_view& pod;
  std::string node;       ///< where it is; empty: it waits
  std::string standing;   ///< why it is not to be scheduled now ("has scheduling gates"); or empty
  std::string last_word;  ///< the scheduler's newest message (PodScheduled); may be empty
  std::string rules;      ///< whose profile it is judged by
  const model::explanation& why;
  const model::preemption& preemption;  ///< what it came to; of a pod that fits nowhere
};

/// For people: nodes in groups and the best ones, or (`wide`) all of them.
std::string explanation_text(const pod_account& a, bool wide);
/// Everything.
model::json explanation_json(const pod_account& a);

}  // namespace troupe::cli
