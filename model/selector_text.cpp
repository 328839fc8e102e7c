#include "model/selector_text.hpp"

#include <algorithm>
#include <utility>
#include <vector>

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

}  // namespace troupe::model
