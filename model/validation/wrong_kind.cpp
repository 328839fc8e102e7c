#include "model/validation/wrong_kind.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace troupe::model {
namespace {

using name_pair = std::pair<std::string, std::string>;

// Versions that Kubernetes 1.32 can still read, though it serves them no more or by a gate alone.
constexpr std::array old_versions = {
    "admissionregistration.k8s.io/v1alpha1",
    "admissionregistration.k8s.io/v1beta1",
    "apps/v1beta1",
    "apps/v1beta2",
    "authentication.k8s.io/v1alpha1",
    "authentication.k8s.io/v1beta1",
    "authorization.k8s.io/v1beta1",
    "autoscaling/v2beta1",
    "autoscaling/v2beta2",
    "batch/v1beta1",
    "certificates.k8s.io/v1beta1",
    "coordination.k8s.io/v1beta1",
    "discovery.k8s.io/v1beta1",
    "events.k8s.io/v1beta1",
    "extensions/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta1",
    "flowcontrol.apiserver.k8s.io/v1beta2",
    "flowcontrol.apiserver.k8s.io/v1beta3",
    "networking.k8s.io/v1beta1",
    "node.k8s.io/v1beta1",
    "policy/v1beta1",
    "rbac.authorization.k8s.io/v1alpha1",
    "rbac.authorization.k8s.io/v1beta1",
    "scheduling.k8s.io/v1alpha1",
    "scheduling.k8s.io/v1beta1",
    "storage.k8s.io/v1alpha1",
    "storage.k8s.io/v1beta1",
};

// Kinds that every group and version has.
constexpr std::array options = {"CreateOptions", "DeleteOptions", "GetOptions", "ListOptions",
                                "PatchOptions",  "UpdateOptions", "WatchEvent"};

const std::set<name_pair>& registered() {
  static const std::set<name_pair> all = [] {
    std::set<name_pair> out;
    for (const kind_info& k : schema::instance().kinds()) {
      out.emplace(k.api_version(), k.kind);
      if (std::ranges::find(k.verbs, "list") != k.verbs.end())
        out.emplace(k.api_version(), std::string(k.kind) + "List");
      for (const char* option : options) out.emplace(k.api_version(), option);
      for (const subresource_info& s : k.subresource_kinds)
        out.emplace((s.group.empty() ? "" : std::string(s.group) + "/") + std::string(s.version),
                    s.kind);
    }
    out.emplace("v1", "Status");
    out.emplace("v1", "List");
    return out;
  }();
  return all;
}

/// The Go package of the types that a group's versions are converted through.
std::string_view package_of(std::string_view group) {
  if (group.empty() || group == "events.k8s.io") return "core";
  return group.substr(0, group.find('.'));
}

std::string_view group_of(std::string_view api_version) {
  const auto slash = api_version.find('/');
  return slash == api_version.npos ? std::string_view() : api_version.substr(0, slash);
}

}  // namespace

std::string wrong_kind(const kind_info& kind, std::string_view api_version, std::string_view name) {
  const auto group = group_of(api_version);
  const bool same =
      name == kind.kind && (package_of(group) == package_of(kind.group) || group == "extensions");
  const bool known = registered().contains({std::string(api_version), std::string(name)}) ||
                     (same && std::ranges::find(old_versions, api_version) != old_versions.end());
  if (!known)
    return "no kind \"" + std::string(name) + "\" is registered for version \"" +
           std::string(api_version) + "\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"";
  if (same) return {};
  const auto version = group.empty() ? api_version : api_version.substr(group.size() + 1);
  return "converting (" + std::string(version) + "." + std::string(name) + ") to (" +
         std::string(package_of(kind.group)) + "." + std::string(kind.kind) +
         "): unknown conversion";
}

}  // namespace troupe::model
