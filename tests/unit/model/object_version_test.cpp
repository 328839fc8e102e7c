// floors: model
#include "model/object.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

object_ptr sealed(json extra, std::uint64_t version) {
  json document = {{"apiVersion", "v1"}, {"kind", "X"}, {"metadata", {{"name", "a"}}}};
  document.merge_patch(extra);
  return seal(encode("xs", document), version);
}

TEST(ObjectVersion, ReplacesTheVersionOfTheObjectAndNoOther) {
  const json documents[] = {
      json::object(),
      {{"involvedObject", {{"resourceVersion", "7"}, {"metadata", {{"resourceVersion", "7"}}}}}},
      {{"data", {{"a", "\"metadata\":{\"resourceVersion\":\"7\"}\\"}, {"b", {1, 2, {{"c", 3}}}}}}},
      {{"metadata", {{"annotations", {{"resourceVersion", "7"}, {"x", "}]\"{["}}}, {"uid", "u"}}}},
      {{"items", json::array({json{{"metadata", {{"resourceVersion", "7"}}}}, 4, "s", nullptr})}},
  };
  for (const auto& extra : documents) {
    for (const auto& [from, to] : {std::pair{7u, 1234567u}, {7777777u, 8u}}) {
      const auto got = with_version(*sealed(extra, from), to);
      EXPECT_EQ(got->bytes(), sealed(extra, to)->bytes());
      EXPECT_EQ(got->version(), to);
    }
  }
}

}  // namespace
}  // namespace troupe::model
