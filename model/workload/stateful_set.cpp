#include "model/workload/stateful_set.hpp"

#include "model/owners.hpp"
#include "model/workload/pod_template.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::model {
namespace {

constexpr const char* revision_label = "controller-revision-hash";
constexpr const char* name_label = "statefulset.kubernetes.io/pod-name";
constexpr const char* index_label = "apps.kubernetes.io/pod-index";

std::int64_t number_at(const json& spec, std::initializer_list<std::string_view> path,
                       std::int64_t otherwise) {
  const json& value = at(spec, path);
  return value.is_number_integer() ? value.get<std::int64_t>() : otherwise;
}

json reference_of(const object& set) {
  return controller_reference("apps/v1", "StatefulSet", set);
}

std::string claim_name(const json& claim_template, const std::string& pod) {
  return string_at(claim_template, {"metadata", "name"}) + "-" + pod;
}

}  // namespace

stateful_set_view::stateful_set_view(const object& set)
    : name(set.key().name), deleting(set.header().deleting) {
  const json document = set.content();
  const json& spec = at(document, {"spec"});
  replicas = number_at(spec, {"replicas"}, 1);
  start = number_at(spec, {"ordinals", "start"}, 0);
  partition = number_at(spec, {"updateStrategy", "rollingUpdate", "partition"}, 0);
  rolling = string_at(spec, {"updateStrategy", "type"}) != "OnDelete";
  parallel = string_at(spec, {"podManagementPolicy"}) == "Parallel";
  const json& policy = at(spec, {"persistentVolumeClaimRetentionPolicy"});
  deletes_claims_when_deleted = string_at(policy, {"whenDeleted"}) == "Delete";
  deletes_claims_when_scaled = string_at(policy, {"whenScaled"}) == "Delete";
  min_ready = std::chrono::seconds(number_at(spec, {"minReadySeconds"}, 0));
  history_limit = number_at(spec, {"revisionHistoryLimit"}, 10);
  generation = number_at(document, {"metadata", "generation"}, 0);
  service_name = string_at(spec, {"serviceName"});
  template_ = at(spec, {"template"});
  claim_templates = at(spec, {"volumeClaimTemplates"});
  match_labels = at(spec, {"selector", "matchLabels"});
  annotations = at(document, {"metadata", "annotations"});
  status = at(document, {"status"});
  std::string error;
  selector = label_selector::from_json(at(spec, {"selector"}), error);
  if (selector && selector->empty()) selector.reset();
}

std::optional<std::int64_t> stateful_set_view::ordinal_of(std::string_view pod) const {
  if (pod.size() <= name.size() + 1 || !pod.starts_with(name) || pod[name.size()] != '-')
    return std::nullopt;
  const auto digits = pod.substr(name.size() + 1);
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (fault != std::errc{} || end != digits.data() + digits.size() || value < 0)
    return std::nullopt;
  return value;
}

set_pod::set_pod(const object& pod) : pod_facts(pod) {
  if (const auto* hash = find(pod.header().labels, revision_label)) revision = *hash;
}

json pod_of_set(const object& stored, const json& template_, const std::string& revision,
                std::int64_t ordinal) {
  const auto set = stored.view<stateful_set_view>();
  json pod = pod_from_template(template_, stored, reference_of(stored));
  const auto name = set->pod_name(ordinal);
  json& metadata = pod["metadata"];
  metadata["name"] = name;
  metadata["labels"][name_label] = name;
  metadata["labels"][index_label] = std::to_string(ordinal);
  metadata["labels"][revision_label] = revision;
  json& spec = pod["spec"];
  spec["hostname"] = name;
  spec["subdomain"] = set->service_name;
  if (set->claim_templates.empty()) return pod;
  json volumes = json::array();
  for (const json& claim : set->claim_templates)
    volumes.push_back({{"name", at(claim, {"metadata", "name"})},
                       {"persistentVolumeClaim", {{"claimName", claim_name(claim, name)}}}});
  for (const json& volume : at(spec, {"volumes"}))
    if (std::ranges::none_of(volumes, [&](const json& v) { return v["name"] == volume["name"]; }))
      volumes.push_back(volume);
  spec["volumes"] = std::move(volumes);
  return pod;
}

std::vector<json> claims_of_set(const object& stored, std::int64_t ordinal) {
  const auto set = stored.view<stateful_set_view>();
  std::vector<json> out;
  for (json claim : set->claim_templates) {
    claim["apiVersion"] = "v1";
    claim["kind"] = "PersistentVolumeClaim";
    claim.erase("status");
    json& metadata = claim["metadata"];
    metadata["name"] = claim_name(claim, set->pod_name(ordinal));
    metadata["namespace"] = stored.key().ns;
    for (const auto& [key, value] : set->match_labels.items()) metadata["labels"][key] = value;
    if (set->deletes_claims_when_deleted && set->in_range(ordinal))
      metadata["ownerReferences"] = json::array({reference_of(stored)});
    out.push_back(std::move(claim));
  }
  return out;
}

std::optional<json> claim_owners(const object& stored, const object& pod, const object& claim) {
  const auto set = stored.view<stateful_set_view>();
  const auto ordinal = set->ordinal_of(pod.key().name);
  const bool condemned = !ordinal || !set->in_range(*ordinal);
  const bool pods = set->deletes_claims_when_scaled && condemned;
  const bool sets = set->deletes_claims_when_deleted && !pods;
  bool has_set = false;
  bool has_pod = false;
  const json document = claim.content();
  json owners = json::array();
  for (const json& owner : at(document, {"metadata", "ownerReferences"})) {
    const auto uid = string_at(owner, {"uid"});
    const bool of_set = uid == stored.header().uid;
    const bool of_pod = uid == pod.header().uid;
    has_set = has_set || of_set;
    has_pod = has_pod || of_pod;
    if ((!of_set || sets) && (!of_pod || pods)) owners.push_back(owner);
  }
  if (has_set == sets && has_pod == pods) return std::nullopt;
  if (sets && !has_set) owners.push_back(reference_of(stored));
  if (pods && !has_pod) owners.push_back(controller_reference("v1", "Pod", pod));
  return owners;
}

}  // namespace troupe::model
