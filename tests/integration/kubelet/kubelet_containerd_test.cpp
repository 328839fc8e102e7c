// floors: model messages net/cri actors/events actors/kubelet

#include "actors/kubelet/probe_net.hpp"
#include "net/cri/client.hpp"
#include "tests/integration/kubelet/private_containerd.hpp"
#include "tests/integration/kubelet/world.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <future>

namespace troupe::test {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

std::unique_ptr<private_containerd> daemon_of_all;
std::string why_not;

json shell(const std::string& name, const std::string& script) {
  return {{"name", name},
          {"image", "docker.io/library/busybox:1.35"},
          {"imagePullPolicy", "IfNotPresent"},
          {"command", {"sh", "-c", script}}};
}

http_result get(const std::string& host, int port, const std::string& path) {
  http_target to;
  to.host = host;
  to.port = port;
  to.path = path;
  net_prober prober;
  auto told = std::make_shared<std::promise<http_result>>();
  prober.http(to, 2s, [told](const http_result& r) { told->set_value(r); });
  return told->get_future().get();
}

}  // namespace

class Containers : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    why_not = private_containerd::missing();
    if (why_not.empty()) daemon_of_all = std::make_unique<private_containerd>();
  }
  static void TearDownTestSuite() { daemon_of_all.reset(); }

  void SetUp() override {
    if (!daemon_of_all) GTEST_SKIP() << why_not;
    ASSERT_TRUE(daemon_of_all->up()) << daemon_of_all->log();
    runtime = net::cri::connect(daemon_of_all->endpoint());
    std::filesystem::create_directories(daemon_of_all->dir() + "/kubelet");
    world = std::make_unique<kubelet_world>(runtime, daemon_of_all->dir() + "/kubelet");
    world->start();
  }
  void TearDown() override {
    if (!world) return;
    for (const auto& pod : world->table->below("/api/v1/namespaces/default/pods/")) {
      const auto name = pod["metadata"]["name"].get<std::string>();
      world->delete_pod(name, 1);
      EXPECT_TRUE(eventually([&] { return world->table->get(world->path(name)).is_null(); }));
    }
    world.reset();
  }

  json pod_of(json containers, const std::string& policy = "Always") {
    return {{"restartPolicy", policy}, {"containers", std::move(containers)}};
  }

  std::shared_ptr<model::kubelet::runtime> runtime;
  std::unique_ptr<kubelet_world> world;
};

TEST_F(Containers, TwoOfAPodShareAVolumeAndAnAddress) {
  auto web = shell("web", "exec httpd -f -p 8080 -h /www");
  web["volumeMounts"] = json::array({{{"name", "page"}, {"mountPath", "/www"}}});
  web["readinessProbe"] = {{"httpGet", {{"path", "/index.html"}, {"port", 8080}}},
                           {"periodSeconds", 1}};
  auto writer = shell("writer", "echo hello from $GREETER > /page/index.html; sleep 1000");
  writer["volumeMounts"] = json::array({{{"name", "page"}, {"mountPath", "/page"}}});
  writer["env"] = json::array(
      {{{"name", "ME"}, {"valueFrom", {{"fieldRef", {{"fieldPath", "metadata.name"}}}}}},
       {{"name", "GREETER"}, {"value", "$(ME)"}}});
  auto spec = pod_of(json::array({web, writer}));
  spec["volumes"] = json::array({{{"name", "page"}, {"emptyDir", json::object()}}});
  world->create_pod("duo", spec);

  ASSERT_TRUE(eventually([&] {
    return world->phase("duo") == "Running" && world->ready("duo", "web") &&
           world->ready("duo", "writer");
  })) << world->status("duo").dump(1)
      << testing::PrintToString(world->events("duo")) << daemon_of_all->log();
  const auto ip = world->status("duo")["podIP"].get<std::string>();
  EXPECT_THAT(ip, StartsWith("10.77.200."));
  EXPECT_EQ(verdict_of(get(ip, 8080, "/index.html")), "");
  EXPECT_TRUE(eventually([&] { return world->events("duo").size() >= 6; }));
  EXPECT_THAT(world->events("duo"),
              AllOf(Contains("Pulled: Container image \"docker.io/library/busybox:1.35\" already "
                             "present on machine"),
                    Contains("Created: Created container: web"),
                    Contains("Started: Started container writer")));
}

TEST_F(Containers, AreRestartedWithBackOffAndKeepThePreviousLog) {
  world->create_pod("crash", pod_of(json::array({shell("c", "echo run; exit 7")})));
  ASSERT_TRUE(eventually([&] { return world->waiting("crash", "c") == "CrashLoopBackOff"; }));
  const auto c = world->container("crash", "c");
  EXPECT_EQ(c["lastState"]["terminated"]["exitCode"], 7);
  EXPECT_EQ(c["lastState"]["terminated"]["reason"], "Error");
  EXPECT_GE(c["restartCount"], 1);
  EXPECT_TRUE(eventually([&] { return world->restarts("crash", "c") >= 2; }));
  log_request r;
  r.pod = "crash";
  r.container = "c";
  r.previous = true;
  EXPECT_EQ(world->log(r), "run\n");
}

TEST_F(Containers, EndAsTheirPolicySays) {
  world->create_pod("never", pod_of(json::array({shell("c", "exit 3")}), "Never"));
  world->create_pod("done", pod_of(json::array({shell("c", "true")}), "OnFailure"));
  EXPECT_TRUE(eventually([&] { return world->phase("never") == "Failed"; }));
  EXPECT_TRUE(eventually([&] { return world->phase("done") == "Succeeded"; }));
  EXPECT_EQ(world->container("never", "c")["state"]["terminated"]["exitCode"], 3)
      << world->status("never").dump(1);
  EXPECT_EQ(world->container("done", "c")["state"]["terminated"]["reason"], "Completed");
}

TEST_F(Containers, OfAnImageNobodyHasWait) {
  auto c = shell("c", "true");
  c["image"] = "registry.invalid/none:1";
  world->create_pod("bad", pod_of(json::array({c})));
  EXPECT_TRUE(eventually([&] { return world->waiting("bad", "c") == "ErrImagePull"; }));
  EXPECT_TRUE(eventually([&] { return world->waiting("bad", "c") == "ImagePullBackOff"; }));
  EXPECT_TRUE(eventually([&] {
    for (const auto& e : world->events("bad"))
      if (e == "Failed: Error: ErrImagePull") return true;
    return false;
  }));
}

TEST_F(Containers, MayEndInPeaceWhenTheirPodIsDeleted) {
  world->create_pod(
      "polite", pod_of(json::array({shell(
                    "c", "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.1; done")})));
  ASSERT_TRUE(eventually([&] { return world->phase("polite") == "Running"; }));
  log_request r;
  r.pod = "polite";
  r.container = "c";
  r.follow = true;
  auto log = world->open_log(r);
  ASSERT_TRUE(log.source) << log.error.message;
  ASSERT_TRUE(eventually([&] {
    std::lock_guard lock(log.stream->mutex);
    return log.stream->text == "up\n";
  }));
  const auto begin = std::chrono::steady_clock::now();
  const auto uid = world->table->get(world->path("polite"))["metadata"]["uid"].get<std::string>();
  world->delete_pod("polite", 30);
  ASSERT_TRUE(eventually([&] { return world->table->get(world->path("polite")).is_null(); }));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
  EXPECT_TRUE(eventually([&] {
    std::lock_guard lock(log.stream->mutex);
    return log.stream->ended;
  }));
  EXPECT_EQ(log.stream->text, "up\nbye\n");
  EXPECT_THAT(world->events("polite"), Contains("Killing: Stopping container c"));
  EXPECT_TRUE(eventually([&] {
    return !std::filesystem::exists(daemon_of_all->dir() + "/kubelet/pods/" + uid) &&
           !std::filesystem::exists(daemon_of_all->dir() + "/kubelet/logs/default_polite_" + uid);
  }));
}

TEST_F(Containers, RunOnWithoutTheirKubeletAndAreAdopted) {
  world->create_pod("stay", pod_of(json::array({shell("c", "sleep 1000")})));
  ASSERT_TRUE(eventually([&] { return world->phase("stay") == "Running"; }));
  const auto before = world->container("stay", "c");
  world->stop();
  world->start();
  std::this_thread::sleep_for(1s);
  EXPECT_EQ(world->container("stay", "c")["containerID"], before["containerID"]);
  EXPECT_EQ(world->container("stay", "c")["restartCount"], 0);
}

TEST_F(Containers, StartAfterTheirInitContainersAndReadTheirConfig) {
  world->table->put("/api/v1/namespaces/default/configmaps/settings",
                    {{"kind", "ConfigMap"},
                     {"metadata", {{"name", "settings"}, {"namespace", "default"}}},
                     {"data", {{"color", "blue"}}}});
  world->table->put("/api/v1/namespaces/default/secrets/hidden",
                    {{"kind", "Secret"},
                     {"metadata", {{"name", "hidden"}, {"namespace", "default"}}},
                     {"data", {{"key", "c2VzYW1l"}}}});
  auto init = shell("init", "cat /config/color /secret/key > /work/seen");
  init["volumeMounts"] = json::array({{{"name", "config"}, {"mountPath", "/config"}},
                                      {{"name", "secret"}, {"mountPath", "/secret"}},
                                      {{"name", "work"}, {"mountPath", "/work"}}});
  auto c =
      shell("c", "cat /work/seen; echo; echo $COLOR; grep -c memory /proc/1/cgroup; sleep 1000");
  c["volumeMounts"] = json::array({{{"name", "work"}, {"mountPath", "/work"}}});
  c["env"] = json::array(
      {{{"name", "COLOR"},
        {"valueFrom", {{"configMapKeyRef", {{"name", "settings"}, {"key", "color"}}}}}}});
  c["resources"] = {{"limits", {{"memory", "32Mi"}, {"cpu", "200m"}}}};
  auto spec = pod_of(json::array({c}));
  spec["initContainers"] = json::array({init});
  spec["volumes"] = json::array({{{"name", "config"}, {"configMap", {{"name", "settings"}}}},
                                 {{"name", "secret"}, {"secret", {{"secretName", "hidden"}}}},
                                 {{"name", "work"}, {"emptyDir", json::object()}}});
  world->create_pod("configured", spec);
  ASSERT_TRUE(eventually([&] { return world->phase("configured") == "Running"; }))
      << world->status("configured").dump(1) << testing::PrintToString(world->events("configured"));
  log_request r;
  r.pod = "configured";
  r.container = "c";
  EXPECT_TRUE(eventually([&] { return world->log(r) == "bluesesame\nblue\n1\n"; }))
      << world->log(r);
  r.tail_lines = 1;
  EXPECT_EQ(world->log(r), "1\n");
  EXPECT_EQ(
      world->status("configured")["initContainerStatuses"][0]["state"]["terminated"]["reason"],
      "Completed");
}

TEST_F(Containers, AreKilledWhenTheyFailTheirLivenessProbe) {
  auto c = shell("c", "touch /tmp/well; sleep 2; rm /tmp/well; sleep 1000");
  c["livenessProbe"] = {
      {"exec", {{"command", {"cat", "/tmp/well"}}}}, {"periodSeconds", 1}, {"failureThreshold", 1}};
  auto spec = pod_of(json::array({c}));
  spec["terminationGracePeriodSeconds"] = 1;
  world->create_pod("sick", spec);
  EXPECT_TRUE(eventually([&] { return world->restarts("sick", "c") >= 1; }));
  EXPECT_THAT(world->events("sick"),
              Contains("Killing: Container c failed liveness probe, will be restarted"));
}

}  // namespace troupe::test
