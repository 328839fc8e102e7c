#include "model/workload/job_spec.hpp"

#include "model/workload/pod_template.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr const char* own_controller = "kubernetes.io/job-controller";
constexpr const char* index_variable = "JOB_COMPLETION_INDEX";
constexpr std::size_t longest_generated_prefix = 58;
constexpr std::int64_t longest_deadline = 3'000'000'000;  ///< s: more would reach past time's end

std::optional<std::int64_t> number_at(const json& spec, const char* name) {
  const json& value = at(spec, {name});
  if (!value.is_number_integer()) return std::nullopt;
  return value.get<std::int64_t>();
}

void add_index_variable(json& pod_spec) {
  const json variable = {
      {"name", index_variable},
      {"valueFrom",
       {{"fieldRef",
         {{"fieldPath", "metadata.labels['" + std::string(job_index_annotation) + "']"}}}}}};
  for (const char* list : {"initContainers", "containers"}) {
    const auto containers = pod_spec.find(list);
    if (containers == pod_spec.end()) continue;
    for (json& container : *containers) {
      json& env = container["env"];
      const bool there = std::ranges::any_of(
          env, [](const json& v) { return string_at(v, {"name"}) == index_variable; });
      if (!there) env.push_back(variable);
    }
  }
}

void add_failure_counts(const job_spec& job, const object* replaced, json& annotations) {
  std::int64_t failures = 0;
  std::int64_t ignored = 0;
  if (replaced) {
    const job_pod before(*replaced);
    const bool counts = judge_pod_failure(job.failure_policy, *replaced).counts();
    failures = before.failures + (counts ? 1 : 0);
    ignored = before.ignored_failures + (counts ? 0 : 1);
  }
  annotations[job_failures_annotation] = std::to_string(failures);
  if (ignored != 0) annotations[job_ignored_failures_annotation] = std::to_string(ignored);
}

}  // namespace

job_spec::job_spec(const object& job) : deleting(job.header().deleting), name(job.key().name) {
  json document = job.parse();
  const json& spec = at(document, {"spec"});
  parallelism = number_at(spec, "parallelism").value_or(1);
  completions = number_at(spec, "completions");
  indexed = string_at(spec, {"completionMode"}) == "Indexed";
  backoff_limit = number_at(spec, "backoffLimit").value_or(6);
  backoff_limit_per_index = number_at(spec, "backoffLimitPerIndex");
  max_failed_indexes = number_at(spec, "maxFailedIndexes");
  if (const auto limit = number_at(spec, "activeDeadlineSeconds"))
    active_deadline = std::chrono::seconds(std::min(*limit, longest_deadline));
  suspended = at(spec, {"suspend"}) == true;
  restarts_containers = string_at(spec, {"template", "spec", "restartPolicy"}) == "OnFailure";
  failure_policy = at(spec, {"podFailurePolicy"});
  success_policy = at(spec, {"successPolicy"});
  replaces_failed_only =
      string_at(spec, {"podReplacementPolicy"}) == "Failed" || !failure_policy.is_null();
  managed_elsewhere = string_at(spec, {"managedBy"}, own_controller) != own_controller;
  template_ = at(spec, {"template"});
  status = at(document, {"status"});
  if (!status.is_object()) status = json::object();
  std::string error;
  selector = label_selector::from_json(at(spec, {"selector"}), error);
  if (selector && selector->empty()) selector.reset();
}

json pod_of_job(const job_spec& job, const object& stored, std::optional<std::int64_t> index,
                const object* replaced) {
  json pod =
      pod_from_template(job.template_, stored, controller_reference("batch/v1", "Job", stored));
  json& metadata = pod["metadata"];
  json& finalizers = metadata["finalizers"];
  if (std::ranges::find(finalizers, json(job_tracking_finalizer)) == finalizers.end())
    finalizers.push_back(job_tracking_finalizer);
  if (!index) return pod;
  const auto number = std::to_string(*index);
  const auto suffix = "-" + number + "-";
  metadata["generateName"] = job.name.substr(0, longest_generated_prefix - suffix.size()) + suffix;
  metadata["annotations"][job_index_annotation] = number;
  metadata["labels"][job_index_annotation] = number;
  add_index_variable(pod["spec"]);
  pod["spec"]["hostname"] = job.name + "-" + number;
  if (job.backoff_limit_per_index) add_failure_counts(job, replaced, metadata["annotations"]);
  return pod;
}

}  // namespace troupe::model
