// floors: actors/controllers actors/events actors/api actors/store
#include "actors/controllers/custom_resources.hpp"
#include "model/scheduling/pod_group.hpp"
#include "tests/unit/controllers/fixture.hpp"

namespace troupe {
namespace {

using model::group_member;

const std::string groups = "/apis/scheduling.x-k8s.io/v1alpha1/namespaces/default/podgroups";
const std::string pods = "/api/v1/namespaces/default/pods";

// The rule: minMember is 2 throughout.
TEST(PodGroupStatus, FollowsItsPods) {
  const auto member = [](const char* phase, bool placed = true) {
    group_member m;
    m.placed = placed;
    m.phase = phase;
    return m;
  };
  const auto pending = member("Pending", false), bound = member("Pending"),
             running = member("Running"), succeeded = member("Succeeded"),
             failed = member("Failed");
  const struct {
    std::vector<const group_member*> pods;
    const char* phase;
    int scheduled, running, succeeded, failed;
  } cases[] = {
      {{}, "Pending", 0, 0, 0, 0},
      {{&pending}, "Pending", 0, 0, 0, 0},
      {{&pending, &pending}, "Scheduling", 0, 0, 0, 0},
      {{&bound, &pending, &pending}, "Scheduling", 1, 0, 0, 0},
      {{&bound, &bound}, "Scheduled", 2, 0, 0, 0},
      {{&running, &bound}, "Scheduled", 2, 1, 0, 0},
      {{&running, &running}, "Running", 2, 2, 0, 0},
      {{&running, &succeeded}, "Running", 2, 1, 1, 0},
      {{&running, &failed}, "Failed", 2, 1, 0, 1},
      {{&failed, &bound}, "Scheduled", 2, 0, 0, 1},
      {{&succeeded, &succeeded, &failed}, "Finished", 3, 0, 2, 1},
  };
  const model::time_point now{std::chrono::seconds(1700000000)};
  for (const auto& c : cases) {
    const auto got = model::pod_group_status({{"spec", {{"minMember", 2}}}}, c.pods, now);
    SCOPED_TRACE(got.dump());
    EXPECT_EQ(got["phase"], c.phase);
    EXPECT_EQ(got["scheduled"], c.scheduled);
    EXPECT_EQ(got["running"], c.running);
    EXPECT_EQ(got["succeeded"], c.succeeded);
    EXPECT_EQ(got["failed"], c.failed);
    EXPECT_EQ(got.contains("scheduleStartTime"), std::string(c.phase) != "Pending");
  }
  // What has ended stays so, whatever becomes of the pods.
  const json ended{{"spec", {{"minMember", 2}}}, {"status", {{"phase", "Finished"}}}};
  EXPECT_EQ(model::pod_group_status(ended, {}, now), ended["status"]);
}

class PodGroupController : public Controllers {
 protected:
  void SetUp() override {
    running.push_back(spawn_bootstrap_controller(sys, options, {}));
    running.push_back(spawn_custom_resource_controller(sys, options));
    running.push_back(spawn_pod_group_controller(sys, options));
    sched.run();
  }
  // With the fields of the status that a definition names, and no others.
  void define(std::vector<std::string> counts) {
    json status = {{"phase", {{"type", "string"}}},
                   {"occupiedBy", {{"type", "string"}}},
                   {"scheduleStartTime", {{"type", "string"}, {"format", "date-time"}}}};
    for (const auto& name : counts) status[name] = {{"type", "integer"}};
    json d = named("CustomResourceDefinition", "podgroups.scheduling.x-k8s.io");
    d["apiVersion"] = "apiextensions.k8s.io/v1";
    d["metadata"]["annotations"]["api-approved.kubernetes.io"] = "https://example.com";
    d["spec"] = {
        {"group", "scheduling.x-k8s.io"},
        {"scope", "Namespaced"},
        {"names", {{"plural", "podgroups"}, {"singular", "podgroup"}, {"kind", "PodGroup"}}},
        {"versions",
         {{{"name", "v1alpha1"},
           {"served", true},
           {"storage", true},
           {"subresources", {{"status", json::object()}}},
           {"schema",
            {{"openAPIV3Schema",
              {{"type", "object"},
               {"properties",
                {{"spec",
                  {{"type", "object"}, {"properties", {{"minMember", {{"type", "integer"}}}}}}},
                 {"status", {{"type", "object"}, {"properties", status}}}}}}}}}}}}};
    ASSERT_EQ(code("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", d), 201);
    pass(1s);
  }
  void group(int least) {
    json g = named("PodGroup", "g");
    g["apiVersion"] = "scheduling.x-k8s.io/v1alpha1";
    g["spec"]["minMember"] = least;
    ASSERT_EQ(code("POST", groups, g), 201);
    sched.run();
  }
  void pod(const std::string& name, const std::string& phase) {
    if (code("GET", pods + "/" + name) == 404) {
      json p = pod_on(name, "n1");
      p["metadata"]["labels"][model::pod_group_label] = "g";
      p["metadata"]["ownerReferences"] = {
          {{"apiVersion", "batch/v1"}, {"kind", "Job"}, {"name", "train"}, {"uid", "u"}}};
      ASSERT_EQ(code("POST", pods, p), 201);
    }
    json p = json::parse(ask("GET", pods + "/" + name).body.bytes());
    p["status"]["phase"] = phase;
    ASSERT_EQ(code("PUT", pods + "/" + name + "/status", p), 200);
    sched.run();
  }
  json status() { return json::parse(ask("GET", groups + "/g").body.bytes())["status"]; }
};

TEST_F(PodGroupController, WritesTheStatus) {
  define({"scheduled", "running", "succeeded", "failed"});
  group(2);
  EXPECT_EQ(status()["phase"], "Pending");
  pod("a", "Running");
  EXPECT_EQ(status()["phase"], "Pending");
  EXPECT_EQ(status()["running"], 1);
  pod("b", "Pending");
  EXPECT_EQ(status()["phase"], "Scheduled");
  EXPECT_EQ(status()["occupiedBy"], "default/train");
  pod("b", "Running");
  EXPECT_EQ(status()["phase"], "Running");
  for (const char* name : {"a", "b"}) pod(name, "Succeeded");
  EXPECT_EQ(status()["phase"], "Finished");
  EXPECT_EQ(code("DELETE", pods + "/a"), 200);
  sched.run();
  EXPECT_EQ(status()["succeeded"], 2);
}

TEST_F(PodGroupController, RestsWhereTheDefinitionHasNoCountOfPlacedPods) {
  define({"running", "succeeded", "failed"});
  group(1);
  pod("a", "Running");
  const auto said = status();
  EXPECT_EQ(said["phase"], "Running");
  EXPECT_FALSE(said.contains("scheduled"));
  const auto version = cache->version();
  json p = json::parse(ask("GET", pods + "/a").body.bytes());
  p["metadata"]["labels"]["more"] = "x";
  ASSERT_EQ(code("PUT", pods + "/a", p), 200);
  pass(1s);
  EXPECT_EQ(cache->version(), version + 1) << "nothing but the pod was written";
}

TEST_F(PodGroupController, CountsPodsThatWereThereBefore) {
  define({"scheduled", "running", "succeeded", "failed"});
  pod("a", "Running");
  group(1);
  EXPECT_EQ(status()["phase"], "Running");
}

}  // namespace
}  // namespace troupe
