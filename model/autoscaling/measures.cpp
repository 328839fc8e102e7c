#include "model/autoscaling/measures.hpp"

#include "model/quantity.hpp"

namespace troupe::model {
namespace {

constexpr const char* no_custom_metrics =
    "unable to fetch metrics from custom metrics API: no custom metrics API "
    "(custom.metrics.k8s.io) registered";

measure_answer failed(const char* reason, std::string why, const std::string& asked) {
  measure_answer a;
  a.status = {{"type", ""}};
  a.reason = reason;
  a.why = std::move(why);
  a.error = asked + a.why;
  return a;
}

std::int64_t milli_at(const json& target, const char* field) {
  const json& value = at(target, {field});
  const auto q = quantity::parse(value.is_string() ? value.get<std::string>() : value.dump());
  return q ? q->milli_value() : 0;
}

// Resource and ContainerResource.
struct resource_source {
  const char* type;
  const char* member;
  const char* reason;
  const char* kind;  // in the measure's name
};
constexpr resource_source of_pods{"Resource", "resource", "FailedGetResourceMetric", " resource"};
constexpr resource_source of_container{"ContainerResource", "containerResource",
                                       "FailedGetContainerResourceMetric", " container resource"};

measure_answer judge_resource(const resource_source& from, const json& metric, std::string_view ns,
                              std::int64_t replicas, const measured_pods& pods, time_point now) {
  const json& source = at(metric, {from.member});
  const json& target = at(source, {"target"});
  const std::string resource = string_at(source, {"name"});
  const std::string container = string_at(source, {"container"});
  const std::string asked = container.empty()
                                ? "failed to get " + resource + " resource metric value: "
                                : "failed to get " + container + " container metric value: ";
  measure_answer a;
  json current;
  const json& percent = at(target, {"averageUtilization"});
  replica_answer answer;
  std::string what;
  if (!at(target, {"averageValue"}).is_null()) {
    what = " usage: ";
    a.name = resource + " resource";
    answer = replicas_by_value(pods, ns, replicas, milli_at(target, "averageValue"), resource,
                               container, now);
  } else if (percent.is_number_integer()) {
    what = " utilization: ";
    a.name = resource + from.kind + " utilization (percentage of request)";
    answer = replicas_by_utilization(pods, ns, replicas, percent.get<std::int64_t>(), resource,
                                     container, now);
  } else {
    return failed(from.reason,
                  "invalid resource metric source: neither an average utilization target nor an "
                  "average value (usage) target was set",
                  asked);
  }
  if (const auto* bad = std::get_if<std::string>(&answer))
    return failed(from.reason, "failed to get " + resource + what + *bad, asked);
  const auto& proposal = std::get<replica_proposal>(answer);
  if (at(target, {"averageValue"}).is_null()) current["averageUtilization"] = proposal.utilization;
  current["averageValue"] = quantity::of_milli(proposal.average).text();
  a.replicas = proposal.replicas;
  a.status = {{"type", from.type},
              {from.member, {{"name", resource}, {"current", std::move(current)}}}};
  if (!container.empty()) a.status[from.member]["container"] = container;
  return a;
}

// A metav1.LabelSelector as Go prints one with %+v.
std::string go_selector(const json& selector) {
  if (!selector.is_object()) return "nil";
  std::string labels, terms;
  for (const auto& [key, value] : at(selector, {"matchLabels"}).items())
    labels += key + ": " + value.get<std::string>() + ",";
  for (const json& term : at(selector, {"matchExpressions"})) {
    std::string values;
    for (const json& v : at(term, {"values"}))
      values += (values.empty() ? "" : " ") + v.get<std::string>();
    terms += "LabelSelectorRequirement{Key:" + string_at(term, {"key"}) +
             ",Operator:" + string_at(term, {"operator"}) + ",Values:[" + values + "],},";
  }
  return "&LabelSelector{MatchLabels:map[string]string{" + labels +
         "},MatchExpressions:[]LabelSelectorRequirement{" + terms + "},}";
}

}  // namespace

measure_answer judge_measure(const json& metric, std::string_view ns, std::int64_t replicas,
                             const measured_pods& pods, time_point now) {
  const std::string type = string_at(metric, {"type"});
  for (const auto* from : {&of_pods, &of_container})
    if (type == from->type) return judge_resource(*from, metric, ns, replicas, pods, now);
  if (type == "Pods")
    return failed("FailedGetPodsMetric",
                  "unable to get metric " + string_at(metric, {"pods", "metric", "name"}) + ": " +
                      no_custom_metrics,
                  "failed to get pods metric value: ");
  if (type == "Object") {
    const json& object = at(metric, {"object"});
    // The order of the words is Kubernetes' own.
    return failed("FailedGetObjectMetric",
                  "unable to get metric " + string_at(object, {"metric", "name"}) + ": " +
                      string_at(object, {"describedObject", "kind"}) + " on " + std::string(ns) +
                      " " + string_at(object, {"describedObject", "name"}) + "/" +
                      no_custom_metrics,
                  "failed to get object metric value: ");
  }
  if (type == "External") {
    const json& wanted = at(metric, {"external", "metric"});
    const std::string name = string_at(wanted, {"name"});
    return failed("FailedGetExternalMetric",
                  "unable to get external metric " + std::string(ns) + "/" + name + "/" +
                      go_selector(at(wanted, {"selector"})) +
                      ": unable to fetch metrics from external metrics API: the server could not "
                      "find the requested resource (get " +
                      name + ".external.metrics.k8s.io)",
                  "failed to get " + name + " external metric value: ");
  }
  return failed("InvalidMetricSourceType", "unknown metric source type \"" + type + "\"", "");
}

}  // namespace troupe::model
