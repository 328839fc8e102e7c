// floors: model
#include "model/flow_control/flow_table.hpp"

#include "model/flow_control/defaults.hpp"
#include "model/schema.hpp"
#include "model/validation/validate.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

flow_table default_table(unsigned seats = 600) {
  std::vector<json> schemas, levels;
  for (const json& o : default_flow_objects()) {
    json named = o;
    named["metadata"]["uid"] = "uid-of-" + o["metadata"]["name"].get<std::string>();
    (o["kind"] == "FlowSchema" ? schemas : levels).push_back(std::move(named));
  }
  return {schemas, levels, seats};
}

// The places of kube-apiserver 1.32's own configuration.
TEST(FlowTable, TheDefaultsSortRequestsAsKubernetesDoes) {
  const auto table = default_table();
  const std::string pods = "/api/v1/namespaces/default/pods";
  const std::string lease = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/x";
  const struct {
    std::string user;
    std::vector<std::string> groups;
    std::string method, target;
    std::string schema, level;
  } cases[] = {
      {"admin", {"system:masters", "system:authenticated"}, "GET", pods, "exempt", "exempt"},
      {"alice", {"system:authenticated"}, "GET", pods, "global-default", "global-default"},
      {"system:anonymous",
       {"system:unauthenticated"},
       "GET",
       pods,
       "global-default",
       "global-default"},
      {"system:anonymous", {"system:unauthenticated"}, "GET", "/healthz", "probes", "exempt"},
      {"alice", {"system:authenticated"}, "GET", "/version", "global-default", "global-default"},
      {"system:node:n1",
       {"system:nodes", "system:authenticated"},
       "PATCH",
       "/api/v1/nodes/n1/status",
       "system-node-high",
       "node-high"},
      {"system:node:n1",
       {"system:nodes", "system:authenticated"},
       "GET",
       pods,
       "system-nodes",
       "system"},
      {"system:node:n1",
       {"system:nodes", "system:authenticated"},
       "PATCH",
       "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1",
       "system-node-high",
       "node-high"},
      {"system:kube-scheduler",
       {"system:authenticated"},
       "GET",
       pods,
       "kube-scheduler",
       "workload-high"},
      {"system:kube-scheduler",
       {"system:authenticated"},
       "PUT",
       lease,
       "system-leader-election",
       "leader-election"},
      {"system:serviceaccount:kube-system:x",
       {"system:serviceaccounts", "system:authenticated"},
       "GET",
       pods,
       "kube-system-service-accounts",
       "workload-high"},
      {"system:serviceaccount:default:x",
       {"system:serviceaccounts", "system:authenticated"},
       "GET",
       pods,
       "service-accounts",
       "workload-low"},
  };
  for (const auto& c : cases) {
    const auto info = std::get<request_info>(parse_request(c.method, c.target));
    const auto got = table.classify({c.user, c.groups}, info);
    ASSERT_NE(got.level, nullptr) << c.user << " " << c.target;
    EXPECT_EQ(got.schema_uid, "uid-of-" + c.schema) << c.user << " " << c.target;
    EXPECT_EQ(got.level->name, c.level) << c.user << " " << c.target;
  }
}

TEST(FlowTable, FlowsAreToldApartAsTheSchemaSays) {
  const auto table = default_table();
  const auto flow = [&](const std::string& user, const std::string& ns) {
    const std::vector<std::string> groups{"system:authenticated"};
    return table
        .classify({user, groups}, std::get<request_info>(
                                      parse_request("GET", "/api/v1/namespaces/" + ns + "/pods")))
        .flow;
  };
  EXPECT_NE(flow("alice", "a"), flow("bob", "a"));
  EXPECT_EQ(flow("alice", "a"), flow("alice", "b"));
  EXPECT_NE(flow("system:kube-scheduler", "a"), flow("system:kube-scheduler", "b"));
}

TEST(FlowTable, SeatsAreSharedOutByNominalShares) {
  const auto table = default_table(600);
  std::map<std::string, unsigned> seats;
  for (const auto& l : table.levels()) seats[l->name] = l->seats;
  EXPECT_THAT(seats, testing::UnorderedElementsAre(
                         testing::Pair("exempt", 0), testing::Pair("catch-all", 13),
                         testing::Pair("node-high", 98), testing::Pair("system", 74),
                         testing::Pair("leader-election", 25), testing::Pair("workload-high", 98),
                         testing::Pair("workload-low", 245), testing::Pair("global-default", 49)));
}

TEST(FlowTable, ASchemaWithoutItsLevelDoesNotCount) {
  const json schema{{"metadata", {{"name", "s"}}},
                    {"spec", {{"priorityLevelConfiguration", {{"name", "gone"}}}}}};
  const flow_table table({schema}, {}, 600);
  EXPECT_EQ(
      table.classify({"alice", {}}, std::get<request_info>(parse_request("GET", "/version"))).level,
      nullptr);
}

TEST(FlowDefaults, AreValid) {
  for (const json& o : default_flow_objects()) {
    const auto& kind = *schema::instance().by_kind("flowcontrol.apiserver.k8s.io", "v1",
                                                   o["kind"].get<std::string>());
    EXPECT_THAT(validate_create(kind, o), testing::IsEmpty()) << o["metadata"]["name"];
  }
}

TEST(FlowDefaults, AreBroughtBackUnlessSomebodyWantsThemOtherwise) {
  const json& wanted = default_flow_objects().back();
  ASSERT_EQ(wanted["metadata"]["name"], "catch-all");
  EXPECT_FALSE(reconciled_flow_object(wanted, wanted));
  json changed = wanted;
  changed["spec"]["matchingPrecedence"] = 5;
  EXPECT_EQ(*reconciled_flow_object(changed, wanted), wanted);
  json suggested = default_flow_objects()[2];
  json own = suggested;
  own["spec"]["limited"]["nominalConcurrencyShares"] = 1;
  EXPECT_TRUE(reconciled_flow_object(own, suggested));
  own["metadata"]["annotations"]["apf.kubernetes.io/autoupdate-spec"] = "false";
  EXPECT_FALSE(reconciled_flow_object(own, suggested));
}

TEST(LongRunning, IsWhatMayGoOnForever) {
  const struct {
    const char* target;
    bool is;
  } cases[] = {{"/api/v1/pods?watch=1", true},
               {"/api/v1/pods", false},
               {"/api/v1/namespaces/d/pods/p", false},
               {"/api/v1/namespaces/d/pods/p/log", true},
               {"/api/v1/namespaces/d/pods/p/exec", true},
               {"/api/v1/namespaces/d/pods/p/portforward", true},
               {"/api/v1/namespaces/d/services/s/proxy/x", true}};
  for (const auto& c : cases)
    EXPECT_EQ(is_long_running(std::get<request_info>(parse_request("GET", c.target))), c.is)
        << c.target;
}

}  // namespace
}  // namespace troupe::model
