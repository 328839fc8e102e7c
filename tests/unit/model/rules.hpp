#pragma once

// What the tables of validation rules have in common: a valid object, one change, all its faults.

#include "tests/unit/judged.hpp"

namespace troupe::model::rules {

/// One change of a valid object and what the faults begin with. The value "-" takes the member out.
struct change {
  const char* pointer;
  const char* value;
  std::vector<std::string> faults;
};

inline json changed(json object, const change& c) {
  const json::json_pointer pointer(c.pointer);
  if (std::string_view(c.value) == "-")
    object[pointer.parent_pointer()].erase(pointer.back());
  else
    object[pointer] = json::parse(c.value);
  return object;
}

template <class Judge>
void expect_faults(const json& valid, const std::vector<change>& table, Judge&& judge) {
  for (const change& c : table) {
    std::vector<::testing::Matcher<std::string>> expected;
    for (const auto& fault : c.faults) expected.emplace_back(::testing::StartsWith(fault));
    EXPECT_THAT(judge(changed(valid, c)), ::testing::ElementsAreArray(expected))
        << c.pointer << " = " << c.value;
  }
}

inline void expect_create_faults(const char* resource, const json& valid,
                                 const std::vector<change>& table) {
  EXPECT_THAT(create(resource, valid), ::testing::IsEmpty());
  expect_faults(valid, table, [&](const json& object) { return create(resource, object); });
}

inline void expect_update_faults(const char* resource, const json& valid,
                                 const std::vector<change>& table) {
  EXPECT_THAT(update(resource, valid, valid), ::testing::IsEmpty());
  expect_faults(valid, table, [&](const json& object) { return update(resource, valid, object); });
}

inline void expect_status_faults(const char* resource, const json& valid,
                                 const std::vector<change>& table) {
  EXPECT_THAT(update_status(resource, valid, valid), ::testing::IsEmpty());
  expect_faults(valid, table,
                [&](const json& object) { return update_status(resource, valid, object); });
}

}  // namespace troupe::model::rules
