// floors: model
#include "model/endpoints/topology.hpp"

#include <gtest/gtest.h>

#include <list>

namespace troupe::model {
namespace {

node_view node_of(const std::string& name, const std::string& zone, const char* cpu,
                  const char* ready = "True", const char* role = "worker") {
  json n = {{"metadata", {{"name", name}}}};
  if (!zone.empty()) n["metadata"]["labels"]["topology.kubernetes.io/zone"] = zone;
  n["metadata"]["labels"][std::string("node-role.kubernetes.io/") + role] = "";
  n["status"]["allocatable"]["cpu"] = cpu;
  json condition = {{"type", "Ready"}, {"status", ready}};
  n["status"]["conditions"] = json::array({condition});
  return node_view(n);
}

// Endpoints of zones, one letter each, and what they are hinted to.
std::string hinted(std::string_view zones, const zone_cpus& cpus, std::string* why = nullptr) {
  std::list<json> all;
  std::vector<json*> endpoints;
  for (const char zone : zones) {
    json e = {{"conditions", {{"ready", zone != '-'}}}};
    if (zone != '?') e["zone"] = std::string(1, zone);
    endpoints.push_back(&all.emplace_back(std::move(e)));
  }
  const auto refused = hint_topology(endpoints, cpus);
  if (why) *why = refused;
  std::string out;
  for (const json& e : all)
    out += e.contains("hints") ? e["hints"]["forZones"][0]["name"].get<std::string>() : "-";
  return out;
}

zone_cpus zones_of(std::initializer_list<std::pair<const char*, const char*>> zones) {
  zone_cpus out;
  for (const auto& [zone, cpu] : zones) out.put(node_of(std::string("n-") + zone, zone, cpu));
  return out;
}

TEST(TopologyHints, GoToTheOwnZoneWhereSharesAreEven) {
  EXPECT_EQ(hinted("abab", zones_of({{"a", "2"}, {"b", "2"}})), "abab");
  EXPECT_EQ(hinted("ab-", zones_of({{"a", "2"}, {"b", "2"}})), "ab-") << "one that is not ready";
}

TEST(TopologyHints, GoElsewhereWhereAZoneHasMoreThanItsShare) {
  EXPECT_EQ(hinted("aaaa", zones_of({{"a", "2"}, {"b", "2"}})), "bbaa");
  EXPECT_EQ(hinted("aabbbb", zones_of({{"a", "4"}, {"b", "2"}})), "aaaabb");
  EXPECT_EQ(hinted("abc", zones_of({{"a", "2"}, {"b", "1"}})), "aba") << "no node is left in c";
}

TEST(TopologyHints, AreLeftOutForAReason) {
  struct {
    const char* zones;
    zone_cpus cpus;
    const char* why;
  } incomplete{"ab", zones_of({{"a", "2"}, {"b", "2"}}),
               "Insufficient Node information: allocatable CPU or zone not specified on one or "
               "more nodes"};
  incomplete.cpus.put(node_of("bare", "", "2"));
  decltype(incomplete) const cases[] = {
      incomplete,
      {"aa", {}, incomplete.why},
      {"aa", zones_of({{"a", "2"}}), "Nodes only ready in one zone"},
      {"a", zones_of({{"a", "2"}, {"b", "2"}}), "Insufficient number of endpoints"},
      {"abc", zones_of({{"a", "100"}, {"b", "1"}, {"c", "1"}}),
       "Unable to allocate minimum required endpoints to each zone without exceeding overload "
       "threshold"},
      {"aab?", zones_of({{"a", "2"}, {"b", "2"}}),
       "One or more endpoints do not have a zone specified"},
  };
  for (const auto& c : cases) {
    std::string why;
    EXPECT_EQ(hinted(c.zones, c.cpus, &why), std::string(std::string_view(c.zones).size(), '-'));
    EXPECT_EQ(why, c.why) << c.zones;
  }
}

TEST(ZoneCpus, AreThoseOfNodesThatAreReadyAndNoControlPlane) {
  zone_cpus cpus;
  EXPECT_TRUE(cpus.put(node_of("n1", "a", "2")));
  EXPECT_FALSE(cpus.put(node_of("n1", "a", "2")));
  EXPECT_FALSE(cpus.put(node_of("n2", "b", "2", "False")));
  EXPECT_FALSE(cpus.put(node_of("n3", "b", "2", "True", "control-plane")));
  EXPECT_EQ(cpus.zones(), (std::map<std::string, std::int64_t>{{"a", 2000}}));
  EXPECT_TRUE(cpus.put(node_of("n4", "a", "0")));
  EXPECT_FALSE(cpus.complete());
  EXPECT_TRUE(cpus.remove("n4"));
  EXPECT_TRUE(cpus.complete());
  EXPECT_TRUE(cpus.put(node_of("n1", "a", "2", "Unknown")));
  EXPECT_TRUE(cpus.zones().empty());
}

TEST(TopologyMode, IsAskedByAnnotation) {
  const auto asked = [](const char* annotations) {
    json s;
    s["metadata"]["annotations"] = json::parse(annotations);
    return wants_topology_hints(s);
  };
  EXPECT_TRUE(asked(R"({"service.kubernetes.io/topology-mode":"Auto"})"));
  EXPECT_TRUE(asked(R"({"service.kubernetes.io/topology-aware-hints":"auto"})"));
  EXPECT_FALSE(asked(R"({"service.kubernetes.io/topology-mode":"Disabled"})"));
  EXPECT_FALSE(asked(R"({"service.kubernetes.io/topology-mode":"Auto",
                         "service.kubernetes.io/topology-aware-hints":"disabled"})"));
  EXPECT_FALSE(asked("{}"));
}

}  // namespace
}  // namespace troupe::model
