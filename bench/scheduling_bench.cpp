// Decisions a second in process: like pods placed in batches over a table of offers.
#include "model/scheduling/bind_draft.hpp"
#include "model/scheduling/offer_table.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace troupe::model;

json node_json(int i) {
  const std::string name = "node" + std::to_string(i);
  return {{"metadata",
           {{"name", name},
            {"labels",
             {{"kubernetes.io/hostname", name},
              {"topology.kubernetes.io/zone", "zone" + std::to_string(i % 10)}}}}},
          {"status", {{"allocatable", {{"cpu", "64"}, {"memory", "256Gi"}, {"pods", "250"}}}}}};
}

pod_view_ptr pod(int i) {
  const std::string name = "p" + std::to_string(i);
  return std::make_shared<const pod_view>(
      json{{"metadata", {{"name", name}, {"namespace", "default"}, {"uid", name}}},
           {"spec",
            {{"containers",
              {{{"name", "c"},
                {"resources", {{"requests", {{"cpu", "100m"}, {"memory", "128Mi"}}}}}}}}}}});
}

// range: nodes, pods a batch. A placed pod's node then offers anew, as it does in a cluster.
void place_batches(benchmark::State& state) {
  offer_table table;
  for (int i = 0; i < state.range(0); ++i) {
    auto view = std::make_shared<const node_view>(node_json(i));
    const std::string name = view->name;
    table.set(name, std::move(view), {});
  }
  random_source random(1);
  std::vector<pod_view_ptr> pods;
  for (int i = 0; i < state.range(1); ++i) pods.push_back(pod(i));
  for (auto _ : state) {
    benchmark::DoNotOptimize(table.place(pods, random));
    for (const auto& p : pods) table.forget(p->uid);
  }
  state.SetItemsProcessed(state.iterations() * state.range(1));
}
BENCHMARK(place_batches)->Args({1000, 1})->Args({1000, 64})->Args({1000, 256})->Args({5000, 256});

json company_term(const char* key) {
  return {{"topologyKey", key}, {"labelSelector", {{"matchLabels", {{"app", "web"}}}}}};
}

constexpr const char* required = "requiredDuringSchedulingIgnoredDuringExecution";
constexpr const char* preferred = "preferredDuringSchedulingIgnoredDuringExecution";

json with_rules(int kind) {
  json spec;
  if (kind == 0)
    spec["affinity"]["podAntiAffinity"][required] = {company_term("kubernetes.io/hostname")};
  if (kind == 1)
    spec["affinity"]["podAffinity"][required] = {company_term("topology.kubernetes.io/zone")};
  if (kind == 2)
    spec["affinity"]["podAffinity"][preferred] = {
        {{"weight", 1}, {"podAffinityTerm", company_term("kubernetes.io/hostname")}}};
  if (kind >= 3)
    spec["topologySpreadConstraints"] = {
        {{"maxSkew", 5},
         {"topologyKey", kind == 5 ? "kubernetes.io/hostname" : "topology.kubernetes.io/zone"},
         {"whenUnsatisfiable", kind == 3 ? "DoNotSchedule" : "ScheduleAnyway"},
         {"labelSelector", {{"matchLabels", {{"app", "web"}}}}}}};
  return spec;
}

// Pods with rules about each other, which scheduler_perf's workloads of the like names have. range:
// nodes, pods a batch, kind of rule. What was placed stays for ten batches.
void place_with_rules(benchmark::State& state) {
  offer_table table;
  for (int i = 0; i < state.range(0); ++i) {
    auto view = std::make_shared<const node_view>(node_json(i));
    const std::string name = view->name;
    table.set(name, std::move(view), {});
  }
  static constexpr const char* names[] = {"PodAntiAffinity",      "PodAffinity",
                                          "PreferredPodAffinity", "TopologySpreading",
                                          "PreferredSpreading",   "PreferredSpreadingByHost"};
  state.SetLabel(names[state.range(2)]);
  random_source random(1);
  std::vector<std::string> there;
  int number = 0;
  for (auto _ : state) {
    state.PauseTiming();
    if (there.size() >= static_cast<std::size_t>(10 * state.range(1))) {
      for (const auto& uid : there) table.forget(uid);
      there.clear();
    }
    std::vector<pod_view_ptr> pods;
    for (int i = 0; i < state.range(1); ++i) {
      there.push_back("p" + std::to_string(++number));
      json spec = with_rules(static_cast<int>(state.range(2)));
      spec["containers"] = {
          {{"name", "c"}, {"resources", {{"requests", {{"cpu", "10m"}, {"memory", "12Mi"}}}}}}};
      pods.push_back(std::make_shared<const pod_view>(json{{"metadata",
                                                            {{"name", there.back()},
                                                             {"namespace", "default"},
                                                             {"uid", there.back()},
                                                             {"labels", {{"app", "web"}}}}},
                                                           {"spec", spec}}));
    }
    state.ResumeTiming();
    benchmark::DoNotOptimize(table.place(pods, random));
  }
  state.SetItemsProcessed(state.iterations() * state.range(1));
}
BENCHMARK(place_with_rules)
    ->ArgsProduct({{500, 5000}, {256}, {0, 1, 2, 3, 4, 5}})
    ->Args({5000, 1, 0})
    ->Args({5000, 1, 4});

void splice_binding(benchmark::State& state) {
  const auto stored =
      seal(encode("pods", json::parse(R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"web",
    "namespace":"default","uid":"u","creationTimestamp":"2026-11-22T10:00:00Z","labels":{"a":"b"}},
    "spec":{"containers":[{"name":"c","image":"i","imagePullPolicy":"Always","resources":{},
    "terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}],
    "dnsPolicy":"ClusterFirst","enableServiceLinks":true,"preemptionPolicy":"PreemptLowerPriority",
    "priority":0,"restartPolicy":"Always","schedulerName":"default-scheduler","securityContext":{},
    "terminationGracePeriodSeconds":30},"status":{"phase":"Pending","qosClass":"BestEffort"}})")),
           7);
  const auto now = std::chrono::system_clock::now();
  for (auto _ : state) benchmark::DoNotOptimize(bind_draft(*stored, "node1", now));
}
BENCHMARK(splice_binding);

}  // namespace

BENCHMARK_MAIN();
