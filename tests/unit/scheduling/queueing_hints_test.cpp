// floors: actors/scheduler actors/store
// Which changes of the cluster wake which pods: by the plugins that refused them, and what each
// goes by.
#include "actors/scheduler/queueing_hints.hpp"

#include "tests/unit/scheduling/scheduling_fixture.hpp"

namespace troupe::scheduler {
namespace {

std::uint64_t versions = 0;

model::object_ptr stored(const char* resource, const json& document) {
  return model::seal(model::encode(resource, document), ++versions);
}

/// A node; `text` is laid over one with 4 CPUs.
model::object_ptr node(const char* text) {
  json n{{"metadata", {{"name", "n"}, {"labels", {{"kubernetes.io/hostname", "n"}}}}},
         {"status", {{"allocatable", {{"cpu", "4"}, {"memory", "8Gi"}, {"pods", "10"}}}}}};
  n.merge_patch(json::parse(text));
  return stored("nodes", n);
}

/// A pod of the spec `text`, on a node if it is to be there.
model::object_ptr pod(const char* text, const char* name = "other", bool there = true) {
  json p{{"metadata", {{"name", name}, {"namespace", "default"}, {"uid", name}}},
         {"spec", {{"containers", {{{"name", "c"}}}}}}};
  p.merge_patch(json::parse(text));
  if (there) p["spec"]["nodeName"] = "n";
  return stored("pods", p);
}

struct row {
  const char* what;
  const char* waiting;
  std::uint32_t refused_by;
  const char *before, *after;  // null: it was not, or is not, there
  bool helps;
  bool shunned = false;
};

void check(const row& r, const cluster_change& c) {
  const auto waiting = pod(r.waiting, "waiting", false)->view<model::pod_view>();
  EXPECT_EQ(may_help(c, *waiting, r.refused_by, model::profile{}, r.shunned), r.helps)
      << r.what << "\n"
      << r.waiting;
}

constexpr const char* plain = "{}";
constexpr const char* picky = R"({"spec":{"nodeSelector":{"disk":"ssd"}}})";
constexpr const char* large =
    R"({"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"6"}}}]}})";
constexpr const char* medium =
    R"({"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"2"}}}]}})";
constexpr const char* tolerant = R"({"spec":{"tolerations":[{"key":"team","operator":"Exists"}]}})";
constexpr const char* with_port =
    R"({"spec":{"containers":[{"name":"c","ports":[{"containerPort":80,"hostPort":80}]}]}})";
constexpr const char* tainted =
    R"({"spec":{"taints":[{"key":"team","value":"db","effect":"NoSchedule"}]}})";
constexpr const char* ssd = R"({"metadata":{"labels":{"disk":"ssd"}}})";
constexpr const char* zone_a = R"({"metadata":{"labels":{"zone":"a"}}})";
constexpr const char* zone_b = R"({"metadata":{"labels":{"zone":"b"}}})";
constexpr const char* together =
    R"({"spec":{"affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[
      {"topologyKey":"zone","labelSelector":{"matchLabels":{"app":"web"}}}]}}}})";
constexpr const char* apart =
    R"({"spec":{"affinity":{"podAntiAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[
      {"topologyKey":"zone","labelSelector":{"matchLabels":{"app":"web"}}}]}}}})";
constexpr const char* spread =
    R"({"spec":{"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"zone",
      "whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"app":"web"}}}]}})";
constexpr const char* spread_anyway =
    R"({"spec":{"topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"zone",
      "whenUnsatisfiable":"ScheduleAnyway","labelSelector":{"matchLabels":{"app":"web"}}}]}})";
constexpr const char* web = R"({"metadata":{"labels":{"app":"web"}}})";
constexpr const char* api = R"({"metadata":{"labels":{"app":"api"}}})";

TEST(QueueingHints, Nodes) {
  using namespace model;
  const row rows[] = {
      // NodeAffinity
      {"a node that it selects is new", picky, node_affinity, nullptr, ssd, true},
      {"a node that it does not select is new", picky, node_affinity, nullptr, plain, false},
      {"a node gets the label", picky, node_affinity, plain, ssd, true},
      {"it had the label", picky, node_affinity, ssd,
       R"({"metadata":{"labels":{"disk":"ssd","other":"x"}}})", false},
      {"it loses the label", picky, node_affinity, ssd, plain, false},
      // NodeResourcesFit
      {"a large enough node is new", large, node_resources_fit, nullptr,
       R"({"status":{"allocatable":{"cpu":"8"}}})", true},
      {"a small node is new", large, node_resources_fit, nullptr, plain, false},
      {"it grows enough", large, node_resources_fit, plain,
       R"({"status":{"allocatable":{"cpu":"8"}}})", true},
      {"it grows, but not enough", large, node_resources_fit, plain,
       R"({"status":{"allocatable":{"cpu":"5"}}})", false},
      {"it gets more of what it asks for", medium, node_resources_fit, plain,
       R"({"status":{"allocatable":{"cpu":"5"}}})", true},
      {"it gets more of something else", medium, node_resources_fit, plain,
       R"({"status":{"allocatable":{"memory":"16Gi"}}})", false},
      {"it gets an extended resource that nobody asks for", medium, node_resources_fit, plain,
       R"({"status":{"allocatable":{"example.com/gpu":"2"}}})", false},
      {"it takes more pods", medium, node_resources_fit, plain,
       R"({"status":{"allocatable":{"pods":"20"}}})", true},
      {"it shrinks", medium, node_resources_fit, plain, R"({"status":{"allocatable":{"cpu":"3"}}})",
       false},
      {"it gets a label", medium, node_resources_fit, plain, ssd, false},
      // TaintToleration and NodeUnschedulable
      {"the taint goes", plain, taint_toleration, tainted, plain, true},
      {"a tainted node is new", plain, taint_toleration, nullptr, tainted, false},
      {"an untainted node is new", plain, taint_toleration, nullptr, plain, true},
      {"a taint comes that it tolerates", tolerant, taint_toleration, plain, tainted, false},
      {"another taint takes its place", plain, taint_toleration, tainted,
       R"({"spec":{"taints":[{"key":"x","effect":"NoExecute"}]}})", false},
      {"it is uncordoned", plain, node_unschedulable, R"({"spec":{"unschedulable":true}})", plain,
       true},
      {"it is cordoned", plain, node_unschedulable, plain, R"({"spec":{"unschedulable":true}})",
       false},
      // NodePorts
      {"a node is new, with all its ports", with_port, node_ports, nullptr, plain, true},
      {"ports do not depend on labels", with_port, node_ports, plain, ssd, false},
      // Whatever refused it, a node that does not take it helps not.
      {"the taint goes, but it does not select the node", picky, taint_toleration | node_affinity,
       tainted, plain, false},
      // InterPodAffinity
      {"a node of a domain is new", together, inter_pod_affinity, nullptr, zone_a, true},
      {"a node without the key is new", together, inter_pod_affinity, nullptr, plain, false},
      {"it comes into a domain", together, inter_pod_affinity, plain, zone_a, true},
      {"it changes domains", together, inter_pod_affinity, zone_a, zone_b, true},
      {"it leaves its domain", together, inter_pod_affinity, zone_a, plain, false},
      {"it gets another label", together, inter_pod_affinity, plain, ssd, false},
      {"any node is new", apart, inter_pod_affinity, nullptr, plain, true},
      {"it leaves its domain", apart, inter_pod_affinity, zone_a, plain, true},
      {"it changes domains", apart, inter_pod_affinity, zone_a, zone_b, true},
      {"it comes into a domain", apart, inter_pod_affinity, plain, zone_a, false},
      {"others want to be apart from it: any label may be theirs", together, inter_pod_affinity,
       plain, ssd, true, true},
      {"only others have terms: a new node is free of them", plain, inter_pod_affinity, nullptr,
       plain, true},
      {"a node goes", apart, inter_pod_affinity, zone_a, nullptr, false},
      // PodTopologySpread
      {"a domain gets a node", spread, pod_topology_spread, nullptr, zone_a, true},
      {"a node without the key is new", spread, pod_topology_spread, nullptr, plain, false},
      {"a domain loses a node", spread, pod_topology_spread, zone_a, nullptr, true},
      {"a node without the key goes", spread, pod_topology_spread, plain, nullptr, false},
      {"it leaves its domain", spread, pod_topology_spread, zone_a, plain, true},
      {"it changes domains", spread, pod_topology_spread, zone_a, zone_b, true},
      {"it gets another label", spread, pod_topology_spread, zone_a,
       R"({"metadata":{"labels":{"zone":"a","disk":"ssd"}}})", false},
      {"only required constraints refuse", spread_anyway, pod_topology_spread, nullptr, zone_a,
       false},
      // VolumeBinding and VolumeZone
      {"volumes may reach it now", plain, volume_binding, plain, zone_a, true},
      {"its size is nothing to volumes", plain, volume_binding, plain,
       R"({"status":{"allocatable":{"cpu":"5"}}})", false},
  };
  for (const auto& r : rows)
    check(r,
          node_change(r.before ? node(r.before) : nullptr, r.after ? node(r.after) : nullptr, 1));
}

TEST(QueueingHints, Pods) {
  using namespace model;
  const char* disk = R"({"spec":{"volumes":[{"name":"v","gcePersistentDisk":{"pdName":"d"}}]}})";
  const char* other_disk =
      R"({"spec":{"volumes":[{"name":"v","gcePersistentDisk":{"pdName":"e"}}]}})";
  const char* claim =
      R"({"spec":{"volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"data"}}]}})";
  const char* other_port =
      R"({"spec":{"containers":[{"name":"c","ports":[{"containerPort":80,"hostPort":81}]}]}})";
  const char* counted = R"({"spec":{"volumes":[{"name":"v","azureDisk":{"diskURI":"d"}}]}})";
  const char* ending_web =
      R"({"metadata":{"labels":{"app":"web"},"deletionTimestamp":"2026-11-22T10:00:00Z"}})";
  const row rows[] = {
      // NodeResourcesFit
      {"a pod goes", medium, node_resources_fit, plain, nullptr, true},
      {"a pod comes", medium, node_resources_fit, nullptr, plain, false},
      {"a pod is labelled", medium, node_resources_fit, plain, web, false},
      // NodePorts
      {"its port gets free", with_port, node_ports, with_port, nullptr, true},
      {"another port gets free", with_port, node_ports, other_port, nullptr, false},
      {"a pod without ports goes", with_port, node_ports, plain, nullptr, false},
      // Taints and labels of nodes are nothing to pods.
      {"a pod goes", plain, taint_toleration | node_affinity, plain, nullptr, false},
      // InterPodAffinity
      {"whom it wants comes", together, inter_pod_affinity, nullptr, web, true},
      {"somebody else comes", together, inter_pod_affinity, nullptr, api, false},
      {"somebody becomes whom it wants", together, inter_pod_affinity, api, web, true},
      {"whom it wants goes", together, inter_pod_affinity, web, nullptr, false},
      {"whom it avoids goes", apart, inter_pod_affinity, web, nullptr, true},
      {"whom it avoids becomes somebody else", apart, inter_pod_affinity, web, api, true},
      {"whom it avoids comes", apart, inter_pod_affinity, nullptr, web, false},
      {"somebody else goes", apart, inter_pod_affinity, api, nullptr, false},
      {"who avoids it goes", web, inter_pod_affinity, apart, nullptr, true},
      {"who avoids others goes", api, inter_pod_affinity, apart, nullptr, false},
      // PodTopologySpread
      {"one that counts comes", spread, pod_topology_spread, nullptr, web, true},
      {"one that counts goes", spread, pod_topology_spread, web, nullptr, true},
      {"one that counts begins to end", spread, pod_topology_spread, web, ending_web, true},
      {"one becomes one that counts", spread, pod_topology_spread, api, web, true},
      {"others do not count", spread, pod_topology_spread, api, nullptr, false},
      // Volumes
      {"its disk gets free", disk, volume_restrictions, disk, nullptr, true},
      {"another disk gets free", disk, volume_restrictions, other_disk, nullptr, false},
      {"its claim gets free", claim, volume_restrictions, claim, nullptr, true},
      {"a pod with volumes goes", claim, node_volume_limits, claim, nullptr, true},
      {"a pod without volumes goes", claim, node_volume_limits, plain, nullptr, false},
      {"a pod with a disk that is counted goes", claim, node_volume_limits, counted, nullptr, true},
      {"a pod goes", claim, volume_binding | volume_zone, claim, nullptr, false},
  };
  for (const auto& r : rows)
    check(r,
          pod_change_of(r.before ? pod(r.before) : nullptr, r.after ? pod(r.after) : nullptr, 1));
}

TEST(QueueingHints, Volumes) {
  using namespace model;
  const char* claim =
      R"({"spec":{"volumes":[{"name":"v","persistentVolumeClaim":{"claimName":"data"}}]}})";
  const struct {
    const char* what;
    const char* waiting;
    const char* resource;
    const char *before, *after;
    bool helps;
  } rows[] = {
      {"its claim is bound", claim, "persistentvolumeclaims",
       R"({"metadata":{"name":"data","namespace":"default"}})",
       R"({"metadata":{"name":"data","namespace":"default"},"spec":{"volumeName":"v"}})", true},
      {"its claim is new", claim, "persistentvolumeclaims", nullptr,
       R"({"metadata":{"name":"data","namespace":"default"}})", true},
      {"another claim", claim, "persistentvolumeclaims", nullptr,
       R"({"metadata":{"name":"other","namespace":"default"}})", false},
      {"the like of another namespace", claim, "persistentvolumeclaims", nullptr,
       R"({"metadata":{"name":"data","namespace":"other"}})", false},
      {"a volume", claim, "persistentvolumes", nullptr, R"({"metadata":{"name":"v"}})", true},
      {"a class is new", claim, "storageclasses.storage.k8s.io", nullptr,
       R"({"metadata":{"name":"fast"}})", true},
      {"a class provisions elsewhere", claim, "storageclasses.storage.k8s.io",
       R"({"metadata":{"name":"fast"}})",
       R"({"metadata":{"name":"fast"},"allowedTopologies":[{"matchLabelExpressions":[
          {"key":"zone","values":["a"]}]}]})",
       true},
      {"a class gets a label", claim, "storageclasses.storage.k8s.io",
       R"({"metadata":{"name":"fast"}})", R"({"metadata":{"name":"fast","labels":{"a":"b"}}})",
       false},
      {"a node's drivers", claim, "csinodes.storage.k8s.io", nullptr,
       R"({"metadata":{"name":"n"}})", true},
      {"a pod without claims", "{}", "persistentvolumes", nullptr, R"({"metadata":{"name":"v"}})",
       false},
  };
  for (const auto& r : rows) {
    const auto of = [&](const char* text) {
      return text ? stored(r.resource, json::parse(text)) : nullptr;
    };
    check({r.what, r.waiting, volume_binding, nullptr, nullptr, r.helps},
          volume_change(of(r.before), of(r.after), 1));
  }
}

TEST(QueueingHints, AStatusAloneIsNoChange) {
  EXPECT_EQ(node_change(node(plain), node(R"({"metadata":{"annotations":{"a":"b"}}})"), 1).helps,
            0u);
  EXPECT_EQ(pod_change_of(pod(plain), pod(R"({"status":{"phase":"Running"}})"), 1).helps, 0u);
  EXPECT_EQ(pod_change_of(nullptr, pod(plain, "other", false), 1).helps, 0u) << "it waits itself";
}

TEST_F(Scheduling, ADomainThatGoesHelpsThoseThatWouldBeSpread) {
  for (const char* zone : {"a", "b"}) {
    json n = node_json(std::string("n-") + zone);
    n["metadata"]["labels"]["zone"] = zone;
    create("nodes", n);
  }
  json full = pod_json("full", "4");
  full["spec"]["nodeName"] = "n-b";
  create("pods", full);
  queue("host_0");
  scheduler();
  const auto spread_pod = [](const std::string& name) {
    json p = pod_json(name);
    p["metadata"]["labels"]["app"] = "web";
    p["spec"]["topologySpreadConstraints"] =
        json::parse(spread)["spec"]["topologySpreadConstraints"];
    return p;
  };
  create("pods", spread_pod("one"));
  settle();
  ASSERT_EQ(node_of("one"), "n-a");
  create("pods", spread_pod("two"));
  advance(20s);
  ASSERT_EQ(node_of("two"), "") << "zone b has no room, and zone a has one more already";
  ASSERT_EQ(put(write_op::remove, "nodes", node_json("n-b")), "");
  advance(20s);
  EXPECT_EQ(node_of("two"), "n-a");
}

}  // namespace
}  // namespace troupe::scheduler
