// floors: actors/controllers actors/events actors/api actors/store
#include "messages/errors.hpp"
#include "tests/unit/controllers/fixture.hpp"

namespace troupe {
namespace {

const std::string claims = "/api/v1/namespaces/default/persistentvolumeclaims";
const std::string volumes = "/api/v1/persistentvolumes";

// The nodes: what they were asked to remove, and whether they answer.
struct nodes_record {
  std::vector<std::string> removed;
  bool away = false;
};

node_registry_actor::behavior_type nodes(node_registry_actor::pointer,
                                         std::shared_ptr<nodes_record> record) {
  return {[](attach_atom, const std::string&, std::uint64_t, const kubelet_actor&) { return true; },
          [](logs_atom, const std::string&, const log_request&, std::uint64_t,
             const stream_sink&) -> caf::result<stream_source> { return stream_source{}; },
          [](tunnel_atom, const std::string&, const tunnel_request&, std::uint64_t,
             const tunnel_actor&) -> caf::result<tunnel_actor> { return tunnel_actor{}; },
          [record](reclaim_atom, const std::string& node,
                   const std::string& directory) -> caf::result<bool> {
            if (record->away) return to_error(model::unavailable("the kubelet is away"));
            record->removed.push_back(node + ":" + directory);
            return true;
          }};
}

class VolumeBinder : public Controllers {
 protected:
  ~VolumeBinder() override {
    caf::anon_send_exit(options.nodes, caf::exit_reason::user_shutdown);
    options.nodes = nullptr;
  }
  void SetUp() override {
    options.nodes = sys.spawn(nodes, asked);
    running.push_back(spawn_bootstrap_controller(sys, options, {}));
    running.push_back(spawn_pvc_protection_controller(sys, options));
    running.push_back(spawn_pv_protection_controller(sys, options));
    running.push_back(spawn_volume_binder(sys, options));
    sched.run();
  }
  json get(const std::string& path) { return json::parse(ask("GET", path).body.bytes()); }
  std::string phase(const std::string& path) {
    return model::string_at(get(path), {"status", "phase"});
  }
  void claim(const std::string& name, const char* spec = "{}") {
    auto c = named("PersistentVolumeClaim", name);
    c["spec"] = json::parse(
        R"({"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}})");
    c["spec"].update(json::parse(spec));
    ASSERT_EQ(code("POST", claims, c), 201);
  }
  void volume(const std::string& name, const char* spec = "{}") {
    auto v = named("PersistentVolume", name);
    v["spec"] = json::parse(R"({"accessModes":["ReadWriteOnce"],"capacity":{"storage":"1Gi"},
                                "hostPath":{"path":"/tmp/x"}})");
    v["spec"].update(json::parse(spec));
    ASSERT_EQ(code("POST", volumes, v), 201);
  }
  std::vector<std::string> events_of(const std::string& name, const char* reason) {
    const json all = get("/api/v1/namespaces/default/events");
    std::vector<std::string> out;
    for (const json& e : all["items"])
      if (e["involvedObject"]["name"] == name && e["reason"] == reason) out.push_back(e["message"]);
    return out;
  }
  // The volume of the standard class that a claim called "data" gets on node n1.
  std::string provisioned() {
    running.push_back(spawn_host_path_provisioner(sys, options));
    auto node = named("Node", "n1");
    node["metadata"]["labels"]["kubernetes.io/hostname"] = "host-1";
    EXPECT_EQ(code("POST", "/api/v1/nodes", node), 201);
    claim("data");
    user("p", "data", "n1");
    pass(1s);
    return model::string_at(get(claims + "/data"), {"spec", "volumeName"});
  }
  void release() {
    code("DELETE", "/api/v1/namespaces/default/pods/p");
    code("DELETE", claims + "/data");
    pass(1s);
  }
  std::shared_ptr<nodes_record> asked = std::make_shared<nodes_record>();
  static std::string directory(const std::string& volume) {
    return "/var/lib/troupe/volumes/" + volume;
  }

  void user(const std::string& name, const char* claim, const char* node) {
    auto p = pod_on(name, node);
    p["spec"]["volumes"] = json::array({{{"name", "v"}}});
    p["spec"]["volumes"][0]["persistentVolumeClaim"]["claimName"] = claim;
    ASSERT_EQ(code("POST", "/api/v1/namespaces/default/pods", p), 201);
  }
};

TEST_F(VolumeBinder, ClaimsAndVolumesFindEachOtherWhicheverComesFirst) {
  claim("early");
  pass(1s);
  EXPECT_EQ(phase(claims + "/early"), "Pending");
  volume("a");
  pass(1s);
  EXPECT_EQ(phase(claims + "/early"), "Bound");
  EXPECT_EQ(phase(volumes + "/a"), "Bound");
  volume("b");
  pass(1s);
  EXPECT_EQ(phase(volumes + "/b"), "Available");
  claim("late");
  claim("too-late");
  pass(1s);
  EXPECT_EQ(phase(claims + "/late"), "Bound");
  EXPECT_EQ(phase(claims + "/too-late"), "Pending");
  EXPECT_EQ(get(claims + "/late")["spec"]["volumeName"], "b");
}

TEST_F(VolumeBinder, AReleasedVolumeIsKeptOrGoes) {
  volume("kept");
  volume("going", R"({"persistentVolumeReclaimPolicy":"Delete","storageClassName":"d"})");
  claim("one");
  claim("two", R"({"storageClassName":"d"})");
  pass(1s);
  EXPECT_EQ(phase(claims + "/two"), "Bound");
  for (const char* name : {"/one", "/two"}) code("DELETE", claims + name);
  pass(1s);
  EXPECT_EQ(code("GET", claims + "/one"), 404);
  EXPECT_EQ(phase(volumes + "/kept"), "Released");
  EXPECT_EQ(code("GET", volumes + "/going"), 404);
}

TEST_F(VolumeBinder, TheStandardClassMakesVolumesWhereTheyAreUsed) {
  running.push_back(spawn_host_path_provisioner(sys, options));
  sched.run();
  EXPECT_EQ(code("GET", "/apis/storage.k8s.io/v1/storageclasses/standard"), 200);
  ASSERT_EQ(code("POST", "/api/v1/nodes", named("Node", "n1")), 201);
  claim("data");
  pass(1s);
  EXPECT_EQ(phase(claims + "/data"), "Pending");
  EXPECT_EQ(get(claims + "/data")["spec"]["storageClassName"], "standard");
  user("p", "data", "n1");
  pass(1s);
  ASSERT_EQ(phase(claims + "/data"), "Bound");
  const auto name = get(claims + "/data")["spec"]["volumeName"].get<std::string>();
  EXPECT_EQ(phase(volumes + "/" + name), "Bound");
  EXPECT_EQ(get(volumes + "/" + name)["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"][0]
                                     ["matchExpressions"][0]["values"][0],
            "n1");
  code("DELETE", "/api/v1/namespaces/default/pods/p");
  code("DELETE", claims + "/data");
  pass(1s);
  EXPECT_EQ(code("GET", volumes + "/" + name), 404);
}

TEST_F(VolumeBinder, TheDirectoryOfAVolumeGoesWithIt) {
  const auto name = provisioned();
  ASSERT_NE(name, "");
  EXPECT_TRUE(asked->removed.empty());
  release();
  EXPECT_EQ(code("GET", volumes + "/" + name), 404);
  EXPECT_EQ(asked->removed, std::vector<std::string>{"n1:" + directory(name)});
}

TEST_F(VolumeBinder, AVolumeWaitsForItsNode) {
  const auto name = provisioned();
  asked->away = true;
  release();
  pass(200s);
  EXPECT_FALSE(get(volumes + "/" + name)["metadata"]["deletionTimestamp"].is_null());
  asked->away = false;
  auto node = get("/api/v1/nodes/n1");
  node["status"]["conditions"] = json::array({{{"type", "Ready"}, {"status", "True"}}});
  ASSERT_EQ(code("PUT", "/api/v1/nodes/n1/status", node), 200);
  pass(1s);
  EXPECT_EQ(code("GET", volumes + "/" + name), 404) << "at the first word of its node";
  EXPECT_EQ(asked->removed.size(), 1u);
}

TEST_F(VolumeBinder, ANodeThatIsGoneForGoodTakesTheDirectoryWithIt) {
  const auto name = provisioned();
  asked->away = true;
  release();
  EXPECT_EQ(code("GET", volumes + "/" + name), 200);
  ASSERT_EQ(code("DELETE", "/api/v1/nodes/n1"), 200);
  pass(1s);
  EXPECT_EQ(code("GET", volumes + "/" + name), 404);
  EXPECT_TRUE(asked->removed.empty());
}

TEST_F(VolumeBinder, TheDirectoryOfAVolumeToBeRetainedStays) {
  const auto name = provisioned();
  auto v = get(volumes + "/" + name);
  v["spec"]["persistentVolumeReclaimPolicy"] = "Retain";
  ASSERT_EQ(code("PUT", volumes + "/" + name, v), 200);
  release();
  EXPECT_EQ(phase(volumes + "/" + name), "Released");
  code("DELETE", volumes + "/" + name);
  pass(1s);
  EXPECT_EQ(code("GET", volumes + "/" + name), 404);
  EXPECT_TRUE(asked->removed.empty());
}

TEST_F(VolumeBinder, NoDirectoryElsewhereIsRemoved) {
  const auto name = provisioned();
  auto v = named("PersistentVolume", "pvc-11111111-2222-3333-4444-555555555555");
  v["spec"] = get(volumes + "/" + name)["spec"];
  v["spec"].erase("claimRef");
  v["spec"]["hostPath"]["path"] = "/etc/pvc-11111111-2222-3333-4444-555555555555";
  v["metadata"]["annotations"]["pv.kubernetes.io/provisioned-by"] = "troupe.io/host-path";
  v["metadata"]["finalizers"] = {"troupe.io/host-path-directory"};
  ASSERT_EQ(code("POST", volumes, v), 201);
  pass(1s);
  code("DELETE", volumes + "/" + v["metadata"]["name"].get<std::string>());
  pass(2s);
  EXPECT_EQ(code("GET", volumes + "/" + v["metadata"]["name"].get<std::string>()), 404);
  EXPECT_TRUE(asked->removed.empty());
}

TEST_F(VolumeBinder, AVolumeOfNoNodeInParticularTakesItsDirectoriesWithIt) {
  running.push_back(spawn_host_path_provisioner(sys, options));
  auto immediate = named("StorageClass", "immediate");
  immediate["apiVersion"] = "storage.k8s.io/v1";
  immediate["provisioner"] = "troupe.io/host-path";
  immediate["volumeBindingMode"] = "Immediate";
  ASSERT_EQ(code("POST", "/apis/storage.k8s.io/v1/storageclasses", immediate), 201);
  for (const char* name : {"n1", "n2", "n3"})
    ASSERT_EQ(code("POST", "/api/v1/nodes", named("Node", name)), 201);
  user("early", "data", "n1");  // its claim comes later
  claim("data", R"({"storageClassName":"immediate"})");
  pass(1s);
  const auto name = model::string_at(get(claims + "/data"), {"spec", "volumeName"});
  ASSERT_FALSE(name.empty());
  EXPECT_FALSE(get(volumes + "/" + name)["spec"].contains("nodeAffinity"));
  user("p", "data", "n3");
  pass(1s);
  EXPECT_EQ(get(volumes + "/" + name)["metadata"]["annotations"]["troupe.io/host-path-hosts"],
            "n1,n3");
  code("DELETE", "/api/v1/namespaces/default/pods/early");
  asked->away = true;
  release();
  EXPECT_EQ(code("GET", volumes + "/" + name), 200) << "it waits for its nodes";
  asked->away = false;
  pass(61s);
  EXPECT_EQ(code("GET", volumes + "/" + name), 404);
  EXPECT_EQ(asked->removed,
            (std::vector<std::string>{"n1:" + directory(name), "n3:" + directory(name)}));
}

TEST_F(VolumeBinder, AVolumeThatNobodyUsedHasNoDirectory) {
  running.push_back(spawn_host_path_provisioner(sys, options));
  auto immediate = named("StorageClass", "immediate");
  immediate["apiVersion"] = "storage.k8s.io/v1";
  immediate["provisioner"] = "troupe.io/host-path";
  ASSERT_EQ(code("POST", "/apis/storage.k8s.io/v1/storageclasses", immediate), 201);
  ASSERT_EQ(code("POST", "/api/v1/nodes", named("Node", "n1")), 201);
  claim("data", R"({"storageClassName":"immediate"})");
  pass(1s);
  const auto name = model::string_at(get(claims + "/data"), {"spec", "volumeName"});
  ASSERT_FALSE(name.empty());
  release();
  EXPECT_EQ(code("GET", volumes + "/" + name), 404);
  EXPECT_TRUE(asked->removed.empty());
}

TEST_F(VolumeBinder, AClaimOfTheStandardClassGrows) {
  running.push_back(spawn_host_path_provisioner(sys, options));
  running.push_back(spawn_volume_expansion_controller(sys, options));
  ASSERT_EQ(code("POST", "/api/v1/nodes", named("Node", "n1")), 201);
  claim("data");
  auto waiting = get(claims + "/data");
  waiting["spec"]["resources"]["requests"]["storage"] = "2Gi";
  EXPECT_EQ(code("PUT", claims + "/data", waiting), 422) << "nothing can grow before it is bound";
  user("p", "data", "n1");
  pass(1s);
  auto c = get(claims + "/data");
  ASSERT_EQ(c["status"]["phase"], "Bound");
  c["spec"]["resources"]["requests"]["storage"] = "2Gi";
  ASSERT_EQ(code("PUT", claims + "/data", c), 200);
  pass(1s);
  c = get(claims + "/data");
  EXPECT_EQ(c["status"]["capacity"]["storage"], "2Gi");
  const auto name = c["spec"]["volumeName"].get<std::string>();
  EXPECT_EQ(get(volumes + "/" + name)["spec"]["capacity"]["storage"], "2Gi");
  EXPECT_EQ(events_of("data", "VolumeResizeSuccessful"),
            std::vector<std::string>{"ExpandVolume succeeded for volume default/data"});
  c["spec"]["resources"]["requests"]["storage"] = "1Gi";
  EXPECT_EQ(code("PUT", claims + "/data", c), 422);
}

TEST_F(VolumeBinder, WhatNoClassAllowsDoesNotGrow) {
  volume("v");
  claim("data");
  pass(1s);
  auto c = get(claims + "/data");
  ASSERT_EQ(c["status"]["phase"], "Bound");
  c["spec"]["resources"]["requests"]["storage"] = "2Gi";
  const auto refused = ask("PUT", claims + "/data", c);
  EXPECT_EQ(refused.code, 403);
  EXPECT_EQ(model::status_from_text(refused.body.bytes()).message,
            "persistentvolumeclaims \"data\" is forbidden: only dynamically provisioned pvc can be "
            "resized and the storageclass that provisions the pvc must support resize");
}

TEST_F(VolumeBinder, AVolumeOfSomebodyElseIsForThemToGrow) {
  running.push_back(spawn_volume_expansion_controller(sys, options));
  auto grows = named("StorageClass", "grows");
  grows["apiVersion"] = "storage.k8s.io/v1";
  grows["provisioner"] = "disk.example.com";
  grows["allowVolumeExpansion"] = true;
  ASSERT_EQ(code("POST", "/apis/storage.k8s.io/v1/storageclasses", grows), 201);
  volume("v", R"({"storageClassName":"grows"})");
  claim("data", R"({"storageClassName":"grows"})");
  pass(1s);
  auto c = get(claims + "/data");
  c["spec"]["resources"]["requests"]["storage"] = "2Gi";
  ASSERT_EQ(code("PUT", claims + "/data", c), 200);
  pass(1s);
  EXPECT_EQ(get(claims + "/data")["status"]["capacity"]["storage"], "1Gi");
  EXPECT_EQ(events_of("data", "ExternalExpanding"),
            std::vector<std::string>{"waiting for an external controller to expand this PVC"});
}

TEST_F(VolumeBinder, ALocalVolumeIsBoundWhereItsPodIs) {
  auto local = named("StorageClass", "local");
  local["apiVersion"] = "storage.k8s.io/v1";
  local["provisioner"] = "kubernetes.io/no-provisioner";
  local["volumeBindingMode"] = "WaitForFirstConsumer";
  ASSERT_EQ(code("POST", "/apis/storage.k8s.io/v1/storageclasses", local), 201);
  for (const char* node : {"n1", "n2"}) {
    auto n = named("Node", node);
    n["metadata"]["labels"]["kubernetes.io/hostname"] = node;
    ASSERT_EQ(code("POST", "/api/v1/nodes", n), 201);
    auto v = named("PersistentVolume", std::string("on-") + node);
    v["spec"] = json::parse(R"({"accessModes":["ReadWriteOnce"],"capacity":{"storage":"1Gi"},
        "storageClassName":"local","local":{"path":"/mnt/disk"},
        "nodeAffinity":{"required":{"nodeSelectorTerms":[{"matchExpressions":[
          {"key":"kubernetes.io/hostname","operator":"In"}]}]}}})");
    v["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"][0]["matchExpressions"][0]["values"] =
        json::array({node});
    ASSERT_EQ(code("POST", volumes, v), 201);
  }
  claim("data", R"({"storageClassName":"local"})");
  pass(1s);
  EXPECT_EQ(phase(claims + "/data"), "Pending");
  user("p", "data", "n2");
  pass(1s);
  EXPECT_EQ(phase(claims + "/data"), "Bound");
  EXPECT_EQ(get(claims + "/data")["spec"]["volumeName"], "on-n2");
}

TEST_F(VolumeBinder, AnEphemeralVolumeGetsAClaimOfItsPod) {
  running.push_back(spawn_ephemeral_volume_controller(sys, options));
  volume("v");
  auto p = pod_on("p", "n1");
  p["spec"]["volumes"] = json::array({{{"name", "scratch"}}});
  p["spec"]["volumes"][0]["ephemeral"]["volumeClaimTemplate"] =
      json::parse(R"({"metadata":{"labels":{"a":"b"}},"spec":{"accessModes":["ReadWriteOnce"],
                      "resources":{"requests":{"storage":"1Gi"}}}})");
  ASSERT_EQ(code("POST", "/api/v1/namespaces/default/pods", p), 201);
  pass(1s);
  const auto made = get(claims + "/p-scratch");
  EXPECT_EQ(made["status"]["phase"], "Bound");
  EXPECT_EQ(made["metadata"]["labels"]["a"], "b");
  EXPECT_EQ(made["metadata"]["ownerReferences"][0]["kind"], "Pod");
  code("DELETE", claims + "/p-scratch");
  auto held = get(claims + "/p-scratch");
  held["metadata"].erase("finalizers");
  code("PUT", claims + "/p-scratch", held);
  pass(1s);
  EXPECT_NE(get(claims + "/p-scratch")["metadata"]["uid"], made["metadata"]["uid"]);
}

TEST_F(VolumeBinder, AClaimThatLosesItsVolumeIsLost) {
  volume("v");
  claim("c");
  pass(1s);
  ASSERT_EQ(phase(claims + "/c"), "Bound");
  code("DELETE", volumes + "/v");
  auto held = get(volumes + "/v");
  held["metadata"].erase("finalizers");
  ASSERT_EQ(code("PUT", volumes + "/v", held), 200);
  pass(1s);
  EXPECT_EQ(phase(claims + "/c"), "Lost");
}

}  // namespace
}  // namespace troupe
