#include "cli/commands/drain_plan.hpp"

#include <map>

namespace troupe::cli {

using model::at;
using model::json;
using model::string_at;

namespace {

enum class verdict : std::uint8_t { evict, evict_warned, skip, skip_warned, refuse };

struct judgement {
  verdict what = verdict::evict;
  std::string why;
};

bool ended(const json& pod) {
  const auto phase = string_at(pod, {"status", "phase"});
  return phase == "Succeeded" || phase == "Failed";
}

const json& controller_of(const json& pod) {
  static const json none;
  for (const auto& owner : at(pod, {"metadata", "ownerReferences"}))
    if (at(owner, {"controller"}) == true) return owner;
  return none;
}

bool has_empty_dir(const json& pod) {
  for (const auto& volume : at(pod, {"spec", "volumes"}))
    if (volume.contains("emptyDir")) return true;
  return false;
}

/// kubectl's filters in their order; the last word counts.
judgement judge(
    const json& pod, const drain_wishes& wishes,
    const std::function<std::string(const std::string&, const std::string&)>& daemon_set_fault) {
  judgement out;
  const json& controller = controller_of(pod);
  if (string_at(controller, {"kind"}) == "DaemonSet" && !ended(pod)) {
    const auto fault = daemon_set_fault(string_at(pod, {"metadata", "namespace"}),
                                        string_at(controller, {"name"}));
    if (!fault.empty() && !wishes.force) return {verdict::refuse, fault};
    if (!fault.empty()) {
      out = {verdict::evict_warned, fault};
    } else if (wishes.ignore_daemon_sets) {
      return {verdict::skip_warned, "ignoring DaemonSet-managed Pods"};
    } else {
      return {verdict::refuse, "DaemonSet-managed Pods (use --ignore-daemonsets to ignore)"};
    }
  }
  if (at(pod, {"metadata", "annotations", "kubernetes.io/config.mirror"}).is_string())
    return {verdict::skip, ""};
  if (ended(pod)) return {verdict::evict, ""};
  if (has_empty_dir(pod) && !wishes.delete_empty_dirs)
    return {verdict::refuse, "Pods with local storage (use --delete-emptydir-data to override)"};
  if (!controller.is_null()) return out;
  if (wishes.force) return {verdict::evict_warned, "deleting Pods that declare no controller"};
  return {verdict::refuse,
          "cannot delete Pods that declare no controller (use --force to override)"};
}

using pods_by_reason = std::map<std::string, std::string>;

void note(pods_by_reason& reasons, const std::string& why, const json& pod) {
  std::string& pods = reasons[why];
  pods += (pods.empty() ? "" : ", ") + string_at(pod, {"metadata", "namespace"}) + "/" +
          string_at(pod, {"metadata", "name"});
}

std::string fault_text(const pods_by_reason& reasons) {
  std::string out;
  for (const auto& [why, pods] : reasons)
    out += (out.empty() ? "" : ", ") + std::string("cannot delete ") + why + ": " + pods;
  return reasons.size() > 1 ? "[" + out + "]" : out;
}

}  // namespace

drain_plan plan_drain(
    const std::vector<json>& pods, const drain_wishes& wishes,
    const std::function<std::string(const std::string&, const std::string&)>& daemon_set_fault) {
  drain_plan out;
  pods_by_reason warnings, faults;
  for (const json& pod : pods) {
    const auto [what, why] = judge(pod, wishes, daemon_set_fault);
    if (what == verdict::evict || what == verdict::evict_warned) out.pods.push_back(&pod);
    if (what == verdict::evict_warned || what == verdict::skip_warned) note(warnings, why, pod);
    if (what == verdict::refuse) note(faults, why, pod);
  }
  for (const auto& [why, names] : warnings)
    out.warning += (out.warning.empty() ? "" : "; ") + why + ": " + names;
  out.fault = fault_text(faults);
  if (!out.fault.empty()) out.pods.clear();
  return out;
}

}  // namespace troupe::cli
