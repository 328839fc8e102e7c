#include "model/field_place.hpp"

#include "model/json_read.hpp"

#include <algorithm>
#include <array>

namespace troupe::model {
namespace {

std::string scalar_text(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

field_form field_place::form() const {
  if (field && field->atomic) return field_form::leaf;
  switch (kind) {
    case field_kind::object:
      return type && !type->atomic ? field_form::structure : field_form::leaf;
    case field_kind::string_map:
      return field ? field_form::map : field_form::leaf;
    case field_kind::array:
      if (!field || field->list == list_type::atomic) return field_form::leaf;
      if (field->list == list_type::set) return field_form::set_list;
      return field->map_keys.empty() ? field_form::leaf : field_form::keyed_list;
    default:
      return field_form::leaf;
  }
}

field_form field_place::form_of(const json& value) const {
  if (!value.is_structured()) return field_form::leaf;
  const field_form f = form();
  const bool list = f == field_form::keyed_list || f == field_form::set_list;
  return f != field_form::leaf && value.is_array() != list ? field_form::leaf : f;
}

field_place field_place::item() const {
  if (kind == field_kind::array && field->list == list_type::set) return {};
  return field->nesting > 0 ? field_place{} : field_place{field->item, field->type, nullptr};
}

bool is_always_there(std::string_view field) {
  static constexpr std::array<std::string_view, 14> names = {
      "containers",     "daemonEndpoints", "jobTemplate", "kubeletEndpoint",
      "loadBalancer",   "metadata",        "nodeInfo",    "roleRef",
      "spec",           "status",          "strategy",    "template",
      "updateStrategy", "webhooks"};
  return std::binary_search(names.begin(), names.end(), field, key_order());
}

bool is_of_nobody(std::string_view metadata_field) {
  static constexpr std::array<std::string_view, 8> names = {
      "creationTimestamp", "generation",      "managedFields", "name",
      "namespace",         "resourceVersion", "selfLink",      "uid"};
  return std::binary_search(names.begin(), names.end(), metadata_field, key_order());
}

std::string field_element(std::string_view name) {
  std::string out;
  out.reserve(name.size() + 2);
  return out.append("f:").append(name);
}

std::string item_element(const json& item, const field_place& list) {
  const field_info& f = *list.field;
  if (f.list == list_type::set) return "v:" + scalar_text(item);
  if (f.map_keys.size() == 1) {
    std::string out = "k:{\"";
    out.append(f.map_keys[0]).append("\":");
    return out.append(scalar_text(at(item, {f.map_keys[0]}))).append("}");
  }
  json identity = json::object();
  for (std::string_view key : f.map_keys) {
    const json& v = at(item, {key});
    const field_info* by_default = v.is_null() && f.type ? f.type->field(key) : nullptr;
    if (!v.is_null()) {
      identity[std::string(key)] = v;
    } else if (by_default && !by_default->default_value.empty()) {
      identity[std::string(key)] = json::parse(by_default->default_value);
    }
  }
  return "k:" + scalar_text(identity);
}

std::string readable_element(std::string_view element) {
  const std::string_view rest = element.substr(std::min<std::size_t>(2, element.size()));
  if (element.starts_with("v:")) return "[=" + std::string(rest) + "]";
  if (!element.starts_with("k:")) return "." + std::string(rest);
  const json keys = read_json(rest);
  std::string out = "[";
  for (const auto& [name, value] : keys.items()) {
    if (out.size() > 1) out += ',';
    out.append(name).append("=").append(scalar_text(value));
  }
  return out + "]";
}

}  // namespace troupe::model
