#include "model/kubelet/pod_spec.hpp"

#include <algorithm>

namespace troupe::model::kubelet {

namespace {

/// The text of a member of a canonical object, without parsing the rest; empty when missing.
std::string_view member_text(std::string_view text, std::string_view key) {
  int depth = 0;
  std::size_t name = 0, value = 0;  // where the member's key and value begin
  bool found = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      const auto begin = i + 1;
      for (++i; i < text.size() && text[i] != '"'; ++i) i += text[i] == '\\';
      if (depth == 1 && name == 0) {
        name = begin;
        found = text.substr(begin, i - begin) == key;
        value = i + 2;
      }
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == ',' && depth == 1) || ((c == '}' || c == ']') && --depth == 0)) {
      if (found) return text.substr(value, i - value);
      name = 0;
    }
  }
  return {};
}

}  // namespace

bool concerns_kubelet(const object& before, const object& after) {
  if (after.header().deleting || before.header().labels != after.header().labels) return true;
  const auto spec = member_text(after.bytes(), "spec");
  for (const char* part : {"\"readinessGates\"", "\"activeDeadlineSeconds\""})
    if (spec.find(part) != std::string_view::npos) return true;
  return spec != member_text(before.bytes(), "spec");
}

std::vector<container_spec> containers_of(const json& pod) {
  std::vector<container_spec> out;
  for (const auto& c : at(pod, {"spec", "initContainers"})) {
    const bool sidecar = string_at(c, {"restartPolicy"}) == "Always";
    out.push_back(
        {sidecar ? container_kind::sidecar : container_kind::init, string_at(c, {"name"}), &c});
  }
  for (const auto& c : at(pod, {"spec", "containers"}))
    out.push_back({container_kind::main, string_at(c, {"name"}), &c});
  return out;
}

container_spec container_named(const json& pod, std::string_view name) {
  for (auto& c : containers_of(pod))
    if (c.name == name) return c;
  return {};
}

std::string restart_policy(const json& pod) {
  return string_at(pod, {"spec", "restartPolicy"}, "Always");
}

bool restarts(const json& pod, container_kind kind, int exit_code) {
  if (kind == container_kind::sidecar) return true;
  const auto policy = restart_policy(pod);
  // An init container has done its work once it succeeded, whatever the policy.
  if (policy == "Never" || (exit_code == 0 && kind == container_kind::init)) return false;
  return policy == "Always" || exit_code != 0;
}

std::chrono::seconds grace_period(const json& pod) {
  const auto& deletion = at(pod, {"metadata", "deletionGracePeriodSeconds"});
  const auto& own = at(pod, {"spec", "terminationGracePeriodSeconds"});
  std::int64_t seconds = deletion.is_number_integer() ? deletion.get<std::int64_t>()
                         : own.is_number_integer()    ? own.get<std::int64_t>()
                                                      : 30;
  return std::chrono::seconds{std::max<std::int64_t>(seconds, 1)};
}

std::string pod_text(const json& pod) {
  return string_at(pod, {"metadata", "name"}) + "_" + string_at(pod, {"metadata", "namespace"}) +
         "(" + string_at(pod, {"metadata", "uid"}) + ")";
}

std::string image_pull_policy(const json& container) {
  auto policy = string_at(container, {"imagePullPolicy"});
  if (!policy.empty()) return policy;
  const auto image = string_at(container, {"image"});
  if (image.find('@') != std::string::npos) return "IfNotPresent";
  const auto slash = image.rfind('/');
  const auto colon = image.rfind(':');
  const bool tagged = colon != std::string::npos && (slash == std::string::npos || colon > slash);
  return !tagged || image.substr(colon + 1) == "latest" ? "Always" : "IfNotPresent";
}

}  // namespace troupe::model::kubelet
