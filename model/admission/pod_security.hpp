#pragma once

#include "model/json.hpp"
#include "model/object.hpp"
#include "model/status.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {

// Kubernetes' Pod Security Standards, as the PodSecurity admission plug-in of 1.32 applies them by
// the labels pod-security.kubernetes.io/* of namespaces, each in the version that a label names.

enum class security_level : std::uint8_t { privileged, baseline, restricted };

/// The standards of Kubernetes 1.x; "latest" are those of 1.32.
inline constexpr int latest_security_minor = 32;

/// What in a pod is beyond a level: `privileged (container "c" must not set ...), ...`; empty when
/// nothing is.
std::string security_violations(const json& pod, security_level level,
                                int minor = latest_security_minor);

/// The verdict on a new object of a namespace.
struct security_verdict {
  std::optional<status> refused;
  std::vector<std::string> warnings;
  /// pod-security.kubernetes.io/enforce-policy, of a pod, and .../audit-violations.
  std::map<std::string, std::string> audit_annotations;
};

/// Judges a pod, or the pods that a workload's template makes: these are warned of, not refused.
/// Other objects pass.
security_verdict judge_security(const object_key& key, const json& object,
                                const string_pairs& namespace_labels);

/// What a namespace is warned of when its labels begin to enforce a stricter level: which of its
/// pods are beyond it.
std::vector<std::string> warn_of_existing(const object_key& ns, const string_pairs& before,
                                          const string_pairs& now,
                                          const std::vector<object_ptr>& pods);

/// The faults of a namespace's labels.
std::vector<cause> check_security_labels(const json& ns);

}  // namespace troupe::model
