// floors: actors/controllers actors/events actors/api actors/store
#include "tests/unit/controllers/fixture.hpp"

#include <gmock/gmock.h>

namespace troupe {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const std::string core = "/api/v1/namespaces/default/";

class ServiceEndpoints : public Controllers {
 protected:
  void SetUp() override {
    running.push_back(spawn_bootstrap_controller(sys, options, {}));
    sched.run();
    ASSERT_EQ(code("POST", "/api/v1/nodes", named("Node", "n1")), 201);
  }
  void start() {
    running.push_back(spawn_service_endpoints_controller(sys, options));
    sched.run();
  }
  json get(const std::string& path) {
    const auto r = ask("GET", path);
    return r.code == 200 ? json::parse(r.body.bytes()) : json();
  }
  void service(const std::string& name, json selector, json spec = json::object()) {
    auto s = named("Service", name);
    s["spec"] = std::move(spec);
    s["spec"]["ports"] = json::array({{{"port", 80}}});
    if (!selector.is_null()) s["spec"]["selector"] = std::move(selector);
    ASSERT_EQ(code("POST", core + "services", s), 201);
  }
  void pod(const std::string& name, const std::string& ip, json labels = {{"app", "web"}}) {
    auto p = pod_on(name, "n1");
    p["metadata"]["labels"] = std::move(labels);
    ASSERT_EQ(code("POST", core + "pods", p), 201);
    status(name, ip, true);
  }
  void status(const std::string& name, const std::string& ip, bool ready) {
    auto p = get(core + "pods/" + name);
    p["status"]["phase"] = "Running";
    p["status"]["podIP"] = ip;
    p["status"]["podIPs"] = json::array({{{"ip", ip}}});
    p["status"]["conditions"] = json::array({{{"type", "Ready"},
                                              {"status", ready ? "True" : "False"},
                                              {"lastTransitionTime", model::to_rfc3339(now)}}});
    ASSERT_EQ(code("PUT", core + "pods/" + name + "/status", p), 200);
  }
  std::vector<std::string> addresses(const std::string& service, const char* list = "addresses") {
    std::vector<std::string> out;
    const auto e = get(core + "endpoints/" + service);
    for (const json& s : model::at(e, {"subsets"}))
      for (const json& a : model::at(s, {list})) out.push_back(a["ip"]);
    return out;
  }
  std::vector<json> slices(const std::string& service) {
    const auto all =
        get("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector="
            "kubernetes.io/service-name=" +
            service);
    return all["items"];
  }
};

TEST_F(ServiceEndpoints, FollowPodsThatAServiceSelects) {
  start();
  service("web", {{"app", "web"}});
  pass(1s);
  EXPECT_THAT(slices("web"), SizeIs(1));
  pod("a", "10.0.0.1");
  pod("b", "10.0.0.2");
  pod("other", "10.0.0.3", {{"app", "db"}});
  pass(1s);
  EXPECT_THAT(addresses("web"), ElementsAre("10.0.0.1", "10.0.0.2"));
  ASSERT_THAT(slices("web"), SizeIs(1));
  EXPECT_EQ(slices("web")[0]["metadata"]["generateName"], "web-");
  EXPECT_THAT(slices("web")[0]["endpoints"], SizeIs(2));
  status("a", "10.0.0.1", false);
  pass(1s);
  EXPECT_THAT(addresses("web"), ElementsAre("10.0.0.2"));
  EXPECT_THAT(addresses("web", "notReadyAddresses"), ElementsAre("10.0.0.1"));
  ASSERT_EQ(code("DELETE", core + "pods/b?gracePeriodSeconds=0"), 200);
  pass(1s);
  EXPECT_THAT(slices("web")[0]["endpoints"], SizeIs(1));
}

TEST_F(ServiceEndpoints, AreMadeOfWhatIsThereAtTheStart) {
  service("web", {{"app", "web"}});
  pod("a", "10.0.0.1");
  ASSERT_EQ(code("POST", core + "endpoints", named("Endpoints", "left-over")), 201);
  start();
  pass(1s);
  EXPECT_THAT(addresses("web"), ElementsAre("10.0.0.1"));
  EXPECT_EQ(code("GET", core + "endpoints/left-over"), 404);
}

TEST_F(ServiceEndpoints, AChangedSelectorFindsItsPods) {
  start();
  pod("a", "10.0.0.1");
  pod("b", "10.0.0.2", {{"app", "db"}});
  service("web", {{"app", "web"}});
  pass(1s);
  EXPECT_THAT(addresses("web"), ElementsAre("10.0.0.1"));
  auto s = get(core + "services/web");
  s["spec"]["selector"]["app"] = "db";
  ASSERT_EQ(code("PUT", core + "services/web", s), 200);
  pass(1s);
  EXPECT_THAT(addresses("web"), ElementsAre("10.0.0.2"));
}

TEST_F(ServiceEndpoints, ManyChangesShareAWrite) {
  start();
  service("web", {{"app", "web"}});
  pass(1s);
  const auto version = [&] { return cache->version(); };
  for (int i = 0; i < 20; ++i) pod("p" + std::to_string(i), "10.0.0." + std::to_string(i));
  pass(1s);
  const auto before = version();
  for (int i = 0; i < 20; ++i)
    status("p" + std::to_string(i), "10.0.0." + std::to_string(i), false);
  pass(1s);
  EXPECT_LE(version() - before, 20u + 4u);  // the first change, then the others together
  EXPECT_THAT(addresses("web"), IsEmpty());
}

TEST_F(ServiceEndpoints, AreRepairedAndGoWithTheService) {
  start();
  service("web", {{"app", "web"}});
  pod("a", "10.0.0.1");
  pass(1s);
  const std::string slice = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/" +
                            slices("web")[0]["metadata"]["name"].get<std::string>();
  code("DELETE", slice);
  code("DELETE", core + "endpoints/web");
  pass(1s);
  EXPECT_THAT(addresses("web"), ElementsAre("10.0.0.1"));
  EXPECT_THAT(slices("web"), SizeIs(1));
  ASSERT_EQ(code("DELETE", core + "services/web"), 200);
  pass(1s);
  EXPECT_EQ(code("GET", core + "endpoints/web"), 404);
}

TEST_F(ServiceEndpoints, AreRightAgainAfterEventsWereMissed) {
  start();
  service("web", {{"app", "web"}});
  pod("a", "10.0.0.1");
  pass(1s);
  EXPECT_THAT(addresses("web"), ElementsAre("10.0.0.1"));
  auto left = cache->list({}).objects;
  std::erase_if(left, [](const auto& o) { return o->key().resource == "pods"; });
  cache->reset(std::move(left), cache->version() + 1);  // past what the controller has read
  pass(1s);
  EXPECT_THAT(addresses("web"), IsEmpty());
  EXPECT_THAT(slices("web")[0]["endpoints"], IsEmpty());
}

TEST_F(ServiceEndpoints, WaitForThePodsNode) {
  start();
  service("web", {{"app", "web"}});
  auto p = pod_on("a", "n2");
  p["metadata"]["labels"] = {{"app", "web"}};
  ASSERT_EQ(code("POST", core + "pods", p), 201);
  status("a", "10.0.0.1", true);
  pass(1s);
  EXPECT_THAT(slices("web")[0]["endpoints"], IsEmpty());
  ASSERT_EQ(code("POST", "/api/v1/nodes", named("Node", "n2")), 201);
  pass(1s);
  EXPECT_THAT(slices("web")[0]["endpoints"], SizeIs(1));
}

TEST_F(ServiceEndpoints, ThatPeopleWriteAreMirrored) {
  start();
  running.push_back(spawn_endpoint_mirror_controller(sys, options));
  service("db", nullptr);
  auto e = named("Endpoints", "db");
  e["subsets"] = json::parse(R"([{"addresses":[{"ip":"192.0.2.1"}],"ports":[{"port":5432}]}])");
  ASSERT_EQ(code("POST", core + "endpoints", e), 201);
  pass(1s);
  ASSERT_THAT(slices("db"), SizeIs(1));
  EXPECT_EQ(slices("db")[0]["endpoints"][0]["addresses"][0], "192.0.2.1");
  auto s = get(core + "services/db");
  s["spec"]["selector"]["app"] = "db";
  ASSERT_EQ(code("PUT", core + "services/db", s), 200);
  pass(1s);
  ASSERT_THAT(slices("db"), SizeIs(1));  // now the other controller's
  EXPECT_THAT(slices("db")[0]["endpoints"], IsEmpty());
}

TEST_F(ServiceEndpoints, AreSharedOutToZonesWhenAskedFor) {
  for (const char* name : {"n1", "n2"}) {
    auto n = named("Node", name);
    n["metadata"]["labels"]["topology.kubernetes.io/zone"] = std::string("zone-of-") + name;
    if (std::string(name) == "n2") {
      ASSERT_EQ(code("POST", "/api/v1/nodes", n), 201);
    } else {
      auto there = get("/api/v1/nodes/n1");
      there["metadata"]["labels"] = n["metadata"]["labels"];
      ASSERT_EQ(code("PUT", "/api/v1/nodes/n1", there), 200);
    }
    n = get(std::string("/api/v1/nodes/") + name);
    n["status"]["allocatable"]["cpu"] = "2";
    n["status"]["conditions"] = json::array({{{"type", "Ready"}, {"status", "True"}}});
    ASSERT_EQ(code("PUT", std::string("/api/v1/nodes/") + name + "/status", n), 200);
  }
  start();
  pod("p1", "10.0.0.1");
  pod("p2", "10.0.0.2");
  service("web", {{"app", "web"}});
  const auto hints = [&] {
    std::vector<std::string> out;
    for (const json& s : slices("web"))
      for (const json& e : s["endpoints"])
        if (e.contains("hints")) out.push_back(e["hints"]["forZones"][0]["name"]);
    return out;
  };
  pass(1s);
  EXPECT_THAT(hints(), IsEmpty());
  const auto mode = [&](const char* value) {
    auto s = get(core + "services/web");
    s["metadata"]["annotations"]["service.kubernetes.io/topology-mode"] = value;
    ASSERT_EQ(code("PUT", core + "services/web", s), 200);
    pass(2s);
  };
  mode("Auto");
  EXPECT_THAT(hints(), testing::UnorderedElementsAre("zone-of-n1", "zone-of-n2"));
  auto n = get("/api/v1/nodes/n2");
  n["status"]["conditions"][0]["status"] = "False";
  ASSERT_EQ(code("PUT", "/api/v1/nodes/n2/status", n), 200);
  pass(2s);
  EXPECT_THAT(hints(), IsEmpty());
  n = get("/api/v1/nodes/n2");
  n["status"]["conditions"][0]["status"] = "True";
  ASSERT_EQ(code("PUT", "/api/v1/nodes/n2/status", n), 200);
  pass(2s);
  mode("Disabled");
  EXPECT_THAT(hints(), IsEmpty());
  std::vector<std::string> told;
  const json all = get(core + "events");
  for (const json& e : all["items"])
    if (e["involvedObject"]["name"] == "web") told.push_back(e["message"]);
  EXPECT_THAT(told, testing::UnorderedElementsAre(
                        "Topology Aware Hints has been enabled, addressType: IPv4",
                        "Nodes only ready in one zone, addressType: IPv4",
                        "Topology Aware Hints has been disabled, addressType: IPv4"));
}

}  // namespace
}  // namespace troupe
