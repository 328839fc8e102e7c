#include "model/qos.hpp"
#include "model/validation/pod.hpp"
#include "model/validation/validate.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

json* named(json& containers, const json& wanted) {
  const auto name = text_of(wanted, "name");
  if (!containers.is_array()) return nullptr;
  const auto found =
      std::ranges::find_if(containers, [&](const json& c) { return text_of(c, "name") == name; });
  return found == containers.end() ? nullptr : &*found;
}

void copy_or_erase(const json& from, json& to, const char* key) {
  if (const json& value = value_of(from, key); !value.is_null())
    to[key] = value;
  else
    to.erase(key);
}

/// The pod's spec with the cpu and memory of its containers as `old` has them.
json without_resize(json spec, const json& old) {
  for (json& container : spec["containers"]) {
    json before_spec = old;
    const json* before = named(before_spec["containers"], container);
    if (!before) continue;
    copy_or_erase(*before, container, "resizePolicy");
    for (const char* list : {"limits", "requests"})
      for (const char* resource : {"cpu", "memory"}) {
        const json& had = at(*before, {"resources", list, resource});
        if (!had.is_null())
          container["resources"][list][resource] = had;
        else if (!at(container, {"resources", list, resource}).is_null())
          container["resources"][list].erase(resource);
      }
    for (const char* list : {"limits", "requests"})
      if (const json& left = at(container, {"resources", list}); left.is_object() && left.empty())
        container["resources"].erase(list);
  }
  return spec;
}

}  // namespace

void prepare_for_resize(const json& old, json& pod) {
  json resized = old;
  for (const json& container : items_of(value_of(pod, "spec"), "containers"))
    if (json* kept = named(resized["spec"]["containers"], container)) {
      copy_or_erase(container, *kept, "resources");
      copy_or_erase(container, *kept, "resizePolicy");
    }
  pod = std::move(resized);
}

std::vector<cause> validate_resize(const json& old, const json& pod) {
  faults out;
  const field_path path("spec");
  const json& spec = value_of(pod, "spec");
  const json& before = value_of(old, "spec");
  validate_pod_spec(spec, value_of(pod, "metadata"), path, out);
  if (const auto now = qos_class(spec); now != qos_class(before))
    out.invalid(path, now, "Pod QOS Class may not change as a result of resizing");
  if (without_resize(spec, before) != before)
    out.forbidden(path, "only cpu and memory resources are mutable");
  return out.take();
}

}  // namespace troupe::model
