#include "model/autoscaling/measures.hpp"

#include "model/autoscaling/served_measures.hpp"
#include "model/quantity.hpp"

namespace troupe::model {
namespace {

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
    answer = replicas_by_value(pods, ns, replicas, target_milli(target, "averageValue"), resource,
                               container, now);
  } else if (percent.is_number_integer()) {
    what = " utilization: ";
    a.name = resource + from.kind + " utilization (percentage of request)";
    answer = replicas_by_utilization(pods, ns, replicas, percent.get<std::int64_t>(), resource,
                                     container, now);
  } else {
    return measure_failure(
        from.reason,
        "invalid resource metric source: neither an average utilization target nor an "
        "average value (usage) target was set",
        asked);
  }
  if (const auto* bad = std::get_if<std::string>(&answer))
    return measure_failure(from.reason, "failed to get " + resource + what + *bad, asked);
  const auto& proposal = std::get<replica_proposal>(answer);
  if (at(target, {"averageValue"}).is_null()) current["averageUtilization"] = proposal.utilization;
  current["averageValue"] = quantity::of_milli(proposal.average).text();
  a.replicas = proposal.replicas;
  a.status = {{"type", from.type},
              {from.member, {{"name", resource}, {"current", std::move(current)}}}};
  if (!container.empty()) a.status[from.member]["container"] = container;
  return a;
}

}  // namespace

measure_answer measure_failure(const char* reason, std::string why, const std::string& asked) {
  measure_answer a;
  a.status = {{"type", ""}};
  a.reason = reason;
  a.why = std::move(why);
  a.error = asked + a.why;
  return a;
}

std::int64_t target_milli(const json& target, const char* field) {
  const json& value = at(target, {field});
  const auto q = quantity::parse(value.is_string() ? value.get<std::string>() : value.dump());
  return q ? q->milli_value() : 0;
}

measure_answer judge_measure(const json& metric, const measure_question& q,
                             const measure_reply* reply) {
  const std::string type = string_at(metric, {"type"});
  for (const auto* from : {&of_pods, &of_container})
    if (type == from->type) return judge_resource(*from, metric, q.ns, q.replicas, q.pods, q.now);
  if (!measure_group(metric).empty()) return judge_served(metric, q, reply);
  return measure_failure("InvalidMetricSourceType", "unknown metric source type \"" + type + "\"",
                         "");
}

}  // namespace troupe::model
