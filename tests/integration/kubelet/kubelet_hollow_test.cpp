// floors: model messages actors/events actors/kubelet

#include "actors/kubelet/hollow_runtime.hpp"
#include "tests/integration/kubelet/world.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>

namespace troupe::test {

using testing::Contains;
using testing::StartsWith;

namespace {

/// A pod's containers: one, of this image.
json only(const std::string& image) {
  auto list = json::array();
  list.push_back({{"name", "c"}, {"image", image}});
  return list;
}

}  // namespace

class HollowKubelet : public testing::Test {
 protected:
  HollowKubelet() {
    hollow_options h;
    h.node_name = "node1";
    h.pull = 20ms;
    h.sandbox = 20ms;
    runtime = make_hollow_runtime(world.system, h);
    start();
  }
  ~HollowKubelet() override {
    world.stop();
    runtime = nullptr;
  }
  void start() {
    world.start([&](kubelet_options& o) {
      o.runtime = runtime;
      o.data_dir = "";
      o.host = hollow_host("node1");
      o.request_timeout = caf::infinite;
    });
  }
  kubelet_world world{nullptr, ""};
  std::shared_ptr<model::kubelet::runtime> runtime;
};

TEST_F(HollowKubelet, RegistersItsNodeAndItsLease) {
  EXPECT_TRUE(eventually([&] {
    auto node = world.table->get("/api/v1/nodes/node1");
    for (const auto& c : model::at(node, {"status", "conditions"}))
      if (c["type"] == "Ready") return c["status"] == "True" && c["reason"] == "KubeletReady";
    return false;
  }));
  auto node = world.table->get("/api/v1/nodes/node1");
  EXPECT_EQ(node["status"]["capacity"]["pods"], "110");
  EXPECT_EQ(node["status"]["nodeInfo"]["containerRuntimeVersion"], "hollow://0.1.0");
  EXPECT_EQ(node["metadata"]["labels"]["kubernetes.io/hostname"], "node1");
  EXPECT_TRUE(eventually([&] {
    return !world.table->get("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/node1")
                .is_null();
  }));
}

TEST_F(HollowKubelet, RunsAPodUntilItIsDeleted) {
  world.create_pod("web", {{"containers", only("nginx:1")}});
  ASSERT_TRUE(eventually([&] { return world.phase("web") == "Running"; }));
  EXPECT_EQ(world.container("web", "c")["ready"], true);
  EXPECT_THAT(world.status("web")["podIP"].get<std::string>(), StartsWith("10."));
  EXPECT_TRUE(eventually([&] { return world.events("web").size() >= 4; }));
  EXPECT_THAT(world.events("web"), Contains("Created: Created container: c"));
  EXPECT_THAT(world.events("web"), Contains("Started: Started container c"));
  EXPECT_THAT(world.events("web"), Contains("Pulling: Pulling image \"nginx:1\""));
  world.delete_pod("web");
  EXPECT_TRUE(eventually([&] { return world.table->get(world.path("web")).is_null(); }));
}

TEST_F(HollowKubelet, EndsAPodAsAnnotated) {
  world.create_pod("job", {{"restartPolicy", "Never"}, {"containers", only("i:1")}},
                   {{"troupe.dev/run-seconds", "1"}, {"troupe.dev/exit-code", "3"}});
  ASSERT_TRUE(eventually([&] { return world.phase("job") == "Failed"; }));
  EXPECT_EQ(world.container("job", "c")["state"]["terminated"]["exitCode"], 3);
  log_request r;
  r.pod = "job";
  r.container = "c";
  EXPECT_EQ(world.log(r), "c started on simulated node node1\nc ended with code 3\n");
  r.tail_lines = 1;
  EXPECT_EQ(world.log(r), "c ended with code 3\n");
}

TEST_F(HollowKubelet, BacksOffFromImagesThatAreNotThere) {
  world.create_pod("bad", {{"containers", only("x.invalid/none:1")}});
  EXPECT_TRUE(eventually([&] { return world.waiting("bad", "c") == "ErrImagePull"; }));
  EXPECT_TRUE(eventually([&] { return world.waiting("bad", "c") == "ImagePullBackOff"; }));
  EXPECT_EQ(world.phase("bad"), "Pending");
}

TEST_F(HollowKubelet, KeepsItsPodsWhileTheApiIsAway) {
  world.create_pod("web", {{"containers", only("nginx:1")}});
  ASSERT_TRUE(eventually([&] { return world.phase("web") == "Running"; }));
  const auto id = world.container("web", "c")["containerID"];
  world.table->away = true;
  world.create_pod("late", {{"containers", only("nginx:1")}});
  std::this_thread::sleep_for(500ms);
  EXPECT_EQ(world.phase("late"), "");
  world.table->away = false;
  EXPECT_TRUE(eventually([&] { return world.phase("late") == "Running"; }));
  EXPECT_EQ(world.container("web", "c")["containerID"], id);
}

TEST_F(HollowKubelet, AdoptsWhatRunsAfterItsRestart) {
  const json spec{{"containers", only("nginx:1")}};
  world.create_pod("web", spec);
  world.create_pod("stray", spec);
  ASSERT_TRUE(eventually([&] { return world.phase("web") == "Running"; }));
  ASSERT_TRUE(eventually([&] { return world.phase("stray") == "Running"; }));
  const auto before = world.container("web", "c");
  world.stop();
  // Deleted by force while the kubelet was away: its containers must go, the others stay.
  const auto stray = world.table->get(world.path("stray"))["metadata"]["uid"].get<std::string>();
  world.table->remove(world.path("stray"));
  start();
  EXPECT_TRUE(eventually([&] {
    std::promise<std::size_t> count;
    runtime->state(stray, [&](const auto& o) { count.set_value(o.value.sandboxes.size()); });
    return count.get_future().get() == 0;
  }));
  EXPECT_EQ(world.container("web", "c")["containerID"], before["containerID"]);
  EXPECT_EQ(world.container("web", "c")["restartCount"], 0);
}

TEST_F(HollowKubelet, AttachesAgainOnceAnOutageIsOver) {
  world.stop();
  world.start([&](kubelet_options& o) {
    o.runtime = runtime;
    o.data_dir = "";
    o.host = hollow_host("node1");
    o.lease_renewal = 1s;
  });
  ASSERT_TRUE(eventually([&] { return world.attached->attachments == 2; }));
  world.table->away = true;
  std::this_thread::sleep_for(2s);
  world.table->away = false;
  EXPECT_TRUE(eventually([&] { return world.attached->attachments == 3; }));
}

TEST_F(HollowKubelet, SaysThatItIsReadyOnceItWasSilentForLong) {
  world.stop();
  world.start([&](kubelet_options& o) {
    o.runtime = runtime;
    o.data_dir = "";
    o.host = hollow_host("node1");
    o.request_timeout = caf::infinite;
    o.lease_duration = 2s;
    o.lease_renewal = 1s;
  });
  const std::string path = "/api/v1/nodes/node1";
  const auto is_ready = [&] {
    const json node = world.table->get(path);
    for (const auto& c : model::at(node, {"status", "conditions"}))
      if (c["type"] == "Ready") return c["status"] == "True";
    return false;
  };
  ASSERT_TRUE(eventually(is_ready));
  std::this_thread::sleep_for(1500ms);  // it has renewed its lease
  world.table->away = true;
  std::this_thread::sleep_for(3s);
  auto lost = world.table->get(path);
  for (auto& c : lost["status"]["conditions"]) c["status"] = "Unknown";
  world.table->put(path, lost);
  world.table->away = false;
  EXPECT_TRUE(eventually(is_ready));
}

TEST_F(HollowKubelet, RemovesTheDirectoriesOfVolumesAndNoOthers) {
  namespace fs = std::filesystem;
  char made[] = "/tmp/troupe-volumes-XXXXXX";
  const fs::path root = mkdtemp(made);
  const auto volume = root / "pvc-01234567-89ab-cdef-0123-456789abcdef";
  const auto kept = root / "kept";
  fs::create_directories(volume / "a/b");
  fs::create_directories(kept);
  std::ofstream(kept / "file") << "data";
  std::ofstream(volume / "a/b/file") << "data";
  fs::create_directory_symlink(kept, volume / "link");
  const auto reclaim = [&](const fs::path& path) {
    int code = 0;
    caf::scoped_actor self{world.system};
    self->request(world.kubelet, 10s, reclaim_atom::value, path.string())
        .receive([&](bool gone) { code = gone ? 200 : 0; },
                 [&](const caf::error& e) { code = to_status(e).code; });
    return code;
  };
  EXPECT_EQ(reclaim(volume), 200);
  EXPECT_TRUE(fs::exists(volume)) << "a simulated node touches no disk";
  world.stop();
  world.start([&](kubelet_options& o) {
    o.runtime = runtime;
    o.data_dir = (root / "data").string();
    o.host = hollow_host("node1");
    o.request_timeout = caf::infinite;
  });
  EXPECT_EQ(reclaim(kept), 400);
  EXPECT_EQ(reclaim(volume / ".." / ".." / volume.filename()), 400);
  EXPECT_TRUE(fs::exists(kept / "file"));
  EXPECT_EQ(reclaim(volume), 200);
  EXPECT_FALSE(fs::exists(volume));
  EXPECT_TRUE(fs::exists(kept / "file")) << "links are not followed";
  EXPECT_EQ(reclaim(volume), 200) << "it is gone";
  world.stop();
  fs::remove_all(root);
}

}  // namespace troupe::test
