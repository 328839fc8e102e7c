#include "model/validation/path.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

/// A value as Go's %q and %v print it; field.Error makes the text "null" of nil.
std::string printed(const json& value) {
  if (value.is_string()) return value.dump(-1, ' ', false, json::error_handler_t::replace);
  return value.is_null() ? "\"null\"" : value.dump();
}

}  // namespace

std::string field_path::text() const {
  std::string out = up_ ? up_->text() : std::string();
  switch (kind_) {
    case kind::index:
      return out += "[" + std::to_string(index_) + "]";
    case kind::key:
      return out.append("[").append(name_).append("]");
    case kind::member:
      break;
  }
  if (!out.empty()) out += '.';
  return out.append(name_);
}

void faults::add(const field_path& path, std::string_view reason, std::string message) {
  causes_.push_back({std::string(reason), std::move(message), path.text()});
}

void faults::required(const field_path& path, std::string_view detail) {
  std::string message = "Required value";
  if (!detail.empty()) message.append(": ").append(detail);
  add(path, "FieldValueRequired", std::move(message));
}

void faults::invalid(const field_path& path, const json& value, std::string_view detail) {
  add(path, "FieldValueInvalid", "Invalid value: " + printed(value) + ": " + std::string(detail));
}

void faults::invalid(const field_path& path, const go_text& value, std::string_view detail) {
  add(path, "FieldValueInvalid", "Invalid value: " + value.text + ": " + std::string(detail));
}

void faults::invalid(const field_path& path, std::string_view detail) {
  add(path, "FieldValueInvalid", "Invalid value: " + std::string(detail));
}

void faults::add_each(const field_path& path, std::string_view value, std::string_view joined) {
  constexpr std::string_view between = "; ";
  while (!joined.empty()) {
    const auto end = std::min(joined.find(between), joined.size());
    invalid(path, json(value), joined.substr(0, end));
    joined.remove_prefix(std::min(end + between.size(), joined.size()));
  }
}

void faults::nonnegative(const field_path& path, const json& value) {
  if (value.is_number_integer() && value.get<std::int64_t>() < 0)
    invalid(path, value, "must be greater than or equal to 0");
}

void faults::not_supported(const field_path& path, std::string_view value,
                           std::span<const std::string_view> supported) {
  not_supported(path, go_text{in_quotes(value)}, supported);
}

void faults::not_supported(const field_path& path, const go_text& value,
                           std::span<const std::string_view> supported) {
  std::string message = "Unsupported value: " + value.text;
  if (!supported.empty()) message += ": supported values: ";
  for (const auto& one : supported) {
    if (&one != &supported.front()) message += ", ";
    message += in_quotes(one);
  }
  add(path, "FieldValueNotSupported", std::move(message));
}

void faults::duplicate(const field_path& path, std::string_view value) {
  add(path, "FieldValueDuplicate", "Duplicate value: " + in_quotes(value));
}

void faults::duplicate(const field_path& path, const go_text& value, std::string_view detail) {
  std::string message = "Duplicate value: " + value.text;
  if (!detail.empty()) message.append(": ").append(detail);
  add(path, "FieldValueDuplicate", std::move(message));
}

void faults::duplicate_number(const field_path& path, std::int64_t value) {
  add(path, "FieldValueDuplicate", "Duplicate value: " + std::to_string(value));
}

void faults::not_found(const field_path& path, std::string_view value, std::string_view detail) {
  std::string message = "Not found: " + in_quotes(value);
  if (!detail.empty()) message.append(": ").append(detail);
  add(path, "FieldValueNotFound", std::move(message));
}

void faults::forbidden(const field_path& path, std::string_view detail) {
  add(path, "FieldValueForbidden", "Forbidden: " + std::string(detail));
}

void faults::too_long(const field_path& path, std::size_t most_bytes) {
  add(path, "FieldValueTooLong",
      "Too long: may not be more than " + std::to_string(most_bytes) + " bytes");
}

void faults::too_many(const field_path& path, std::size_t actual, std::size_t most) {
  add(path, "FieldValueTooMany",
      "Too many: " + std::to_string(actual) + ": must have at most " + std::to_string(most) +
          (most == 1 ? " item" : " items"));
}

}  // namespace troupe::model
