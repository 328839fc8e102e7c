// floors: actors/controllers actors/events actors/api actors/store
#include "model/cidr_set.hpp"
#include "tests/unit/controllers/workloads.hpp"

#include <gmock/gmock.h>

namespace troupe {
namespace {

using testing::HasSubstr;

model::cidr_set range(const char* text, int mask) {
  std::string fault;
  auto set = model::cidr_set::parse(text, mask, fault);
  if (!set) throw std::runtime_error(fault);
  return std::move(*set);
}

std::string fault_of(const char* text, int mask) {
  std::string fault;
  model::cidr_set::parse(text, mask, fault);
  return fault;
}

TEST(CidrSet, GivesPiecesOut) {
  auto set = range("10.244.7.0/22", 24);
  EXPECT_EQ(set.take(), "10.244.4.0/24");
  set.occupy("10.244.5.0/24");
  EXPECT_EQ(set.take(), "10.244.6.0/24");
  EXPECT_EQ(set.take(), "10.244.7.0/24");
  EXPECT_FALSE(set.take());
  set.release("10.244.6.0/24");
  EXPECT_EQ(set.take(), "10.244.6.0/24");
  set.release("192.168.0.0/24");
  EXPECT_FALSE(set.take()) << "not of this set";
  auto six = range("fd00:1::/48", 64);
  EXPECT_EQ(six.take(), "fd00:1::/64");
  EXPECT_EQ(six.take(), "fd00:1:0:1::/64");
  auto mixed = range("10.0.0.0/22", 24);
  mixed.occupy("10.0.0.0/23");
  EXPECT_EQ(mixed.take(), "10.0.2.0/24") << "a node has twice as much from before";
}

TEST(CidrSet, SaysWhatCannotBe) {
  EXPECT_EQ(fault_of("10.0.0/8", 24), "\"10.0.0/8\" is no range of addresses");
  for (const auto& [text, mask] :
       {std::pair{"10.0.0.0/16", 12}, {"10.0.0.0/4", 24}, {"10.0.0.0/28", 33}, {"fd00::/40", 64}})
    EXPECT_THAT(fault_of(text, mask), HasSubstr("nodes cannot have a /")) << text;
}

class NodeCidrs : public ::testing::Test, protected virtual_cluster {
 protected:
  void start() {
    running.push_back(spawn_node_cidr_controller(
        sys, options, {range("10.244.0.0/23", 24), range("fd00::/63", 64)}));
    pass(1s);
  }
  void node(const std::string& name) {
    ASSERT_EQ(code("POST", "/api/v1/nodes", named("Node", name)), 201);
    pass(1s);
  }
  json ranges(const std::string& name) {
    return get(*this, "/api/v1/nodes/" + name)["spec"].value("podCIDRs", json());
  }
};

TEST_F(NodeCidrs, NodesGetAddressesForTheirPods) {
  make_default_namespace(*this);
  node("n1");
  start();
  EXPECT_EQ(ranges("n1"), json({"10.244.0.0/24", "fd00::/64"}));
  EXPECT_EQ(get(*this, "/api/v1/nodes/n1")["spec"]["podCIDR"], "10.244.0.0/24");
  stop_controllers();
  start();  // another process knows what is given away
  node("n2");
  EXPECT_EQ(ranges("n2"), json({"10.244.1.0/24", "fd00:0:0:1::/64"}));
  node("n3");
  EXPECT_TRUE(ranges("n3").is_null());
  EXPECT_THAT(told(*this),
              testing::Contains("CIDRNotAvailable: Node n3 status is now: CIDRNotAvailable"));
  ASSERT_EQ(code("DELETE", "/api/v1/nodes/n1"), 200);
  pass(60s);
  EXPECT_EQ(ranges("n3"), json({"10.244.0.0/24", "fd00::/64"})) << "what n1 had";
}

}  // namespace
}  // namespace troupe
