#include "model/autoscaling/autoscaler.hpp"

#include "model/autoscaling/measures.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr const char* able = "AbleToScale";
constexpr const char* active = "ScalingActive";

// kube's setConditionInList: the place in the list stays, the time moves with the status alone.
void set(json& status, const autoscaler_condition& c, time_point now) {
  json* place = nullptr;
  for (json& known : status["conditions"])
    if (known["type"] == c.type) place = &known;
  if (!place) {
    status["conditions"].push_back({{"type", c.type}});
    place = &status["conditions"].back();
  }
  const char* holds = c.holds ? "True" : "False";
  if (string_at(*place, {"status"}) != holds) (*place)["lastTransitionTime"] = to_rfc3339(now);
  (*place)["status"] = holds;
  (*place)["reason"] = c.reason;
  (*place)["message"] = c.message;
}

void put_counts(json& status, std::int64_t current, std::int64_t desired, const json& metrics) {
  status.erase("currentReplicas");
  if (current != 0) status["currentReplicas"] = current;
  status["desiredReplicas"] = desired;
  status.erase("currentMetrics");
  if (metrics.is_array() && !metrics.empty()) status["currentMetrics"] = metrics;
}

struct proposal {
  std::int64_t replicas = -1;  // -1: none
  std::string measure;
  json statuses = json::array();
  std::string failure;
};

// kube's validateAndParseSelector, as far as the Scale's selector goes.
std::string selector_fault(const scale_target& target, autoscaling& out, time_point now) {
  const auto refuse = [&](const char* reason, const std::string& condition, const char* event,
                          const std::string& why) {
    out.remarks.push_back({event, why, true});
    set(out.status, {active, false, reason, condition}, now);
    return why;
  };
  const std::string selector = string_at(target.scale, {"status", "selector"});
  if (selector.empty())
    return refuse("InvalidSelector", "the HPA target's scale is missing a selector",
                  "SelectorRequired", "selector is required");
  if (target.rivals.size() < 2) return {};
  const std::string ns = string_at(target.scale, {"metadata", "namespace"});
  std::string all;
  for (const auto& name : target.rivals) all += (all.empty() ? "{" : " {") + name + " " + ns + "}";
  const std::string why =
      "pods by selector " + selector + " are controlled by multiple HPAs: [" + all + "]";
  return refuse("AmbiguousSelector", why, "AmbiguousSelector", why);
}

// kube's computeReplicasForMetrics: the measure that asks for most counts; while one cannot be
// judged, nothing is taken away.
proposal propose(const json& autoscaler, const scale_target& target, std::int64_t current,
                 autoscaling& out, time_point now) {
  proposal p;
  if (auto fault = selector_fault(target, out, now); !fault.empty()) {
    p.failure = fault;
    p.statuses = nullptr;
    return p;
  }
  const measure_question question{string_at(autoscaler, {"metadata", "namespace"}), current,
                                  int_at(target.scale, {"status", "replicas"}), target.pods, now};
  const json& metrics = at(autoscaler, {"spec", "metrics"});
  std::size_t invalid = 0;
  measure_answer first_invalid;
  std::int64_t most = 0;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    const auto reply = target.replies.find(i);
    auto a = judge_measure(metrics[i], question,
                           reply == target.replies.end() ? nullptr : &reply->second);
    p.statuses.push_back(a.status);
    if (!a.reason.empty()) {
      out.remarks.push_back({a.reason, a.why, true});
      if (invalid++ == 0) first_invalid = std::move(a);
    } else if (most == 0 || a.replicas > most) {
      most = a.replicas;
      p.measure = a.name;
    }
  }
  if (invalid > 0)
    p.failure = "invalid metrics (" + std::to_string(invalid) + " invalid out of " +
                std::to_string(metrics.size()) + "), first error is: " + first_invalid.error;
  if (invalid >= metrics.size() || (invalid > 0 && most < current)) {
    set(out.status,
        {active, false, first_invalid.reason,
         "the HPA was unable to compute the replica count: " + first_invalid.why},
        now);
    return p;
  }
  set(out.status,
      {active, true, "ValidMetricFound",
       "the HPA was able to successfully calculate a replica count from " + p.measure},
      now);
  p.replicas = most;
  return p;
}

// The number that the measures lead to, within bounds and pace; nothing when they lead nowhere.
std::optional<std::int64_t> by_measures(const json& autoscaler, const scale_target& target,
                                        const autoscaler_bounds& bounds, autoscaling& out,
                                        json& metrics, autoscaler_memory& memory, time_point now) {
  auto p = propose(autoscaler, target, bounds.current, out, now);
  metrics = std::move(p.statuses);
  if (p.replicas < 0) {
    out.remarks.push_back({"FailedComputeMetricsReplicas", p.failure, true});
    return std::nullopt;
  }
  out.reason = p.replicas > bounds.current   ? p.measure + " above target"
               : p.replicas < bounds.current ? "All metrics below target"
                                             : "";
  const auto bounded =
      bound_replicas(at(autoscaler, {"spec", "behavior"}), bounds, p.replicas, memory, now);
  set(out.status, bounded.able, now);
  set(out.status, bounded.limited, now);
  return bounded.replicas;
}

}  // namespace

autoscaling autoscale(const json& autoscaler, const scale_target& target, autoscaler_memory& memory,
                      time_point now) {
  autoscaling out;
  out.status = at(autoscaler, {"status"});
  if (!out.status.is_object()) out.status = json::object();
  if (!out.status.contains("conditions") || !out.status["conditions"].is_array())
    out.status["conditions"] = json::array();
  out.status.emplace("desiredReplicas", 0);
  if (!target.failure.empty()) {
    out.remarks.push_back({"FailedGetScale", target.failure, true});
    set(out.status,
        {able, false, "FailedGetScale",
         "the HPA controller was unable to get the target's current scale: " + target.failure},
        now);
    return out;
  }
  set(out.status,
      {able, true, "SucceededGetScale",
       "the HPA controller was able to get the target's current scale"},
      now);
  autoscaler_bounds bounds;
  bounds.least = int_at(autoscaler, {"spec", "minReplicas"}, 1);
  bounds.most = int_at(autoscaler, {"spec", "maxReplicas"});
  bounds.current = out.current = int_at(target.scale, {"spec", "replicas"});
  memory.begin(bounds.current, now);
  json metrics;
  std::int64_t desired = bounds.current;
  if (bounds.current == 0 && bounds.least != 0) {
    set(out.status,
        {active, false, "ScalingDisabled",
         "scaling is disabled since the replica count of the target is zero"},
        now);
  } else if (bounds.current > bounds.most) {
    out.reason = "Current number of replicas above Spec.MaxReplicas";
    desired = bounds.most;
  } else if (bounds.current < bounds.least) {
    out.reason = "Current number of replicas below Spec.MinReplicas";
    desired = bounds.least;
  } else if (const auto led = by_measures(autoscaler, target, bounds, out, metrics, memory, now)) {
    desired = *led;
  } else {
    put_counts(out.status, bounds.current, int_at(out.status, {"desiredReplicas"}), metrics);
    return out;
  }
  put_counts(out.status, bounds.current, desired, metrics);
  if (desired != bounds.current) out.rescale = desired;
  return out;
}

void rescaled(autoscaling& d, const json& autoscaler, const std::string& failure,
              autoscaler_memory& memory, time_point now) {
  const std::string size = "New size: " + std::to_string(*d.rescale) + "; reason: " + d.reason;
  if (!failure.empty()) {
    d.remarks.push_back({"FailedRescale", size + "; error: " + failure, true});
    set(d.status,
        {able, false, "FailedUpdateScale",
         "the HPA controller was unable to update the target scale: " + failure},
        now);
    d.status["desiredReplicas"] = int_at(autoscaler, {"status", "desiredReplicas"});
    return;
  }
  d.remarks.push_back({"SuccessfulRescale", size});
  set(d.status,
      {able, true, "SucceededRescale",
       "the HPA controller was able to update the target scale to " + std::to_string(*d.rescale)},
      now);
  d.status["lastScaleTime"] = to_rfc3339(now);
  memory.changed(at(autoscaler, {"spec", "behavior"}), d.current, *d.rescale, now);
}

}  // namespace troupe::model
