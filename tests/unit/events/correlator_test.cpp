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

}  // namespace
}  // namespace troupe::events
