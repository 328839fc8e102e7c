// floors: actors/controllers actors/events actors/api actors/store
#include "tests/unit/controllers/fixture.hpp"

namespace troupe {
namespace {

const std::string core = "/api/v1/namespaces/default/";

class ResourceQuota : public Controllers {
 protected:
  void SetUp() override {
    running.push_back(spawn_bootstrap_controller(sys, options, {}));
    sched.run();
  }
  void start() { running.push_back(spawn_resource_quota_controller(sys, options)); }
  void quota(const char* hard) {
    auto q = named("ResourceQuota", "q");
    q["spec"]["hard"] = json::parse(hard);
    ASSERT_EQ(code("POST", core + "resourcequotas", q), 201);
  }
  json used() {
    pass(1s);
    return json::parse(ask("GET", core + "resourcequotas/q").body.bytes())["status"]["used"];
  }
};

TEST_F(ResourceQuota, ShowsWhatTheNamespaceUses) {
  start();
  ASSERT_EQ(code("POST", core + "pods", pod_on("a", "n1")), 201);
  quota(R"({"pods":"5","count/configmaps":"9"})");
  EXPECT_EQ(used(), json::parse(R"({"pods":"1","count/configmaps":"0"})"));
  ASSERT_EQ(code("POST", core + "configmaps", named("ConfigMap", "c")), 201);
  ASSERT_EQ(code("DELETE", core + "pods/a"), 200);
  EXPECT_EQ(used(), json::parse(R"({"pods":"0","count/configmaps":"1"})"));
  auto q = json::parse(ask("GET", core + "resourcequotas/q").body.bytes());
  q["spec"]["hard"] = json::parse(R"({"configmaps":"3"})");
  ASSERT_EQ(code("PUT", core + "resourcequotas/q", q), 200);
  EXPECT_EQ(used(), json::parse(R"({"configmaps":"1"})"));
}

TEST_F(ResourceQuota, CountsWhatIsThereAtTheStart) {
  ASSERT_EQ(code("POST", core + "pods", pod_on("a", "n1")), 201);
  quota(R"({"pods":"5"})");
  start();
  EXPECT_EQ(used(), json::parse(R"({"pods":"1"})"));
}

TEST_F(ResourceQuota, APodThatIsStuckCountsNoMore) {
  start();
  quota(R"({"pods":"5","count/pods":"5"})");
  auto p = pod_on("a", "n1");
  p["spec"]["terminationGracePeriodSeconds"] = 10;
  ASSERT_EQ(code("POST", core + "pods", p), 201);
  ASSERT_EQ(code("DELETE", core + "pods/a"), 200);
  EXPECT_EQ(used()["pods"], "1");
  // The deletion's time is the end of its grace already; kube adds the grace once more.
  pass(22s);
  EXPECT_EQ(used(), json::parse(R"({"pods":"0","count/pods":"1"})"));
}

}  // namespace
}  // namespace troupe
