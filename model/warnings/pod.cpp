#include "model/warnings/pod.hpp"

#include "model/quantity.hpp"
#include "model/validation/pod.hpp"
#include "model/warnings/containers.hpp"
#include "model/warnings/node_labels.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr std::string_view seccomp_of_pod = "seccomp.security.alpha.kubernetes.io/pod";
constexpr const char* no_selector = ": a null labelSelector results in matching no pod";

constexpr std::pair<std::string_view, std::string_view> old_annotations[] = {
    {"scheduler.alpha.kubernetes.io/critical-pod",
     R"(non-functional in v1.16+; use the "priorityClassName" field instead)"},
    {"security.alpha.kubernetes.io/sysctls",
     R"(non-functional in v1.11+; use the "sysctls" field instead)"},
    {"security.alpha.kubernetes.io/unsafe-sysctls",
     R"(non-functional in v1.11+; use the "sysctls" field instead)"}};

struct old_volume {
  std::string_view type, shown, message;
};
constexpr old_volume old_volumes[] = {
    {"photonPersistentDisk", "photonPersistentDisk",
     "deprecated in v1.11, non-functional in v1.16+"},
    {"gitRepo", "gitRepo", "deprecated in v1.11"},
    {"scaleIO", "scaleIO", "deprecated in v1.16, non-functional in v1.22+"},
    {"flocker", "flocker", "deprecated in v1.22, non-functional in v1.25+"},
    {"storageos", "storageOS", "deprecated in v1.22, non-functional in v1.25+"},
    {"quobyte", "quobyte", "deprecated in v1.22, non-functional in v1.25+"},
    {"glusterfs", "glusterfs", "deprecated in v1.25, non-functional in v1.26+"},
    {"cephfs", "cephfs", "deprecated in v1.28, non-functional in v1.31+"},
    {"rbd", "rbd", "deprecated in v1.28, non-functional in v1.31+"}};

void warn(const field_path& path, std::string_view message, warnings& out) {
  out.push_back(path.text().append(": ").append(message));
}

void warn_of_label(std::string_view label, const field_path& path, warnings& out) {
  if (const auto message = node_label_deprecation(label); !message.empty())
    warn(path, std::string(label) + " is " + std::string(message), out);
}

void warn_of_node_term(const json& term, const field_path& path, warnings& out) {
  const field_path list_path = path.child("matchExpressions");
  const auto& expressions = items_of(term, "matchExpressions");
  for (std::size_t i = 0; i < expressions.size(); ++i) {
    const field_path here = list_path.index(i);
    warn_of_label(text_of(expressions[i], "key"), here.child("key"), out);
  }
}

void warn_of_node_affinity(const json& affinity, const field_path& path, warnings& out) {
  const field_path needed_path = path.child("requiredDuringSchedulingIgnoredDuringExecution");
  const field_path terms_path = needed_path.child("nodeSelectorTerms");
  const auto& terms = items_of(value_of(affinity, "requiredDuringSchedulingIgnoredDuringExecution"),
                               "nodeSelectorTerms");
  for (std::size_t i = 0; i < terms.size(); ++i)
    warn_of_node_term(terms[i], terms_path.index(i), out);
  const field_path preferred_path = path.child("preferredDuringSchedulingIgnoredDuringExecution");
  const auto& preferred = items_of(affinity, "preferredDuringSchedulingIgnoredDuringExecution");
  for (std::size_t i = 0; i < preferred.size(); ++i) {
    const field_path here = preferred_path.index(i);
    warn_of_node_term(value_of(preferred[i], "preference"), here.child("preference"), out);
  }
}

void warn_of_pod_affinity(const json& affinity, const field_path& path, warnings& out) {
  const auto missing = [&](const json& term, const field_path& here) {
    if (value_of(term, "labelSelector").is_null())
      out.push_back(here.child("labelSelector").text() + no_selector);
  };
  const field_path needed_path = path.child("requiredDuringSchedulingIgnoredDuringExecution");
  const auto& needed = items_of(affinity, "requiredDuringSchedulingIgnoredDuringExecution");
  for (std::size_t i = 0; i < needed.size(); ++i) missing(needed[i], needed_path.index(i));
  const field_path preferred_path = path.child("preferredDuringSchedulingIgnoredDuringExecution");
  const auto& preferred = items_of(affinity, "preferredDuringSchedulingIgnoredDuringExecution");
  for (std::size_t i = 0; i < preferred.size(); ++i) {
    const field_path here = preferred_path.index(i);
    missing(value_of(preferred[i], "podAffinityTerm"), here.child("podAffinityTerm"));
  }
}

void warn_of_placement(const json& spec, const field_path& path, warnings& out) {
  const field_path selector_path = path.child("nodeSelector");
  for (const auto& [label, value] : members_of(spec, "nodeSelector"))
    if (const auto message = node_label_deprecation(label); !message.empty())
      warn(selector_path.key(label), message, out);
  const json& affinity = value_of(spec, "affinity");
  const field_path affinity_path = path.child("affinity");
  warn_of_node_affinity(value_of(affinity, "nodeAffinity"), affinity_path.child("nodeAffinity"),
                        out);
  const field_path spread_path = path.child("topologySpreadConstraints");
  const auto& constraints = items_of(spec, "topologySpreadConstraints");
  for (std::size_t i = 0; i < constraints.size(); ++i) {
    const field_path here = spread_path.index(i);
    warn_of_label(text_of(constraints[i], "topologyKey"), here.child("topologyKey"), out);
    if (value_of(constraints[i], "labelSelector").is_null())
      out.push_back(here.child("labelSelector").text() + no_selector);
  }
}

void warn_of_annotations(const json& pod, const field_path& path, warnings& out) {
  const auto& annotations = members_of(value_of(pod, "metadata"), "annotations");
  for (const auto& [key, message] : old_annotations)
    if (annotations.contains(key)) warn(path.key(key), message, out);
}

void warn_of_volumes(const json& spec, const field_path& spec_path, warnings& out) {
  const field_path path = spec_path.child("volumes");
  const auto& volumes = items_of(spec, "volumes");
  for (std::size_t i = 0; i < volumes.size(); ++i) {
    const field_path here = path.index(i);
    for (const auto& [type, shown, message] : old_volumes)
      if (volumes[i].contains(type)) warn(here.child(shown), message, out);
    const json& claim = at(volumes[i], {"ephemeral", "volumeClaimTemplate", "spec"});
    const field_path source_path = here.child("ephemeral");
    const field_path claim_path = source_path.child("volumeClaimTemplate");
    if (claim.is_object()) warn_of_claim(claim, claim_path.child("spec"), out);
  }
}

/// A list whose items are told apart by one field.
void warn_of_duplicates(const json& spec, const char* list, const char* field,
                        const field_path& spec_path, warnings& out) {
  const field_path path = spec_path.child(list);
  const auto& items = items_of(spec, list);
  name_set seen;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto value = text_of(items[i], field);
    const field_path here = path.index(i);
    if (!seen.insert(value).second)
      warn(here.child(field), "duplicate " + std::string(field) + " \"" + std::string(value) + "\"",
           out);
  }
}

}  // namespace

void warn_of_fraction(const json& amounts, const char* resource, const field_path& path,
                      warnings& out) {
  const auto amount = quantity::parse(text_of(amounts, resource));
  if (amount && amount->milli_value() % 1000 != 0)
    warn(path.key(resource),
         "fractional byte value \"" + amount->text() + "\" is invalid, must be an integer", out);
}

void warn_of_claim(const json& spec, const field_path& path, warnings& out) {
  const json& resources = value_of(spec, "resources");
  const field_path resources_path = path.child("resources");
  for (const char* list : {"requests", "limits"})
    warn_of_fraction(value_of(resources, list), "storage", resources_path.child(list), out);
}

void warn_of_pod(const json& pod, const field_path* path, warnings& out) {
  const json& spec = value_of(pod, "spec");
  const field_path spec_path = path ? path->child("spec") : field_path("spec");
  const field_path metadata_path = path ? path->child("metadata") : field_path("metadata");
  const field_path annotations_path = metadata_path.child("annotations");
  warn_of_placement(spec, spec_path, out);
  warn_of_annotations(pod, annotations_path, out);
  warn_of_volumes(spec, spec_path, out);
  warn_of_duplicates(spec, "hostAliases", "ip", spec_path, out);
  warn_of_duplicates(spec, "imagePullSecrets", "name", spec_path, out);
  const field_path secrets_path = spec_path.child("imagePullSecrets");
  const auto& secrets = items_of(spec, "imagePullSecrets");
  for (std::size_t i = 0; i < secrets.size(); ++i) {
    const field_path here = secrets_path.index(i);
    if (text_of(secrets[i], "name").empty())
      warn(here.child("name"), R"(invalid empty name "")", out);
  }
  for (const char* resource : {"memory", "ephemeral-storage"})
    warn_of_fraction(value_of(spec, "overhead"), resource, spec_path.child("overhead"), out);
  const json& annotations = at(pod, {"metadata", "annotations"});
  if (at(spec, {"securityContext", "seccompProfile"}).is_null() &&
      !at(annotations, {seccomp_of_pod}).is_null())
    warn(annotations_path.key(seccomp_of_pod),
         R"(non-functional in v1.27+; use the "seccompProfile" field instead)", out);
  warn_of_containers(pod, path != nullptr, spec_path, annotations_path, out);
  warn_of_ports(spec, spec_path, out);
  if (integer_of(spec, "terminationGracePeriodSeconds") < 0)
    warn(spec_path.child("terminationGracePeriodSeconds"),
         "must be >= 0; negative values are invalid and will be treated as 1", out);
  const json& affinity = value_of(spec, "affinity");
  const field_path affinity_path = spec_path.child("affinity");
  for (const char* kind : {"podAffinity", "podAntiAffinity"})
    warn_of_pod_affinity(value_of(affinity, kind), affinity_path.child(kind), out);
}

}  // namespace troupe::model
