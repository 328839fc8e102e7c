// floors: actors/controllers actors/events actors/api actors/store
#include "tests/unit/controllers/fixture.hpp"

namespace troupe {
namespace {

const std::string roles = "/apis/rbac.authorization.k8s.io/v1/clusterroles";

class ClusterRoleAggregation : public Controllers {
 protected:
  void SetUp() override {
    running.push_back(spawn_cluster_role_aggregation_controller(sys, options));
    sched.run();
    auto r = named("ClusterRole", "all");
    r["apiVersion"] = "rbac.authorization.k8s.io/v1";
    r["aggregationRule"]["clusterRoleSelectors"] =
        json::parse(R"([{"matchLabels":{"to":"all"}},{"matchLabels":{"also":"all"}}])");
    r["rules"] = json::array();
    ASSERT_EQ(code("POST", roles, r), 201);
  }
  json role(const std::string& name, const char* label, const char* verb) {
    auto r = named("ClusterRole", name);
    r["apiVersion"] = "rbac.authorization.k8s.io/v1";
    r["metadata"]["labels"][label] = "all";
    r["rules"] = json::parse(R"([{"apiGroups":[""],"resources":["pods"],"verbs":[]}])");
    r["rules"][0]["verbs"].push_back(verb);
    return r;
  }
  std::vector<std::string> verbs() {
    sched.run();
    std::vector<std::string> out;
    const auto all = json::parse(ask("GET", roles + "/all").body.bytes());
    for (const json& rule : model::at(all, {"rules"})) out.push_back(rule["verbs"][0]);
    return out;
  }
};

using names = std::vector<std::string>;

TEST_F(ClusterRoleAggregation, CollectsTheRulesOfSelectedRolesByName) {
  ASSERT_EQ(code("POST", roles, role("b", "to", "get")), 201);
  ASSERT_EQ(code("POST", roles, role("a", "also", "list")), 201);
  ASSERT_EQ(code("POST", roles, role("c", "to", "get")), 201);
  ASSERT_EQ(code("POST", roles, role("d", "other", "watch")), 201);
  EXPECT_EQ(verbs(), (names{"list", "get"}));
  ASSERT_EQ(code("DELETE", roles + "/a"), 200);
  EXPECT_EQ(verbs(), (names{"get"}));
  ASSERT_EQ(code("PUT", roles + "/b", role("b", "to", "patch")), 200);
  EXPECT_EQ(verbs(), (names{"patch", "get"}));
}

TEST_F(ClusterRoleAggregation, UndoesWhatOthersWrite) {
  ASSERT_EQ(code("POST", roles, role("b", "to", "get")), 201);
  sched.run();
  auto all = json::parse(ask("GET", roles + "/all").body.bytes());
  all["rules"] = json::array();
  all["aggregationRule"]["clusterRoleSelectors"].erase(1);
  ASSERT_EQ(code("PUT", roles + "/all", all), 200);
  EXPECT_EQ(verbs(), (names{"get"}));
}

}  // namespace
}  // namespace troupe
