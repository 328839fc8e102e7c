// floors: cli
// The workload EventHandlingPodDelete on one thread and a virtual clock: pods wait for others to
// go, for want of a port, of room, of a volume, of a domain, or to be apart from them.
#include "cli/bench/scheduler_workload.hpp"
#include "tests/unit/scheduling/scheduling_fixture.hpp"

namespace troupe::scheduler {
namespace {

using cli::bench::find_workload;
using cli::bench::scheduler_workload;

class PodDeleteWorkload : public Scheduling {
 protected:
  using batch = scheduler_workload::batch;

  void SetUp() override {
    Scheduling::SetUp();
    metrics_ = std::make_shared<model::instruments>();
    queue("a");
    scheduler();
  }

  void make_nodes(const scheduler_workload& w) {
    for (std::size_t i = 0; i < w.nodes; ++i) {
      create("nodes", cli::bench::node_of(w, i));
      create("csinodes.storage.k8s.io", cli::bench::csi_node_of(w, i));
    }
    settle();
  }

  static std::string name_of(const batch& b, std::size_t i) {
    return "pod-" + std::to_string(b.first + i);
  }
  void make_pod(const scheduler_workload& w, const batch& b, std::size_t i) {
    auto pod = cli::bench::pod_of(w, b, name_of(b, i), i);
    pod["spec"]["schedulerName"] = "default-scheduler";  // the API's default
    create("pods", pod);
  }
  // As they are when they are bound.
  void make_volumes(const batch& b) {
    for (std::size_t i = 0; i < b.count && !b.volume.empty(); ++i) {
      auto [volume, claim] = cli::bench::volume_of(b, i);
      claim["metadata"]["annotations"]["pv.kubernetes.io/bind-completed"] = "yes";
      claim["status"]["phase"] = "Bound";
      create("persistentvolumes", volume);
      create("persistentvolumeclaims", claim);
    }
  }
  void make(const scheduler_workload& w, const batch& b) {
    make_volumes(b);
    for (std::size_t i = 0; i < b.count; ++i) make_pod(w, b, i);
  }
  void remove(const batch& b, std::size_t i) {
    ASSERT_EQ(put(write_op::remove, "pods",
                  {{"metadata", {{"name", name_of(b, i)}, {"namespace", b.ns}}}}),
              "");
  }

  std::string node_of(const batch& b, std::size_t i) {
    const auto o = cache_->get({"pods", b.ns, name_of(b, i)});
    return o ? model::string_at(o->parse(), {"spec", "nodeName"}) : "gone";
  }
  std::size_t bound(const batch& b) {
    std::size_t out = 0;
    for (std::size_t i = 0; i < b.count; ++i) out += node_of(b, i).starts_with("node") ? 1 : 0;
    return out;
  }
  // Of all pods, so far.
  double woken() {
    double out = 0;
    for (const char* part : {"active", "backoff"})
      out += value(std::string(R"(scheduler_queue_incoming_pods_total{queue=")") + part +
                   R"(",event="ClusterChange"})");
    return out;
  }
  double refused() {
    return value(
        R"(scheduler_schedule_attempts_total{result="unschedulable",profile="default-scheduler"})");
  }
};

TEST_F(PodDeleteWorkload, EndsWithAllBound) {
  const auto w = find_workload("EventHandlingPodDelete/5x48x50");
  make_nodes(w);
  for (const auto& b : w.init) {
    make(w, b);
    settle();
    ASSERT_EQ(bound(b), b.count) << b.name;
  }
  std::vector<const batch*> measured{&w.measure};
  for (const auto& b : w.beside) measured.push_back(&b);
  std::size_t pods = 0, early = 0;
  for (const auto* b : measured) {
    make(w, *b);
    pods += b->count;
  }
  advance(2s);
  for (const auto* b : measured) early += bound(*b);
  EXPECT_LT(early, pods / 5) << "the others are in their way";
  for (std::size_t i = 0; i < w.init[0].count; ++i) {
    for (const auto& b : w.init) remove(b, i);
    advance(10ms, 10ms);
  }
  advance(20s);
  for (const auto* b : measured) EXPECT_EQ(bound(*b), b->count) << b->name << " in " << b->ns;
  EXPECT_EQ(value(R"(scheduler_pending_pods{queue="unschedulable"})"), 0);
  // Back-off bounds how often a pod is tried while deletions follow each other.
  EXPECT_LE(refused(), static_cast<double>(3 * pods));
}

TEST_F(PodDeleteWorkload, ADeletionWakesWhoeverWaitsForItsPortAndNobodyElse) {
  auto w = find_workload("EventHandlingPodDelete/1x12x12");
  const auto& ports = w.beside[1];
  ASSERT_EQ(ports.name, "waits-for-ports");
  w.init[0].pod["spec"].erase("topologySpreadConstraints");
  w.init[0].pod["spec"]["containers"][0].erase("resources");
  const auto& blockers = w.init[0];
  make_nodes(w);
  make(w, blockers);
  settle();
  ASSERT_EQ(bound(blockers), 12u);
  make(w, ports);
  advance(2s);
  ASSERT_EQ(bound(ports), 0u);
  ASSERT_EQ(refused(), 12);
  for (std::size_t i = 0; i < 12; ++i) {
    const auto before = woken();
    remove(blockers, i);
    settle();
    EXPECT_EQ(woken(), before + 1) << i;
    EXPECT_EQ(node_of(ports, i), "node1");
    EXPECT_EQ(bound(ports), i + 1);
  }
  EXPECT_EQ(refused(), 12) << "nobody was tried in vain";
}

TEST_F(PodDeleteWorkload, ADeletionWakesWhoeverWantsToBeApartFromThePod) {
  const auto w = find_workload("EventHandlingPodDelete/3x3x6");
  const auto& apart = w.beside[4];
  ASSERT_EQ(apart.name, "waits-to-be-apart");
  const auto& green = w.init[1];
  make_nodes(w);
  make(w, w.init[0]);  // these are in nobody's way
  make(w, green);
  settle();
  std::set<std::string> places;
  for (std::size_t i = 0; i < 3; ++i) places.insert(node_of(green, i));
  ASSERT_EQ(places.size(), 3u) << "each node has a green pod";
  make(w, apart);
  advance(2s);
  ASSERT_EQ(refused(), 6);
  remove(w.init[0], 0);
  settle();
  EXPECT_EQ(woken(), 0) << "that is not what they wait for";
  const auto free = node_of(green, 1);
  remove(green, 1);
  settle();
  EXPECT_EQ(woken(), 6);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(node_of(apart, i), free);
  EXPECT_EQ(refused(), 6);
  remove(green, 0);
  settle();
  EXPECT_EQ(woken(), 6) << "nobody waits any more";
}

}  // namespace
}  // namespace troupe::scheduler
