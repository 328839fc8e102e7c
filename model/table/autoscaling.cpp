// Tables of autoscalers.

#include "model/table/columns.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr std::size_t shown_metrics = 2;

std::string quantity_text(const json& q) {
  return q.is_null() ? "<nil>" : q.is_string() ? q.get<std::string>() : q.dump();
}

std::string percent(const json& value, const char* missing) {
  return value.is_number_integer() ? value.dump() + "%" : missing;
}

// Metrics of one value, which may be an average: "10/20", "10/20 (avg)".
std::string of_value(const json& target, const json& status, bool averaged_only) {
  const json& average = at(target, {"averageValue"});
  const char* field = averaged_only || !average.is_null() ? "averageValue" : "value";
  const json& current = at(status, {"current", field});
  const std::string now = current.is_null() ? "<unknown>" : quantity_text(current);
  const char* mark = !averaged_only && !average.is_null() ? " (avg)" : "";
  return now + "/" + quantity_text(at(target, {field})) + mark;
}

// Metrics of a resource: "cpu: 10%/80%", "memory: 1Gi/2Gi".
std::string of_resource(const json& spec, const json& status) {
  const json& target = at(spec, {"target"});
  const std::string name = string_at(spec, {"name"}) + ": ";
  if (const json& average = at(target, {"averageValue"}); !average.is_null())
    return name +
           (status.is_null() ? "<unknown>"
                             : quantity_text(at(status, {"current", "averageValue"}))) +
           "/" + quantity_text(average);
  return name + percent(at(status, {"current", "averageUtilization"}), "<unknown>") + "/" +
         percent(at(target, {"averageUtilization"}), "<auto>");
}

std::string metric_text(const json& spec, const json& status) {
  const std::string type = string_at(spec, {"type"});
  for (const auto& [name, field] : {std::pair{"External", "external"}, {"Object", "object"}})
    if (type == name) return of_value(at(spec, {field, "target"}), at(status, {field}), false);
  if (type == "Pods") return of_value(at(spec, {"pods", "target"}), at(status, {"pods"}), true);
  if (type == "Resource") return of_resource(at(spec, {"resource"}), at(status, {"resource"}));
  if (type == "ContainerResource")
    return of_resource(at(spec, {"containerResource"}), at(status, {"containerResource"}));
  return "<unknown type>";
}

json targets(const json& o) {
  static const json unknown;
  const json& specs = at(o, {"spec", "metrics"});
  const json& statuses = at(o, {"status", "currentMetrics"});
  if (count_of(specs) == 0) return "<none>";
  std::string out;
  for (std::size_t i = 0; i < std::min(specs.size(), shown_metrics); ++i)
    out +=
        (i > 0 ? ", " : "") + metric_text(specs[i], i < count_of(statuses) ? statuses[i] : unknown);
  if (specs.size() > shown_metrics)
    out += " + " + std::to_string(specs.size() - shown_metrics) + " more...";
  return out;
}

json reference(const json& o) {
  const json& target = at(o, {"spec", "scaleTargetRef"});
  return string_at(target, {"kind"}) + "/" + string_at(target, {"name"});
}

}  // namespace

std::span<const printer> autoscaling_printers() {
  static const printer all[] = {
      {"horizontalpodautoscalers.autoscaling",
       {name_column(), made_column("Reference", "What it scales", reference),
        made_column("Targets", "Its metrics: measured/wanted", targets),
        text_column("MinPods", "The fewest pods it may set", "spec.minReplicas", "<unset>"),
        number_column("MaxPods", "The most pods it may set", "spec.maxReplicas", "string"),
        number_column("Replicas", "How many pods there are", "status.currentReplicas", "string"),
        age_column()}},
      {"scale",
       {{{"Name", "string", "", "Name of what is scaled"},
         [](const json& o, time_point) -> json { return name_of(o); }},
        number_column("Desired", "How many pods are wanted", "spec.replicas"),
        number_column("Available", "How many pods there are", "status.replicas"),
        age_column()}}};
  return all;
}

}  // namespace troupe::model
