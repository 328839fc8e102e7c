#include "model/defaults/defaults.hpp"
#include "model/discovery.hpp"
#include "model/openapi.hpp"
#include "model/schema/parser.hpp"
#include "model/validation/structural.hpp"
#include "model/validation/validate.hpp"

#include <benchmark/benchmark.h>

#include <cstdlib>

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

void openapi_document(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(openapi_text("/openapi/v3/api/v1"));
}
BENCHMARK(openapi_document)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace troupe::model

BENCHMARK_MAIN();
