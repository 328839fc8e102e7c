#include "model/base64.hpp"
#include "model/label_names.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/names.hpp"

namespace troupe::model {
namespace {

constexpr std::int64_t most_group_priority = 20000;
constexpr std::int64_t most_version_priority = 1000;

void validate_priorities(const json& spec, const field_path& path, faults& out) {
  const auto group = integer_of(spec, "groupPriorityMinimum");
  if (group <= 0 || group > most_group_priority)
    out.invalid(path.child("groupPriorityMinimum"), group, "must be positive and less than 20000");
  const auto version = integer_of(spec, "versionPriority");
  if (version <= 0 || version > most_version_priority)
    out.invalid(path.child("versionPriority"), version, "must be positive and less than 1000");
}

/// Served by the API server itself: there is no connection to secure.
void validate_local(const json& spec, const field_path& path, faults& out) {
  if (const auto bundle = from_base64(text_of(spec, "caBundle")); bundle && !bundle->empty())
    out.invalid(path.child("caBundle"), std::to_string(bundle->size()) + " bytes",
                "local APIServices may not have a caBundle");
  if (value_of(spec, "insecureSkipTLSVerify") == true)
    out.invalid(path.child("insecureSkipTLSVerify"), true,
                "local APIServices may not have insecureSkipTLSVerify");
}

}  // namespace

void validate_api_service(const json& service, faults& out) {
  const field_path path("spec");
  const json& spec = value_of(service, "spec");
  const auto group = text_of(spec, "group");
  const auto version = text_of(spec, "version");
  const field_path metadata("metadata");
  const std::string name = string_at(service, {"metadata", "name"});
  const std::string needed = std::string(version) + "." + std::string(group);
  if (!name.empty() && name != needed && path_segment_fault(name).empty())
    out.invalid(metadata.child("name"), name,
                "must be `spec.version+\".\"+spec.group`: " + json(needed).dump());
  if (group.empty() && version != "v1")
    out.required(path.child("group"),
                 "only v1 may have an empty group and it better be legacy kube");
  if (!group.empty()) out.check(path.child("group"), group, dns_subdomain_fault(group));
  out.check(path.child("version"), version, dns_1035_label_fault(version));
  validate_priorities(spec, path, out);
  const json& backend = value_of(spec, "service");
  if (backend.is_null()) return validate_local(spec, path, out);
  const field_path service_path = path.child("service");
  for (const char* field : {"namespace", "name"})
    if (text_of(backend, field).empty()) out.required(service_path.child(field));
  if (const json& port = value_of(backend, "port"); !port.is_null())
    if (const auto fault = port_fault(port.get<std::int64_t>()); !fault.empty())
      out.invalid(service_path.child("port"), port, "port is not valid: " + fault);
  if (value_of(spec, "insecureSkipTLSVerify") == true && !text_of(spec, "caBundle").empty())
    out.invalid(path.child("insecureSkipTLSVerify"), true,
                "may not be true if caBundle is present");
}

void validate_api_service_status(const json&, const json& service, faults& out) {
  const field_path status("status");
  const field_path path = status.child("conditions");
  const auto& conditions = items_of(value_of(service, "status"), "conditions");
  for (std::size_t i = 0; i < conditions.size(); ++i)
    if (const auto state = text_of(conditions[i], "status");
        state != "True" && state != "False" && state != "Unknown")
      out.not_supported(path.index(i).child("status"), state, {"False", "True", "Unknown"});
}

}  // namespace troupe::model
