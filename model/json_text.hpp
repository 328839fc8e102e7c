#pragma once

#include "model/json.hpp"

#include <cstddef>
#include <initializer_list>
#include <string_view>

namespace troupe::model {

// A walk over canonical JSON text (no white space, known to be well-formed, as an object's bytes
// are): finds a part without parsing the whole.

/// The index after the string that starts at `i`.
std::size_t end_of_string(std::string_view t, std::size_t i);
/// The index after the value that starts at `i`.
std::size_t end_of_value(std::string_view t, std::size_t i);

/// A member of an object, as indices into its text.
struct text_member {
  std::string_view key;  ///< as written, escapes included
  std::size_t begin;     ///< of the key's quote
  std::size_t value;
  std::size_t end;
};

/// Calls `visit` with each member of the object that starts at `i` until it returns false.
template <class Visit>
void each_member(std::string_view t, std::size_t i, Visit visit) {
  for (++i; i < t.size() && t[i] == '"';) {
    const std::size_t key_end = end_of_string(t, i);
    const std::size_t end = end_of_value(t, key_end + 1);
    if (!visit(text_member{t.substr(i + 1, key_end - i - 2), i, key_end + 1, end})) return;
    i = end + 1;  // past the comma
  }
}

/// Calls `visit` with the text of each item of the array that starts at `i`.
template <class Visit>
void each_item(std::string_view t, std::size_t i, Visit visit) {
  for (++i; i < t.size() && t[i] != ']';) {
    const std::size_t end = end_of_value(t, i);
    visit(t.substr(i, end - i));
    i = end + 1;  // past the comma
  }
}

/// The text of a member's value, or "" when the object has no such member.
std::string_view member_text(std::string_view object, std::string_view key);

/// A string's text without its quotes, escapes as written; any other value as it is.
std::string_view unquoted(std::string_view value);

/// Whether `part`, a name in its quotes say, stands anywhere in the text: a quick "no" before a
/// walk. (std::string::find stops at each quote of the text: ten times slower.)
bool mentions(std::string_view text, std::string_view part);

/// The text up to where `part` stands first; all of it where it does not.
std::string_view before_mention(std::string_view text, std::string_view part);

/// An object of those members only that are named; empty when the text is no object's.
json member_values(std::string_view object, std::initializer_list<std::string_view> keys);

}  // namespace troupe::model
