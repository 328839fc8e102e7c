#pragma once

#include "model/json.hpp"

#include <cstdint>
#include <string_view>

namespace troupe::model {

// The members of decoded documents. To readers a missing one is empty, as is what has another type.

/// The value of a member, or null (the pointer) where there is none. The library's find() takes
/// twice as long, for iterators that know what they go over.
const json* find_member(const json& object, std::string_view name);
/// A string, or "" when the value is none.
std::string_view as_text(const json& value);
/// The string of a member, or "".
std::string_view text_of(const json& object, std::string_view name);
/// The array of a member, or an empty one.
const json::array_t& items_of(const json& object, std::string_view name);
/// The object of a member, or an empty one.
const json::object_t& members_of(const json& object, std::string_view name);
/// The value of a member, or null.
const json& value_of(const json& object, std::string_view name);
/// The integer of a member, or `otherwise`.
std::int64_t integer_of(const json& object, std::string_view name, std::int64_t otherwise = 0);

/// The member of an object, made when it is missing; null becomes an object. What operator[] gives,
/// without a string for a key that is there.
json& member_of(json& object, std::string_view key);

}  // namespace troupe::model
