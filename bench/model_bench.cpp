#include "model/apply/apply.hpp"
#include "model/defaults/defaults.hpp"
#include "model/discovery.hpp"
#include "model/flow_control/defaults.hpp"
#include "model/flow_control/fair_queues.hpp"
#include "model/instruments/instruments.hpp"
#include "model/managed_fields.hpp"
#include "model/openapi.hpp"
#include "model/schema/parser.hpp"
#include "model/strategy.hpp"
#include "model/validation/structural.hpp"
#include "model/validation/validate.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdlib>
#include <functional>

// What a request costs in the model floor: the pod is the 1 KB kind that kubectl sends.

extern "C" const char troupe_schema_text_begin[];
extern "C" const char troupe_schema_text_end[];

namespace troupe::model {
namespace {

constexpr std::string_view pod_text =
    R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-7d4b",
"namespace":"default","labels":{"app":"web","tier":"front","version":"v17"},"annotations":{
"example.com/owner":"team-a"}},"spec":{"containers":[{"name":"web","image":"registry.example.com/web:1.17",
"args":["--port=8080","--verbose"],"ports":[{"name":"http","containerPort":8080,"protocol":"TCP"}],
"env":[{"name":"MODE","value":"production"},{"name":"NODE","valueFrom":{"fieldRef":{"fieldPath":
"spec.nodeName"}}}],"resources":{"requests":{"cpu":"100m","memory":"64Mi"},"limits":{"cpu":"500m",
"memory":"128Mi"}},"livenessProbe":{"httpGet":{"path":"/healthz","port":"http"},"periodSeconds":10},
"volumeMounts":[{"name":"page","mountPath":"/srv"}]},{"name":"writer","image":"busybox:1.36","command":
["sh","-c","while true; do date > /srv/index.html; sleep 1; done"],"resources":{"requests":{"cpu":"10m",
"memory":"16Mi"}},"volumeMounts":[{"name":"page","mountPath":"/srv"}]}],"volumes":[{"name":"page",
"emptyDir":{}}],"nodeSelector":{"zone":"a"},"tolerations":[{"key":"a","operator":"Exists"}]}})";

const kind_info& pods() {
  return *schema::instance().by_resource("pods");
}

json decoded() {
  json pod = parse_json(pod_text).value;
  decode_fields(pods(), pod);
  return pod;
}

void parse_schema_files(benchmark::State& state) {
  const std::string_view text{troupe_schema_text_begin, troupe_schema_text_end};
  for (auto _ : state) benchmark::DoNotOptimize(parse_schema(text));
}
BENCHMARK(parse_schema_files)->Unit(benchmark::kMicrosecond);

void plain_parse(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(json::parse(pod_text));
}
BENCHMARK(plain_parse)->Unit(benchmark::kMicrosecond);

void checked_parse(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(parse_json(pod_text));
}
BENCHMARK(checked_parse)->Unit(benchmark::kMicrosecond);

void copy_only(benchmark::State& state) {
  const json pod = decoded();
  for (auto _ : state) benchmark::DoNotOptimize(json(pod));
}
BENCHMARK(copy_only)->Unit(benchmark::kMicrosecond);

void decode(benchmark::State& state) {
  json pod = decoded();
  for (auto _ : state) benchmark::DoNotOptimize(decode_fields(pods(), pod));
}
BENCHMARK(decode)->Unit(benchmark::kMicrosecond);

void defaults_with_copy(benchmark::State& state) {
  const json pod = decoded();
  for (auto _ : state) {
    json copy = pod;
    apply_defaults(pods(), copy);
    benchmark::DoNotOptimize(copy);
  }
}
BENCHMARK(defaults_with_copy)->Unit(benchmark::kMicrosecond);

void validate(benchmark::State& state) {
  json pod = decoded();
  apply_defaults(pods(), pod);
  if (!validate_create(pods(), pod).empty()) std::abort();
  for (auto _ : state) benchmark::DoNotOptimize(validate_create(pods(), pod));
}
BENCHMARK(validate)->Unit(benchmark::kMicrosecond);

void fields_of_a_commit(benchmark::State& state) {
  const json pod = decoded();
  for (auto _ : state) benchmark::DoNotOptimize(selectable_fields("pods", pod));
}
BENCHMARK(fields_of_a_commit)->Unit(benchmark::kMicrosecond);

void create_a_pod(benchmark::State& state) {
  for (auto _ : state) {
    json pod = parse_json(pod_text).value;
    decode_fields(pods(), pod);
    apply_defaults(pods(), pod);
    benchmark::DoNotOptimize(validate_create(pods(), pod));
  }
}
BENCHMARK(create_a_pod)->Unit(benchmark::kMicrosecond);

void managed_fields_of_a_create(benchmark::State& state) {
  json pod = decoded();
  apply_defaults(pods(), pod);
  for (auto _ : state) {
    update_managed_fields(pod, nullptr, {"kubectl-create"}, time_point{}, pods());
    benchmark::DoNotOptimize(pod);
  }
}
BENCHMARK(managed_fields_of_a_create)->Unit(benchmark::kMicrosecond);

const kind_info& deployments() {
  return *schema::instance().by_resource("deployments.apps");
}

/// What kubectl sends for a Deployment of the pod above.
std::string configuration(int replicas) {
  json spec = parse_json(pod_text).value["spec"];
  const json config = {
      {"apiVersion", "apps/v1"},
      {"kind", "Deployment"},
      {"metadata", {{"name", "web"}, {"namespace", "default"}, {"labels", {{"app", "web"}}}}},
      {"spec",
       {{"replicas", replicas},
        {"selector", {{"matchLabels", {{"app", "web"}}}}},
        {"template", {{"metadata", {{"labels", {{"app", "web"}}}}}, {"spec", spec}}}}}};
  return config.dump();
}

/// A whole apply but for the store: parsed, merged, defaulted, validated, encoded.
draft apply_text(const std::string& live, const std::string& config_text) {
  const json old = live.empty() ? json() : json::parse(live);
  const json config = parse_json(config_text).value;
  auto made = apply_configuration(deployments(), old, config, {"kubectl", ""}, time_point{});
  if (std::holds_alternative<status>(made)) std::abort();
  json& document = std::get<json>(made);
  if (!decode_fields(deployments(), document)) std::abort();
  apply_defaults(deployments(), document);
  if (old.is_null()) {
    if (!validate_create(deployments(), document).empty()) std::abort();
  } else {
    prepare_for_update(deployments(), old, document);
    if (!validate_update(deployments(), old, document).empty()) std::abort();
    if (document == old) return {};
    touch_manager(document, {"kubectl", manage_operation::apply, ""}, deployments(), time_point{});
  }
  return encode("deployments.apps", document);
}

/// The Deployment as a GET shows it: with another writer's status.
std::string live_deployment() {
  json object = seal(apply_text({}, configuration(2)), 7)->parse();
  const json before = object;
  object["status"] = {{"replicas", 2}, {"readyReplicas", 2}, {"observedGeneration", 1}};
  update_managed_fields(object, &before,
                        {"kube-controller-manager", manage_operation::update, "status"},
                        time_point{}, deployments());
  return seal(encode("deployments.apps", object), 8)->bytes();
}

void apply_a_change(benchmark::State& state) {
  const std::string live = live_deployment(), config = configuration(3);
  for (auto _ : state) benchmark::DoNotOptimize(apply_text(live, config));
}
BENCHMARK(apply_a_change)->Unit(benchmark::kMicrosecond);

void apply_the_same(benchmark::State& state) {
  const std::string live = live_deployment(), config = configuration(2);
  for (auto _ : state) benchmark::DoNotOptimize(apply_text(live, config));
}
BENCHMARK(apply_the_same)->Unit(benchmark::kMicrosecond);

void merge_of_an_apply(benchmark::State& state) {
  const json live = json::parse(live_deployment());
  const json config = parse_json(configuration(3)).value;
  for (auto _ : state)
    benchmark::DoNotOptimize(
        apply_configuration(deployments(), live, config, {"kubectl", ""}, time_point{}));
}
BENCHMARK(merge_of_an_apply)->Unit(benchmark::kMicrosecond);

void openapi_document(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(openapi_text("/openapi/v3/api/v1"));
}
BENCHMARK(openapi_document)->Unit(benchmark::kMicrosecond);

// What the gateway's request_metrics do for one request: a series by seven labels, a gauge up and
// down, an observer, two looks at the clock, a counter and a histogram.
void metrics_of_a_request(benchmark::State& state) {
  instruments all;
  auto& table = all.histograms(
      "seconds", "", {"verb", "dry_run", "group", "version", "resource", "subresource", "scope"},
      exponential_bounds(0.005, 1.5, 23));
  auto& count = all.counters("requests_total", "", {}).with();
  auto& busy = all.gauges("busy", "", {}).with();
  const std::array<std::string_view, 7> labels{"LIST",        "", "apps",     "v1",
                                               "deployments", "", "namespace"};
  for (int i = 0; i < 500; ++i) table.with("GET", "", "g", "v1", std::to_string(i), "", "cluster");
  const auto keep = std::make_shared<int>(0);
  for (auto _ : state) {
    auto& seconds = table.with(std::span<const std::string_view>(labels));
    busy.add(1);
    std::function<void()> done = [&, keep, start = std::chrono::steady_clock::now()] {
      busy.add(-1);
      count.add();
      seconds.observe(
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    };
    benchmark::DoNotOptimize(done);
    done();
  }
}
BENCHMARK(metrics_of_a_request)->ThreadRange(1, 2);

// What priority and fairness cost a request that does not wait.
void take_a_seat(benchmark::State& state) {
  std::vector<json> schemas, levels;
  for (const json& o : default_flow_objects())
    (o["kind"] == "FlowSchema" ? schemas : levels).push_back(o);
  const flow_table table(schemas, levels, 600);
  const std::vector<std::string> groups{"system:authenticated"};
  const auto info = std::get<request_info>(parse_request("GET", "/api/v1/namespaces/d/pods/p"));
  fair_queues<int> queues(*table.classify({"alice", groups}, info).level);
  for (auto _ : state) {
    const auto match = table.classify({"alice", groups}, info);
    const auto seat = queues.arrive(match.flow, 0);
    queues.finished(seat.queue, 0.001);
  }
}
BENCHMARK(take_a_seat)->Unit(benchmark::kNanosecond);

}  // namespace
}  // namespace troupe::model

BENCHMARK_MAIN();
