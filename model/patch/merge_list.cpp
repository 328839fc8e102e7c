#include "model/patch/merge_list.hpp"

#include "model/members.hpp"

namespace troupe::model {

shape shape::member(std::string_view name) const {
  if (values) return {values, nullptr};
  const field_info* f = field(name);
  if (!f) return {};
  if (f->kind == field_kind::string_map) return {nullptr, f->type};
  return {f->type, nullptr};
}

std::string_view merge_key(const field_info* field) {
  if (!merges(field) || field->item != field_kind::object || field->map_keys.empty()) return {};
  return field->map_keys.front();
}

std::string identity(const json& item, std::string_view key) {
  const json& value = key.empty() ? item : at(item, {key});
  if (!key.empty() && value.is_null()) return {};
  // As good as its JSON, which nothing but a text begins with a quote.
  if (const auto text = as_text(value); value.is_string()) return '"' + std::string(text);
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

positions positions_of(const json& list, std::string_view key) {
  positions out;
  if (!list.is_array()) return out;
  out.reserve(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) out.emplace(identity(list[i], key), i);
  return out;
}

}  // namespace troupe::model
