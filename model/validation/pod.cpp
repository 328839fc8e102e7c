#include "model/validation/pod.hpp"

#include "model/validation/metadata.hpp"

namespace troupe::model {
namespace {

/// A token is one of an account.
void validate_tokens(const json& spec, const field_path& spec_path, faults& out) {
  if (!text_of(spec, "serviceAccountName").empty()) return;
  const field_path path = spec_path.child("volumes");
  const auto& volumes = items_of(spec, "volumes");
  for (std::size_t i = 0; i < volumes.size(); ++i) {
    const field_path volume_path = path.index(i);
    const field_path projected_path = volume_path.child("projected");
    const field_path sources_path = projected_path.child("sources");
    const auto& sources = items_of(value_of(volumes[i], "projected"), "sources");
    for (std::size_t j = 0; j < sources.size(); ++j) {
      const field_path here = sources_path.index(j);
      if (!value_of(sources[j], "serviceAccountToken").is_null())
        out.forbidden(here.child("serviceAccountToken"),
                      "must not be specified when serviceAccountName is not set");
    }
  }
}

}  // namespace

void validate_changed_pod(const json& pod, faults& out) {
  const json& spec = value_of(pod, "spec");
  const field_path path("spec");
  validate_pod_spec(spec, value_of(pod, "metadata"), path, out);
  validate_tokens(spec, path, out);
  for (const char* list : {"containers", "initContainers"}) {
    const field_path list_path = path.child(list);
    const auto& containers = items_of(spec, list);
    for (std::size_t i = 0; i < containers.size(); ++i)
      validate_image_blanks(containers[i], list_path.index(i), out);
  }
}

void validate_pod(const json& pod, faults& out) {
  const json& metadata = value_of(pod, "metadata");
  const json& spec = value_of(pod, "spec");
  const field_path metadata_path("metadata");
  const field_path path("spec");
  validate_pod_annotations(metadata, spec, metadata_path.child("annotations"), out);
  validate_changed_pod(pod, out);
  if (!items_of(spec, "ephemeralContainers").empty())
    out.forbidden(path.child("ephemeralContainers"), "cannot be set on create");
  if (!text_of(spec, "nodeName").empty() && !items_of(spec, "schedulingGates").empty())
    out.forbidden(path.child("nodeName"),
                  "cannot be set until all schedulingGates have been cleared");
  validate_profiles_match(metadata, spec, path, out);
}

void validate_template_metadata(const json& metadata, const json& spec, const field_path& path,
                                faults& out) {
  validate_labels(members_of(metadata, "labels"), path.child("labels"), out);
  validate_annotations(metadata, path.child("annotations"), out);
  validate_pod_annotations(metadata, spec, path.child("annotations"), out);
}

void validate_pod_template(const json& tmpl, const field_path& path, faults& out) {
  const json& metadata = value_of(tmpl, "metadata");
  const json& spec = value_of(tmpl, "spec");
  const field_path spec_path = path.child("spec");
  validate_template_metadata(metadata, spec, path, out);
  validate_pod_spec(spec, nullptr, spec_path, out);
  validate_profiles_match(metadata, spec, spec_path, out);
  if (!items_of(spec, "ephemeralContainers").empty())
    out.forbidden(spec_path.child("ephemeralContainers"),
                  "ephemeral containers not allowed in pod template");
}

}  // namespace troupe::model
