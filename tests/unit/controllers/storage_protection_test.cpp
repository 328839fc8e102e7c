// floors: actors/controllers actors/events actors/api actors/store
#include "model/storage_protection.hpp"

#include "tests/unit/controllers/fixture.hpp"

#include <gmock/gmock.h>

namespace troupe {
namespace {

using testing::ElementsAre;

const std::string core = "/api/v1/namespaces/default/";

class StorageProtection : public Controllers {
 protected:
  void SetUp() override {
    running.push_back(spawn_bootstrap_controller(sys, options, {}));
    running.push_back(spawn_pvc_protection_controller(sys, options));
    running.push_back(spawn_pv_protection_controller(sys, options));
    sched.run();
  }
  static json claim() {
    auto c = named("PersistentVolumeClaim", "data");
    c["spec"] = json::parse(
        R"({"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}})");
    return c;
  }
  static json volume() {
    auto v = named("PersistentVolume", "vol");
    v["spec"] = json::parse(R"({"accessModes":["ReadWriteOnce"],"capacity":{"storage":"1Gi"},
                                "hostPath":{"path":"/tmp/x"}})");
    return v;
  }
  json finalizers(const std::string& path) {
    return json::parse(ask("GET", path).body.bytes())["metadata"]["finalizers"];
  }
};

TEST_F(StorageProtection, AClaimStaysWhileAPodHasIt) {
  ASSERT_EQ(code("POST", core + "persistentvolumeclaims", claim()), 201);
  EXPECT_THAT(finalizers(core + "persistentvolumeclaims/data"),
              ElementsAre("kubernetes.io/pvc-protection"));
  auto p = pod_on("user", "n1");
  p["spec"]["volumes"] =
      json::parse(R"([{"name":"v","persistentVolumeClaim":{"claimName":"data"}}])");
  ASSERT_EQ(code("POST", core + "pods", p), 201);
  ASSERT_EQ(code("DELETE", core + "persistentvolumeclaims/data"), 200);
  pass(1s);
  EXPECT_EQ(code("GET", core + "persistentvolumeclaims/data"), 200);
  ASSERT_EQ(code("DELETE", core + "pods/user"), 200);
  pass(1s);
  EXPECT_EQ(code("GET", core + "persistentvolumeclaims/data"), 404);
}

TEST_F(StorageProtection, AClaimThatNobodyHasGoesAtOnce) {
  ASSERT_EQ(code("POST", core + "persistentvolumeclaims", claim()), 201);
  code("DELETE", core + "persistentvolumeclaims/data");
  pass(1s);
  EXPECT_EQ(code("GET", core + "persistentvolumeclaims/data"), 404);
}

TEST_F(StorageProtection, AVolumeStaysWhileItIsBound) {
  ASSERT_EQ(code("POST", "/api/v1/persistentvolumes", volume()), 201);
  const std::string path = "/api/v1/persistentvolumes/vol";
  EXPECT_THAT(finalizers(path), ElementsAre("kubernetes.io/pv-protection"));
  auto bound = json::parse(ask("GET", path).body.bytes());
  bound["status"]["phase"] = "Bound";
  ASSERT_EQ(code("PUT", path + "/status", bound), 200);
  code("DELETE", path);
  pass(1s);
  ASSERT_EQ(code("GET", path), 200);
  bound = json::parse(ask("GET", path).body.bytes());
  bound["status"]["phase"] = "Released";
  ASSERT_EQ(code("PUT", path + "/status", bound), 200);
  pass(1s);
  EXPECT_EQ(code("GET", path), 404);
}

TEST_F(StorageProtection, AFinalizerThatWasTakenAwayComesBack) {
  ASSERT_EQ(code("POST", core + "persistentvolumeclaims", claim()), 201);
  auto bare = json::parse(ask("GET", core + "persistentvolumeclaims/data").body.bytes());
  bare["metadata"].erase("finalizers");
  ASSERT_EQ(code("PUT", core + "persistentvolumeclaims/data", bare), 200);
  pass(1s);
  EXPECT_THAT(finalizers(core + "persistentvolumeclaims/data"),
              ElementsAre("kubernetes.io/pvc-protection"));
}

TEST(ClaimUse, IsThatOfPodsOnNodes) {
  const json claim = json::parse(R"({"metadata":{"name":"p-v","ownerReferences":[
      {"kind":"Pod","name":"p","uid":"u","controller":true}]}})");
  const auto pod = [](const char* text) {
    json out = json::parse(text);
    out["metadata"]["name"] = "p";
    return out;
  };
  struct {
    const char* pod;
    bool uses;
  } const cases[] = {
      {R"({"spec":{"nodeName":"n","volumes":[{"persistentVolumeClaim":{"claimName":"p-v"}}]}})",
       true},
      {R"({"spec":{"volumes":[{"persistentVolumeClaim":{"claimName":"p-v"}}]}})", false},
      {R"({"spec":{"nodeName":"n","volumes":[{"persistentVolumeClaim":{"claimName":"x"}}]}})",
       false},
      {R"({"metadata":{"uid":"u"},"spec":{"nodeName":"n","volumes":[{"name":"v","ephemeral":{}}]}})",
       true},
      {R"({"metadata":{"uid":"o"},"spec":{"nodeName":"n","volumes":[{"name":"v","ephemeral":{}}]}})",
       false},
      {R"({"metadata":{"uid":"u","deletionTimestamp":"x","deletionGracePeriodSeconds":0},
           "spec":{"nodeName":"n","volumes":[{"name":"v","ephemeral":{}}]}})",
       false},
  };
  for (const auto& c : cases) EXPECT_EQ(model::uses_claim(pod(c.pod), claim), c.uses) << c.pod;
}

}  // namespace
}  // namespace troupe
