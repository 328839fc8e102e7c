#include "model/validation/validate.hpp"

#include "model/validation/kinds.hpp"
#include "model/validation/metadata.hpp"
#include "model/validation/path.hpp"
#include "model/validation/pod.hpp"
#include "model/validation/shape.hpp"

#include <unordered_map>

namespace troupe::model {
namespace {

using create_rule = void (*)(const json& object, faults& out);
using update_rule = void (*)(const json& old, const json& object, faults& out);

struct rules {
  create_rule create = nullptr;
  update_rule update = nullptr;  ///< null: an update is checked as a creation is
  update_rule status = nullptr;
};

void validate_pod(const json& pod, faults& out) {
  const field_path path("spec");
  const json& spec = value_of(pod, "spec");
  if (!spec.is_object()) out.required(path.child("containers"));
  if (!items_of(spec, "ephemeralContainers").empty())
    out.forbidden(path.child("ephemeralContainers"), "cannot be set on create");
  validate_pod_spec(spec, path, out);
}

void validate_config_map_update(const json& old, const json& config_map, faults& out) {
  validate_data_update(old, config_map, out);
  validate_config_map(config_map, out);
}

void validate_secret_update(const json& old, const json& secret, faults& out) {
  validate_data_update(old, secret, out);
  validate_secret(secret, out);
}

const rules& rules_of(const kind_info& kind) {
  static const rules none;
  static const std::unordered_map<std::string_view, rules> all = {
      {"pods", {validate_pod, validate_pod_update, validate_pod_status_update}},
      {"nodes", {validate_node, validate_node_update, validate_node_status}},
      {"namespaces", {validate_namespace}},
      {"configmaps", {validate_config_map, validate_config_map_update}},
      {"secrets", {validate_secret, validate_secret_update}},
      {"events", {validate_event}},
      {"leases.coordination.k8s.io", {validate_lease}},
      {"certificatesigningrequests.certificates.k8s.io",
       {validate_csr, validate_csr_update, validate_csr_status}},
      {"services", {validate_service, validate_service_update}},
  };
  const auto found = all.find(kind.resource);
  return found == all.end() ? none : found->second;
}

}  // namespace

std::vector<cause> validate_create(const kind_info& kind, const json& object) {
  faults out;
  validate_metadata(kind, value_of(object, "metadata"), out);
  validate_shape(*kind.type, object, out);
  if (const auto rule = rules_of(kind).create) rule(object, out);
  return out.take();
}

std::vector<cause> validate_update(const kind_info& kind, const json& old, const json& object) {
  faults out;
  validate_metadata_update(value_of(old, "metadata"), value_of(object, "metadata"), out);
  validate_metadata(kind, value_of(object, "metadata"), out);
  validate_shape(*kind.type, object, out);
  const rules& own = rules_of(kind);
  if (own.update)
    own.update(old, object, out);
  else if (own.create)
    own.create(object, out);
  return out.take();
}

std::vector<cause> validate_status_update(const kind_info& kind, const json& old,
                                          const json& object) {
  faults out;
  validate_metadata_update(value_of(old, "metadata"), value_of(object, "metadata"), out);
  validate_metadata(kind, value_of(object, "metadata"), out);
  if (const auto rule = rules_of(kind).status) rule(old, object, out);
  return out.take();
}

std::vector<cause> validate_binding(const json& binding) {
  static constexpr std::string_view targets[] = {"Node", "<empty>"};
  faults out;
  const field_path path("target");
  const json& target = value_of(binding, "target");
  if (const auto kind = text_of(target, "kind"); !kind.empty() && kind != "Node")
    out.not_supported(path.child("kind"), kind, targets);
  if (text_of(target, "name").empty()) out.required(path.child("name"));
  return out.take();
}

}  // namespace troupe::model
