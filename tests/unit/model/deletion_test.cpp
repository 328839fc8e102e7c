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
       R"({"metadata":{"finalizers":["a/b"],"deletionTimestamp":"2025-12-31T23:59:00Z",
                       "deletionGracePeriodSeconds":0}})",
       {},
       action::pending,
       "",
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

TEST(Deletion, OfANamespaceWaitsForItsContents) {
  auto decide = [](const char* object, const propagation& dependents = {}) {
    delete_options options;
    options.dependents = dependents;
    return std::get<deletion>(decide_deletion(kind("namespaces"), {"namespaces", "", "x"},
                                              json::parse(object), options, now));
  };
  const auto first = decide(R"({"spec":{"finalizers":["kubernetes"]}})", {"Foreground", {}});
  EXPECT_EQ(first.what, action::mark);
  EXPECT_EQ(first.object, json::parse(R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z",
      "finalizers":["foregroundDeletion"]},
      "spec":{"finalizers":["kubernetes"]},"status":{"phase":"Terminating"}})"));
  const char* begun = R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"},
                          "spec":{"finalizers":["kubernetes"]}})";
  EXPECT_EQ(decide(begun).what, action::pending);
  const char* empty = R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"},"spec":{}})";
  EXPECT_EQ(decide(empty).what, action::remove);
}

TEST(Deletion, TellsTheCollectorWhatBecomesOfDependents) {
  const json foreground = {"foregroundDeletion"};
  const json orphan = {"orphan"};
  struct {
    const char* what;
    const char* resource;
    json finalizers;
    propagation asked;
    json become;  ///< null: removed at once
  } const cases[] = {
      {"most kinds leave dependents to the background", "replicasets.apps", nullptr, {}, nullptr},
      {"two of old orphan them", "replicationcontrollers", nullptr, {}, orphan},
      {"jobs, too", "jobs.batch", nullptr, {}, orphan},
      {"unless they are told", "jobs.batch", nullptr, {"Background", {}}, nullptr},
      {"foreground", "replicasets.apps", nullptr, {"Foreground", {}}, foreground},
      {"orphan", "replicasets.apps", nullptr, {"Orphan", {}}, orphan},
      {"as it was once said", "configmaps", nullptr, {"", true}, orphan},
      {"and its opposite", "replicationcontrollers", nullptr, {"", false}, nullptr},
      {"what is there counts before the default", "jobs.batch", foreground, {}, foreground},
      {"what is asked counts before that", "configmaps", foreground, {"Orphan", {}}, orphan},
      {"also to take it back", "configmaps", orphan, {"Background", {}}, nullptr},
      {"others stay",
       "configmaps",
       {"a/b", "orphan"},
       {"Foreground", {}},
       {"a/b", "foregroundDeletion"}},
      {"events have no dependents", "events", nullptr, {"Foreground", {}}, nullptr},
  };
  for (const auto& c : cases) {
    json object = {{"metadata", {{"generation", 3}}}};
    if (!c.finalizers.is_null()) object["metadata"]["finalizers"] = c.finalizers;
    delete_options options;
    options.dependents = c.asked;
    const auto d = std::get<deletion>(
        decide_deletion(kind(c.resource), {c.resource, "d", "x"}, object, options, now));
    EXPECT_EQ(d.what, c.become.is_null() ? action::remove : action::mark) << c.what;
    if (c.become.is_null()) continue;
    EXPECT_EQ(at(d.object, {"metadata", "finalizers"}), c.become) << c.what;
    EXPECT_EQ(at(d.object, {"metadata", "deletionGracePeriodSeconds"}), 0) << c.what;
    EXPECT_EQ(at(d.object, {"metadata", "generation"}), 4) << c.what;
  }
}

TEST(Deletion, OfAPodThatIsHeldKeepsItsGrace) {
  const json pod = json::parse(R"({"metadata":{},"spec":{"nodeName":"n"}})");
  delete_options options;
  options.dependents.policy = "Foreground";
  auto d = std::get<deletion>(decide_deletion(kind("pods"), {"pods", "d", "x"}, pod, options, now));
  EXPECT_EQ(at(d.object, {"metadata", "deletionGracePeriodSeconds"}), 30);
  EXPECT_TRUE(has_finalizer(d.object, foreground_finalizer));
  options.grace = 0;
  d = std::get<deletion>(decide_deletion(kind("pods"), {"pods", "d", "x"}, d.object, options, now));
  EXPECT_EQ(d.what, action::mark);
  EXPECT_EQ(string_at(d.object, {"metadata", "deletionTimestamp"}), "2026-01-01T00:00:00Z");
  EXPECT_EQ(at(d.object, {"metadata", "deletionGracePeriodSeconds"}), 0);
  EXPECT_FALSE(may_vanish(kind("pods"), d.object));
  d.object["metadata"].erase("finalizers");
  EXPECT_TRUE(may_vanish(kind("pods"), d.object));
}

TEST(Deletion, HeedsPreconditions) {
  const json object = json::parse(R"({"metadata":{"uid":"u","resourceVersion":"5"}})");
  auto refused = [&](const char* options) {
    const auto o = std::get<delete_options>(delete_options_of(json::parse(options)));
    const auto d = decide_deletion(kind("configmaps"), {"configmaps", "d", "x"}, object, o, now);
    if (!std::holds_alternative<status>(d)) return std::string();
    EXPECT_EQ(std::get<status>(d).code, 409);
    return std::get<status>(d).message;
  };
  EXPECT_EQ(refused(R"({"preconditions":{"uid":"u","resourceVersion":"5"}})"), "");
  EXPECT_EQ(
      refused(R"({"preconditions":{"uid":"v"}})"),
      "Operation cannot be fulfilled on ConfigMap \"x\": the UID in the precondition (v) does "
      "not match the UID in record (u). The object might have been deleted and then recreated");
  EXPECT_EQ(refused(R"({"preconditions":{"resourceVersion":"4"}})"),
            "Operation cannot be fulfilled on ConfigMap \"x\": the ResourceVersion in the "
            "precondition (4) does not match the ResourceVersion in record (5). The object might "
            "have been modified");
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

// A look at the text may only find what a look at the document finds, too.
TEST(Deletion, GoesAtOnceOnlyWhereNothingHoldsTheObject) {
  const char* objects[] = {R"({"metadata":{"name":"x","namespace":"d"}})",
                           R"({"metadata":{"name":"x","namespace":"d","finalizers":["a/b"]}})",
                           R"({"metadata":{"name":"x","namespace":"d",
                                           "deletionTimestamp":"2026-01-01T00:00:00Z"}})"};
  std::size_t at_once = 0;
  for (const kind_info& k : schema::instance().kinds())
    for (const char* text : objects)
      for (const char* policy : {"", "Background", "Foreground", "Orphan"})
        for (const char* uid : {"", "another"}) {
          json document = json::parse(text);
          document["kind"] = k.kind;
          const auto stored = seal(encode(std::string(k.resource), document), 7);
          delete_options o;
          o.dependents.policy = policy;
          o.if_uid = uid;
          if (!goes_at_once(k, *stored, o)) continue;
          ++at_once;
          const auto d = decide_deletion(k, stored->key(), stored->parse(), o, now);
          ASSERT_TRUE(std::holds_alternative<deletion>(d)) << k.resource;
          EXPECT_EQ(std::get<deletion>(d).what, action::remove) << k.resource << text << policy;
        }
  EXPECT_GT(at_once, 50u);
}

}  // namespace
}  // namespace troupe::model
