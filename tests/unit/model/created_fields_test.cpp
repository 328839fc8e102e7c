// floors: model
#include "model/created_fields.hpp"

#include "model/json_writer.hpp"

#include <gtest/gtest.h>

#include <random>

namespace troupe::model {
namespace {

const time_point now = *from_rfc3339("2024-05-01T10:00:00Z");

/// What update_managed_fields() says of the same object.
std::string expected(json object, const kind_info& kind) {
  update_managed_fields(object, nullptr, {"tester"}, now, kind);
  const json& fields = at(object, {"metadata", "managedFields"});
  return fields.is_null() ? std::string() : dump(fields);
}

/// Objects of a kind's type, with all that a client may send: lists that repeat keys, nulls, empty
/// objects and lists, values of another type than the field has.
class object_maker {
 public:
  explicit object_maker(unsigned seed) : random_(seed) {}

  json make(const kind_info& kind) {
    json object = structure(*kind.type, 0);
    object["apiVersion"] = kind.api_version();
    object["kind"] = kind.kind;
    json& metadata = object["metadata"];
    if (!metadata.is_object()) metadata = json::object();
    if (!one_in(20)) metadata["name"] = "made";
    return object;
  }

 private:
  bool one_in(int n) { return random_() % static_cast<unsigned>(n) == 0; }

  json scalar() {
    switch (random_() % 6) {
      case 0:
        return random_() % 4;
      case 1:
        return one_in(2);
      case 2:
        return "say \"hé\"";
      default:
        return std::string(1, static_cast<char>('a' + random_() % 4));
    }
  }

  json structure(const type_info& type, int depth) {
    json out = json::object();
    if (depth > 5 || one_in(8)) return out;
    for (const field_info& f : type.fields)
      if (one_in(depth < 2 ? 2 : 3)) out[std::string(f.name)] = value(f, depth);
    return out;
  }

  json value(const field_info& f, int depth) {
    if (one_in(15)) return nullptr;
    if (one_in(25)) return one_in(2) ? json::array({scalar()}) : json{{"odd", scalar()}};
    if (f.kind == field_kind::object) return f.type ? structure(*f.type, depth + 1) : scalar();
    if (f.kind == field_kind::array) return items(f, depth);
    if (f.kind != field_kind::string_map) return scalar();
    json out = json::object();
    for (const char* key : {"plain", "example.com/a", "quoted \"key\""})
      if (one_in(2)) out[key] = f.type ? structure(*f.type, depth + 1) : scalar();
    return out;
  }

  json items(const field_info& f, int depth) {
    json out = json::array();
    for (unsigned n = random_() % 4; n > 0; --n)
      out.push_back(f.item == field_kind::object && f.type ? structure(*f.type, depth + 1)
                                                           : scalar());
    return out;
  }

  std::mt19937 random_;
};

TEST(CreatedFields, AreWhatAComparisonWithNothingGives) {
  unsigned seed = 0;
  std::size_t written = 0;
  for (const kind_info& kind : schema::instance().kinds()) {
    if (!kind.type) continue;
    for (int i = 0; i < 40; ++i) {
      const json object = object_maker(++seed).make(kind);
      const std::string fields = created_fields(object, {"tester"}, now, kind);
      ASSERT_EQ(fields, expected(object, kind)) << kind.kind << ", seed " << seed << ": " << object;
      written += !fields.empty();
    }
  }
  EXPECT_GT(written, 1000u);
}

TEST(CreatedFields, AreNoneWhereNothingIsManaged) {
  const kind_info& kind = *schema::instance().by_resource("configmaps");
  EXPECT_EQ(created_fields({{"metadata", {{"name", "a"}, {"uid", "u"}}}}, {"t"}, now, kind), "");
  EXPECT_EQ(created_fields(json::object(), {"t"}, now, kind), "");
  EXPECT_EQ(created_fields(nullptr, {"t"}, now, kind), "");
}

}  // namespace
}  // namespace troupe::model
