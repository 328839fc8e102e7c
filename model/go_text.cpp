#include "model/go_text.hpp"

#include "model/validation/path.hpp"

namespace troupe::model {
namespace {

std::string quoted(const json& text) {
  return text.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string requirement_text(const json& requirement) {
  return R"(v1.LabelSelectorRequirement{Key:)" + quoted(json(text_of(requirement, "key"))) +
         ", Operator:" + quoted(json(text_of(requirement, "operator"))) +
         ", Values:" + go_strings(value_of(requirement, "values")).text + "}";
}

}  // namespace

go_text go_string_map(const json& map) {
  if (!map.is_object()) return {"map[string]string(nil)"};
  std::string out = "map[string]string{";
  for (const auto& [key, value] : map.items()) {
    if (out.back() != '{') out += ", ";
    out += quoted(json(key)) + ":" + quoted(value);
  }
  return {out + "}"};
}

go_text go_list(const char* type, const json& list) {
  std::string out = "[]" + std::string(type);
  if (!list.is_array()) return {out + "(nil)"};
  out += '{';
  for (const json& item : list) {
    if (&item != &list.front()) out += ", ";
    out += quoted(item);
  }
  return {out + "}"};
}

go_text go_strings(const json& list) {
  return go_list("string", list);
}

go_text go_label_selector(const json& selector) {
  const json& expressions = value_of(selector, "matchExpressions");
  std::string list = "[]v1.LabelSelectorRequirement";
  if (expressions.is_array()) {
    list += '{';
    for (const json& e : expressions) {
      if (&e != &expressions.front()) list += ", ";
      list += requirement_text(e);
    }
    list += '}';
  } else {
    list += "(nil)";
  }
  return {"v1.LabelSelector{MatchLabels:" + go_string_map(value_of(selector, "matchLabels")).text +
          ", MatchExpressions:" + list + "}"};
}

go_text go_int_or_string(const json& value) {
  if (value.is_number_integer())
    return {"intstr.IntOrString{Type:0, IntVal:" + value.dump() + ", StrVal:\"\"}"};
  return {"intstr.IntOrString{Type:1, IntVal:0, StrVal:" + quoted(json(as_text(value))) + "}"};
}

std::string go_value(const json& value) {
  if (value.is_null()) return "<nil>";
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_structured()) return value.dump();
  std::string out = value.is_array() ? "[" : "map[";
  const std::size_t opened = out.size();
  for (const auto& [key, v] : value.items()) {
    if (out.size() > opened) out += ' ';
    if (value.is_object()) out.append(key).append(":");
    out += go_value(v);
  }
  return out + "]";
}

std::string_view go_type(const json& value) {
  if (value.is_string()) return "string";
  if (value.is_boolean()) return "bool";
  if (value.is_number_float()) return "float64";
  if (value.is_number()) return "int64";
  return value.is_array() ? "[]interface {}" : "map[string]interface {}";
}

}  // namespace troupe::model
