#include "model/label_names.hpp"
#include "model/validation/names.hpp"
#include "model/validation/pod.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

const json* named(const json::array_t& list, std::string_view name) {
  const auto found =
      std::ranges::find_if(list, [&](const json& item) { return text_of(item, "name") == name; });
  return found == list.end() ? nullptr : &*found;
}

/// What has ended for good stays ended.
void validate_transitions(const json& old, const json& status, const char* list,
                          std::string_view policy, const json& spec, const field_path& status_path,
                          faults& out) {
  if (policy == "Always") return;
  const field_path path = status_path.child(list);
  const auto& before = items_of(old, list);
  const auto& now = items_of(status, list);
  for (std::size_t i = 0; i < before.size(); ++i) {
    const json& ended = at(before[i], {"state", "terminated"});
    if (!ended.is_object()) continue;
    if (policy == "OnFailure" && integer_of(ended, "exitCode") != 0) continue;
    const auto name = text_of(before[i], "name");
    const json* sidecar = named(items_of(spec, "initContainers"), name);
    if (std::string_view(list) == "initContainerStatuses" && sidecar &&
        text_of(*sidecar, "restartPolicy") == "Always")
      continue;
    const json* after = named(now, name);
    const field_path here = path.index(i);
    if (after && at(*after, {"state", "terminated"}).is_null())
      out.forbidden(here.child("state"), "may not be transitioned to non-terminated state");
  }
}

/// One address of each family at most.
void validate_addresses(const json& status, const char* list, const field_path& status_path,
                        faults& out) {
  const field_path path = status_path.child(list);
  const auto& addresses = items_of(status, list);
  name_set seen;
  std::size_t v6 = 0;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto ip = text_of(addresses[i], "ip");
    out.check(path.index(i), ip, ip_fault(ip));
    v6 += ip.find(':') != ip.npos ? 1 : 0;
    if (!seen.insert(ip).second) out.duplicate(path.index(i), ip);
  }
  if (addresses.size() > 1 && (addresses.size() > 2 || v6 != 1))
    out.invalid(path, addresses, "may specify no more than one IP for each IP family");
}

void validate_conditions(const json& status, faults& out) {
  const field_path metadata_path("metadata");  // Kubernetes' own place for them
  const field_path path = metadata_path.child("conditions");
  const auto& conditions = items_of(status, "conditions");
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    const auto type = text_of(conditions[i], "type");
    const field_path here = path.index(i);
    if (type != "PodScheduled" && type != "Ready" && type != "Initialized")
      out.check(here.child("Type"), type, qualified_name_fault(type));
  }
}

void validate_claims(const json& status, const json& spec, const field_path& status_path,
                     faults& out) {
  const field_path path = status_path.child("resourceClaimStatuses");
  const auto& claims = items_of(status, "resourceClaimStatuses");
  name_set seen;
  for (std::size_t i = 0; i < claims.size(); ++i) {
    const field_path here = path.index(i);
    const auto name = text_of(claims[i], "name");
    if (!named(items_of(spec, "resourceClaims"), name))
      out.invalid(here.child("name"), name,
                  "must match the name of an entry in `spec.resourceClaims`");
    if (!seen.insert(name).second) out.duplicate(here.child("name"), name);
  }
}

}  // namespace

void validate_pod_status_update(const json& old, const json& pod, faults& out) {
  const field_path path("status");
  const field_path metadata_path("metadata");
  const json& before = value_of(old, "status");
  const json& status = value_of(pod, "status");
  const json& spec = value_of(old, "spec");
  validate_pod_annotations_update(value_of(old, "metadata"), value_of(pod, "metadata"), spec,
                                  metadata_path.child("annotations"), out);
  validate_conditions(status, out);
  if (value_of(spec, "nodeName") != at(pod, {"spec", "nodeName"}))
    out.forbidden(path.child("nodeName"), "may not be changed directly");
  const auto nominated = text_of(status, "nominatedNodeName");
  if (!nominated.empty() && nominated != text_of(before, "nominatedNodeName"))
    out.check(path.child("nominatedNodeName"), nominated, dns_subdomain_fault(nominated));
  if (const auto qos = text_of(status, "qosClass"); qos != text_of(before, "qosClass"))
    out.invalid(path.child("qosClass"), qos, "field is immutable");
  const auto policy = text_of(spec, "restartPolicy");
  validate_transitions(before, status, "containerStatuses", policy, spec, path, out);
  validate_transitions(before, status, "initContainerStatuses", policy, spec, path, out);
  validate_transitions(before, status, "ephemeralContainerStatuses", "Never", spec, path, out);
  validate_claims(status, spec, path, out);
  validate_addresses(status, "podIPs", path, out);
  const auto& host_ips = items_of(status, "hostIPs");
  const field_path host_path = path.child("hostIPs");
  const field_path first_path = host_path.index(0);
  if (!host_ips.empty() && text_of(host_ips[0], "ip") != text_of(status, "hostIP"))
    out.invalid(first_path.child("ip"), text_of(host_ips[0], "ip"), "must be equal to `hostIP`");
  validate_addresses(status, "hostIPs", path, out);
}

}  // namespace troupe::model
