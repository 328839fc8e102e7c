// floors: messages model
#include "messages/events.hpp"
#include "messages/scheduling.hpp"
#include "messages/system_config.hpp"

#include <caf/all.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <gtest/gtest.h>

namespace troupe {
namespace {

caf::message over_the_wire(caf::message in) {
  system_config cfg;
  caf::actor_system sys{cfg};
  std::vector<char> buffer;
  caf::binary_serializer sink{sys, buffer};
  EXPECT_FALSE(sink(in));
  caf::message out;
  caf::binary_deserializer source{sys, buffer};
  EXPECT_FALSE(source(out));
  return out;
}

TEST(SchedulingWire, AnOfferKeepsItsUsageAndItsNode) {
  offer o;
  o.node = "n1";
  o.version = 7;
  o.object = model::seal(
      model::encode("nodes", {{"metadata", {{"name", "n1"}}}, {"spec", model::json::object()}}), 9);
  o.used.requested = {100, 200, 300, 4, {{"nvidia.com/gpu", 1}}};
  o.used.nonzero_cpu = 5;
  o.used.nonzero_memory = 6;
  o.used.ports = {{"0.0.0.0", "TCP", 80}};
  const auto m = over_the_wire(caf::make_message(std::vector<offer>{o}));
  const auto got = m.get_as<std::vector<offer>>(0).at(0);
  EXPECT_EQ(got.node, "n1");
  EXPECT_EQ(got.version, 7u);
  EXPECT_EQ(got.used, o.used);
  EXPECT_EQ(got.object->bytes(), o.object->bytes());
}

TEST(SchedulingWire, ReservationsResultsAndNotesSurvive) {
  const auto r = over_the_wire(
      caf::make_message(std::vector<reservation>{{"n1", "default", "web", "u"}},
                        std::vector<reserve_result>{{"u", reserve_outcome::declined, "why", 3}},
                        std::vector<pod_result>{{"u", pod_outcome::unschedulable, 5, 6, 7,
                                                 promised_room{"u", "n1", {{"a", "b", "c"}}}}}));
  EXPECT_EQ(r.get_as<std::vector<reservation>>(0).at(0).uid, "u");
  EXPECT_EQ(r.get_as<std::vector<reserve_result>>(1).at(0).outcome, reserve_outcome::declined);
  EXPECT_EQ(r.get_as<std::vector<reserve_result>>(1).at(0).offer_version, 3u);
  EXPECT_EQ(r.get_as<std::vector<pod_result>>(2).at(0).seen_releases, 7u);
  EXPECT_EQ(r.get_as<std::vector<pod_result>>(2).at(0).room->leaving.at(0).uid, "c");
  model::event_note note;
  note.about.kind = "Pod";
  note.reason = "Scheduled";
  note.action = "Binding";
  note.related.push_back(note.about);
  const auto n = over_the_wire(caf::make_message(note));
  EXPECT_EQ(n.get_as<model::event_note>(0).key(), note.key());
}

}  // namespace
}  // namespace troupe
