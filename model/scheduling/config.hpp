#pragma once

#include "model/json.hpp"
#include "model/scheduling/extender_config.hpp"
#include "model/scheduling/plugin_sets.hpp"
#include "model/scheduling/profile.hpp"
#include "model/status.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::model {

/// A KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1): what kube-scheduler 1.32 reads
/// with --config, as values.
struct scheduler_config {
  std::vector<profile> profiles{profile{}};  ///< one a scheduler name
  std::chrono::seconds initial_backoff{1};
  std::chrono::seconds max_backoff{10};
  std::chrono::milliseconds lease_duration{15000};
  std::chrono::milliseconds renew_deadline{10000};
  std::chrono::milliseconds retry_period{2000};
  std::vector<extender_config> extenders;
};

/// Reads a file's text, YAML or JSON: decodes strictly, defaults and checks. `known`: all plugins
/// that profiles may name. Else what is wrong with it, in kube-scheduler's words.
std::variant<scheduler_config, std::string> read_scheduler_config(
    std::string_view text, const plugin_registry& known = in_tree_plugins());

// Its steps.

/// Decodes, arguments of plugins included, and fills in defaults; "" or what is wrong.
std::string decode_scheduler_config(std::string_view text, json& out);
/// What kube-scheduler refuses in a decoded configuration.
std::vector<cause> validate_scheduler_config(const json& config);
/// Of NodeResourcesFitArgs; kube-scheduler looks at them when it makes the plugin.
std::vector<cause> validate_fit_args(const json& args);
/// "PATH: MESSAGE", or several as "[..., ...]".
std::string text_of_causes(const std::vector<cause>& causes);

}  // namespace troupe::model
