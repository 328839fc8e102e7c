// floors: actors/events
#include "actors/events/correlator.hpp"

#include <gtest/gtest.h>

namespace troupe::events {
namespace {

using namespace std::chrono_literals;

const model::time_point start = *model::from_rfc3339("2026-11-22T10:00:00Z");

model::event_note note(const std::string& pod, const std::string& message = "m") {
  model::event_note n;
  n.about = {"v1", "Pod", "default", pod, "uid-" + pod, "7", ""};
  n.type = "Warning";
  n.reason = "FailedScheduling";
  n.message = message;
  n.component = "default-scheduler";
  return n;
}

TEST(Correlator, RepeatsCountUpOneEvent) {
  correlator c(10, 10, 1);
  c.add(note("web"), start);
  const auto first = c.take(8);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_TRUE(first[0].create);
  c.add(note("web"), start + 5s);
  c.add(note("web"), start + 9s);
  const auto again = c.take(8);
  ASSERT_EQ(again.size(), 1u);  // both in one write
  EXPECT_FALSE(again[0].create);
  EXPECT_EQ(again[0].name, first[0].name);
  const auto d = again[0].document();
  EXPECT_EQ(d["count"], 3);
  EXPECT_EQ(d["firstTimestamp"], "2026-11-22T10:00:00Z");
  EXPECT_EQ(d["lastTimestamp"], "2026-11-22T10:00:09Z");
  EXPECT_EQ(again[0].patch(),
            (model::json{{"count", 3}, {"lastTimestamp", "2026-11-22T10:00:09Z"}}));
}

TEST(Correlator, OtherMessagesAndPodsAreOtherEvents) {
  correlator c(10, 10, 1);
  c.add(note("web"), start);
  c.add(note("web", "other"), start);
  c.add(note("db"), start);
  const auto got = c.take(8);
  ASSERT_EQ(got.size(), 3u);
  EXPECT_NE(got[0].name, got[1].name);  // though they are of one pod and one moment
}

TEST(Correlator, DropsTheNewestWhenFull) {
  correlator c(2, 10, 1);
  for (const char* pod : {"a", "b", "c"}) c.add(note(pod), start);
  EXPECT_EQ(c.dropped(), 1u);
  const auto got = c.take(8);
  ASSERT_EQ(got.size(), 2u);
  EXPECT_EQ(got[1].note.about.name, "b");
}

TEST(Correlator, AnEventThatIsGoneIsCreatedAgain) {
  correlator c(10, 10, 1);
  c.add(note("web"), start);
  const auto first = c.take(8);
  c.forget(first[0].key);
  c.add(note("web"), start + 1s);
  EXPECT_TRUE(c.take(8)[0].create);
}

TEST(Correlator, ForgetsWhatItHasNotSeenForLongest) {
  correlator c(10, 2, 1);
  c.add(note("a"), start);
  c.take(8);
  c.add(note("b"), start);
  c.take(8);
  c.add(note("c"), start);
  c.take(8);
  c.add(note("a"), start + 1s);
  EXPECT_TRUE(c.take(8)[0].create);
}

model::event_note bound(const std::string& version = "7") {
  model::event_note n = note("web", "Successfully assigned default/web to node1");
  n.action = "Binding";
  n.host = "default-scheduler-here";
  n.about.resource_version = version;
  return n;
}

TEST(Event, WithAnActionIsThatOfEventsV1) {
  auto n = bound();
  n.related.push_back({"v1", "Pod", "default", "other", "uid-other", "9", ""});
  const auto d = model::event_json(n, "web.1", start, start + 1500ms, 1);
  EXPECT_EQ(d["eventTime"], "2026-11-22T10:00:00.000000Z");
  EXPECT_EQ(d["action"], "Binding");
  EXPECT_EQ(d["reportingComponent"], "default-scheduler");
  EXPECT_EQ(d["reportingInstance"], "default-scheduler-here");
  EXPECT_EQ(d["related"]["name"], "other");
  for (const char* old : {"source", "count", "firstTimestamp", "lastTimestamp", "series"})
    EXPECT_FALSE(d.contains(old)) << old;
  EXPECT_EQ(model::event_json(n, "web.1", start, start + 1500ms, 2)["series"],
            (model::json{{"count", 2}, {"lastObservedTime", "2026-11-22T10:00:01.500000Z"}}));
}

TEST(Correlator, EventsWithAnActionAreSeries) {
  correlator c(10, 10, 1);
  const auto written = [&c](model::event_note n, model::time_point at) {
    c.add(std::move(n), at);
    return c.take(8);
  };
  const auto first = written(bound(), start);
  ASSERT_EQ(first.size(), 1u);
  const auto second = written(bound(), start + 1s);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_FALSE(second[0].create);
  EXPECT_EQ(second[0].name, first[0].name);
  EXPECT_EQ(second[0].patch()["series"]["count"], 2);
  // Others are counted, and told of by the half hour.
  for (int i = 1; i <= 6; ++i) EXPECT_TRUE(written(bound(), start + i * 5min).empty()) << i;
  const auto later = written(bound(), start + 31min);
  ASSERT_EQ(later.size(), 1u);
  EXPECT_EQ(later[0].document()["series"]["count"], 9);
  // What comes after a rest is another event, as is what concerns another version of the object.
  EXPECT_NE(written(bound(), start + 38min).at(0).name, first[0].name);
  EXPECT_TRUE(written(bound("8"), start + 38min).at(0).create);
}

TEST(Event, IsAsClientGoBuildsIt) {
  const auto d =
      model::event_json(note("web", "no"), model::event_name(note("web"), start), start, start, 1);
  EXPECT_EQ(d["metadata"]["name"].get<std::string>().rfind("web.", 0), 0u);
  EXPECT_EQ(d["metadata"]["namespace"], "default");
  EXPECT_EQ(d["involvedObject"]["kind"], "Pod");
  EXPECT_EQ(d["involvedObject"]["uid"], "uid-web");
  EXPECT_EQ(d["source"], (model::json{{"component", "default-scheduler"}}));
  EXPECT_EQ(d["reportingComponent"], "default-scheduler");
  EXPECT_TRUE(d["eventTime"].is_null());
}

TEST(Correlator, CombinesSimilarEventsFromTheTenthOn) {
  correlator c(100, 100, 1);
  const auto add = [&c](int i, model::time_point t) {
    c.add(note("web", "message " + std::to_string(i)), t);
    return c.take(100);
  };
  for (int i = 1; i < 10; ++i) {
    const auto got = add(i, start + std::chrono::seconds(i));
    ASSERT_EQ(got.size(), 1u);
    EXPECT_EQ(got[0].note.message, "message " + std::to_string(i));
  }
  const auto tenth = add(10, start + 10s);
  ASSERT_EQ(tenth.size(), 1u);
  EXPECT_TRUE(tenth[0].create);
  EXPECT_EQ(tenth[0].document()["message"], "(combined from similar events): message 10");
  const auto next = add(11, start + 11s);
  ASSERT_EQ(next.size(), 1u);
  EXPECT_FALSE(next[0].create);
  EXPECT_EQ(next[0].patch()["message"], "(combined from similar events): message 11");
  EXPECT_EQ(next[0].patch()["count"], 2);
  // After ten quiet minutes each speaks for itself again.
  EXPECT_EQ(add(12, start + 12min)[0].note.message, "message 12");
}

TEST(Correlator, ListensToASourceThatTellsTooMuchOnceInFiveMinutes) {
  correlator c(100, 100, 1);
  std::size_t heard = 0;
  for (int i = 0; i < 40; ++i) {
    c.add(note("web"), start);
    heard += c.take(10).size();
  }
  EXPECT_EQ(heard, 25u);
  c.add(note("db"), start);
  EXPECT_EQ(c.take(10).size(), 1u) << "another object is another matter";
  c.add(note("web"), start + 299s);
  EXPECT_TRUE(c.take(10).empty());
  c.add(note("web"), start + 301s);
  EXPECT_EQ(c.take(10).size(), 1u);
}

}  // namespace
}  // namespace troupe::events
