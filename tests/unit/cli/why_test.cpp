// floors: cli
// Why a pod waits, and where pods would go.
#include "model/scheduling/config.hpp"
#include "model/scheduling/published_profile.hpp"
#include "tests/unit/cli/scripted_cluster.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace troupe::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

json node(const std::string& name, const std::string& cpu, json labels = json::object()) {
  labels["kubernetes.io/hostname"] = name;
  return {{"metadata", {{"name", name}, {"uid", "n-" + name}, {"labels", labels}}},
          {"spec", json::object()},
          {"status", {{"allocatable", {{"cpu", cpu}, {"memory", "8Gi"}, {"pods", "110"}}}}}};
}

json pod(const std::string& name, const std::string& cpu, const std::string& on = {}) {
  json p{{"apiVersion", "v1"},
         {"kind", "Pod"},
         {"metadata", {{"name", name}, {"namespace", "default"}, {"uid", "p-" + name}}},
         {"spec",
          {{"containers",
            {{{"name", "c"}, {"image", "web:1"}, {"resources", {{"requests", {{"cpu", cpu}}}}}}}}}},
         {"status", {{"phase", on.empty() ? "Pending" : "Running"}}}};
  if (!on.empty()) p["spec"]["nodeName"] = on;
  return p;
}

struct Why : Commands {
  void set_up(std::vector<json> nodes, std::vector<json> pods) {
    const auto list = [&](const std::string& path, const char* kind, json items) {
      serve("GET " + path, {{"kind", kind}, {"apiVersion", "v1"}, {"items", std::move(items)}});
    };
    list("/api/v1/nodes", "NodeList", nodes);
    list("/api/v1/pods", "PodList", pods);
    for (const char* path :
         {"/api/v1/namespaces", "/api/v1/services", "/apis/apps/v1/replicasets",
          "/api/v1/replicationcontrollers", "/apis/apps/v1/statefulsets",
          "/apis/policy/v1/poddisruptionbudgets", "/api/v1/persistentvolumeclaims",
          "/api/v1/persistentvolumes", "/apis/storage.k8s.io/v1/storageclasses",
          "/apis/storage.k8s.io/v1/csinodes", "/apis/scheduling.k8s.io/v1/priorityclasses",
          "/api/v1/limitranges", "/apis/node.k8s.io/v1/runtimeclasses"})
      list(path, "List", json::array());
    for (const auto& p : pods)
      serve("GET /api/v1/namespaces/default/pods/" + p["metadata"]["name"].get<std::string>(), p);
  }

  std::string file(const std::string& text) {
    const auto path = std::filesystem::temp_directory_path() /
                      ("troupe-why-" + std::to_string(getpid()) + ".yaml");
    std::ofstream(path) << text;
    return path.string();
  }
};

TEST_F(Why, TellsTheFiguresAndWhatWouldHelp) {
  json tainted = node("node2", "8");
  tainted["spec"]["taints"] = {{{"key", "team"}, {"value", "db"}, {"effect", "NoSchedule"}}};
  set_up({node("node1", "4"), tainted, node("node3", "1")},
         {pod("web", "2"), pod("big", "2800m", "node1"), pod("other", "500m", "node3")});
  run("why pod web");
  EXPECT_EQ(code, 0) << err.str();
  EXPECT_THAT(out.str(), HasSubstr("fits on none of 3 nodes"));
  EXPECT_THAT(out.str(), HasSubstr("node1: wants cpu 2, node has 1.2 of 4 free"));
  EXPECT_THAT(out.str(), HasSubstr("800m more cpu free on node1"));
  EXPECT_THAT(out.str(), HasSubstr("tolerate team=db:NoSchedule"));
  EXPECT_THAT(out.str(), HasSubstr("a node with cpu 2 or more"));
  EXPECT_THAT(out.str(), HasSubstr("No preemption victims found for incoming pod"));
  run("why pod web -o wide");
  EXPECT_THAT(out.str(), HasSubstr("node(s) had untolerated taint {team: db}"));
  run("why pod/web -o json");
  const auto j = json::parse(out.str());
  EXPECT_EQ(j["feasible"], 0);
  EXPECT_EQ(j["nodes"].size(), 3U);
  EXPECT_THAT(j["message"].get<std::string>(),
              HasSubstr("0/3 nodes are available: 1 node(s) had untolerated taint {team: db}, 2 "
                        "Insufficient cpu."));
}

TEST_F(Why, NamesWhoWouldHaveToGo) {
  json vip = pod("vip", "3");
  vip["spec"]["priority"] = 10;
  set_up({node("node1", "4")}, {vip, pod("low", "2", "node1")});
  run("why pod vip");
  EXPECT_THAT(out.str(), HasSubstr("Preemption would take from node1: default/low (priority 0)"));
  run("why pod vip -o json");
  EXPECT_EQ(json::parse(out.str())["preemption"]["victims"][0]["name"], "low");
}

TEST_F(Why, ScoresTheNodesThatPass) {
  set_up({node("node1", "4"), node("node2", "4")},
         {pod("web", "1", "node1"), pod("big", "2", "node1")});
  run("why pod web");
  EXPECT_THAT(out.str(), HasSubstr("fits on 2 of 2 nodes; best: node2; node1 has "));
  EXPECT_THAT(out.str(), HasSubstr("1 node more"));
  EXPECT_THAT(out.str(), HasSubstr("NODE      TOTAL"));
  EXPECT_THAT(out.str(), HasSubstr("node2 *"));
  EXPECT_THAT(out.str(), HasSubstr("The same for all: "));
  run("why pod web -o json");
  const auto j = json::parse(out.str());
  EXPECT_EQ(j["nodeName"], "node1");
  EXPECT_EQ(j["nodes"][0]["node"], "node2");
  std::int64_t sum = 0;
  for (const auto& s : j["nodes"][0]["scores"])
    sum += s["score"].get<std::int64_t>() * s["weight"].get<std::int64_t>();
  EXPECT_EQ(j["nodes"][0]["total"], sum);
}

TEST_F(Why, KnowsWhatKeepsAPodFromTheScheduler) {
  json gated = pod("web", "1");
  gated["spec"]["schedulingGates"] = {{{"name", "quota"}}};
  set_up({node("node1", "4")}, {gated});
  run("why pod web");
  EXPECT_THAT(out.str(), HasSubstr("for its scheduling gates: quota"));
}

TEST_F(Why, GoesOnWithoutWhatMayNotBeRead) {
  set_up({node("node1", "4")}, {pod("web", "1")});
  cluster.answers["GET /api/v1/persistentvolumes"] = {
      {403, model::to_text({403, "Forbidden", "no"}), {}}};
  run("why pod web");
  EXPECT_EQ(code, 0) << err.str();
  EXPECT_THAT(err.str(), HasSubstr("persistentvolumes may not be read, and count as none"));
}

TEST_F(Why, GoesByTheProfileOfThePodsScheduler) {
  json web = pod("web", "1");
  web["spec"]["schedulerName"] = "packing";
  json stray = pod("stray", "1");
  set_up({node("node1", "4"), node("node2", "4")}, {web, stray, pod("big", "2", "node1")});
  run("why pod web");
  EXPECT_THAT(out.str(), HasSubstr("best: node2"));
  const auto f = file(R"(
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
- schedulerName: packing
  plugins: {score: {disabled: [{name: NodeResourcesBalancedAllocation}]}}
  pluginConfig:
  - name: NodeResourcesFit
    args: {scoringStrategy: {type: MostAllocated, resources: [{name: cpu, weight: 1}]}}
extenders: [{urlPrefix: "http://127.0.0.1:1", filterVerb: filter}]
)");
  run("why pod web --scheduler-config " + f);
  EXPECT_THAT(out.str(), HasSubstr("best: node1"));
  EXPECT_THAT(err.str(), HasSubstr("extenders of " + f + " are not asked"));
  run("why pod stray --scheduler-config " + f);
  EXPECT_EQ(code, 1);
  EXPECT_THAT(err.str(), HasSubstr(f + ": no profile of scheduler name \"default-scheduler\""));
  run("simulate --nodes count=4,cpu=4 --pods count=4,cpu=1,schedulerName=packing -o json "
      "--scheduler-config " +
      f);
  EXPECT_EQ(code, 0) << err.str();
  EXPECT_EQ(json::parse(out.str())["after"]["nodesByCpuTenth"][0], 3) << "all are on one node";
  run("simulate --nodes cpu=4 --pods cpu=1,schedulerName=packing --pods cpu=1 --scheduler-config " +
      f);
  EXPECT_THAT(err.str(), HasSubstr("pods of several schedulers"));
  run("simulate --nodes cpu=4 --pods cpu=1 --scheduler-plugins x.so");
  EXPECT_THAT(err.str(), HasSubstr("--scheduler-plugins needs --scheduler-config"));
  const auto bad = file("kind: KubeSchedulerConfiguration\n");
  run("simulate --nodes cpu=4 --pods cpu=1 --scheduler-config " + bad);
  EXPECT_EQ(code, 1);
  EXPECT_THAT(err.str(), HasSubstr("error: " + bad + ": "));
}

TEST_F(Why, GoesByWhatTheHolderOfTheLeaseGoesBy) {
  json web = pod("web", "1");
  web["spec"]["schedulerName"] = "packing";
  set_up({node("node1", "4"), node("node2", "4")}, {web, pod("big", "2", "node1")});
  auto read = model::read_scheduler_config(R"(
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
- schedulerName: packing
  plugins:
    score: {disabled: [{name: NodeResourcesBalancedAllocation}]}
    multiPoint: {enabled: [{name: Quiet}]}
  pluginConfig:
  - name: NodeResourcesFit
    args: {scoringStrategy: {type: MostAllocated, resources: [{name: cpu, weight: 1}]}}
extenders: [{urlPrefix: "http://127.0.0.1:1", filterVerb: filter}]
)",
                                           [] {
                                             auto known = model::in_tree_plugins();
                                             known["Quiet"] =
                                                 bit_of(model::extension_point::filter);
                                             return known;
                                           }());
  const auto& profile = std::get<model::scheduler_config>(read).profiles.front();
  const std::string lease =
      "GET /apis/coordination.k8s.io/v1/namespaces/kube-system/leases/packing";
  run("why pod web");
  EXPECT_THAT(out.str(), HasSubstr("best: node2"));
  EXPECT_THAT(out.str(), HasSubstr("kube-scheduler's default profile")) << "there is no Lease";
  serve(
      lease,
      {{"metadata",
        {{"name", "packing"}, {"annotations", {{model::profile_annotation, profile.published}}}}}});
  run("why pod web");
  EXPECT_EQ(code, 0) << err.str();
  EXPECT_THAT(out.str(), HasSubstr("best: node1"));
  EXPECT_THAT(out.str(), HasSubstr("the running scheduler's profile"));
  EXPECT_THAT(err.str(), HasSubstr("the extenders of the running scheduler are not asked"));
  EXPECT_THAT(err.str(), HasSubstr("plugin Quiet of the running scheduler is not asked"));
  run("simulate --pods count=4,cpu=500m,schedulerName=packing -o json");
  EXPECT_EQ(json::parse(out.str())["workloads"][0]["podsByNode"], (json{{"node1", 4}}))
      << "those that fit beside big";
  const auto f = file(
      "apiVersion: kubescheduler.config.k8s.io/v1\n"
      "kind: KubeSchedulerConfiguration\nprofiles: [{schedulerName: packing}]\n");
  run("why pod web --scheduler-config " + f);
  EXPECT_THAT(out.str(), HasSubstr("best: node2"));
  EXPECT_THAT(out.str(), HasSubstr(f));
  const json broken{{"metadata", {{"annotations", {{model::profile_annotation, "{"}}}}}};
  cluster.answers[lease] = {{200, broken.dump(), {}}};
  run("why pod web");
  EXPECT_EQ(code, 1);
  EXPECT_THAT(err.str(), HasSubstr("the profile of the running scheduler packing cannot be read"));
  cluster.answers[lease] = {{403, model::to_text({403, "Forbidden", "no"}), {}}};
  run("why pod web");
  EXPECT_EQ(code, 0);
  EXPECT_THAT(err.str(), HasSubstr("leases may not be read"));
}

TEST_F(Why, WantsPodsByName) {
  run("why deployment web");
  EXPECT_EQ(code, 1);
  EXPECT_THAT(err.str(), HasSubstr("troupe why is for pods by name"));
}

TEST_F(Why, SimulatesAWorkloadOnTheCluster) {
  set_up({node("node1", "4"), node("node2", "4")}, {pod("big", "2", "node1")});
  const auto f = file(R"(
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 7
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: c, image: 'web:1', resources: {requests: {cpu: '1'}}}]
)");
  run("simulate -f " + f);
  EXPECT_EQ(code, 0) << err.str();
  EXPECT_THAT(out.str(), HasSubstr("6 of 7 pods find a place on 2 nodes"));
  EXPECT_THAT(out.str(), HasSubstr("node2 (4), node1 (2)"));
  EXPECT_THAT(out.str(),
              HasSubstr("1 of 7 fit nowhere: 0/2 nodes are available: 2 Insufficient cpu."));
  for (const auto& r : cluster.requests) EXPECT_EQ(r.method, "GET");
  run("simulate -o json -f " + f);
  const auto j = json::parse(out.str());
  EXPECT_EQ(j["workloads"][0]["podsByNode"], json::parse(R"({"node1":2,"node2":4})"));
  EXPECT_EQ(j["before"]["cpu"]["asked"], 2000);
  EXPECT_EQ(j["after"]["cpu"]["asked"], 8000);
}

TEST_F(Why, SimulatesADescribedClusterWithoutAsking) {
  run("simulate --nodes count=4,cpu=2,memory=4Gi,zones=2 --pods count=10,cpu=500m");
  EXPECT_EQ(code, 0) << err.str();
  EXPECT_TRUE(cluster.requests.empty());
  EXPECT_THAT(out.str(), HasSubstr("10 of 10 pods find a place on 4 nodes"));
  EXPECT_THAT(out.str(), HasSubstr("node1 (3), node2 (3), node3 (2), node4 (2)"));
}

TEST_F(Why, SimulatesDaemonsSetsAndPriorities) {
  const auto f = file(R"(
apiVersion: v1
kind: Node
metadata: {name: worker, annotations: {troupe.io/count: '3'}}
status: {allocatable: {cpu: '1', memory: 4Gi, pods: '10'}}
---
apiVersion: v1
kind: Node
metadata: {name: closed}
spec: {taints: [{key: k, effect: NoSchedule}]}
status: {allocatable: {cpu: '1', memory: 4Gi, pods: '10'}}
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: high}
value: 100
---
apiVersion: v1
kind: Pod
metadata: {name: low, annotations: {troupe.io/count: '3'}}
spec:
  containers: [{name: c, image: a, resources: {requests: {cpu: 600m}}}]
---
apiVersion: v1
kind: Pod
metadata: {name: first, annotations: {troupe.io/count: '2'}}
spec:
  priorityClassName: high
  containers: [{name: c, image: a, resources: {requests: {cpu: 800m}}}]
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      priorityClassName: system-node-critical
      containers: [{name: c, image: a, resources: {requests: {cpu: 100m}}}]
)");
  run("simulate -o json --nodes count=0 -f " + f);
  EXPECT_EQ(code, 1);
  run("simulate -o json --nodes count=1,cpu=1,memory=1Gi,name=small,taint=k:NoSchedule -f " + f);
  ASSERT_EQ(code, 0) << err.str();
  const auto j = json::parse(out.str());
  EXPECT_EQ(j["nodes"], 5);
  EXPECT_EQ(j["workloads"][0]["placed"], 1);  // beside the two that matter more
  EXPECT_EQ(j["workloads"][1]["placed"], 2);
  EXPECT_EQ(j["workloads"][2]["placed"], 3);
}

TEST_F(Why, RefusesWhatItCannotSimulate) {
  const std::pair<const char*, const char*> cases[] = {
      {"simulate --nodes count=2,cpu=1", "no pods to place"},
      {"simulate --nodes count=x --pods count=1", "\"count=x\": must be a number from 1 to"},
      {"simulate --nodes colour=red --pods count=1", "\"colour=red\": must be count, cpu"},
      {"simulate --nodes cpu=much --pods count=1", "\"cpu=much\": must be a quantity"},
      {"simulate --nodes cpu=1,taint=k --pods count=1", "must be KEY[=VALUE]:EFFECT"},
      {"simulate --nodes cpu=1 --pods priorityClassName=none", "no PriorityClass with name none"}};
  for (const auto& [line, fault] : cases) {
    run(line);
    EXPECT_EQ(code, 1) << line;
    EXPECT_THAT(err.str(), HasSubstr(fault)) << line;
  }
}

}  // namespace
}  // namespace troupe::cli
