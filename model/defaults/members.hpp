#pragma once

#include "model/json.hpp"

namespace troupe::model {

/// The value of a member, or null.
inline json* member(json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

/// The object of a member, made when there is none; null when there is something else.
inline json* object_member(json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  json& value = object[name];
  if (value.is_null()) value = json::object();
  return value.is_object() ? &value : nullptr;
}

/// Sets a member that is missing.
inline void set_missing(json& object, const char* name, json value) {
  object.get_ref<json::object_t&>().try_emplace(name, std::move(value));
}

template <class Function>
void each_object(json& owner, const char* list, Function&& f) {
  json* items = member(owner, list);
  if (!items || !items->is_array()) return;
  for (json& item : *items)
    if (item.is_object()) f(item);
}

}  // namespace troupe::model
