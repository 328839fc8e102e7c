#include "model/base64.hpp"
#include "model/label_names.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/names.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

/// "example.com/name": a domain of at least two labels and a path.
bool is_signer_name(std::string_view name) {
  const auto slash = name.find('/');
  if (slash == name.npos) return false;
  const auto domain = name.substr(0, slash);
  const auto path = name.substr(slash + 1);
  return domain.find('.') != domain.npos && dns_subdomain_fault(domain).empty() && !path.empty() &&
         dns_subdomain_fault(path).empty();
}

bool has_condition(const json& csr, std::string_view type) {
  return std::ranges::any_of(items_of(value_of(csr, "status"), "conditions"),
                             [&](const json& c) { return text_of(c, "type") == type; });
}

}  // namespace

void validate_event(const json& event, faults& out) {
  // The same object in either group: core's involvedObject is events.k8s.io's regarding.
  const bool core = event.contains("involvedObject");
  const char* member = core ? "involvedObject" : "regarding";
  const auto ns = string_at(event, {"metadata", "namespace"});
  const auto about = text_of(value_of(event, member), "namespace");
  const bool matches = about.empty() ? ns.empty() || ns == "default" : about == ns;
  const field_path path(member);
  if (!matches) out.invalid(path.child("namespace"), about, "does not match event.namespace");
  if (value_of(event, "eventTime").is_null()) return;
  const char* reporter = core ? "reportingComponent" : "reportingController";
  for (const char* name : {reporter, "reportingInstance", "action"})
    if (text_of(event, name).empty()) out.required(field_path(name));
}

void validate_lease(const json& lease, faults& out) {
  const field_path path("spec");
  const json& spec = value_of(lease, "spec");
  if (const json& seconds = value_of(spec, "leaseDurationSeconds");
      seconds.is_number_integer() && seconds.get<std::int64_t>() <= 0)
    out.invalid(path.child("leaseDurationSeconds"), seconds, "must be greater than 0");
  if (const json& turns = value_of(spec, "leaseTransitions");
      turns.is_number_integer() && turns.get<std::int64_t>() < 0)
    out.invalid(path.child("leaseTransitions"), turns, "must be greater than or equal to 0");
}

void validate_csr(const json& csr, faults& out) {
  const field_path path("spec");
  const json& spec = value_of(csr, "spec");
  const auto request = from_base64(text_of(spec, "request"));
  if (!request || request->find("-----BEGIN CERTIFICATE REQUEST-----") == std::string::npos)
    out.invalid(path.child("request"), text_of(spec, "request"),
                "PEM block type must be CERTIFICATE REQUEST");
  if (items_of(spec, "usages").empty()) out.required(path.child("usages"));
  const auto signer = text_of(spec, "signerName");
  if (signer.empty())
    out.required(path.child("signerName"));
  else if (!is_signer_name(signer))
    out.invalid(path.child("signerName"), signer,
                "must be a fully qualified domain and path of the form 'example.com/signer-name'");
  if (const json& seconds = value_of(spec, "expirationSeconds");
      seconds.is_number_integer() && seconds.get<std::int64_t>() < 600)
    out.invalid(path.child("expirationSeconds"), seconds,
                "may not specify a duration less than 600 seconds (10 minutes)");
}

void validate_csr_update(const json& old, const json& csr, faults& out) {
  if (value_of(old, "spec") != value_of(csr, "spec"))
    out.invalid(field_path("spec"), value_of(csr, "spec"), "field is immutable");
}

void validate_csr_status(const json& old, const json& csr, faults& out) {
  validate_csr_update(old, csr, out);
  const field_path path("status");
  const field_path conditions = path.child("conditions");
  if (has_condition(csr, "Approved") && has_condition(csr, "Denied"))
    out.invalid(conditions, "Denied", "Approved and Denied conditions are mutually exclusive");
  for (const char* type : {"Approved", "Denied", "Failed"})
    if (has_condition(old, type) && !has_condition(csr, type))
      out.forbidden(conditions,
                    std::string("updates may not remove a condition of type \"") + type + "\"");
  const auto before = text_of(value_of(old, "status"), "certificate");
  if (!before.empty() && before != text_of(value_of(csr, "status"), "certificate"))
    out.forbidden(path.child("certificate"), "updates may not modify existing certificate content");
}

}  // namespace troupe::model
