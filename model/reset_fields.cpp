#include "model/reset_fields.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>

namespace troupe::model {
namespace {

/// What .../status sets back besides the spec, where that is more than nothing.
struct extra {
  std::string_view resource;
  const char* metadata;  ///< the node of metadata
};

constexpr extra extras[] = {
    {"apiservices.apiregistration.k8s.io", "{}"},
    {"customresourcedefinitions.apiextensions.k8s.io", "{}"},
    {"deployments.apps", R"({"f:labels":{}})"},
    {"flowschemas.flowcontrol.apiserver.k8s.io", "{}"},
    {"pods", R"({"f:deletionTimestamp":{},"f:ownerReferences":{}})"},
    {"prioritylevelconfigurations.flowcontrol.apiserver.k8s.io", "{}"},
    {"validatingadmissionpolicies.admissionregistration.k8s.io", "{}"},
    {"volumeattachments.storage.k8s.io", "{}"},
};

field_set of_status() {
  return field_set(json::parse(R"({"f:status":{}})"));
}

field_set of_spec(std::string_view resource) {
  json fields = json::parse(R"({"f:spec":{}})");
  const auto found = std::ranges::find(extras, resource, &extra::resource);
  if (found != std::end(extras)) fields["f:metadata"] = json::parse(found->metadata);
  return field_set(std::move(fields));
}

}  // namespace

const field_set& reset_fields(const kind_info& kind, std::string_view subresource) {
  static const field_set nothing;
  static const field_set status = of_status();
  static const field_set spec = of_spec({});
  static const field_set all_but_conditions(
      json::parse(R"({"f:spec":{},"f:status":{"f:certificate":{}}})"));
  static const auto by_resource = [] {
    std::unordered_map<std::string_view, field_set> out;
    for (const extra& e : extras) out.emplace(e.resource, of_spec(e.resource));
    return out;
  }();
  if (subresource == "status") {
    const auto found = by_resource.find(kind.resource);
    return found == by_resource.end() ? spec : found->second;
  }
  if (subresource == "approval") return all_but_conditions;
  return kind.subresource("status") ? status : nothing;
}

}  // namespace troupe::model
