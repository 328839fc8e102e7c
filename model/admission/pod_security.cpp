#include "model/admission/pod_security.hpp"

#include "model/admission/pod_security_checks.hpp"
#include "model/validation/path.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

namespace troupe::model {
namespace {

using security::finding;
using security::pod_facts;

constexpr std::string_view prefix = "pod-security.kubernetes.io/";
constexpr std::array<std::string_view, 3> levels{"privileged", "baseline", "restricted"};
constexpr std::array<std::string_view, 3> modes{"enforce", "audit", "warn"};

std::string_view label_of(const string_pairs& labels, const std::string& name) {
  const std::string key = std::string(prefix) + name;
  for (const auto& [label, value] : labels)
    if (label == key) return value;
  return {};
}

struct policy {
  security_level level = security_level::privileged;
  int minor = latest_security_minor;
  std::string text = "privileged:latest";
};

// Of "latest", "v1.24"; later ones than are known, and what is none, count as the latest.
int minor_of(std::string_view version) {
  if (!version.starts_with("v1.")) return latest_security_minor;
  version.remove_prefix(3);
  int out = latest_security_minor;
  const auto [end, fault] = std::from_chars(version.data(), version.data() + version.size(), out);
  if (fault != std::errc() || end != version.data() + version.size()) return latest_security_minor;
  return std::min(out, latest_security_minor);
}

// What a label does not say is allowed; what it says wrong is the most restrictive, as Kubernetes
// takes it.
policy policy_of(const string_pairs& labels, std::string_view mode) {
  const auto level = label_of(labels, std::string(mode));
  if (level.empty()) return {};
  policy out;
  out.level = level == levels[0]   ? security_level::privileged
              : level == levels[1] ? security_level::baseline
                                   : security_level::restricted;
  const auto version = label_of(labels, std::string(mode) + "-version");
  out.text = std::string(levels[static_cast<std::size_t>(out.level)]) + ":" +
             (version.empty() ? "latest" : std::string(version));
  out.minor = minor_of(version);
  return out;
}

// Where a kind keeps the pod that it makes.
const json* pod_of(const object_key& key, const json& object) {
  const auto& resource = key.resource;
  if (resource == "pods") return &object;
  if (resource == "podtemplates") return &at(object, {"template"});
  if (resource == "cronjobs.batch") return &at(object, {"spec", "jobTemplate", "spec", "template"});
  for (const char* workload : {"replicationcontrollers", "replicasets.apps", "deployments.apps",
                               "statefulsets.apps", "daemonsets.apps", "jobs.batch"})
    if (resource == workload) return &at(object, {"spec", "template"});
  return nullptr;
}

bool is_version(std::string_view text) {
  if (text == "latest") return true;
  if (!text.starts_with("v1.") || text.size() < 4 || text.size() > 6) return false;
  text.remove_prefix(3);
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string security_violations(const json& pod, security_level level, int minor) {
  if (level == security_level::privileged) return {};
  const pod_facts facts(at(pod, {"spec"}), at(pod, {"metadata", "annotations"}), minor);
  std::string out;
  for (const auto& found : security::findings(facts, level == security_level::restricted)) {
    if (!out.empty()) out += ", ";
    out += found.reason;
    if (!found.detail.empty()) out += " (" + found.detail + ")";
  }
  return out;
}

security_verdict judge_security(const object_key& key, const json& object,
                                const string_pairs& labels) {
  security_verdict out;
  const json* pod = pod_of(key, object);
  if (!pod || !pod->is_object()) return out;
  const policy enforced = policy_of(labels, modes[0]);
  if (key.resource == "pods") {
    out.audit_annotations[std::string(prefix) + "enforce-policy"] = enforced.text;
    if (const auto found = security_violations(*pod, enforced.level, enforced.minor);
        !found.empty())
      out.refused = forbidden(key, "violates PodSecurity \"" + enforced.text + "\": " + found);
  }
  const auto would = [&](std::string_view mode) {
    const policy p = policy_of(labels, mode);
    const auto found = security_violations(*pod, p.level, p.minor);
    return found.empty() ? found : "would violate PodSecurity \"" + p.text + "\": " + found;
  };
  if (auto text = would(modes[1]); !text.empty())
    out.audit_annotations[std::string(prefix) + "audit-violations"] = std::move(text);
  if (out.refused) return out;  // which says more than a warning
  if (auto text = would(modes[2]); !text.empty()) out.warnings.push_back(std::move(text));
  return out;
}

std::vector<std::string> warn_of_existing(const object_key& ns, const string_pairs& before,
                                          const string_pairs& now,
                                          const std::vector<object_ptr>& pods) {
  constexpr std::size_t most_pods = 3000;  // Kubernetes' bound on what a request looks at
  const policy was = policy_of(before, modes[0]);
  const policy is = policy_of(now, modes[0]);
  if (is.level == security_level::privileged) return {};
  if (is.level <= was.level && is.minor == was.minor) return {};
  std::map<std::string, std::vector<std::string>> names;  // by reasons
  for (std::size_t i = 0; i < std::min(pods.size(), most_pods); ++i) {
    const json pod = pods[i]->content();
    const pod_facts facts(at(pod, {"spec"}), at(pod, {"metadata", "annotations"}), is.minor);
    std::string reasons;
    for (const auto& found : security::findings(facts, is.level == security_level::restricted))
      reasons += (reasons.empty() ? "" : ", ") + found.reason;
    if (!reasons.empty()) names[reasons].push_back(pods[i]->key().name);
  }
  if (names.empty()) return {};
  std::vector<std::string> out{"existing pods in namespace \"" + ns.name +
                               "\" violate the new PodSecurity enforce level \"" + is.text + "\""};
  for (auto& [reasons, bad] : names) {
    std::ranges::sort(bad);
    std::string line = bad.front();
    if (const auto others = bad.size() - 1; others > 0)
      line += " (and " + std::to_string(others) + (others == 1 ? " other pod)" : " other pods)");
    out.push_back(line + ": " + reasons);
  }
  return out;
}

std::vector<cause> check_security_labels(const json& ns) {
  faults f;
  const field_path meta("metadata");
  const field_path path = meta.child("labels");
  for (const auto mode : modes) {
    const std::string level = std::string(prefix) + std::string(mode);
    const json& value = at(ns, {"metadata", "labels", level});
    if (value.is_string() && std::ranges::find(levels, value.get<std::string>()) == levels.end())
      f.invalid(path.key(level), value, "must be one of privileged, baseline, restricted");
    const std::string level_version = level + "-version";
    const json& version = at(ns, {"metadata", "labels", level_version});
    if (version.is_string() && !is_version(version.get<std::string>()))
      f.invalid(path.key(level_version), version, "must be \"latest\" or \"v1.x\"");
  }
  return f.take();
}

}  // namespace troupe::model
