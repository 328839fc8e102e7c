#include "model/validation/int_or_percent.hpp"

#include "model/go_text.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::model {
namespace {

bool is_percent(std::string_view text) {
  return text.size() > 1 && text.back() == '%' &&
         std::all_of(text.begin(), text.end() - 1, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

void validate_int_or_percent(const json& value, const field_path& path, faults& out) {
  if (value.is_number_integer()) return out.nonnegative(path, value);
  if (value.is_string() && !is_percent(as_text(value)))
    out.invalid(path, go_int_or_string(value),
                "a valid percent string must be a numeric string followed by an ending '%' (e.g. "
                "'1%',  or '93%', regex used for validation is '[0-9]+%')");
}

void validate_at_most_all(const json& value, const field_path& path, faults& out) {
  if (value.is_string() && is_percent(as_text(value)) && number_or_percent(value) > 100)
    out.invalid(path, go_int_or_string(value), "must not be greater than 100%");
}

std::int64_t number_or_percent(const json& value) {
  if (value.is_number_integer()) return value.get<std::int64_t>();
  const auto text = as_text(value);
  std::int64_t number = 0;
  if (is_percent(text)) std::from_chars(text.data(), text.data() + text.size() - 1, number);
  return number;
}

std::int64_t scaled_value(const json& value, std::int64_t total, bool round_up) {
  const std::int64_t number = number_or_percent(value);
  return value.is_string() ? (number * total + (round_up ? 99 : 0)) / 100 : number;
}

}  // namespace troupe::model
