#include "model/go_value.hpp"

namespace troupe::model {

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
