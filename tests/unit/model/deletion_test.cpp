// floors: model
#include "model/deletion.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

using testing::HasSubstr;
using action = deletion::action;

const time_point now = *from_rfc3339("2026-01-01T00:00:00Z");

const kind_info& kind(const char* resource) {
  return *schema::instance().by_resource(resource);
}

struct deletion_case {
  const char* what;
  const char* resource;
  const char* object;
  std::optional<std::int64_t> grace;
  action does;
  const char* timestamp;  ///< deletionTimestamp of a mark
  int seconds;            ///< deletionGracePeriodSeconds of a mark
};

TEST(Deletion, IsAsGracefulAsTheObjectNeeds) {
  const deletion_case cases[] = {
      {"a configmap goes at once", "configmaps", R"({})", {}, action::remove, "", 0},
      {"whatever grace is asked", "configmaps", R"({})", 9, action::remove, "", 0},
      {"a finalizer holds it",
       "configmaps",
       R"({"metadata":{"finalizers":["a/b"]}})",
       {},
       action::mark,
       "2026-01-01T00:00:00Z",
       0},
      {"and still does",
       "configmaps",
       R"({"metadata":{"finalizers":["a/b"],"deletionTimestamp":"2025-12-31T23:59:00Z"}})",
       {},
       action::pending,
       "",
       0},
      {"a namespace waits for its contents",
       "namespaces",
       R"({"spec":{"finalizers":["kubernetes"]}})",
       {},
       action::mark,
       "2026-01-01T00:00:00Z",
       0},
      {"a pod nobody runs goes at once", "pods", R"({"spec":{}})", {}, action::remove, "", 0},
      {"so does one that has ended",
       "pods",
       R"({"spec":{"nodeName":"n"},"status":{"phase":"Succeeded"}})",
       {},
       action::remove,
       "",
       0},
      {"a pod on a node gets its own grace",
       "pods",
       R"({"spec":{"nodeName":"n","terminationGracePeriodSeconds":7}})",
       {},
       action::mark,
       "2026-01-01T00:00:07Z",
       7},
      {"or thirty seconds",
       "pods",
       R"({"spec":{"nodeName":"n"}})",
       {},
       action::mark,
       "2026-01-01T00:00:30Z",
       30},
      {"or what is asked", "pods", R"({"spec":{"nodeName":"n"}})", 2, action::mark,
       "2026-01-01T00:00:02Z", 2},
      {"a negative one is a second", "pods", R"({"spec":{"nodeName":"n"}})", -5, action::mark,
       "2026-01-01T00:00:01Z", 1},
      {"none is force", "pods", R"({"spec":{"nodeName":"n"}})", 0, action::remove, "", 0},
      {"a second delete waits",
       "pods",
       R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:30Z","deletionGracePeriodSeconds":30},
           "spec":{"nodeName":"n"}})",
       {},
       action::pending,
       "",
       0},
      {"or shortens the first", "pods",
       R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:30Z","deletionGracePeriodSeconds":30},
           "spec":{"nodeName":"n"}})",
       10, action::mark, "2026-01-01T00:00:10Z", 10},
      {"and never lengthens it", "pods",
       R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:30Z","deletionGracePeriodSeconds":30},
           "spec":{"nodeName":"n"}})",
       60, action::pending, "", 0},
      {"or forces it", "pods",
       R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:30Z","deletionGracePeriodSeconds":30},
           "spec":{"nodeName":"n"}})",
       0, action::remove, "", 0},
  };
  for (const auto& c : cases) {
    delete_options options;
    options.grace = c.grace;
    const auto decided = decide_deletion(kind(c.resource), {c.resource, "d", "x"},
                                         json::parse(c.object), options, now);
    ASSERT_TRUE(std::holds_alternative<deletion>(decided)) << c.what;
    const auto& d = std::get<deletion>(decided);
    EXPECT_EQ(d.what, c.does) << c.what;
    if (c.does != action::mark) continue;
    EXPECT_EQ(string_at(d.object, {"metadata", "deletionTimestamp"}), c.timestamp) << c.what;
    EXPECT_EQ(at(d.object, {"metadata", "deletionGracePeriodSeconds"}), c.seconds) << c.what;
  }
}

TEST(Deletion, HeedsPreconditions) {
  const json object = json::parse(R"({"metadata":{"uid":"u","resourceVersion":"5"}})");
  auto refused = [&](const char* options) {
    const auto o = std::get<delete_options>(delete_options_of(json::parse(options)));
    const auto d = decide_deletion(kind("configmaps"), {"configmaps", "d", "x"}, object, o, now);
    return std::holds_alternative<status>(d) ? std::get<status>(d).code : 0;
  };
  EXPECT_EQ(refused(R"({"preconditions":{"uid":"u","resourceVersion":"5"}})"), 0);
  EXPECT_EQ(refused(R"({"preconditions":{"uid":"v"}})"), 409);
  EXPECT_EQ(refused(R"({"preconditions":{"resourceVersion":"4"}})"), 409);
}

TEST(Deletion, RefusesOptionsThatAreNone) {
  struct {
    const char* options;
    int code;
    const char* says;
  } const cases[] = {
      {R"([])", 400, "must be an object"},
      {R"({"gracePeriodSeconds":"1"})", 400, "gracePeriodSeconds must be an integer"},
      {R"({"propagationPolicy":"Nope"})", 422,
       R"(propagationPolicy: Unsupported value: "Nope": supported values: "Foreground")"},
      {R"({"propagationPolicy":5})", 422, "propagationPolicy: Unsupported value"},
      {R"({"propagationPolicy":"nil"})", 422, "propagationPolicy: Unsupported value"},
      {R"({"propagationPolicy":"Orphan","orphanDependents":true})", 422, "cannot be both set"},
      {R"({"dryRun":["Some"]})", 422, R"(dryRun: Unsupported value: "Some")"},
  };
  for (const auto& c : cases) {
    const auto read = delete_options_of(json::parse(c.options));
    ASSERT_TRUE(std::holds_alternative<status>(read)) << c.options;
    EXPECT_EQ(std::get<status>(read).code, c.code) << c.options;
    EXPECT_THAT(std::get<status>(read).message, HasSubstr(c.says)) << c.options;
  }
  for (const char* good : {"null", "{}", R"({"propagationPolicy":"Foreground","dryRun":["All"]})"})
    EXPECT_TRUE(std::holds_alternative<delete_options>(delete_options_of(json::parse(good))))
        << good;
}

}  // namespace
}  // namespace troupe::model
