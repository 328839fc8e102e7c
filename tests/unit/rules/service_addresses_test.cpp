// floors: model
#include "model/service_addresses.hpp"

#include "model/service.hpp"

#include <gmock/gmock.h>

#include <unordered_set>

namespace troupe::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

struct ServiceAddresses : ::testing::Test {
  service_ranges ranges;
  std::unordered_set<std::string> taken;
  random_source random{1};

  std::vector<std::string> assign(json& service) {
    std::vector<std::string> out;
    const auto is_taken = [this](const std::string& claim) { return taken.contains(claim); };
    for (const auto& c : assign_addresses(service, ranges, is_taken, random))
      out.push_back(c.field + ": " + c.message);
    return out;
  }
};

json of_type(const char* type) {
  return {{"spec", {{"type", type}, {"ports", {{{"port", 80}, {"protocol", "TCP"}}}}}}};
}

TEST_F(ServiceAddresses, AServiceGetsAnAddressOfTheRange) {
  json service = of_type("ClusterIP");
  ASSERT_THAT(assign(service), IsEmpty());
  const json& spec = service["spec"];
  EXPECT_EQ(spec["clusterIPs"], json::array({spec["clusterIP"]}));
  EXPECT_EQ(spec["ipFamilies"], json::array({"IPv4"}));
  EXPECT_EQ(spec["ipFamilyPolicy"], "SingleStack");
  const auto ip = parse_ip(spec["clusterIP"].get<std::string>());
  ASSERT_TRUE(ip);
  EXPECT_TRUE(ranges.addresses.contains(*ip));
  EXPECT_FALSE(spec["ports"][0].contains("nodePort"));
}

TEST_F(ServiceAddresses, EveryAddressIsGivenOnceAndThenNoneIsLeft) {
  ranges.addresses = *parse_cidr("10.0.0.0/28");
  for (int i = 0; i < 14; ++i) {
    json service = of_type("ClusterIP");
    ASSERT_THAT(assign(service), IsEmpty()) << i;
    for (const auto& claim : claims_of(service)) EXPECT_TRUE(taken.insert(claim).second) << claim;
  }
  EXPECT_FALSE(taken.contains("ip/10.0.0.0")) << "the network's own";
  EXPECT_FALSE(taken.contains("ip/10.0.0.15")) << "the broadcast address";
  json service = of_type("ClusterIP");
  EXPECT_THAT(assign(service), ElementsAre("spec.clusterIPs: Invalid value: []string{\"\"}: failed "
                                           "to allocate IP : range is full"));
}

TEST_F(ServiceAddresses, ANamedAddressMustBeFreeAndInRange) {
  taken = {"ip/10.96.0.9"};
  json service = of_type("ClusterIP");
  service["spec"]["clusterIP"] = "10.96.0.9";
  service["spec"]["clusterIPs"] = {"10.96.0.9"};
  EXPECT_THAT(assign(service),
              ElementsAre("spec.clusterIPs: Invalid value: []string{\"10.96.0.9\"}: failed to "
                          "allocate IP 10.96.0.9: provided IP is already allocated"));
  service["spec"]["clusterIPs"] = {"10.95.0.9"};
  EXPECT_THAT(assign(service),
              ElementsAre("spec.clusterIPs: Invalid value: []string{\"10.95.0.9\"}: failed to "
                          "allocate IP 10.95.0.9: the provided IP (10.95.0.9) is not in the valid "
                          "range. The range of valid IPs is 10.96.0.0/12"));
}

TEST_F(ServiceAddresses, HeadlessAndExternalServicesNeedNone) {
  json headless = of_type("ClusterIP");
  headless["spec"]["clusterIP"] = "None";
  headless["spec"]["clusterIPs"] = {"None"};
  headless["spec"]["selector"] = {{"a", "b"}};
  ASSERT_THAT(assign(headless), IsEmpty());
  EXPECT_EQ(headless["spec"]["ipFamilies"], json::array({"IPv4"}));
  headless["spec"].erase("selector");
  headless["spec"].erase("ipFamilies");
  headless["spec"].erase("ipFamilyPolicy");
  ASSERT_THAT(assign(headless), IsEmpty());
  EXPECT_EQ(headless["spec"]["ipFamilies"], json::array({"IPv4", "IPv6"}));
  EXPECT_EQ(headless["spec"]["ipFamilyPolicy"], "RequireDualStack");
  EXPECT_THAT(claims_of(headless), IsEmpty());
  json external = of_type("ExternalName");
  const json before = external;
  ASSERT_THAT(assign(external), IsEmpty());
  EXPECT_EQ(external, before);
}

TEST_F(ServiceAddresses, AClusterOfOneFamilyHasNoOther) {
  json service = of_type("ClusterIP");
  service["spec"]["ipFamilyPolicy"] = "RequireDualStack";
  service["spec"]["ipFamilies"] = {"IPv6"};
  EXPECT_THAT(assign(service),
              ElementsAre("spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": this cluster "
                          "is not configured for dual-stack services",
                          "spec.ipFamilies[0]: Invalid value: \"IPv6\": not configured on this "
                          "cluster"));
}

TEST_F(ServiceAddresses, NodePortsAreSharedByProtocolsOfOnePort) {
  json service = of_type("NodePort");
  service["spec"]["ports"] = {{{"port", 53}, {"protocol", "TCP"}},
                              {{"port", 53}, {"protocol", "UDP"}},
                              {{"port", 80}, {"protocol", "TCP"}}};
  ASSERT_THAT(assign(service), IsEmpty());
  const json& ports = service["spec"]["ports"];
  EXPECT_EQ(ports[0]["nodePort"], ports[1]["nodePort"]);
  EXPECT_NE(ports[0]["nodePort"], ports[2]["nodePort"]);
  for (const json& port : ports) {
    EXPECT_GE(port["nodePort"], ranges.first_port);
    EXPECT_LE(port["nodePort"], ranges.last_port);
  }
}

TEST_F(ServiceAddresses, ANamedNodePortMustBeFreeAndInRange) {
  taken = {"port/30001"};
  json service = of_type("NodePort");
  service["spec"]["ports"] = {{{"port", 1}, {"nodePort", 30001}}, {{"port", 2}, {"nodePort", 80}}};
  EXPECT_THAT(assign(service),
              ElementsAre("spec.ports[0].nodePort: Invalid value: 30001: provided port is already "
                          "allocated",
                          "spec.ports[1].nodePort: Invalid value: 80: provided port is not in the "
                          "valid range. The range of valid ports is 30000-32767"));
}

TEST_F(ServiceAddresses, BalancersWithoutNodePortsAndWithHealthChecks) {
  json service = of_type("LoadBalancer");
  service["spec"]["allocateLoadBalancerNodePorts"] = false;
  service["spec"]["externalTrafficPolicy"] = "Local";
  ASSERT_THAT(assign(service), IsEmpty());
  EXPECT_FALSE(service["spec"]["ports"][0].contains("nodePort"));
  ASSERT_TRUE(service["spec"].contains("healthCheckNodePort"));
  EXPECT_THAT(claims_of(service),
              UnorderedElementsAre("ip/" + service["spec"]["clusterIP"].get<std::string>(),
                                   "port/" + service["spec"]["healthCheckNodePort"].dump()));
}

TEST(ServiceRanges, AreReadAsKubeApiserversFlags) {
  service_ranges ranges;
  EXPECT_EQ(read_service_addresses("10.0.0.0/24", ranges), "");
  EXPECT_EQ(first_address(ranges), "10.0.0.1");
  EXPECT_EQ(read_service_addresses("fd00:10::/112", ranges), "");
  EXPECT_EQ(first_address(ranges), "fd00:10::1");
  EXPECT_EQ(read_service_ports("80-90", ranges), "");
  EXPECT_EQ(ranges.first_port, 80);
  EXPECT_EQ(ranges.last_port, 90);
}

TEST(ServiceRanges, WhatIsWrongChangesNothing) {
  service_ranges ranges;
  EXPECT_EQ(read_service_addresses("10.0.0.0", ranges),
            "no range of addresses, such as 10.96.0.0/12: 10.0.0.0");
  EXPECT_EQ(read_service_addresses("10.0.0.0/8", ranges),
            "the prefix must be between /12 and /29: 10.0.0.0/8");
  EXPECT_EQ(read_service_addresses("fd00::/64", ranges),
            "the prefix must be between /108 and /125: fd00::/64");
  for (const char* ports : {"", "80", "80-", "90-80", "0-10", "1-65536", "a-b", "1-2-3"})
    EXPECT_NE(read_service_ports(ports, ranges), "") << ports;
  EXPECT_EQ(first_address(ranges), "10.96.0.1");
  EXPECT_EQ(ranges.first_port, 30000);
}

}  // namespace
}  // namespace troupe::model
