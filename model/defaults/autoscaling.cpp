#include "model/defaults/kinds.hpp"
#include "model/defaults/members.hpp"

namespace troupe::model {
namespace {

json policy(const char* type, int value) {
  return {{"type", type}, {"value", value}, {"periodSeconds", 15}};
}

}  // namespace

void default_horizontal_pod_autoscaler(json& autoscaler) {
  json* spec = member(autoscaler, "spec");
  if (!spec || !spec->is_object()) return;
  set_missing(*spec, "minReplicas", 1);
  if (string_at(autoscaler, {"apiVersion"}) == "autoscaling/v1") return;
  json& metrics = (*spec)["metrics"];
  if (metrics.empty())
    metrics = {
        {{"type", "Resource"},
         {"resource",
          {{"name", "cpu"}, {"target", {{"type", "Utilization"}, {"averageUtilization", 80}}}}}}};
  json* behavior = member(*spec, "behavior");
  if (!behavior || !behavior->is_object()) return;
  if (json* up = object_member(*behavior, "scaleUp")) {
    set_missing(*up, "stabilizationWindowSeconds", 0);
    set_missing(*up, "selectPolicy", "Max");
    set_missing(*up, "policies", {policy("Pods", 4), policy("Percent", 100)});
  }
  if (json* down = object_member(*behavior, "scaleDown")) {
    set_missing(*down, "selectPolicy", "Max");
    set_missing(*down, "policies", json::array({policy("Percent", 100)}));
  }
}

void default_limit_range(json& range) {
  json* spec = member(range, "spec");
  if (!spec) return;
  const auto fill = [](json& limit, const char* list, const char* from) {
    const json& values = at(limit, {from});
    if (values.empty()) return;
    json* to = object_member(limit, list);
    if (to) to->insert(values.begin(), values.end());  // what is there stays
  };
  each_object(*spec, "limits", [&](json& limit) {
    if (at(limit, {"type"}) != "Container") return;
    fill(limit, "default", "max");
    fill(limit, "defaultRequest", "default");
    fill(limit, "defaultRequest", "min");
  });
}

}  // namespace troupe::model
