#include "model/warnings/warnings.hpp"

#include "model/custom/kinds.hpp"
#include "model/validation/names.hpp"
#include "model/warnings/cluster.hpp"
#include "model/warnings/pod.hpp"

#include <unordered_map>

namespace troupe::model {
namespace {

/// Names of pods and their hosts come from the object's.
void warn_of_name(const json& object, const char* used, warnings& out) {
  std::string fault = dns_label_fault(text_of(value_of(object, "metadata"), "name"));
  if (fault.empty()) return;
  for (std::size_t at = 0; (at = fault.find("; ", at)) != fault.npos;) fault.erase(at, 1);
  out.push_back("metadata.name: this is used in " + std::string(used) +
                ", which can result in surprising behavior; a DNS label is recommended: [" + fault +
                "]");
}
constexpr const char* in_pods = "Pod names and hostnames";

void warn_of_template(const json& object, warnings& out) {
  const field_path spec_path("spec");
  const field_path path = spec_path.child("template");
  warn_of_pod(at(object, {"spec", "template"}), &path, out);
}

void warn_of_named_template(const json* old, const json& object, warnings& out) {
  if (!old) warn_of_name(object, in_pods, out);
  warn_of_template(object, out);
}

void warn_of_job_spec(const json& spec, const field_path& path, warnings& out) {
  constexpr std::int64_t many = 100'000;
  constexpr std::int64_t at_once = 10'000;
  if (text_of(spec, "completionMode") == "Indexed" && integer_of(spec, "completions") > many &&
      integer_of(spec, "parallelism") > at_once)
    out.push_back(path.text() +
                  ": In Indexed Jobs with a number of completions higher than 10^5 and a "
                  "parallelism higher than 10^4, Kubernetes might not be able to track "
                  "completedIndexes when a big number of indexes fail");
  const field_path template_path = path.child("template");
  warn_of_pod(value_of(spec, "template"), &template_path, out);
}

void warn_of_job(const json* old, const json& job, warnings& out) {
  if (!old) warn_of_name(job, in_pods, out);
  warn_of_job_spec(value_of(job, "spec"), field_path("spec"), out);
}

void warn_of_cron_job(const json* old, const json& job, warnings& out) {
  if (!old) warn_of_name(job, in_pods, out);
  const field_path spec_path("spec");
  const field_path template_path = spec_path.child("jobTemplate");
  warn_of_job_spec(at(job, {"spec", "jobTemplate", "spec"}), template_path.child("spec"), out);
  if (string_at(job, {"spec", "schedule"}).find("TZ") != std::string::npos)
    out.push_back(
        "CRON_TZ or TZ used in spec.schedule is not officially supported, see "
        "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details");
}

void warn_of_stateful_set(const json*, const json& set, warnings& out) {
  warn_of_template(set, out);
  const field_path spec_path("spec");
  const field_path path = spec_path.child("volumeClaimTemplates");
  const auto& claims = items_of(value_of(set, "spec"), "volumeClaimTemplates");
  for (std::size_t i = 0; i < claims.size(); ++i) {
    const field_path here = path.index(i);
    warn_of_claim(value_of(claims[i], "spec"), here.child("spec"), out);
  }
  if (integer_of(value_of(set, "spec"), "revisionHistoryLimit") < 0)
    out.push_back(
        "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= "
        "0 is recommended");
}

void warn_of_plain_pod(const json* old, const json& pod, warnings& out) {
  // Kubernetes says nothing on an update: those come often, and from programs.
  if (old) return;
  warn_of_name(pod, "the Pod's hostname", out);
  warn_of_pod(pod, nullptr, out);
}

using rule = void (*)(const json* old, const json& object, warnings& out);

}  // namespace

std::vector<std::string> warnings_of(const kind_info& kind, const json* old, const json& object) {
  static const std::unordered_map<std::string_view, rule> rules = {
      {"pods", warn_of_plain_pod},
      {"podtemplates",
       [](const json*, const json& o, warnings& w) {
         const field_path path("template");
         warn_of_pod(value_of(o, "template"), &path, w);
       }},
      {"replicationcontrollers", warn_of_named_template},
      {"deployments.apps", warn_of_named_template},
      {"replicasets.apps", warn_of_named_template},
      {"daemonsets.apps", [](const json*, const json& o, warnings& w) { warn_of_template(o, w); }},
      {"statefulsets.apps", warn_of_stateful_set},
      {"jobs.batch", warn_of_job},
      {"cronjobs.batch", warn_of_cron_job},
      {"services", warn_of_service},
      {"ingresses.networking.k8s.io", warn_of_ingress},
      {"endpointslices.discovery.k8s.io", warn_of_endpoint_slice},
      {"persistentvolumes", warn_of_persistent_volume},
      {"persistentvolumeclaims", warn_of_persistent_volume_claim},
      {"storageclasses.storage.k8s.io", warn_of_storage_class},
      {"nodes", warn_of_node},
      {"runtimeclasses.node.k8s.io", warn_of_runtime_class},
      {"serviceaccounts", warn_of_service_account},
  };
  warnings out;
  const auto found = rules.find(kind.resource);
  if (found == rules.end()) return out;
  // An update that leaves the spec as it was is nothing new to warn of.
  const json& generation = at(object, {"metadata", "generation"});
  if (old && !generation.is_null() && at(*old, {"metadata", "generation"}) == generation)
    return out;
  found->second(old, object, out);
  return out;
}

std::string deprecation_of(const kind_info& kind) {
  if (const custom_version* custom = custom_of(kind)) return custom->deprecation;
  if (kind.resource != "componentstatuses") return {};
  return "v1 ComponentStatus is deprecated in v1.19+";
}

}  // namespace troupe::model
