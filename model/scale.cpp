#include "model/scale.hpp"

#include "model/selector_text.hpp"

#include <utility>

namespace troupe::model {
namespace {

std::int64_t count_at(const json& workload, std::initializer_list<std::string_view> path) {
  const json& count = at(workload, path);
  return count.is_number_integer() ? count.get<std::int64_t>() : 0;
}

}  // namespace

json scale_of(const json& workload) {
  json metadata = json::object();
  for (const char* key : {"name", "namespace", "uid", "resourceVersion", "creationTimestamp"})
    if (const json& value = at(workload, {"metadata", key}); !value.is_null())
      metadata[key] = value;
  json spec = json::object();
  if (const auto wanted = count_at(workload, {"spec", "replicas"}); wanted != 0)
    spec["replicas"] = wanted;
  json status = {{"replicas", count_at(workload, {"status", "replicas"})}};
  if (std::string text = selector_text(at(workload, {"spec", "selector"})); !text.empty())
    status["selector"] = std::move(text);
  return {{"kind", "Scale"},
          {"apiVersion", "autoscaling/v1"},
          {"metadata", std::move(metadata)},
          {"spec", std::move(spec)},
          {"status", std::move(status)}};
}

void apply_scale(json& workload, const json& scale) {
  workload["spec"]["replicas"] = count_at(scale, {"spec", "replicas"});
}

std::vector<cause> validate_scale(const json& scale) {
  faults out;
  const json& wanted = at(scale, {"spec", "replicas"});
  if (wanted.is_number_integer() && wanted.get<std::int64_t>() < 0)
    out.invalid(field_path("spec").child("replicas"), wanted, "must be greater than or equal to 0");
  return out.take();
}

}  // namespace troupe::model
