#include "model/scale.hpp"

#include <algorithm>
#include <utility>

namespace troupe::model {
namespace {

std::string join(const json& values) {
  std::vector<std::string> sorted;
  if (values.is_array())
    for (const json& value : values)
      if (value.is_string()) sorted.push_back(value.get<std::string>());
  std::ranges::sort(sorted);
  std::string out;
  for (const auto& value : sorted) out += (out.empty() ? "" : ",") + value;
  return out;
}

std::string expression_text(const std::string& key, const json& expression) {
  const std::string op = string_at(expression, {"operator"});
  if (op == "Exists") return key;
  if (op == "DoesNotExist") return "!" + key;
  return key + (op == "In" ? " in (" : " notin (") + join(at(expression, {"values"})) + ")";
}

std::int64_t count_at(const json& workload, std::initializer_list<std::string_view> path) {
  const json& count = at(workload, path);
  return count.is_number_integer() ? count.get<std::int64_t>() : 0;
}

}  // namespace

std::string selector_text(const json& selector) {
  if (!selector.is_object()) return {};
  const bool structured = selector.contains("matchLabels") || selector.contains("matchExpressions");
  std::vector<std::pair<std::string, std::string>> terms;
  const json& labels = structured ? at(selector, {"matchLabels"}) : selector;
  if (labels.is_object())
    for (const auto& [key, value] : labels.items())
      if (value.is_string()) terms.emplace_back(key, key + "=" + value.get<std::string>());
  if (const json& expressions = at(selector, {"matchExpressions"});
      structured && expressions.is_array())
    for (const json& e : expressions) {
      const std::string key = string_at(e, {"key"});
      terms.emplace_back(key, expression_text(key, e));
    }
  std::ranges::stable_sort(terms, {}, &std::pair<std::string, std::string>::first);
  std::string out;
  for (const auto& [key, text] : terms) out += (out.empty() ? "" : ",") + text;
  return out;
}

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
