// floors: model
#include "model/scheduling/bind_draft.hpp"

#include "model/binding.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

const time_point now = *from_rfc3339("2026-11-22T10:00:00Z");

object_ptr stored(json document) {
  return seal(encode("pods", document), 41);
}

json plain_pod() {
  return json::parse(R"({"apiVersion":"v1","kind":"Pod",
    "metadata":{"name":"web","namespace":"default","uid":"u","labels":{"a}\"":"\\"},
      "annotations":{"note":"{\"spec\":{\"nodeName\":\"x\"}}"}},
    "spec":{"containers":[{"name":"c","image":"i"}],"restartPolicy":"Always",
      "schedulerName":"default-scheduler"},
    "status":{"phase":"Pending","qosClass":"BestEffort"}})");
}

void expect_as_bind(const object& pod) {
  json document = pod.parse();
  ASSERT_FALSE(model::bind(document, "node1", now));
  const auto slow = seal(encode("pods", document), 42);
  auto got = bind_draft(pod, "node1", now);
  ASSERT_TRUE(std::holds_alternative<draft>(got));
  const auto fast = seal(std::move(std::get<draft>(got)), 42);
  EXPECT_EQ(fast->bytes(), slow->bytes());
  EXPECT_EQ(fast->header().fields, slow->header().fields);
  EXPECT_EQ(fast->header().labels, slow->header().labels);
  EXPECT_EQ(fast->header().uid, "u");
  EXPECT_EQ(fast->places(), places_of(fast->bytes()));
}

TEST(BindDraft, SplicesWhatBindAndEncodeGive) {
  expect_as_bind(*stored(plain_pod()));
}

TEST(BindDraft, KeepsConditionsThatAreThere) {
  auto pod = plain_pod();
  set_condition(pod, "PodScheduled", "False", now - std::chrono::hours(1), "Unschedulable", "no");
  expect_as_bind(*stored(pod));
}

TEST(BindDraft, HandlesPodsWithoutStatus) {
  auto pod = plain_pod();
  pod.erase("status");
  expect_as_bind(*stored(pod));
}

TEST(BindDraft, RefusesBoundDeletedAndGatedPods) {
  auto bound = plain_pod();
  bound["spec"]["nodeName"] = "other";
  auto deleted = plain_pod();
  deleted["metadata"]["deletionTimestamp"] = "2026-11-22T10:00:00Z";
  auto gated = plain_pod();
  gated["spec"]["schedulingGates"] = {{{"name", "g"}}};
  for (const auto& pod : {bound, deleted, gated}) {
    const auto got = bind_draft(*stored(pod), "node1", now);
    ASSERT_TRUE(std::holds_alternative<status>(got));
    EXPECT_EQ(std::get<status>(got).code, 409);
  }
}

}  // namespace
}  // namespace troupe::model
