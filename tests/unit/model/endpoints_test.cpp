// floors: model
#include "model/endpoints/endpoints.hpp"

#include "model/endpoints/mirror.hpp"
#include "model/endpoints/slices.hpp"
#include "model/endpoints/subsets.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <list>

namespace troupe::model {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const time_point then = *from_rfc3339("2026-01-01T00:00:00Z");

json service_of(const char* spec) {
  return {{"metadata", {{"name", "web"}, {"namespace", "d"}, {"uid", "u-web"}}},
          {"spec", json::parse(spec)}};
}

const json plain = service_of(
    R"({"clusterIP":"10.96.0.7","ipFamilies":["IPv4"],"selector":{"app":"web"},
        "ports":[{"name":"http","port":80,"targetPort":8080,"protocol":"TCP"}]})");

endpoint_pod pod_of(const std::string& name, const std::string& ip, bool ready = true) {
  json pod = json::parse(R"({"spec":{"nodeName":"n1","containers":[
      {"ports":[{"name":"metrics","containerPort":9090,"protocol":"TCP"}]}]}})");
  pod["metadata"] = {{"name", name}, {"namespace", "d"}, {"uid", "u-" + name}};
  pod["status"] = {{"phase", "Running"}};
  pod["status"]["podIPs"].push_back(json({{"ip", ip}}));
  pod["status"]["conditions"].push_back(json({{"type", "Ready"},
                                              {"status", ready ? "True" : "False"},
                                              {"lastTransitionTime", "2026-01-01T00:00:00Z"}}));
  return endpoint_pod(pod);
}

// Slices as the API would hold them after the changes.
class Cluster {
 public:
  slice_changes reconcile(const json& service = plain) {
    std::vector<const endpoint_pod*> all;
    for (const auto& p : pods) all.push_back(&p);
    auto changes = reconcile_slices(
        service, all, slices,
        [&](const std::string& node) -> std::optional<std::string> {
          if (node == "n1") return zone;
          return std::nullopt;
        },
        then);
    apply(changes);
    return changes;
  }

  void add_pods(int count) {
    for (int i = 0; i < count; ++i, ++made)
      pods.push_back(pod_of("p" + std::to_string(1000 + made), "10.0.0." + std::to_string(made)));
  }

  std::vector<std::size_t> sizes() const {
    std::vector<std::size_t> out;
    for (const json& s : slices) out.push_back(s["endpoints"].size());
    std::sort(out.begin(), out.end());
    return out;
  }

  std::list<endpoint_pod> pods;
  std::vector<json> slices;
  std::string zone;
  int made = 0;

 private:
  static auto named(const std::string& name) {
    return [name](const json& s) { return string_at(s, {"metadata", "name"}) == name; };
  }
  void apply(const slice_changes& c) {
    for (const auto& name : c.remove) std::erase_if(slices, named(name));
    for (const json& s : c.update)
      *std::find_if(slices.begin(), slices.end(), named(string_at(s, {"metadata", "name"}))) = s;
    for (json s : c.create) {
      s["metadata"]["name"] = "web-" + std::to_string(next_++);
      slices.push_back(std::move(s));
    }
  }
  int next_ = 0;
};

TEST(EndpointSlices, SayOfAPodWhatKubeProxyNeeds) {
  Cluster c;
  c.zone = "z1";
  c.add_pods(1);
  const auto changes = c.reconcile();
  ASSERT_THAT(changes.create, SizeIs(1));
  EXPECT_EQ(changes.create[0], json::parse(R"({
      "apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","addressType":"IPv4",
      "metadata":{"generateName":"web-","namespace":"d",
        "annotations":{"endpoints.kubernetes.io/last-change-trigger-time":"2026-01-01T00:00:00Z"},
        "labels":{"endpointslice.kubernetes.io/managed-by":"endpointslice-controller.k8s.io",
                  "kubernetes.io/service-name":"web"},
        "ownerReferences":[{"apiVersion":"v1","kind":"Service","name":"web","uid":"u-web",
                            "controller":true,"blockOwnerDeletion":true}]},
      "endpoints":[{"addresses":["10.0.0.0"],"nodeName":"n1","zone":"z1",
        "conditions":{"ready":true,"serving":true,"terminating":false},
        "targetRef":{"kind":"Pod","namespace":"d","name":"p1000","uid":"u-p1000"}}],
      "ports":[{"name":"http","port":8080,"protocol":"TCP"}]})"));
  EXPECT_TRUE(c.reconcile().empty());
}

TEST(EndpointSlices, FollowConditions) {
  struct {
    bool ready, deleting, ended, publish;
    const char* conditions;  // empty: it is no endpoint
  } const cases[] = {
      {true, false, false, false, R"({"ready":true,"serving":true,"terminating":false})"},
      {false, false, false, false, R"({"ready":false,"serving":false,"terminating":false})"},
      {true, true, false, false, R"({"ready":false,"serving":true,"terminating":true})"},
      {false, true, false, true, R"({"ready":true,"serving":false,"terminating":true})"},
      {true, false, true, true, ""},
  };
  for (const auto& c : cases) {
    Cluster cluster;
    cluster.add_pods(1);
    auto& pod = cluster.pods.front();
    pod.ready = c.ready;
    pod.deleting = c.deleting;
    pod.ended = c.ended;
    json service = plain;
    service["spec"]["publishNotReadyAddresses"] = c.publish;
    cluster.reconcile(service);
    const json& endpoints = cluster.slices.front()["endpoints"];
    if (*c.conditions)
      EXPECT_EQ(endpoints[0]["conditions"], json::parse(c.conditions));
    else
      EXPECT_THAT(endpoints, IsEmpty());
  }
}

TEST(EndpointSlices, AreOnePerFamilyAndSetOfPorts) {
  const json service = service_of(
      R"({"clusterIP":"10.96.0.7","ipFamilies":["IPv4","IPv6"],
          "ports":[{"name":"m","port":1,"targetPort":"metrics","protocol":"TCP"}]})");
  Cluster c;
  c.add_pods(2);
  c.pods.front().ips.emplace_back("fd00::1");
  c.pods.back().ports[0].number = 9999;
  c.reconcile(service);
  std::vector<std::string> found;
  for (const json& s : c.slices)
    found.push_back(s["addressType"].get<std::string>() + ":" +
                    std::to_string(s["ports"][0]["port"].get<int>()) + "=" +
                    s["endpoints"][0]["addresses"][0].get<std::string>());
  EXPECT_THAT(found, testing::UnorderedElementsAre("IPv4:9090=10.0.0.0", "IPv4:9999=10.0.0.1",
                                                   "IPv6:9090=fd00::1"));
}

TEST(EndpointSlices, AServiceWithoutEndpointsHasAnEmptyOneThatFillsLater) {
  Cluster c;
  c.reconcile();
  ASSERT_THAT(c.slices, SizeIs(1));
  EXPECT_THAT(c.slices[0]["endpoints"], IsEmpty());
  EXPECT_TRUE(c.reconcile().empty());
  c.add_pods(1);
  const auto filled = c.reconcile();
  EXPECT_THAT(filled.update, SizeIs(1));
  EXPECT_THAT(c.sizes(), ElementsAre(1));
  c.pods.clear();
  const auto emptied = c.reconcile();
  EXPECT_THAT(emptied.update, SizeIs(1));  // the slice is not thrown away
  EXPECT_THAT(c.sizes(), ElementsAre(0));
}

TEST(EndpointSlices, ArePackedWithFewWrites) {
  Cluster c;
  c.add_pods(250);
  EXPECT_THAT(c.reconcile().create, SizeIs(3));
  EXPECT_THAT(c.sizes(), ElementsAre(50, 100, 100));
  c.add_pods(10);  // fit into the one with room
  auto changes = c.reconcile();
  EXPECT_THAT(changes.update, SizeIs(1));
  EXPECT_THAT(changes.create, IsEmpty());
  EXPECT_THAT(c.sizes(), ElementsAre(60, 100, 100));
  c.pods.front().ready = false;  // changes one slice alone
  EXPECT_THAT(c.reconcile().update, SizeIs(1));
  c.pods.pop_front();  // leaves room in a full one, which the next change does not move things to
  EXPECT_THAT(c.reconcile().update, SizeIs(1));
  EXPECT_THAT(c.sizes(), ElementsAre(60, 99, 100));
  c.add_pods(41);  // fit into neither of the two: no full slice is rewritten
  changes = c.reconcile();
  EXPECT_THAT(changes.update, IsEmpty());
  EXPECT_THAT(changes.create, SizeIs(1));
}

TEST(EndpointSlices, LeaveOutPodsWhoseNodeIsNotKnown) {
  Cluster c;
  c.add_pods(1);
  c.pods.front().node = "n9";
  const auto changes = c.reconcile();
  EXPECT_THAT(changes.without_node, ElementsAre(&c.pods.front()));
  EXPECT_THAT(c.sizes(), ElementsAre(0));
}

TEST(EndpointSlices, CarryTheServicesLabelsAndWhatPodsAskFor) {
  json service = service_of(R"({"clusterIP":"None","ipFamilies":["IPv4"],
                                "trafficDistribution":"PreferClose"})");
  service["metadata"]["labels"] = {{"a", "b"}, {"kubernetes.io/service-name", "lie"}};
  Cluster c;
  c.zone = "z1";
  c.add_pods(1);
  c.pods.front().hostname = "h";
  c.pods.front().subdomain = "web";
  c.reconcile(service);
  const json& slice = c.slices.front();
  EXPECT_EQ(slice["metadata"]["labels"]["service.kubernetes.io/headless"], "");
  EXPECT_EQ(slice["metadata"]["labels"]["kubernetes.io/service-name"], "web");
  EXPECT_EQ(slice["metadata"]["labels"]["a"], "b");
  EXPECT_EQ(slice["ports"], json::array());
  EXPECT_EQ(slice["endpoints"][0]["hostname"], "h");
  EXPECT_EQ(slice["endpoints"][0]["hints"], json::parse(R"({"forZones":[{"name":"z1"}]})"));
  service["metadata"]["labels"]["a"] = "c";
  EXPECT_THAT(c.reconcile(service).update, SizeIs(1));
}

TEST(EndpointSlices, OfAnEarlierServiceOfTheNameGiveWay) {
  Cluster c;
  c.add_pods(1);
  c.reconcile();
  json successor = plain;
  successor["metadata"]["uid"] = "u-2";
  const auto changes = c.reconcile(successor);
  EXPECT_THAT(changes.remove, SizeIs(1));
  EXPECT_THAT(changes.create, SizeIs(1));
  successor["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  c.slices.clear();
  EXPECT_TRUE(c.reconcile(successor).empty());  // a service that goes gets nothing new
}

std::optional<json> endpoints_of(const std::list<endpoint_pod>& pods, const json& current = {},
                                 const json& service = plain) {
  std::vector<const endpoint_pod*> all;
  for (const auto& p : pods) all.push_back(&p);
  return reconcile_endpoints(service, all, current, then);
}

TEST(Endpoints, ListReadyAndOtherAddressesByPorts) {
  const auto made = endpoints_of({pod_of("a", "10.0.0.1"), pod_of("b", "10.0.0.2", false)});
  ASSERT_TRUE(made);
  EXPECT_EQ(*made, json::parse(R"({"apiVersion":"v1","kind":"Endpoints","metadata":{"name":"web",
      "namespace":"d",
      "annotations":{"endpoints.kubernetes.io/last-change-trigger-time":"2026-01-01T00:00:00Z"}},
      "subsets":[{
        "addresses":[{"ip":"10.0.0.1","nodeName":"n1",
          "targetRef":{"kind":"Pod","namespace":"d","name":"a","uid":"u-a"}}],
        "notReadyAddresses":[{"ip":"10.0.0.2","nodeName":"n1",
          "targetRef":{"kind":"Pod","namespace":"d","name":"b","uid":"u-b"}}],
        "ports":[{"name":"http","port":8080,"protocol":"TCP"}]}]})"));
  EXPECT_FALSE(endpoints_of({pod_of("a", "10.0.0.1"), pod_of("b", "10.0.0.2", false)}, *made));
  const auto emptied = endpoints_of({}, *made);
  ASSERT_TRUE(emptied);
  EXPECT_FALSE(emptied->contains("subsets"));
}

TEST(Endpoints, LeaveOutPodsThatEndUnlessAllAreToBePublished) {
  auto leaving = pod_of("a", "10.0.0.1");
  leaving.deleting = true;
  EXPECT_FALSE(endpoints_of({leaving})->contains("subsets"));
  json service = plain;
  service["spec"]["publishNotReadyAddresses"] = true;
  leaving.ready = false;
  EXPECT_EQ(endpoints_of({leaving}, {}, service)->at("subsets")[0]["addresses"][0]["ip"],
            "10.0.0.1");
}

TEST(Endpoints, OfAHeadlessServiceMayHaveNoPorts) {
  const auto made = endpoints_of({pod_of("a", "10.0.0.1")}, {},
                                 service_of(R"({"clusterIP":"None","ipFamilies":["IPv4"]})"));
  EXPECT_EQ(made->at("metadata")["labels"],
            json::parse(R"({"service.kubernetes.io/headless":""})"));
  EXPECT_FALSE(made->at("subsets")[0].contains("ports"));
}

TEST(Endpoints, HoldAThousandAddresses) {
  std::list<endpoint_pod> pods;
  for (int i = 0; i < 1200; ++i)
    pods.push_back(pod_of("p" + std::to_string(i),
                          "10.0." + std::to_string(i / 200) + "." + std::to_string(i % 200),
                          i < 900));
  const auto made = endpoints_of(pods);
  const json& subset = made->at("subsets")[0];
  EXPECT_THAT(subset["addresses"], SizeIs(900));
  EXPECT_THAT(subset["notReadyAddresses"], SizeIs(100));
  EXPECT_EQ(made->at("metadata")["annotations"]["endpoints.kubernetes.io/over-capacity"],
            "truncated");
  EXPECT_FALSE(endpoints_of(pods, *made));
}

TEST(Endpoints, SubsetsAreRepacked) {
  const json address = json::parse(R"({"ip":"10.0.0.1"})");
  const auto subset = [&](const char* list, int port) {
    json out;
    out[list].push_back(address);
    out["ports"].push_back(json({{"port", port}}));
    return out;
  };
  // Both ports have the same address: one subset. Not ready anywhere is not ready.
  EXPECT_EQ(repack_subsets({subset("addresses", 80), subset("addresses", 9)}),
            json::parse(R"([{"addresses":[{"ip":"10.0.0.1"}],"ports":[{"port":9},{"port":80}]}])"));
  EXPECT_EQ(repack_subsets({subset("addresses", 80), subset("notReadyAddresses", 80)}),
            json::parse(R"([{"notReadyAddresses":[{"ip":"10.0.0.1"}],"ports":[{"port":80}]}])"));
}

TEST(EndpointMirror, IsOneSliceAFamilyAndSetOfPorts) {
  const json endpoints = json::parse(R"({"metadata":{"name":"db","namespace":"d","uid":"u-db",
      "labels":{"a":"b"},"annotations":{"note":"x",
        "kubectl.kubernetes.io/last-applied-configuration":"{}"}},
      "subsets":[{"addresses":[{"ip":"192.0.2.1","hostname":"h"},{"ip":"fd00::1"}],
                  "notReadyAddresses":[{"ip":"192.0.2.2"}],
                  "ports":[{"port":5432,"protocol":"TCP"}]}]})");
  auto changes = mirror_endpoints(endpoints, {});
  ASSERT_THAT(changes.slices.create, SizeIs(2));
  json first = changes.slices.create[0];
  EXPECT_EQ(first["addressType"], "IPv4");
  EXPECT_EQ(first["metadata"]["annotations"], json::parse(R"({"note":"x"})"));
  EXPECT_EQ(first["metadata"]["labels"]["endpointslice.kubernetes.io/managed-by"],
            "endpointslicemirroring-controller.k8s.io");
  EXPECT_EQ(first["metadata"]["ownerReferences"][0]["kind"], "Endpoints");
  EXPECT_EQ(first["endpoints"], json::parse(R"([
      {"addresses":["192.0.2.1"],"conditions":{"ready":true},"hostname":"h"},
      {"addresses":["192.0.2.2"],"conditions":{"ready":false}}])"));
  first["metadata"]["name"] = "db-1";
  json second = changes.slices.create[1];
  second["metadata"]["name"] = "db-2";
  EXPECT_TRUE(mirror_endpoints(endpoints, {first, second}).slices.empty());
  json moved = endpoints;
  moved["subsets"][0]["addresses"].erase(1);
  changes = mirror_endpoints(moved, {first, second});
  EXPECT_THAT(changes.slices.remove, ElementsAre("db-2"));
  EXPECT_THAT(changes.slices.update, IsEmpty());
}

TEST(EndpointMirror, IsNotMadeOfWhatSaysSo) {
  EXPECT_TRUE(wants_mirror(json::object()));
  EXPECT_FALSE(wants_mirror(json::parse(
      R"({"metadata":{"labels":{"endpointslice.kubernetes.io/skip-mirror":"true"}}})")));
  EXPECT_FALSE(wants_mirror(json::parse(
      R"({"metadata":{"annotations":{"control-plane.alpha.kubernetes.io/leader":"{}"}}})")));
}

}  // namespace
}  // namespace troupe::model
