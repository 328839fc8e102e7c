#include "model/workload/daemon_set.hpp"

#include "model/json_read.hpp"
#include "model/json_text.hpp"
#include "model/workload/pod_template.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr const char* template_generation_annotation = "deprecated.daemonset.template.generation";
constexpr const char* template_generation_label = "pod-template-generation";
constexpr const char* required = "requiredDuringSchedulingIgnoredDuringExecution";

// Daemons stay through the troubles of their node, and start on it when it is cordoned (kube's
// AddOrUpdateDaemonPodTolerations).
void add_tolerations(json& spec) {
  std::vector<std::pair<const char*, const char*>> wanted{
      {"node.kubernetes.io/not-ready", "NoExecute"},
      {"node.kubernetes.io/unreachable", "NoExecute"},
      {"node.kubernetes.io/disk-pressure", "NoSchedule"},
      {"node.kubernetes.io/memory-pressure", "NoSchedule"},
      {"node.kubernetes.io/pid-pressure", "NoSchedule"},
      {"node.kubernetes.io/unschedulable", "NoSchedule"}};
  if (at(spec, {"hostNetwork"}) == true)
    wanted.emplace_back("node.kubernetes.io/network-unavailable", "NoSchedule");
  json& tolerations = spec["tolerations"];
  if (!tolerations.is_array()) tolerations = json::array();
  for (const auto& [key, effect] : wanted) {
    json added = {{"key", key}, {"operator", "Exists"}, {"effect", effect}};
    if (std::ranges::find(tolerations, added) == tolerations.end())
      tolerations.push_back(std::move(added));
  }
}

// kube's ReplaceDaemonSetPodNodeNameNodeAffinity.
void bind_by_affinity(json& spec, const std::string& node) {
  const json field = {
      {"key", "metadata.name"}, {"operator", "In"}, {"values", json::array({node})}};
  json& terms = spec["affinity"]["nodeAffinity"][required]["nodeSelectorTerms"];
  if (!terms.is_array() || terms.empty()) terms = json::array({json::object()});
  for (json& term : terms) term["matchFields"] = json::array({field});
}

// The node that a pod without one is meant for.
std::string target_of(const object& pod) {
  const auto text = member_text(pod.text_of(part::spec), "affinity");
  if (text.empty()) return {};
  const json affinity = read_json(text);
  for (const json& term : at(affinity, {"nodeAffinity", required, "nodeSelectorTerms"}))
    for (const json& field : at(term, {"matchFields"}))
      if (string_at(field, {"key"}) == "metadata.name" && string_at(field, {"operator"}) == "In" &&
          at(field, {"values"}).size() == 1)
        return field["values"][0].get<std::string>();
  return {};
}

std::string label(const object& o, const char* name) {
  const auto* found = find(o.header().labels, name);
  return found ? *found : std::string{};
}

bool tolerates(const pod_view& pod, const taint& t) {
  return std::ranges::any_of(pod.tolerations,
                             [&](const toleration& have) { return have.tolerates(t); });
}

bool affine(const pod_view& pod, const node_view& node) {
  const auto selected = [&](const auto& wanted) {
    const auto* have = find(node.labels, wanted.first);
    return have && *have == wanted.second;
  };
  return std::ranges::all_of(pod.node_selector, selected) &&
         (!pod.required ||
          std::ranges::any_of(*pod.required, [&](const auto& term) { return term.matches(node); }));
}

}  // namespace

daemon_set_view::daemon_set_view(const object& set) : deleting(set.header().deleting) {
  const json document = set.content();
  const json& spec = at(document, {"spec"});
  generation = int_at(document, {"metadata", "generation"}, 0);
  rolling = string_at(spec, {"updateStrategy", "type"}) != "OnDelete";
  max_surge = at(spec, {"updateStrategy", "rollingUpdate", "maxSurge"});
  max_unavailable = at(spec, {"updateStrategy", "rollingUpdate", "maxUnavailable"});
  min_ready = std::chrono::seconds(int_at(spec, {"minReadySeconds"}, 0));
  history_limit = int_at(spec, {"revisionHistoryLimit"}, 10);
  annotations = at(document, {"metadata", "annotations"});
  if (!annotations.is_object()) annotations = json::object();
  template_generation = string_at(annotations, {template_generation_annotation});
  std::string error;
  selector = label_selector::from_json(at(spec, {"selector"}), error);
  if (selector && selector->empty()) selector.reset();
  own_template = template_ = at(spec, {"template"});
  add_tolerations(template_["spec"]);
  pod = std::make_shared<const pod_view>(json{{"spec", template_["spec"]}});
  status = at(document, {"status"});
  if (!status.is_object()) status = json::object();
}

daemon_pod::daemon_pod(const object& pod)
    : pod_facts(pod),
      target(node.empty() ? target_of(pod) : node),
      hash(label(pod, revision_hash_label)),
      template_generation(label(pod, template_generation_label)) {}

bool daemon_pod::is_of(const daemon_set_view& set, const std::string& revision_hash) const {
  return (!hash.empty() && hash == revision_hash) ||
         (!set.template_generation.empty() && template_generation == set.template_generation);
}

daemon_place place_of(const daemon_set_view& set, const node_view& node) {
  const pod_view& pod = *set.pod;
  if (!pod.node_name.empty() && pod.node_name != node.name) return {};
  if (!affine(pod, node)) return {};
  bool runs = true;
  bool stays = true;
  for (const auto& t : node.taints) {
    if (t.effect == "PreferNoSchedule" || tolerates(pod, t)) continue;
    runs = false;
    if (t.effect == "NoExecute") stays = false;
  }
  return {runs, stays};
}

json daemon_for(const daemon_set_view& set, const object& stored, const std::string& node,
                const std::string& revision_hash) {
  json pod = pod_from_template(set.template_, stored,
                               controller_reference("apps/v1", "DaemonSet", stored));
  json& labels = pod["metadata"]["labels"];
  if (!set.template_generation.empty()) labels[template_generation_label] = set.template_generation;
  labels[revision_hash_label] = revision_hash;
  bind_by_affinity(pod["spec"], node);
  return pod;
}

}  // namespace troupe::model
