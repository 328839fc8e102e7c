#include "model/table/columns.hpp"
#include "model/table/pod_summary.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

std::int64_t integer_at(const json& value, std::initializer_list<std::string_view> path) {
  const json& found = at(value, path);
  return found.is_number_integer() ? found.get<std::int64_t>() : 0;
}

bool condition_is_true(const json& pod, std::string_view type) {
  for (const json& c : at(pod, {"status", "conditions"}))
    if (string_at(c, {"type"}) == type) return string_at(c, {"status"}) == "True";
  return false;
}

/// Restarts and when the last one was.
struct restart_tally {
  std::int64_t count = 0;
  std::optional<time_point> last;

  void add(const json& container) {
    count += integer_at(container, {"restartCount"});
    const auto finished =
        from_rfc3339(string_at(container, {"lastState", "terminated", "finishedAt"}));
    if (finished && (!last || *last < *finished)) last = finished;
  }
};

/// "Error", or "Signal:9", or "ExitCode:2".
std::string terminated_reason(const json& terminated) {
  if (auto reason = string_at(terminated, {"reason"}); !reason.empty()) return reason;
  const auto signal = integer_at(terminated, {"signal"});
  return signal != 0 ? "Signal:" + std::to_string(signal)
                     : "ExitCode:" + std::to_string(integer_at(terminated, {"exitCode"}));
}

/// Follows printPod of Kubernetes' printers step by step.
class summarizer {
 public:
  explicit summarizer(const json& pod) : pod_(pod) {}

  pod_summary run(time_point now) {
    total_ = count_of(at(pod_, {"spec", "containers"}));
    reason_ = string_at(pod_, {"status", "phase"});
    if (auto r = string_at(pod_, {"status", "reason"}); !r.empty()) reason_ = r;
    for (const json& c : at(pod_, {"status", "conditions"}))
      if (string_at(c, {"type"}) == "PodScheduled" && string_at(c, {"reason"}) == "SchedulingGated")
        reason_ = "SchedulingGated";
    for (const json& c : at(pod_, {"spec", "initContainers"})) total_ += restartable(c) ? 1 : 0;

    const bool initializing = init_containers();
    if (!initializing || condition_is_true(pod_, "Initialized")) main_containers();
    if (at(pod_, {"metadata", "deletionTimestamp"}).is_string()) deleting();

    pod_summary out{std::to_string(ready_) + "/" + std::to_string(total_), reason_,
                    std::to_string(restarts_.count)};
    if (restarts_.count != 0 && restarts_.last)
      out.restarts +=
          " (" +
          human_duration(std::chrono::duration_cast<std::chrono::seconds>(now - *restarts_.last)) +
          " ago)";
    return out;
  }

 private:
  static bool restartable(const json& container) {
    return string_at(container, {"restartPolicy"}) == "Always";
  }

  bool restartable_init(const std::string& name) const {
    const json& all = at(pod_, {"spec", "initContainers"});
    return std::any_of(all.begin(), all.end(), [&](const json& c) {
      return string_at(c, {"name"}) == name && restartable(c);
    });
  }

  /// True while an init container has not done its part; the reason then says so.
  bool init_containers() {
    std::size_t i = 0;
    for (const json& c : at(pod_, {"status", "initContainerStatuses"})) {
      const bool sidecar = restartable_init(string_at(c, {"name"}));
      restarts_.add(c);
      if (sidecar) sidecar_restarts_.add(c);
      const json& terminated = at(c, {"state", "terminated"});
      const std::string waiting = string_at(c, {"state", "waiting", "reason"});
      ++i;
      if (terminated.is_object() && integer_at(terminated, {"exitCode"}) == 0) continue;
      if (sidecar && at(c, {"started"}) == true) {
        ready_ += at(c, {"ready"}) == true ? 1 : 0;
        continue;
      }
      if (terminated.is_object()) {
        reason_ = "Init:" + terminated_reason(terminated);
      } else if (!waiting.empty() && waiting != "PodInitializing") {
        reason_ = "Init:" + waiting;
      } else {
        reason_ = "Init:" + std::to_string(i - 1) + "/" +
                  std::to_string(count_of(at(pod_, {"spec", "initContainers"})));
      }
      return true;
    }
    return false;
  }

  void main_containers() {
    restarts_ = sidecar_restarts_;
    bool running = false;
    const json& statuses = at(pod_, {"status", "containerStatuses"});
    for (std::size_t i = count_of(statuses); i-- > 0;) {
      const json& c = statuses[i];
      restarts_.add(c);
      const json& terminated = at(c, {"state", "terminated"});
      if (auto waiting = string_at(c, {"state", "waiting", "reason"}); !waiting.empty()) {
        reason_ = waiting;
      } else if (terminated.is_object()) {
        reason_ = terminated_reason(terminated);
      } else if (at(c, {"ready"}) == true && at(c, {"state", "running"}).is_object()) {
        running = true;
        ++ready_;
      }
    }
    if (reason_ == "Completed" && running)
      reason_ = condition_is_true(pod_, "Ready") ? "Running" : "NotReady";
  }

  void deleting() {
    const std::string phase = string_at(pod_, {"status", "phase"});
    if (string_at(pod_, {"status", "reason"}) == "NodeLost") {
      reason_ = "Unknown";
    } else if (phase != "Succeeded" && phase != "Failed") {
      reason_ = "Terminating";
    }
  }

  const json& pod_;
  std::string reason_;
  std::size_t ready_ = 0;
  std::size_t total_ = 0;
  restart_tally restarts_;
  restart_tally sidecar_restarts_;
};

std::string readiness_gates(const json& pod) {
  const json& gates = at(pod, {"spec", "readinessGates"});
  if (count_of(gates) == 0) return "<none>";
  const auto met = std::count_if(gates.begin(), gates.end(), [&](const json& gate) {
    return condition_is_true(pod, string_at(gate, {"conditionType"}));
  });
  return std::to_string(met) + "/" + std::to_string(gates.size());
}

std::vector<json> pod_cells(const json& pod, time_point now) {
  pod_summary s = summarize_pod(pod, now);
  const json& ips = at(pod, {"status", "podIPs"});
  const std::string ip =
      count_of(ips) > 0 ? string_at(ips[0], {"ip"}) : string_at(pod, {"status", "podIP"});
  return {name_of(pod),
          std::move(s.ready),
          std::move(s.status),
          std::move(s.restarts),
          age_of(pod, now),
          or_none(ip),
          or_none(string_at(pod, {"spec", "nodeName"})),
          or_none(string_at(pod, {"status", "nominatedNodeName"})),
          readiness_gates(pod)};
}

// Tells clients that the pod is done, so that `kubectl get` can leave it out.
json conditions(const json& pod) {
  const std::string phase = string_at(pod, {"status", "phase"});
  if (phase != "Succeeded" && phase != "Failed") return nullptr;
  return json::array({{{"type", "Completed"},
                       {"status", "True"},
                       {"reason", phase},
                       {"message", phase == "Failed" ? "The pod failed."
                                                     : "The pod has completed successfully."}}});
}

}  // namespace

pod_summary summarize_pod(const json& pod, time_point now) {
  return summarizer(pod).run(now);
}

std::span<const printer> pod_printers() {
  static const printer all[] = {
      {"pods",
       {name_column(),
        {{"Ready", "string", "", "Containers that are ready, of all"}},
        {{"Status", "string", "", "The phase, or what keeps the containers from it"}},
        {{"Restarts", "string", "", "How often containers were restarted, and when last"}},
        age_column(),
        {{"IP", "string", "", "The pod's first address", 1}},
        {{"Node", "string", "", "The node it is bound to", 1}},
        {{"Nominated Node", "string", "", "The node it waits for after a preemption", 1}},
        {{"Readiness Gates", "string", "", "Readiness gates that are met, of all", 1}}},
       pod_cells,
       conditions}};
  return all;
}

}  // namespace troupe::model
