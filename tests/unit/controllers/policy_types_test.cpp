// floors: actors/controllers actors/events actors/api actors/store
#include "tests/unit/controllers/fixture.hpp"

namespace troupe {
namespace {

const std::string policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";

class PolicyTypes : public Controllers {
 protected:
  void SetUp() override {
    running.push_back(spawn_policy_type_controller(sys, options));
    sched.run();
  }
  static json policy(const std::string& name, const char* expression) {
    json p = named("ValidatingAdmissionPolicy", name);
    p["apiVersion"] = "admissionregistration.k8s.io/v1";
    p["spec"] = json::parse(R"({"matchConstraints": {"resourceRules": [{"operations": ["*"],
        "apiGroups": ["apps"], "apiVersions": ["v1"], "resources": ["deployments", "deployments/scale"]}]}})");
    p["spec"]["validations"] = json::array({{{"expression", expression}}});
    return p;
  }
  json status(const std::string& name) {
    sched.run();
    return json::parse(ask("GET", policies + "/" + name).body.bytes())["status"];
  }
};

TEST_F(PolicyTypes, SaysWhatAKindDoesNotHave) {
  ASSERT_EQ(code("POST", policies, policy("good", "object.spec.replicas < 5")), 201);
  ASSERT_EQ(code("POST", policies, policy("bad", "object.spec.replica < 5")), 201);
  EXPECT_EQ(status("good"), json::parse(R"({"observedGeneration": 1, "typeChecking": {}})"));
  EXPECT_EQ(status("bad")["typeChecking"]["expressionWarnings"],
            json::parse(R"([{"fieldRef": "spec.validations[0].expression", "warning":
                "apps/v1, Kind=Deployment: ERROR: <input>:1:12: undefined field 'replica'\n | object.spec.replica < 5\n | ...........^\n"}])"));
}

TEST_F(PolicyTypes, LooksAgainWhenThePolicyChanges) {
  ASSERT_EQ(code("POST", policies, policy("p", "object.spec.replica < 5")), 201);
  EXPECT_TRUE(status("p")["typeChecking"].contains("expressionWarnings"));
  json stored = json::parse(ask("GET", policies + "/p").body.bytes());
  stored["spec"]["validations"][0]["expression"] = "object.spec.replicas < 5";
  ASSERT_EQ(code("PUT", policies + "/p", stored), 200);
  EXPECT_EQ(status("p"), json::parse(R"({"observedGeneration": 2, "typeChecking": {}})"));
}

}  // namespace
}  // namespace troupe
