#include "model/validation/kinds.hpp"
#include "model/validation/names.hpp"
#include "model/validation/resource_names.hpp"
#include "model/validation/workload.hpp"

namespace troupe::model {
namespace {

void validate_reference(const json& reference, const field_path& path, faults& out) {
  for (const char* name : {"kind", "name"}) {
    const auto text = text_of(reference, name);
    if (text.empty())
      out.required(path.child(name));
    else
      out.check(path.child(name), text, path_segment_fault(text));
  }
}

void validate_positive(const json& amount, const field_path& path, faults& out) {
  const auto value = quantity::parse(as_text(amount));
  if (value && (value->negative() || value->zero())) out.invalid(path, amount, "must be positive");
}

void validate_target(const json& target, const field_path& path, faults& out) {
  const auto type = text_of(target, "type");
  if (type.empty()) out.required(path.child("type"), "must specify a metric target type");
  if (type != "Utilization" && type != "Value" && type != "AverageValue")
    out.invalid(path.child("type"), type, "must be either Utilization, Value, or AverageValue");
  for (const char* name : {"value", "averageValue"})
    validate_positive(value_of(target, name), path.child(name), out);
  if (const json& percent = value_of(target, "averageUtilization");
      percent.is_number_integer() && percent < 1)
    out.invalid(path.child("averageUtilization"), percent, "must be greater than 0");
}

void validate_identifier(const json& metric, const field_path& path, faults& out) {
  const auto name = text_of(metric, "name");
  if (name.empty())
    out.required(path.child("name"), "must specify a metric name");
  else
    out.check(path.child("name"), name, path_segment_fault(name));
}

bool has(const json& target, const char* name) {
  return !value_of(target, name).is_null();
}

void validate_utilization(const json& target, const field_path& path, faults& out) {
  const bool percent = has(target, "averageUtilization");
  if (!percent && !has(target, "averageValue"))
    out.required(path.child("averageUtilization"),
                 "must set either a target raw value or a target utilization");
  if (percent && has(target, "averageValue"))
    out.forbidden(path.child("averageValue"),
                  "may not set both a target raw value and a target utilization");
}

void validate_object(const json& source, const field_path& path, faults& out) {
  const json& target = value_of(source, "target");
  const field_path target_path = path.child("target");
  validate_reference(value_of(source, "describedObject"), path.child("describedObject"), out);
  validate_identifier(value_of(source, "metric"), path.child("metric"), out);
  validate_target(target, target_path, out);
  if (!has(target, "value") && !has(target, "averageValue"))
    out.required(target_path.child("averageValue"),
                 "must set either a target value or averageValue");
}

void validate_external(const json& source, const field_path& path, faults& out) {
  const json& target = value_of(source, "target");
  const field_path target_path = path.child("target");
  validate_identifier(value_of(source, "metric"), path.child("metric"), out);
  validate_target(target, target_path, out);
  if (!has(target, "value") && !has(target, "averageValue"))
    out.required(target_path.child("averageValue"),
                 "must set either a target value for metric or a per-pod target");
  if (has(target, "value") && has(target, "averageValue"))
    out.forbidden(target_path.child("value"),
                  "may not set both a target value for metric and a per-pod target");
}

void validate_pods(const json& source, const field_path& path, faults& out) {
  const json& target = value_of(source, "target");
  const field_path target_path = path.child("target");
  validate_identifier(value_of(source, "metric"), path.child("metric"), out);
  validate_target(target, target_path, out);
  if (!has(target, "averageValue"))
    out.required(target_path.child("averageValue"), "must specify a positive target averageValue");
}

void validate_resource(const json& source, const field_path& path, faults& out) {
  const field_path target_path = path.child("target");
  if (text_of(source, "name").empty())
    out.required(path.child("name"), "must specify a resource name");
  validate_target(value_of(source, "target"), target_path, out);
  validate_utilization(value_of(source, "target"), target_path, out);
}

void validate_container_resource(const json& source, const field_path& path, faults& out) {
  const field_path target_path = path.child("target");
  if (const auto name = text_of(source, "name"); name.empty())
    out.required(path.child("name"), "must specify a resource name");
  else
    validate_container_resource_name(name, path.child("name"), out);
  if (const auto container = text_of(source, "container"); container.empty())
    out.required(path.child("container"), "must specify a container");
  else
    out.check(path.child("container"), container, dns_label_fault(container));
  validate_target(value_of(source, "target"), target_path, out);
  validate_utilization(value_of(source, "target"), target_path, out);
}

struct metric_type {
  std::string_view type;
  const char* field;
  void (*rule)(const json& source, const field_path& path, faults& out);
};
constexpr metric_type metric_types[] = {
    {"Object", "object", validate_object},
    {"External", "external", validate_external},
    {"Pods", "pods", validate_pods},
    {"Resource", "resource", validate_resource},
    {"ContainerResource", "containerResource", validate_container_resource}};

void validate_metric(const json& metric, const field_path& path, faults& out) {
  const auto type = text_of(metric, "type");
  const char* expected = nullptr;
  int seen = 0;
  for (const auto& known : metric_types) {
    if (known.type == type) expected = known.field;
    if (const json& source = value_of(metric, known.field); source.is_object() && ++seen == 1)
      known.rule(source, path.child(known.field), out);
  }
  if (type.empty()) out.required(path.child("type"), "must specify a metric source type");
  if (!expected)
    out.not_supported(path.child("type"), type,
                      {"ContainerResource", "External", "Object", "Pods", "Resource"});
  else if (value_of(metric, expected).is_null())
    out.required(path.child(expected), "must populate information for the given metric source");
  if (seen == 1) return;
  for (const auto& known : metric_types)
    if (known.field != expected && value_of(metric, known.field).is_object())
      out.forbidden(path.child(known.field), "must populate the given metric source only");
}

void validate_policy(const json& policy, const field_path& path, faults& out) {
  constexpr std::int64_t longest = 1800;
  const auto type = text_of(policy, "type");
  const auto period = integer_of(policy, "periodSeconds");
  if (type != "Pods" && type != "Percent")
    out.not_supported(path.child("type"), type, {"Percent", "Pods"});
  if (const auto value = integer_of(policy, "value"); value <= 0)
    out.invalid(path.child("value"), value, "must be greater than zero");
  if (period <= 0) out.invalid(path.child("periodSeconds"), period, "must be greater than zero");
  if (period > longest)
    out.invalid(path.child("periodSeconds"), period, "must be less than or equal to 1800");
}

void validate_rules(const json& rules, const field_path& path, faults& out) {
  constexpr std::int64_t longest = 3600;
  if (!rules.is_object()) return;
  const json& window = value_of(rules, "stabilizationWindowSeconds");
  if (window.is_number_integer() && window < 0)
    out.invalid(path.child("stabilizationWindowSeconds"), window,
                "must be greater than or equal to zero");
  if (window.is_number_integer() && window > longest)
    out.invalid(path.child("stabilizationWindowSeconds"), window,
                "must be less than or equal to 3600");
  if (const auto select = text_of(rules, "selectPolicy");
      !select.empty() && select != "Max" && select != "Min" && select != "Disabled")
    out.not_supported(path.child("selectPolicy"), select, {"Disabled", "Max", "Min"});
  const field_path policies_path = path.child("policies");
  const auto& policies = items_of(rules, "policies");
  if (policies.empty()) out.required(policies_path, "must specify at least one Policy");
  for (std::size_t i = 0; i < policies.size(); ++i)
    validate_policy(policies[i], policies_path.index(i), out);
}

/// `least` is what minReplicas may be at least.
void validate_spec(const json& spec, std::int64_t least, faults& out) {
  const field_path path("spec");
  const json& min = value_of(spec, "minReplicas");
  const auto max = integer_of(spec, "maxReplicas");
  if (min.is_number_integer() && min < least)
    out.invalid(path.child("minReplicas"), min,
                "must be greater than or equal to " + std::to_string(least));
  if (max < 1) out.invalid(path.child("maxReplicas"), max, "must be greater than 0");
  if (min.is_number_integer() && min > max)
    out.invalid(path.child("maxReplicas"), max, "must be greater than or equal to `minReplicas`");
  validate_reference(value_of(spec, "scaleTargetRef"), path.child("scaleTargetRef"), out);
  const field_path metrics_path = path.child("metrics");
  const auto& metrics = items_of(spec, "metrics");
  bool scales_to_zero = false;
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    validate_metric(metrics[i], metrics_path.index(i), out);
    const auto type = text_of(metrics[i], "type");
    scales_to_zero |= type == "Object" || type == "External";
  }
  if (min == 0 && !scales_to_zero)
    out.forbidden(metrics_path,
                  "must specify at least one Object or External metric to support scaling to zero "
                  "replicas");
  const field_path behavior_path = path.child("behavior");
  for (const char* direction : {"scaleUp", "scaleDown"})
    validate_rules(value_of(value_of(spec, "behavior"), direction), behavior_path.child(direction),
                   out);
}

}  // namespace

void validate_horizontal_pod_autoscaler(const json& autoscaler, faults& out) {
  validate_spec(value_of(autoscaler, "spec"), 1, out);
}

void validate_horizontal_pod_autoscaler_update(const json& old, const json& autoscaler,
                                               faults& out) {
  const bool had_none = at(old, {"spec", "minReplicas"}) == 0;
  validate_spec(value_of(autoscaler, "spec"), had_none ? 0 : 1, out);
}

void validate_horizontal_pod_autoscaler_status(const json&, const json& autoscaler, faults& out) {
  static constexpr const char* counters[] = {"currentReplicas", "desiredReplicas"};
  validate_counters(value_of(autoscaler, "status"), field_path("status"), counters, out);
}

}  // namespace troupe::model
