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

}  // namespace
}  // namespace troupe::model
