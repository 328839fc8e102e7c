#include "model/strategy/feature_gates.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr const char* container_lists[] = {"containers", "initContainers", "ephemeralContainers"};

template <class Visit>
void each_of(json& owner, const char* list, Visit&& visit) {
  const auto found = owner.find(list);
  if (found == owner.end() || !found->is_array()) return;
  for (json& item : *found)
    if (item.is_object()) visit(item);
}

void drop(json& object, const char* name) {
  if (object.is_object()) object.erase(name);
}

/// Whether any item of a list has, at this path, a member that is one of `values` (any at all when
/// there are none).
bool any_has(const json& list, std::initializer_list<std::string_view> path) {
  return std::ranges::any_of(list, [&](const json& item) { return !at(item, path).is_null(); });
}

// PodLevelResources, DynamicResourceAllocation, UserNamespacesSupport.
constexpr const char* off_in_spec[] = {"hostUsers", "resourceClaims", "resources"};
// SupplementalGroupsPolicy, SELinuxChangePolicy.
constexpr const char* off_in_security[] = {"seLinuxChangePolicy", "supplementalGroupsPolicy"};

void drop_from_spec(json& spec, const json& old) {
  for (const char* name : off_in_spec)
    if (spec.contains(name) && !old.contains(name)) spec.erase(name);
  const auto security = spec.find("securityContext");
  if (security == spec.end()) return;
  const json& before = at(old, {"securityContext"});
  for (const char* name : off_in_security)
    if (before.is_null() || !before.contains(name)) drop(*security, name);
}

// InPlacePodVerticalScaling, DynamicResourceAllocation, ProcMountType.
void drop_from_containers(json& spec, const json& old) {
  const auto used = [&](std::initializer_list<std::string_view> path) {
    return std::ranges::any_of(container_lists,
                               [&](const char* list) { return any_has(at(old, {list}), path); });
  };
  for (const char* list : container_lists)
    each_of(spec, list, [&](json& container) {
      if (container.contains("resizePolicy") && !used({"resizePolicy"}))
        container.erase("resizePolicy");
      if (const auto resources = container.find("resources"); resources != container.end() &&
                                                              resources->contains("claims") &&
                                                              !old.contains("resourceClaims"))
        resources->erase("claims");
      const auto security = container.find("securityContext");
      // Only the mount that is not the default's is held back.
      if (security != container.end() && security->contains("procMount") &&
          !used({"securityContext", "procMount"}))
        security->erase("procMount");
    });
}

// ImageVolume, ClusterTrustBundleProjection.
void drop_from_volumes(json& spec, const json& old) {
  const json& before = at(old, {"volumes"});
  const bool images = any_has(before, {"image"});
  const bool bundles = std::ranges::any_of(before, [](const json& volume) {
    return any_has(at(volume, {"projected", "sources"}), {"clusterTrustBundle"});
  });
  each_of(spec, "volumes", [&](json& volume) {
    if (!images) volume.erase("image");
    if (bundles) return;
    if (const auto projected = volume.find("projected"); projected != volume.end())
      each_of(*projected, "sources", [](json& source) { source.erase("clusterTrustBundle"); });
  });
}

}  // namespace

void drop_disabled_fields(json& spec, const json& old) {
  if (!spec.is_object()) return;
  const json none = json::object();
  const json& before = old.is_object() ? old : none;
  drop_from_spec(spec, before);
  drop_from_containers(spec, before);
  drop_from_volumes(spec, before);
}

}  // namespace troupe::model
