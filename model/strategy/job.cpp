#include "model/strategy/kinds.hpp"

#include <utility>

namespace troupe::model {

void prepare_job(json& job) {
  prepare_workload(job);
  if (at(job, {"spec", "manualSelector"}) == true || !at(job, {"spec"}).is_object()) return;
  const std::string name = string_at(job, {"metadata", "name"});
  const std::string uid = string_at(job, {"metadata", "uid"});
  json& spec = job["spec"];
  // Labels that are there stay: validation refuses those that say something else.
  const std::pair<const char*, const std::string*> generated[] = {
      {"job-name", &name},
      {"batch.kubernetes.io/job-name", &name},
      {"controller-uid", &uid},
      {"batch.kubernetes.io/controller-uid", &uid}};
  json& labels = spec["template"]["metadata"]["labels"];
  if (labels.is_null()) labels = json::object();
  for (const auto& [key, value] : generated)
    labels.get_ref<json::object_t&>().try_emplace(key, *value);
  json& selected = spec["selector"]["matchLabels"];
  if (selected.is_null()) selected = json::object();
  selected.get_ref<json::object_t&>().try_emplace("batch.kubernetes.io/controller-uid", uid);
  // Kubernetes sets defaults again when it reads: a job without labels then has its pods'.
  if (json& own = job["metadata"]["labels"]; own.empty()) own = labels;
}

void prepare_cron_job(json& job) {
  prepare_cron_job_update(nullptr, job);
}

void prepare_cron_job_update(const json& old, json& job) {
  const auto spec = job.find("spec");
  if (spec == job.end() || !spec->is_object()) return;
  const auto made = spec->find("jobTemplate");
  if (made != spec->end() && made->is_object())
    prepare_workload_update(at(old, {"spec", "jobTemplate"}), *made);
}

}  // namespace troupe::model
