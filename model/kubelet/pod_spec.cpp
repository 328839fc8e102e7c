#include "model/kubelet/pod_spec.hpp"

#include "model/document.hpp"
#include "model/json_text.hpp"

#include <algorithm>

namespace troupe::model::kubelet {

bool relabeled(const object& before, const object& after) {
  const auto annotations = [](const object& o) {
    return member_text(o.text_of(part::metadata), "annotations");
  };
  return before.header().labels != after.header().labels ||
         annotations(before) != annotations(after);
}

bool concerns_kubelet(const object& before, const object& after) {
  if (after.header().deleting || relabeled(before, after)) return true;
  return after.says(word::readiness_gates) || after.says(word::active_deadline) ||
         after.text_of(part::spec) != before.text_of(part::spec);
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
  for (const auto& c : at(pod, {"spec", "ephemeralContainers"}))
    out.push_back({container_kind::ephemeral, string_at(c, {"name"}), &c});
  return out;
}

container_spec container_named(const json& pod, std::string_view name) {
  return container_named(containers_of(pod), name);
}

container_spec container_named(const std::vector<container_spec>& all, std::string_view name) {
  const auto found = std::ranges::find(all, name, &container_spec::name);
  return found == all.end() ? container_spec{} : *found;
}

std::string restart_policy(const json& pod) {
  return string_at(pod, {"spec", "restartPolicy"}, "Always");
}

bool restarts(const json& pod, container_kind kind, int exit_code) {
  if (kind == container_kind::sidecar) return true;
  if (kind == container_kind::ephemeral) return false;
  const auto policy = restart_policy(pod);
  // An init container has done its work once it succeeded, whatever the policy.
  if (policy == "Never" || (exit_code == 0 && kind == container_kind::init)) return false;
  return policy == "Always" || exit_code != 0;
}

std::string definition_of(const json& container) {
  return content_hash(string_at(container, {"name"}) + '\n' + string_at(container, {"image"}));
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
