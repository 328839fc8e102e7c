// floors: model
#include "model/api_services.hpp"

#include "model/discovery.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

using testing::ElementsAre;
using enum api_service_step;

json remote(json more = json::object()) {
  json out = json::parse(R"({"metadata":{"name":"v1.hats.example.com"},
      "spec":{"group":"hats.example.com","version":"v1","groupPriorityMinimum":2000,
              "versionPriority":20,"service":{"namespace":"shop","name":"hats","port":8443}}})");
  out["spec"].update(more);
  return out;
}

TEST(ApiServices, AreRead) {
  const auto s = read_api_service(remote({{"caBundle", "aGk="}}));
  EXPECT_FALSE(s.local);
  EXPECT_FALSE(s.available);
  EXPECT_EQ(s.service_ns + "/" + s.service_name, "shop/hats");
  EXPECT_EQ(s.port, 8443);
  EXPECT_EQ(s.ca, "hi");
  EXPECT_TRUE(read_api_service(custom_api_service("hats.example.com", "v1")).local);
}

TEST(ApiServices, BuiltInOnesHaveThePlacesOfKubernetes) {
  std::map<std::string, std::pair<int, int>> places;
  for (const json& s : built_in_api_services()) {
    const auto read = read_api_service(s);
    places[read.name] = {read.group_priority, read.version_priority};
    EXPECT_EQ(at(s, {"metadata", "labels", "kube-aggregator.kubernetes.io/automanaged"}),
              "onstart");
  }
  const auto place = [&](const char* name) { return places.at(name); };
  EXPECT_EQ(place("v1."), std::pair(18000, 1));
  EXPECT_EQ(place("v1.apps"), std::pair(17800, 15));
  EXPECT_EQ(place("v1.events.k8s.io"), std::pair(17750, 15));
  EXPECT_EQ(place("v2.autoscaling"), std::pair(17500, 30));
  EXPECT_EQ(place("v1.autoscaling"), std::pair(17500, 15));
  EXPECT_EQ(place("v1.flowcontrol.apiserver.k8s.io"), std::pair(16100, 21));
  EXPECT_EQ(place("v1beta1.metrics.k8s.io"), std::pair(100, 100));
  EXPECT_FALSE(places.contains("v1.apiregistration.k8s.io"));
}

/// kube-aggregator's table of what becomes of an APIService that the server keeps itself.
TEST(ApiServices, Registration) {
  const json none, wanted = custom_api_service("hats.example.com", "v1");
  json managed = wanted, on_start = wanted, foreign = remote(), changed = wanted;
  on_start["metadata"]["labels"]["kube-aggregator.kubernetes.io/automanaged"] = "onstart";
  changed["spec"]["versionPriority"] = 7;
  json changed_on_start = on_start;
  changed_on_start["spec"]["versionPriority"] = 7;
  struct row {
    const char* what;
    json current;
    managed_api how;
    bool at_start, synced;
    api_service_step step;
  };
  for (const row& r : std::vector<row>{
           {"nobody wants it", none, managed_api::none, false, false, nothing},
           {"made once", none, managed_api::on_start, false, false, create},
           {"was made; deleted since", none, managed_api::on_start, true, true, nothing},
           {"always there", none, managed_api::always, true, true, create},
           {"somebody's own", foreign, managed_api::always, true, false, nothing},
           {"its definition went", managed, managed_api::none, false, true, remove},
           {"as it should be", managed, managed_api::always, true, false, nothing},
           {"brought back", changed, managed_api::always, true, true, update},
           {"no longer served", on_start, managed_api::none, true, false, remove},
           {"made by another since", on_start, managed_api::none, false, false, nothing},
           {"changed before the start", changed_on_start, managed_api::on_start, true, false,
            update},
           {"changed since", changed_on_start, managed_api::on_start, true, true, nothing}})
    EXPECT_EQ(plan_registration(r.current, r.how == managed_api::on_start ? on_start : wanted,
                                r.how, r.at_start, r.synced),
              r.step)
        << r.what;
}

TEST(ApiServices, MetricsStayWithAServerThatHasTakenThemOver) {
  json ours;
  for (const json& s : built_in_api_services())
    if (s["metadata"]["name"] == "v1beta1.metrics.k8s.io") ours = s;
  json taken = ours;
  taken["spec"]["service"] = {{"namespace", "kube-system"}, {"name", "metrics-server"}};
  EXPECT_EQ(plan_registration(taken, ours, managed_api::on_start, true, false), nothing);
}

TEST(ApiServices, WhyTheirServersCannotBeAsked) {
  const auto s = read_api_service(remote());
  const json service =
      json::parse(R"({"spec":{"type":"ClusterIP","ports":[{"name":"https","port":8443}]}})");
  const json slice = json::parse(
      R"({"endpoints":[{"addresses":["10.0.0.1"]}],"ports":[{"name":"https","port":1}]})");
  json empty = slice, unready = slice, other_port = slice, external = service, closed = service;
  empty["endpoints"] = json::array();
  unready["endpoints"][0]["conditions"] = {{"ready", false}};
  other_port["ports"][0]["name"] = "http";
  external["spec"]["type"] = "ExternalName";
  closed["spec"]["ports"][0]["port"] = 1;
  const auto reason = [&](const json& of, const std::vector<json>& slices) {
    const auto bad = judge_backend(s, of, slices);
    return bad ? bad->reason + ": " + bad->message : "";
  };
  const std::string missing =
      "MissingEndpoints: endpoints for service/hats in \"shop\" have no addresses with port name "
      "\"https\"";
  EXPECT_EQ(reason({}, {}), "ServiceNotFound: service/hats in \"shop\" is not present");
  EXPECT_EQ(reason(closed, {slice}),
            "ServicePortError: service/hats in \"shop\" is not listening on port 8443");
  EXPECT_EQ(reason(service, {}),
            "EndpointsNotFound: cannot find endpoints for service/hats in \"shop\"");
  EXPECT_EQ(reason(service, {empty}), missing);
  EXPECT_EQ(reason(service, {unready}), missing);
  EXPECT_EQ(reason(service, {other_port}), missing);
  EXPECT_EQ(reason(service, {empty, slice}), "");
  EXPECT_EQ(reason(external, {}), "");
  EXPECT_EQ(judge_answer(s, "").reason, "Passed");
  EXPECT_EQ(judge_answer(s, "timed out").message,
            "failing or missing response from https://hats.shop.svc:8443/apis/hats.example.com/v1: "
            "timed out");
}

TEST(ApiServices, AConditionKeepsItsTime) {
  json s = remote();
  const time_point t{std::chrono::seconds(1'000'000'000)};
  const auto condition = [&]() -> const json& { return s["status"]["conditions"][0]; };
  EXPECT_TRUE(set_available(s, {false, "ServiceNotFound", "a"}, t));
  EXPECT_EQ(condition()["lastTransitionTime"], "2001-09-09T01:46:40Z");
  EXPECT_FALSE(set_available(s, {false, "ServiceNotFound", "a"}, t + std::chrono::seconds(9)));
  EXPECT_TRUE(set_available(s, {false, "MissingEndpoints", "b"}, t + std::chrono::seconds(9)));
  EXPECT_EQ(condition()["lastTransitionTime"], "2001-09-09T01:46:40Z");
  EXPECT_FALSE(read_api_service(s).available);
  EXPECT_TRUE(set_available(s, {true, "Passed", ""}, t + std::chrono::seconds(9)));
  EXPECT_EQ(condition()["lastTransitionTime"], "2001-09-09T01:46:49Z");
  EXPECT_TRUE(read_api_service(s).available);
}

class MergedDiscovery : public testing::Test {
 protected:
  static extension_version other(std::string group, std::string version, int group_priority = 2000,
                                 int version_priority = 20) {
    return {std::move(group),
            std::move(version),
            group_priority,
            version_priority,
            json::array({{{"resource", "things"}}}),
            true,
            {}};
  }
  static json shown(const char* path, const std::vector<extension_version>& others,
                    discovery_format format = discovery_format::plain) {
    const auto text = merge_discovery(path, discovery_text(path, format), others).text;
    return text ? json::parse(*text) : json();
  }
  static std::vector<std::string> names(const json& groups) {
    std::vector<std::string> out;
    for (const json& g : groups) {
      out.push_back(string_at(g, {"name"}) + string_at(g, {"metadata", "name"}));
      out.back() += ":";
      for (const json& v : g["versions"]) out.back() += " " + string_at(v, {"version"});
    }
    return out;
  }
};

TEST_F(MergedDiscovery, GroupsStandByTheirPriority) {
  const std::vector others{other("hats.example.com", "v1", 17850),
                           other("last.example.com", "v1", 50),
                           other("hats.example.com", "v2", 17850, 30)};
  for (const auto& [items, format] :
       {std::pair{"groups", discovery_format::plain}, {"items", discovery_format::aggregated_v2}}) {
    const auto all = names(shown("/apis", others, format)[items]);
    EXPECT_EQ(all[0], "apiregistration.k8s.io: v1");
    EXPECT_EQ(all[1], "hats.example.com: v2 v1");
    EXPECT_EQ(all[2], "apps: v1");
    EXPECT_EQ(all.back(), "last.example.com: v1");
  }
  EXPECT_EQ(shown("/apis/hats.example.com", others)["preferredVersion"]["groupVersion"],
            "hats.example.com/v2");
  EXPECT_TRUE(shown("/apis/none.example.com", others).is_null());
}

TEST_F(MergedDiscovery, AVersionJoinsItsGroupOrTakesThePlaceOfOneServedHere) {
  EXPECT_EQ(names(json::array({shown("/apis/autoscaling", {other("autoscaling", "v3", 1, 20)})})),
            std::vector<std::string>{"autoscaling: v2 v3 v1"});
  const auto all = shown("/apis", {other("metrics.k8s.io", "v1beta1")},
                         discovery_format::aggregated_v2)["items"];
  for (const json& g : all) {
    if (g["metadata"]["name"] != "metrics.k8s.io") continue;
    ASSERT_EQ(g["versions"].size(), 1u);
    EXPECT_EQ(g["versions"][0]["resources"][0]["resource"], "things");
  }
}

TEST_F(MergedDiscovery, SaysWhenAServerIsSilent) {
  auto e = other("hats.example.com", "v1");
  e.current = false;
  const auto base = discovery_text("/apis", discovery_format::aggregated_v2);
  const auto merged = merge_discovery("/apis", base, {e});
  EXPECT_NE(merged.etag, base.etag);
  EXPECT_EQ(merged.content_type, base.content_type);
  for (const json& g : json::parse(*merged.text)["items"])
    if (g["metadata"]["name"] == "hats.example.com") {
      EXPECT_EQ(g["versions"][0]["freshness"], "Stale");
    }
  EXPECT_EQ(merge_discovery("/apis", base, {}).text, base.text);
}

TEST_F(MergedDiscovery, ResourcesAsAggregatedDiscoveryHasThem) {
  const json list = json::parse(R"({"resources":[
      {"name":"hats","singularName":"hat","namespaced":true,"kind":"Hat","verbs":["get"],"shortNames":["h"]},
      {"name":"hats/scale","namespaced":true,"kind":"Scale","group":"autoscaling","version":"v1","verbs":["update"]}]})");
  EXPECT_EQ(aggregated_resources(list, "hats.example.com", "v1"), json::parse(R"([
      {"resource":"hats","responseKind":{"group":"hats.example.com","version":"v1","kind":"Hat"},"scope":"Namespaced",
       "singularResource":"hat","verbs":["get"],"shortNames":["h"],
       "subresources":[{"subresource":"scale","responseKind":{"group":"autoscaling","version":"v1","kind":"Scale"},
                        "verbs":["update"]}]}])"));
  EXPECT_EQ(aggregated_resources(json("nonsense"), "g", "v1"), json::array());
}

TEST_F(MergedDiscovery, OpenApiLeadsToThem) {
  auto e = other("hats.example.com", "v1");
  document base{std::make_shared<const std::string>(R"({"paths":{}})"), "\"1\""};
  EXPECT_EQ(merge_openapi_index(base, {e}).text, base.text);
  e.openapi = "/openapi/v3/apis/hats.example.com/v1?hash=9";
  EXPECT_EQ(json::parse(*merge_openapi_index(base, {e})
                             .text)["paths"]["apis/hats.example.com/v1"]["serverRelativeURL"],
            e.openapi);
}

}  // namespace
}  // namespace troupe::model
