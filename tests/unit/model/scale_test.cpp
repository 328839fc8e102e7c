// floors: model
#include "model/scale.hpp"

#include "model/selector_text.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

TEST(Scale, ShowsAWorkloadsNumbersAndItsSelector) {
  const json deployment = json::parse(R"({"metadata": {"name": "d", "namespace": "n", "uid": "u",
      "resourceVersion": "7", "creationTimestamp": "2024-01-01T00:00:00Z", "labels": {"a": "b"}},
    "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "web"}}},
    "status": {"replicas": 2}})");
  EXPECT_EQ(scale_of(deployment), json::parse(R"({"kind": "Scale", "apiVersion": "autoscaling/v1",
    "metadata": {"name": "d", "namespace": "n", "uid": "u", "resourceVersion": "7",
                 "creationTimestamp": "2024-01-01T00:00:00Z"},
    "spec": {"replicas": 3}, "status": {"replicas": 2, "selector": "app=web"}})"));
}

TEST(Scale, LeavesZeroOutOfTheSpecOnly) {
  const json scale = scale_of({{"metadata", json::object()}, {"spec", {{"replicas", 0}}}});
  EXPECT_EQ(scale["spec"], json::object());
  EXPECT_EQ(scale["status"], json({{"replicas", 0}}));
}

TEST(Scale, SelectorsReadAsGoPrintsThem) {
  const std::pair<const char*, const char*> table[] = {
      {R"({"b": "2", "a": "1"})", "a=1,b=2"},
      {R"({"matchLabels": {"b": "2"}, "matchExpressions": [
            {"key": "a", "operator": "In", "values": ["y", "x"]},
            {"key": "c", "operator": "NotIn", "values": ["z"]},
            {"key": "d", "operator": "Exists"},
            {"key": "e", "operator": "DoesNotExist"}]})",
       "a in (x,y),b=2,c notin (z),d,!e"},
      {R"({"matchExpressions": [{"key": "a", "operator": "In", "values": ["x"]}]})", "a in (x)"},
      {"{}", ""},
      {"null", ""}};
  for (const auto& [selector, text] : table)
    EXPECT_EQ(selector_text(json::parse(selector)), text) << selector;
}

TEST(Scale, SetsTheNumberWanted) {
  json workload = {{"spec", {{"replicas", 3}}}};
  apply_scale(workload, {{"spec", {{"replicas", 5}}}});
  EXPECT_EQ(workload["spec"]["replicas"], 5);
  apply_scale(workload, {{"spec", json::object()}});
  EXPECT_EQ(workload["spec"]["replicas"], 0);
}

TEST(Scale, CannotWantLessThanNothing) {
  EXPECT_TRUE(validate_scale({{"spec", {{"replicas", 0}}}}).empty());
  const auto causes = validate_scale({{"spec", {{"replicas", -1}}}});
  ASSERT_EQ(causes.size(), 1u);
  EXPECT_EQ(causes[0].field, "spec.replicas");
  EXPECT_EQ(causes[0].message, "Invalid value: -1: must be greater than or equal to 0");
}

}  // namespace
}  // namespace troupe::model
