#pragma once

// A valid document, and a table of what is wrong with it when one place of it is something else.

#include "tests/unit/judged.hpp"

#include <span>

namespace troupe::model {

/// A place in a document (a JSON pointer), what stands there, and the fault that begins so.
struct change {
  const char* at;
  const char* value;
  const char* fault;
};

inline json changed(json document, const change& c) {
  document[json::json_pointer(c.at)] = json::parse(c.value);
  return document;
}

/// The document is valid, and each change is refused with its fault.
inline void expect_rules(const char* resource, const json& valid, std::span<const change> refused) {
  EXPECT_THAT(create(resource, valid), ::testing::IsEmpty());
  for (const change& c : refused)
    EXPECT_THAT(create(resource, changed(valid, c)),
                ::testing::Contains(::testing::StartsWith(c.fault)))
        << c.at << " = " << c.value;
}

/// An update that changes nothing is valid, and each change is refused with its fault.
inline void expect_update_rules(const char* resource, const json& old,
                                std::span<const change> refused) {
  EXPECT_THAT(update(resource, old, old), ::testing::IsEmpty());
  for (const change& c : refused)
    EXPECT_THAT(update(resource, old, changed(old, c)),
                ::testing::Contains(::testing::StartsWith(c.fault)))
        << c.at << " = " << c.value;
}

}  // namespace troupe::model
