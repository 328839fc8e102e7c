// floors: model
#include "model/conversion.hpp"

#include "model/validation/structural.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

TEST(Conversion, EventsHaveTwoFormsOfTheSameContent) {
  const kind_info& core = *schema::instance().by_kind("", "v1", "Event");
  const kind_info& events = *schema::instance().by_kind("events.k8s.io", "v1", "Event");
  const json original = json::parse(R"({"apiVersion": "v1", "kind": "Event",
    "metadata": {"name": "e", "namespace": "d"}, "involvedObject": {"kind": "Pod"},
    "message": "m", "reason": "r", "source": {"component": "kubelet"}, "count": 2,
    "firstTimestamp": "2024-01-01T00:00:00Z", "lastTimestamp": "2024-01-01T00:00:00Z",
    "reportingComponent": "kubelet", "reportingInstance": "n1", "type": "Normal"})");
  json converted = original;
  convert(core, events, converted);
  EXPECT_EQ(converted["apiVersion"], "events.k8s.io/v1");
  EXPECT_EQ(converted["note"], "m");
  EXPECT_EQ(converted["regarding"]["kind"], "Pod");
  // Every field is one that the other version knows.
  json decoded = converted;
  const decoding d = decode_fields(events, decoded);
  EXPECT_TRUE(d);
  EXPECT_TRUE(d.strict.empty()) << d.strict.front();
  convert(events, core, converted);
  EXPECT_EQ(converted, original);
}

TEST(Conversion, SelectorsNameTheFieldsOfTheirGroup) {
  const kind_info& core = *schema::instance().by_kind("", "v1", "Event");
  const kind_info& events = *schema::instance().by_kind("events.k8s.io", "v1", "Event");
  EXPECT_EQ(stored_field(events, "regarding.name"), "involvedObject.name");
  EXPECT_EQ(stored_field(events, "reportingController"), "reportingComponent");
  EXPECT_EQ(stored_field(events, "reason"), "reason");
  EXPECT_EQ(stored_field(events, "involvedObject.name"), "");
  EXPECT_EQ(stored_field(core, "involvedObject.name"), "involvedObject.name");
}

TEST(Conversion, StoresThePreferredVersionAndReadsTheOther) {
  const kind_info& core = *schema::instance().by_kind("", "v1", "Event");
  const kind_info& events = *schema::instance().by_kind("events.k8s.io", "v1", "Event");
  EXPECT_TRUE(core.stored);
  EXPECT_FALSE(events.stored);
  const json document = {{"apiVersion", "events.k8s.io/v1"},
                         {"kind", "Event"},
                         {"metadata", {{"name", "e"}, {"namespace", "d"}}},
                         {"note", "m"}};
  const object_ptr stored = seal(encode_from(events, document), 7);
  EXPECT_EQ(parse_as(core, *stored)["message"], "m");
  EXPECT_EQ(parse_as(core, *stored)["apiVersion"], "v1");
  json read = parse_as(events, *stored);
  EXPECT_EQ(read["metadata"]["resourceVersion"], "7");
  read["metadata"].erase("resourceVersion");
  EXPECT_EQ(read, document);
}

/// autoscaling/v1 and v2 of a spec, both ways.
class Autoscalers : public ::testing::Test {
 protected:
  const kind_info& v1 = *schema::instance().by_kind("autoscaling", "v1", "HorizontalPodAutoscaler");
  const kind_info& v2 = *schema::instance().by_kind("autoscaling", "v2", "HorizontalPodAutoscaler");

  json as_v2(json document) const {
    convert(v1, v2, document);
    EXPECT_TRUE(decode_fields(v2, document));
    return document;
  }
  json as_v1(json document) const {
    convert(v2, v1, document);
    json copy = document;
    const decoding d = decode_fields(v1, copy);
    EXPECT_TRUE(d.strict.empty()) << d.strict.front();
    return document;
  }
};

TEST_F(Autoscalers, AnUtilizationOfCpuIsOneMetric) {
  const json original = json::parse(R"({"apiVersion": "autoscaling/v1",
    "kind": "HorizontalPodAutoscaler", "metadata": {"name": "a"},
    "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "d"}, "maxReplicas": 5,
             "targetCPUUtilizationPercentage": 50},
    "status": {"currentReplicas": 1, "desiredReplicas": 2,
               "currentCPUUtilizationPercentage": 70}})");
  const json converted = as_v2(original);
  EXPECT_EQ(converted["apiVersion"], "autoscaling/v2");
  EXPECT_EQ(converted["spec"]["metrics"], json::parse(R"([{"type": "Resource", "resource":
    {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}])"));
  EXPECT_EQ(converted["status"]["currentMetrics"][0]["resource"]["current"],
            json({{"averageUtilization", 70}}));
  const json back = as_v1(converted);
  EXPECT_EQ(back["spec"], original["spec"]);
  EXPECT_EQ(back["status"], original["status"]);
}

TEST_F(Autoscalers, WithoutAMetricVersion1MeansEightyPercent) {
  const json converted = as_v2({{"metadata", json::object()}, {"spec", {{"maxReplicas", 5}}}});
  EXPECT_EQ(converted["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"], 80);
}

TEST_F(Autoscalers, WhatVersion1CannotSayTravelsInAnnotations) {
  const json original = json::parse(R"({"apiVersion": "autoscaling/v2",
    "kind": "HorizontalPodAutoscaler", "metadata": {"name": "a", "annotations": {"mine": "x"}},
    "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "d"}, "maxReplicas": 5,
      "behavior": {"scaleDown": {"stabilizationWindowSeconds": 60,
                                 "policies": [{"type": "Pods", "value": 1, "periodSeconds": 9}]}},
      "metrics": [
        {"type": "Resource", "resource": {"name": "memory",
          "target": {"type": "AverageValue", "averageValue": "1Gi"}}},
        {"type": "Pods", "pods": {"metric": {"name": "qps", "selector": {"matchLabels": {"a": "b"}}},
          "target": {"type": "AverageValue", "averageValue": "10"}}},
        {"type": "Object", "object": {"metric": {"name": "hits"},
          "describedObject": {"kind": "Service", "name": "s", "apiVersion": "v1"},
          "target": {"type": "Value", "value": "2k"}}},
        {"type": "External", "external": {"metric": {"name": "queue"},
          "target": {"type": "AverageValue", "averageValue": "30"}}},
        {"type": "ContainerResource", "containerResource": {"name": "cpu", "container": "c",
          "target": {"type": "Utilization", "averageUtilization": 60}}},
        {"type": "Resource", "resource": {"name": "cpu",
          "target": {"type": "Utilization", "averageUtilization": 50}}}]},
    "status": {"currentReplicas": 1, "desiredReplicas": 2,
      "conditions": [{"type": "AbleToScale", "status": "True", "reason": "r"}],
      "currentMetrics": [{"type": "Resource", "resource": {"name": "cpu",
          "current": {"averageUtilization": 7, "averageValue": "70m"}}}]}})");
  const json converted = as_v1(original);
  EXPECT_EQ(converted["spec"]["targetCPUUtilizationPercentage"], 50);
  EXPECT_EQ(converted["status"]["currentCPUUtilizationPercentage"], 7);
  const json& notes = converted["metadata"]["annotations"];
  EXPECT_EQ(notes.size(), 5u);
  EXPECT_EQ(json::parse(notes["autoscaling.alpha.kubernetes.io/metrics"]
                            .get_ref<const std::string&>())[1]["pods"]["metricName"],
            "qps");
  EXPECT_EQ(json::parse(notes["autoscaling.alpha.kubernetes.io/behavior"]
                            .get_ref<const std::string&>())["ScaleDown"]["Policies"][0]["Value"],
            1);
  EXPECT_EQ(as_v2(converted), original);
}

TEST_F(Autoscalers, AnnotationsThatAreNotWhatTheyShouldBeAreIgnored) {
  json document = json::parse(R"({"metadata": {"annotations": {}},
    "spec": {"maxReplicas": 5, "targetCPUUtilizationPercentage": 50},
    "status": {"currentReplicas": 1, "desiredReplicas": 2}})");
  for (const char* note : {"metrics", "current-metrics", "conditions", "behavior"})
    document["metadata"]["annotations"][std::string("autoscaling.alpha.kubernetes.io/") + note] =
        R"([{"type": 7}])";
  const json converted = as_v2(document);
  EXPECT_EQ(converted["spec"]["metrics"].size(), 1u);
  EXPECT_FALSE(converted["spec"].contains("behavior"));
  EXPECT_FALSE(converted["status"].contains("conditions"));
  EXPECT_FALSE(converted["metadata"].contains("annotations"));
}

}  // namespace
}  // namespace troupe::model
