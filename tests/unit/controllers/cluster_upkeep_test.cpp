// floors: actors/controllers actors/events actors/api actors/store
#include "model/lease.hpp"
#include "model/node_ttl.hpp"
#include "tests/unit/controllers/fixture.hpp"

namespace troupe {
namespace {

const std::string leases = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases";

class ClusterUpkeep : public Controllers {
 protected:
  void SetUp() override {
    running.push_back(spawn_bootstrap_controller(sys, options, {}));
    sched.run();
  }
  std::string ttl_of(const std::string& node) {
    const auto n = json::parse(ask("GET", "/api/v1/nodes/" + node).body.bytes());
    return model::string_at(n, {"metadata", "annotations", model::node_ttl_annotation}, "none");
  }
  void add_nodes(int from, int to) {
    for (int i = from; i < to; ++i)
      ASSERT_EQ(code("POST", "/api/v1/nodes", named("Node", "n" + std::to_string(i))), 201);
  }
  void lease(const std::string& name, const char* identity, std::chrono::seconds age) {
    auto l = named("Lease", name);
    l["apiVersion"] = "coordination.k8s.io/v1";
    if (*identity) l["metadata"]["labels"]["apiserver.kubernetes.io/identity"] = identity;
    l["spec"] = {{"leaseDurationSeconds", 3600}, {"renewTime", model::to_rfc3339_micro(now - age)}};
    ASSERT_EQ(code("POST", leases, l), 201);
  }
};

TEST_F(ClusterUpkeep, NodesSayHowLongKubeletsMayKeepThings) {
  running.push_back(spawn_node_ttl_controller(sys, options));
  add_nodes(0, 100);
  pass(6s);
  EXPECT_EQ(ttl_of("n0"), "0");
  add_nodes(100, 101);
  pass(6s);
  EXPECT_EQ(ttl_of("n0"), "15");
  EXPECT_EQ(ttl_of("n100"), "15");
  for (int i = 90; i < 101; ++i) code("DELETE", "/api/v1/nodes/n" + std::to_string(i));
  pass(6s);
  EXPECT_EQ(ttl_of("n0"), "15");
  code("DELETE", "/api/v1/nodes/n89");
  pass(6s);
  EXPECT_EQ(ttl_of("n0"), "0");
  auto n = json::parse(ask("GET", "/api/v1/nodes/n1").body.bytes());
  n["metadata"].erase("annotations");
  ASSERT_EQ(code("PUT", "/api/v1/nodes/n1", n), 200);
  pass(6s);
  EXPECT_EQ(ttl_of("n1"), "0");
}

TEST_F(ClusterUpkeep, LeasesOfApiServersThatEndedGo) {
  running.push_back(spawn_identity_lease_controller(sys, options));
  lease("old", "kube-apiserver", 3601s);
  lease("fresh", "kube-apiserver", 3599s);
  lease("other", "", 7200s);
  pass(3590s);
  EXPECT_EQ(code("GET", leases + "/old"), 200);
  lease("renewed", "kube-apiserver", 10s);
  pass(20s);
  EXPECT_EQ(code("GET", leases + "/old"), 404);
  EXPECT_EQ(code("GET", leases + "/fresh"), 404);
  EXPECT_EQ(code("GET", leases + "/renewed"), 200);
  EXPECT_EQ(code("GET", leases + "/other"), 200);
}

TEST_F(ClusterUpkeep, AnApiServerSaysThatItIsThere) {
  code("POST", "/api/v1/namespaces", named("Namespace", "kube-system"));
  running.push_back(spawn_api_identity_controller(sys, options, {"host-a", "uuid-1"}));
  running.push_back(spawn_identity_lease_controller(sys, options));
  pass(1s);
  // The name is kube-apiserver's on a host of this name.
  const std::string path = leases + "/apiserver-yfi6hewkklkxh5c3txuev5hfue";
  const auto read = [&] { return json::parse(ask("GET", path).body.bytes()); };
  auto lease = read();
  EXPECT_EQ(lease["metadata"]["labels"],
            json::parse(R"({"apiserver.kubernetes.io/identity": "kube-apiserver",
                            "kubernetes.io/hostname": "host-a"})"));
  EXPECT_EQ(lease["spec"]["holderIdentity"], "apiserver-yfi6hewkklkxh5c3txuev5hfue_uuid-1");
  EXPECT_EQ(lease["spec"]["leaseDurationSeconds"], 3600);
  pass(11s);
  EXPECT_NE(read()["spec"]["renewTime"], lease["spec"]["renewTime"]);
  EXPECT_EQ(read()["spec"]["acquireTime"], lease["spec"]["acquireTime"]);
  ASSERT_EQ(code("DELETE", path), 200);
  pass(11s);
  EXPECT_EQ(code("GET", path), 200) << "it is made again";
  stop_controllers();
  running.push_back(spawn_identity_lease_controller(sys, options));
  pass(3700s);
  EXPECT_EQ(code("GET", path), 404) << "when the server has ended it goes";
}

TEST(NodeTtl, ChangesLateInBothDirections) {
  struct {
    std::size_t nodes;
    int seconds;
  } const cases[] = {{0, 0},     {100, 0},    {101, 15},   {90, 15},   {89, 0},     {500, 15},
                     {501, 30},  {450, 30},   {449, 15},   {1001, 60}, {900, 60},   {899, 30},
                     {2000, 60}, {2001, 300}, {1800, 300}, {1799, 60}, {5000, 300}, {0, 0}};
  model::node_ttl ttl;
  for (const auto& c : cases) {
    const auto before = ttl.value();
    EXPECT_EQ(ttl.resize(c.nodes), before != std::chrono::seconds(c.seconds)) << c.nodes;
    EXPECT_EQ(ttl.value(), std::chrono::seconds(c.seconds)) << c.nodes;
  }
}

TEST(IdentityLease, WithoutATimeIsStale) {
  const auto at_time = *model::from_rfc3339("2026-01-01T00:00:00Z");
  const auto stale = [&](const char* spec, const char* identity = "kube-apiserver") {
    json l;
    l["metadata"]["labels"]["apiserver.kubernetes.io/identity"] = identity;
    l["spec"] = json::parse(spec);
    return model::is_stale_identity(l, at_time);
  };
  EXPECT_TRUE(stale("{}"));
  EXPECT_TRUE(stale(R"({"renewTime":"2026-01-01T00:00:00.000000Z"})"));
  EXPECT_TRUE(stale(R"({"leaseDurationSeconds":1,"renewTime":"2025-12-31T23:59:58.000000Z"})"));
  EXPECT_FALSE(stale(R"({"leaseDurationSeconds":9,"renewTime":"2025-12-31T23:59:58.000000Z"})"));
  EXPECT_FALSE(stale("{}", "somebody"));
}

}  // namespace
}  // namespace troupe
