#include "model/validation/resource_names.hpp"

#include "model/label_names.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr std::string_view container_names[] = {"cpu", "memory", "ephemeral-storage"};
/// Sorted. What is counted is listed apart.
constexpr std::string_view counted_names[] = {"configmaps",
                                              "persistentvolumeclaims",
                                              "pods",
                                              "replicationcontrollers",
                                              "resourcequotas",
                                              "secrets",
                                              "services",
                                              "services.loadbalancers",
                                              "services.nodeports"};
constexpr std::string_view quota_names[] = {"cpu",
                                            "memory",
                                            "ephemeral-storage",
                                            "requests.cpu",
                                            "requests.memory",
                                            "requests.storage",
                                            "requests.ephemeral-storage",
                                            "limits.cpu",
                                            "limits.memory",
                                            "limits.ephemeral-storage"};
constexpr std::string_view other_names[] = {"storage"};

template <class List>
bool has(const List& list, std::string_view name) {
  return std::ranges::find(list, name) != std::end(list);
}

bool is_standard(std::string_view name) {
  return has(quota_names, name) || has(counted_names, name) || has(other_names, name) ||
         is_huge_page_resource(name) || name.starts_with("requests.hugepages-");
}

}  // namespace

bool is_native_resource(std::string_view name) {
  return name.find('/') == name.npos || name.find("kubernetes.io/") != name.npos;
}

bool is_huge_page_resource(std::string_view name) {
  return name.starts_with(huge_page_prefix);
}

bool is_extended_resource(std::string_view name) {
  constexpr std::string_view of_quota = "requests.";
  return !is_native_resource(name) && !name.starts_with(of_quota) &&
         qualified_name_fault(std::string(of_quota) + std::string(name)).empty();
}

bool is_whole_resource(std::string_view name) {
  return has(counted_names, name) || is_extended_resource(name);
}

bool may_overcommit(std::string_view name) {
  return is_native_resource(name) && !is_huge_page_resource(name);
}

bool is_quota_resource(std::string_view name) {
  return has(quota_names, name) || has(counted_names, name) || is_huge_page_resource(name) ||
         name.starts_with("requests.hugepages-");
}

bool validate_resource_name(std::string_view name, const field_path& path, faults& out) {
  const std::string fault = qualified_name_fault(name);
  out.check(path, name, fault);
  if (!fault.empty()) return false;
  if (name.find('/') != name.npos || is_standard(name)) return true;
  out.invalid(path, name, "must be a standard resource type or fully qualified");
  return false;
}

void validate_container_resource_name(std::string_view name, const field_path& path, faults& out) {
  if (has(container_names, name)) return;
  validate_resource_name(name, path, out);
  if (name.find('/') == name.npos) {
    if (!is_huge_page_resource(name))
      out.invalid(path, name, "must be a standard resource for containers");
  } else if (!is_native_resource(name) && !is_extended_resource(name)) {
    out.invalid(path, name, "doesn't follow extended resource name standard");
  }
}

void validate_quota_resource_name(std::string_view name, const field_path& path, faults& out) {
  validate_resource_name(name, path, out);
  if (name.find('/') == name.npos && !is_quota_resource(name))
    out.invalid(path, name, "must be a standard resource for quota");
}

}  // namespace troupe::model
