#pragma once

// What the tests of kinds' rules ask: what is wrong with a document, in "field: message" lines.

#include "model/defaults/defaults.hpp"
#include "model/validation/structural.hpp"
#include "model/validation/validate.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace troupe::model {

using lines_of = std::vector<std::string>;

inline const kind_info& kind(const char* resource) {
  const kind_info* found = schema::instance().by_resource(resource);
  EXPECT_NE(found, nullptr) << resource;
  return *found;
}

/// As the API does before it validates.
inline json prepared(const char* resource, json document) {
  const auto decoded = decode_fields(kind(resource), document);
  EXPECT_TRUE(decoded) << decoded.error;
  EXPECT_THAT(decoded.strict, ::testing::IsEmpty());
  apply_defaults(kind(resource), document);
  return document;
}

/// "field: message" of each fault, whose reason has to be the one that its message begins with.
inline lines_of lines(const std::vector<cause>& causes) {
  static const std::pair<const char*, const char*> reasons[] = {
      {"Required value", "FieldValueRequired"},
      {"Invalid value", "FieldValueInvalid"},
      {"Unsupported value", "FieldValueNotSupported"},
      {"Duplicate value", "FieldValueDuplicate"},
      {"Not found", "FieldValueNotFound"},
      {"Forbidden", "FieldValueForbidden"},
      {"Too long", "FieldValueTooLong"},
      {"Too many", "FieldValueTooMany"}};
  lines_of out;
  for (const cause& c : causes) {
    out.push_back(c.field + ": " + c.message);
    for (const auto& [begin, reason] : reasons) {
      if (c.message.starts_with(begin)) {
        EXPECT_EQ(c.reason, reason);
      }
    }
  }
  return out;
}

inline lines_of create(const char* resource, const json& document) {
  return lines(validate_create(kind(resource), prepared(resource, document)));
}
inline lines_of update(const char* resource, const json& old, const json& document) {
  return lines(
      validate_update(kind(resource), prepared(resource, old), prepared(resource, document)));
}
inline lines_of update_status(const char* resource, const json& old, const json& document) {
  return lines(validate_status_update(kind(resource), prepared(resource, old),
                                      prepared(resource, document)));
}

}  // namespace troupe::model
