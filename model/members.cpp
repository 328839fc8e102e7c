#include "model/members.hpp"

namespace troupe::model {
namespace {

const json& null_value() {
  static const json null;
  return null;
}

}  // namespace

const json* find_member(const json& object, std::string_view name) {
  const auto* members = object.get_ptr<const json::object_t*>();
  if (!members) return nullptr;
  const auto found = members->find(key_prefix(name));
  return found == members->end() ? nullptr : &found->second;
}

const json& value_of(const json& object, std::string_view name) {
  const json* found = find_member(object, name);
  return found ? *found : null_value();
}

std::string_view as_text(const json& value) {
  return value.is_string() ? std::string_view(value.get_ref<const std::string&>())
                           : std::string_view();
}

std::string_view text_of(const json& object, std::string_view name) {
  return as_text(value_of(object, name));
}

std::int64_t integer_of(const json& object, std::string_view name, std::int64_t otherwise) {
  const json& value = value_of(object, name);
  return value.is_number_integer() ? value.get<std::int64_t>() : otherwise;
}

const json::array_t& items_of(const json& object, std::string_view name) {
  static const json::array_t none;
  const json& value = value_of(object, name);
  return value.is_array() ? value.get_ref<const json::array_t&>() : none;
}

const json::object_t& members_of(const json& object, std::string_view name) {
  static const json::object_t none;
  const json& value = value_of(object, name);
  return value.is_object() ? value.get_ref<const json::object_t&>() : none;
}

json& member_of(json& object, std::string_view key) {
  if (object.is_null()) object = json::object();
  auto& members = object.get_ref<json::object_t&>();
  auto place = members.lower_bound(key_prefix(key));
  if (place == members.end() || place->first != key)
    place = members.emplace_hint(place, key, nullptr);
  return place->second;
}

}  // namespace troupe::model
