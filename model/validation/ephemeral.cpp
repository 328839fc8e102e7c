#include "model/validation/names.hpp"
#include "model/validation/pod.hpp"
#include "model/validation/validate.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

const json* named(const json::array_t& containers, std::string_view name) {
  const auto found =
      std::ranges::find_if(containers, [&](const json& c) { return text_of(c, "name") == name; });
  return found == containers.end() ? nullptr : &*found;
}

/// What would need the pod to be planned anew.
void validate_fields(const json& container, const field_path& path, faults& out) {
  for (const char* name : {"ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle",
                           "resizePolicy", "restartPolicy"})
    if (container.contains(name))
      out.forbidden(path.child(name), "cannot be set for an Ephemeral Container");
  if (!value_of(container, "resources").empty())
    out.forbidden(path.child("resources"), "cannot be set for an Ephemeral Container");
}

void validate_target(const json& spec, const json& container, const field_path& path, faults& out) {
  const auto target = text_of(container, "targetContainerName");
  if (!target.empty() && !named(items_of(spec, "containers"), target) &&
      !named(items_of(spec, "initContainers"), target))
    out.not_found(path.child("targetContainerName"), target);
}

}  // namespace

std::vector<cause> validate_ephemeral_containers_update(const json& old, const json& pod) {
  faults out;
  const field_path spec_path("spec");
  const field_path path = spec_path.child("ephemeralContainers");
  const json& spec = value_of(pod, "spec");
  const auto& before = items_of(value_of(old, "spec"), "ephemeralContainers");
  const auto& now = items_of(spec, "ephemeralContainers");
  for (std::size_t i = 0; i < now.size(); ++i) {
    const field_path here = path.index(i);
    if (text_of(now[i], "name").empty()) out.required(here.child("name"));
    validate_fields(now[i], here, out);
    validate_target(spec, now[i], here, out);
  }
  for (const json& container : before) {
    const auto name = text_of(container, "name");
    const json* kept = named(now, name);
    if (!kept)
      out.forbidden(
          path, "existing ephemeral containers \"" + std::string(name) + "\" may not be removed\n");
    else if (*kept != container)
      out.forbidden(
          path, "existing ephemeral containers \"" + std::string(name) + "\" may not be changed\n");
  }
  faults unused;
  validate_containers(spec, spec_path, validate_volumes(spec, spec_path, unused), out);
  return out.take();
}

}  // namespace troupe::model
