#pragma once

#include "model/members.hpp"

namespace troupe::model {

/// The value of a member, or null.
inline json* member(json& object, std::string_view name) {
  return const_cast<json*>(find_member(object, name));
}

/// The object of a member, made when there is none; null when there is something else.
inline json* object_member(json& object, std::string_view name) {
  if (!object.is_object()) return nullptr;
  json& value = member_of(object, name);
  if (value.is_null()) value = json::object();
  return value.is_object() ? &value : nullptr;
}

/// Sets a member that is missing.
inline void set_missing(json& object, std::string_view name, json value) {
  object.get_ref<json::object_t&>().try_emplace(std::string(name), std::move(value));
}

template <class Function>
void each_object(json& owner, std::string_view list, Function&& f) {
  json* items = member(owner, list);
  if (!items || !items->is_array()) return;
  for (json& item : *items)
    if (item.is_object()) f(item);
}

}  // namespace troupe::model
