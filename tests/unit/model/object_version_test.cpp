// floors: model
#include "model/json_writer.hpp"
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
      EXPECT_EQ(got->places(), places_of(got->bytes()));
    }
  }
}

TEST(TextPlaces, AreKnownFromTheEncoding) {
  const json documents[] = {
      json::object(),
      {{"data", {{"spec", "s"}}}, {"spec", {{"status", {{"a", 1}}}}}},
      {{"metadata", {{"annotations", {{"spec", "}]\"{["}}}, {"zone", "z"}}}, {"status", 3}},
      {{"spec", json::array({1, "}"})}, {"status", json::object()}, {"zone", "z"}},
  };
  for (const auto& extra : documents) {
    const auto o = sealed(extra, 7);
    EXPECT_EQ(o->places(), places_of(o->bytes())) << o->bytes();
    const auto whole = o->parse();
    const auto text = [&](const char* key) {
      return whole.contains(key) ? dump(whole[key]) : std::string();
    };
    EXPECT_EQ(o->text_of(part::metadata), text("metadata"));
    EXPECT_EQ(o->text_of(part::spec), text("spec"));
    EXPECT_EQ(o->text_of(part::status), text("status"));
  }
  EXPECT_EQ(object({}, "no object").text_of(part::spec), "");
}

}  // namespace
}  // namespace troupe::model
