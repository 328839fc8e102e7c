// floors: messages model
#include "messages/api.hpp"
#include "messages/errors.hpp"
#include "messages/store.hpp"
#include "messages/system_config.hpp"

#include <caf/all.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <gtest/gtest.h>

namespace troupe {
namespace {

// A message serialised and loaded again, as over the network.
caf::message over_the_wire(caf::actor_system& sys, caf::message in) {
  std::vector<char> buffer;
  caf::binary_serializer sink{sys, buffer};
  EXPECT_FALSE(sink(in));
  caf::message out;
  caf::binary_deserializer source{sys, buffer};
  EXPECT_FALSE(source(out));
  return out;
}

model::draft config_map() {
  return model::encode("configmaps", {{"apiVersion", "v1"},
                                      {"kind", "ConfigMap"},
                                      {"metadata", {{"name", "a"}, {"namespace", "b"}}},
                                      {"data", {{"resourceVersion", ""}}}});
}

TEST(Wire, AnObjectKeepsItsBytesAndHeader) {
  system_config cfg;
  caf::actor_system sys{cfg};
  const object_ref sent{model::seal(config_map(), 42)};
  const auto got = over_the_wire(sys, caf::make_message(sent)).get_as<object_ref>(0);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->bytes(), sent->bytes());
  EXPECT_EQ(got->version(), 42u);
  EXPECT_EQ(got->key(), (model::object_key{"configmaps", "b", "a"}));
}

TEST(Wire, AWriteKeepsItsPreconditions) {
  system_config cfg;
  caf::actor_system sys{cfg};
  const write w{write_op::update, "configmaps", "b", "a", config_map(), uint64_t{7}, "u"};
  const auto got = over_the_wire(sys, caf::make_message(w)).get_as<write>(0);
  EXPECT_EQ(got.if_version, uint64_t{7});
  EXPECT_EQ(got.object->head, w.object->head);
  EXPECT_EQ(got.object->tail, w.object->tail);
}

TEST(Wire, AStatusSurvivesAsAnError) {
  system_config cfg;
  caf::actor_system sys{cfg};
  const auto sent = to_error(model::not_found({"pods", "default", "web"}));
  const auto got = over_the_wire(sys, caf::make_message(sent)).get_as<caf::error>(0);
  EXPECT_EQ(to_status(got).code, 404);
  EXPECT_EQ(to_status(got).message, "pods \"web\" not found");
}

}  // namespace
}  // namespace troupe
