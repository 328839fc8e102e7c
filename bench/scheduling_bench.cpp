// Decisions a second in process: like pods placed in batches over a table of offers.
#include "model/scheduling/bind_draft.hpp"
#include "model/scheduling/offer_table.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace troupe::model;

json node_json(int i) {
  const std::string name = "node" + std::to_string(i);
  return {{"metadata", {{"name", name}, {"labels", {{"kubernetes.io/hostname", name}}}}},
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
