#include "model/conversion/autoscaler.hpp"

#include "model/schema.hpp"
#include "model/validation/structural.hpp"

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::model {
namespace {

constexpr const char* metrics_note = "autoscaling.alpha.kubernetes.io/metrics";
constexpr const char* current_metrics_note = "autoscaling.alpha.kubernetes.io/current-metrics";
constexpr const char* conditions_note = "autoscaling.alpha.kubernetes.io/conditions";
constexpr const char* behavior_note = "autoscaling.alpha.kubernetes.io/behavior";
constexpr int default_cpu_utilization = 80;

/// Where a member of a metric's source stands in v1 and in v2 ("outer.inner").
struct place {
  std::string_view source;  ///< resource, pods, ...
  std::string_view v1;
  std::string_view outer;
  std::string_view inner;  ///< empty: `outer` is the whole path
};

constexpr place spec_places[] = {
    {"resource", "targetAverageUtilization", "target", "averageUtilization"},
    {"resource", "targetAverageValue", "target", "averageValue"},
    {"containerResource", "targetAverageUtilization", "target", "averageUtilization"},
    {"containerResource", "targetAverageValue", "target", "averageValue"},
    {"pods", "metricName", "metric", "name"},
    {"pods", "selector", "metric", "selector"},
    {"pods", "targetAverageValue", "target", "averageValue"},
    {"object", "target", "describedObject", ""},
    {"object", "metricName", "metric", "name"},
    {"object", "selector", "metric", "selector"},
    {"object", "targetValue", "target", "value"},
    {"object", "averageValue", "target", "averageValue"},
    {"external", "metricName", "metric", "name"},
    {"external", "metricSelector", "metric", "selector"},
    {"external", "targetValue", "target", "value"},
    {"external", "targetAverageValue", "target", "averageValue"}};

constexpr place status_places[] = {
    {"resource", "currentAverageUtilization", "current", "averageUtilization"},
    {"resource", "currentAverageValue", "current", "averageValue"},
    {"containerResource", "currentAverageUtilization", "current", "averageUtilization"},
    {"containerResource", "currentAverageValue", "current", "averageValue"},
    {"pods", "metricName", "metric", "name"},
    {"pods", "selector", "metric", "selector"},
    {"pods", "currentAverageValue", "current", "averageValue"},
    {"object", "target", "describedObject", ""},
    {"object", "metricName", "metric", "name"},
    {"object", "selector", "metric", "selector"},
    {"object", "currentValue", "current", "value"},
    {"object", "averageValue", "current", "averageValue"},
    {"external", "metricName", "metric", "name"},
    {"external", "metricSelector", "metric", "selector"},
    {"external", "currentValue", "current", "value"},
    {"external", "currentAverageValue", "current", "averageValue"}};

template <std::size_t N>
json source_to_v1(const place (&places)[N], std::string_view name, const json& source) {
  json out = json::object();
  for (const auto& [key, value] : source.items())
    if (key == "name" || key == "container") out[key] = value;
  for (const place& p : places) {
    if (p.source != name) continue;
    const json& value = p.inner.empty() ? at(source, {p.outer}) : at(source, {p.outer, p.inner});
    if (!value.is_null()) out[std::string(p.v1)] = value;
  }
  return out;
}

template <std::size_t N>
json source_to_v2(const place (&places)[N], std::string_view name, const json& source) {
  json out = json::object();
  for (const auto& field : source.items()) {
    const auto found = std::ranges::find_if(
        places, [&](const place& p) { return p.source == name && p.v1 == field.key(); });
    if (found == std::end(places))
      out[field.key()] = field.value();
    else if (found->inner.empty())
      out[std::string(found->outer)] = field.value();
    else
      out[std::string(found->outer)][std::string(found->inner)] = field.value();
  }
  const auto target = out.find("target");
  if (target == out.end()) return out;
  const char* type = target->contains("averageUtilization") ? "Utilization"
                     : target->contains("averageValue")     ? "AverageValue"
                                                            : "Value";
  (*target)["type"] = type;
  return out;
}

/// A MetricSpec or MetricStatus: its `type`, and a source under the type's name.
template <class Convert>
json metric_with(const json& metric, Convert&& convert_source) {
  json out = json::object();
  for (const auto& [key, value] : metric.items())
    out[key] = value.is_object() ? convert_source(key, value) : value;
  return out;
}

template <class Convert>
json metrics_with(const json& metrics, Convert&& convert_source) {
  json out = json::array();
  if (!metrics.is_array()) return out;
  for (const json& metric : metrics)
    if (metric.is_object()) out.push_back(metric_with(metric, convert_source));
  return out;
}

/// The internal form that Kubernetes writes a behavior in differs by its capitals.
json with_initials(const json& value, int (*change)(int)) {
  if (value.is_array()) {
    json out = json::array();
    for (const json& item : value) out.push_back(with_initials(item, change));
    return out;
  }
  if (!value.is_object()) return value;
  json out = json::object();
  for (const auto& [key, member] : value.items()) {
    std::string name = key;
    if (!name.empty()) name[0] = static_cast<char>(change(static_cast<unsigned char>(name[0])));
    out[name] = with_initials(member, change);
  }
  return out;
}

bool is_cpu(const json& metric) {
  return string_at(metric, {"type"}) == "Resource" &&
         string_at(metric, {"resource", "name"}) == "cpu";
}

json take(json& from, const char* key) {
  if (!from.is_object()) return nullptr;
  const auto found = from.find(key);
  if (found == from.end()) return nullptr;
  json value = std::move(*found);
  from.erase(found);
  return value;
}

/// Takes the annotations of this conversion out; clients may have sent some of their own.
json take_notes(json& document) {
  json notes = json::object();
  json& metadata = document["metadata"];
  const auto annotations = metadata.find("annotations");
  if (annotations == metadata.end() || !annotations->is_object()) return notes;
  for (const char* key : {metrics_note, current_metrics_note, conditions_note, behavior_note}) {
    const json text = take(*annotations, key);
    if (!text.is_string()) continue;
    if (auto parsed = parse_json(text.get_ref<const std::string&>()))
      notes[key] = std::move(parsed.value);
  }
  if (annotations->empty()) metadata.erase(annotations);
  return notes;
}

void note(json& document, const char* key, const json& value) {
  document["metadata"]["annotations"][key] = value.dump();
}

void spec_to_v1(json& document) {
  const auto spec = document.find("spec");
  if (spec == document.end() || !spec->is_object()) return;
  json others = json::array();
  const json metrics = take(*spec, "metrics");
  if (metrics.is_array()) {
    for (const json& metric : metrics) {
      const json& use = at(metric, {"resource", "target", "averageUtilization"});
      if (!is_cpu(metric) || use.is_null())
        others.push_back(metric);
      else if (!spec->contains("targetCPUUtilizationPercentage"))
        (*spec)["targetCPUUtilizationPercentage"] = use;
    }
  }
  if (!others.empty())
    note(document, metrics_note,
         metrics_with(others, [](std::string_view name, const json& source) {
           return source_to_v1(spec_places, name, source);
         }));
  if (const json behavior = take(*spec, "behavior"); !behavior.is_null())
    note(document, behavior_note, with_initials(behavior, std::toupper));
}

void status_to_v1(json& document) {
  const auto status = document.find("status");
  if (status == document.end() || !status->is_object()) return;
  const json metrics = take(*status, "currentMetrics");
  if (metrics.is_array() && !metrics.empty()) {
    for (const json& metric : metrics)
      if (const json& use = at(metric, {"resource", "current", "averageUtilization"});
          is_cpu(metric) && !use.is_null())
        (*status)["currentCPUUtilizationPercentage"] = use;
    note(document, current_metrics_note,
         metrics_with(metrics, [](std::string_view name, const json& source) {
           return source_to_v1(status_places, name, source);
         }));
  }
  if (const json conditions = take(*status, "conditions");
      conditions.is_array() && !conditions.empty())
    note(document, conditions_note, conditions);
  for (const char* count : {"currentReplicas", "desiredReplicas"})
    if (!status->contains(count)) (*status)[count] = 0;
}

/// Whether clients' annotations hold what they should; Kubernetes ignores them otherwise.
bool are_all(json& values, const char* type_name) {
  const type_info* type =
      schema::instance().type(std::string("io.k8s.api.autoscaling.v2.") + type_name);
  return type && std::ranges::all_of(values, [&](json& value) {
           return static_cast<bool>(decode_fields(*type, value));
         });
}

json cpu_metric(const json& utilization) {
  return {{"type", "Resource"},
          {"resource",
           {{"name", "cpu"},
            {"target", {{"type", "Utilization"}, {"averageUtilization", utilization}}}}}};
}

void spec_to_v2(json& document, const json& notes) {
  const auto spec = document.find("spec");
  if (spec == document.end() || !spec->is_object()) return;
  json metrics =
      metrics_with(at(notes, {metrics_note}), [](std::string_view name, const json& source) {
        return source_to_v2(spec_places, name, source);
      });
  if (!are_all(metrics, "MetricSpec")) metrics = json::array();
  if (const json use = take(*spec, "targetCPUUtilizationPercentage"); !use.is_null())
    metrics.push_back(cpu_metric(use));
  // The default of v1, which v2 leaves to its own defaults.
  if (metrics.empty()) metrics.push_back(cpu_metric(default_cpu_utilization));
  (*spec)["metrics"] = std::move(metrics);
  json behavior = json::array({with_initials(at(notes, {behavior_note}), std::tolower)});
  if (are_all(behavior, "HorizontalPodAutoscalerBehavior"))
    (*spec)["behavior"] = std::move(behavior[0]);
}

void status_to_v2(json& document, const json& notes) {
  const auto status = document.find("status");
  if (status == document.end() || !status->is_object()) return;
  const json use = take(*status, "currentCPUUtilizationPercentage");
  json metrics = metrics_with(at(notes, {current_metrics_note}),
                              [](std::string_view name, const json& source) {
                                return source_to_v2(status_places, name, source);
                              });
  if (!are_all(metrics, "MetricStatus")) metrics = json::array();
  // The annotation says more than the one number, which is in it as well.
  if (metrics.empty() && !use.is_null())
    metrics.push_back(
        {{"type", "Resource"},
         {"resource", {{"name", "cpu"}, {"current", {{"averageUtilization", use}}}}}});
  if (!metrics.empty()) (*status)["currentMetrics"] = std::move(metrics);
  json conditions = at(notes, {conditions_note});
  if (conditions.is_array() && are_all(conditions, "HorizontalPodAutoscalerCondition"))
    (*status)["conditions"] = std::move(conditions);
}

}  // namespace

void autoscaler_to_v1(json& document) {
  take_notes(document);
  spec_to_v1(document);
  status_to_v1(document);
}

void autoscaler_to_v2(json& document) {
  const json notes = take_notes(document);
  spec_to_v2(document, notes);
  status_to_v2(document, notes);
}

}  // namespace troupe::model
