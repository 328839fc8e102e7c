#include "model/base64.hpp"
#include "model/label_names.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/lists.hpp"
#include "model/validation/names.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr std::size_t longest_domain = 253;
constexpr std::size_t longest_signer = 571;
constexpr std::int64_t shortest_seconds = 600;

constexpr std::string_view known_usages[] = {"any",
                                             "cert sign",
                                             "client auth",
                                             "code signing",
                                             "content commitment",
                                             "crl sign",
                                             "data encipherment",
                                             "decipher only",
                                             "digital signature",
                                             "email protection",
                                             "encipher only",
                                             "ipsec end system",
                                             "ipsec tunnel",
                                             "ipsec user",
                                             "key agreement",
                                             "key encipherment",
                                             "microsoft sgc",
                                             "netscape sgc",
                                             "ocsp signing",
                                             "s/mime",
                                             "server auth",
                                             "signing",
                                             "timestamping"};

/// The first part between dots at which `rule` finds a fault.
template <class Rule>
void validate_parts(std::string_view text, const field_path& path, Rule rule, faults& out) {
  for (std::string_view rest = text;;) {
    const auto dot = rest.find('.');
    const auto label = rest.substr(0, dot);
    if (const std::string fault = rule(label); !fault.empty())
      return out.invalid(path, text, "validating label " + json(label).dump() + ": " + fault);
    if (dot == rest.npos) return;
    rest.remove_prefix(dot + 1);
  }
}

void validate_signer(std::string_view name, const field_path& path, faults& out) {
  if (name.empty()) return out.required(path);
  if (std::ranges::count(name, '/') != 1)
    return out.invalid(path, name,
                       "must be a fully qualified domain and path of the form "
                       "'example.com/signer-name'");
  const auto slash = name.find('/');
  const auto domain = name.substr(0, slash);
  if (domain.size() > longest_domain) out.too_long(path, longest_domain);
  validate_parts(domain, path, dns_label_fault, out);
  if (domain.find('.') == domain.npos)
    out.invalid(path, domain, "should be a domain with at least two segments separated by dots");
  validate_parts(name.substr(slash + 1), path, dns_subdomain_fault, out);
  if (name.size() > longest_signer) out.too_long(path, longest_signer);
}

void validate_usages(const json& spec, const field_path& spec_path, faults& out) {
  const field_path path = spec_path.child("usages");
  const auto& usages = items_of(spec, "usages");
  if (usages.empty()) out.required(path);
  for (std::size_t i = 0; i < usages.size(); ++i)
    if (std::ranges::find(known_usages, as_text(usages[i])) == std::end(known_usages))
      out.not_supported(path.index(i), as_text(usages[i]), known_usages);
  distinct seen;
  for (std::size_t i = 0; i < usages.size(); ++i) seen.add(as_text(usages[i]), path.index(i), out);
}

void validate_conditions(const json& csr, faults& out) {
  const field_path status("status");
  const field_path path = status.child("conditions");
  const auto& conditions = items_of(value_of(csr, "status"), "conditions");
  bool approved = false, denied = false;
  distinct types;
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    const field_path here = path.index(i);
    const auto type = text_of(conditions[i], "type");
    const auto state = text_of(conditions[i], "status");
    if (type.empty()) out.required(here.child("type"));
    const bool only_true = type == "Approved" || type == "Denied" || type == "Failed";
    if (state.empty())
      out.required(here.child("status"));
    else if (only_true && state != "True")
      out.not_supported(here.child("status"), state, {"True"});
    else if (state != "True" && state != "False" && state != "Unknown")
      out.not_supported(here.child("status"), state, {"False", "True", "Unknown"});
    approved = approved || type == "Approved";
    denied = denied || type == "Denied";
    if (approved && denied && (type == "Approved" || type == "Denied"))
      out.invalid(here.child("type"), type,
                  "Approved and Denied conditions are mutually exclusive");
    types.add(type, here.child("type"), out);
  }
}

/// Only whether it is PEM of certificates: what is in them is the signer's concern.
std::string_view certificate_fault(std::string_view base64) {
  constexpr std::string_view begin = "-----BEGIN ";
  const auto pem = from_base64(base64);
  if (!pem || pem->find(begin) == std::string::npos)
    return "must contain at least one CERTIFICATE PEM block";
  for (auto at = pem->find(begin); at != std::string::npos; at = pem->find(begin, at + 1))
    if (pem->compare(at + begin.size(), 11, "CERTIFICATE") != 0)
      return "only CERTIFICATE PEM blocks are allowed";
  return {};
}

std::vector<json> conditions_of(const json& csr, std::string_view type) {
  std::vector<json> out;
  for (const json& c : items_of(value_of(csr, "status"), "conditions"))
    if (text_of(c, "type") == type) out.push_back(c);
  return out;
}

void validate_kept_conditions(const json& old, const json& csr, bool approves, faults& out) {
  const field_path status("status");
  const field_path path = status.child("conditions");
  for (const char* type : {"Approved", "Denied", "Failed"}) {
    const auto before = conditions_of(old, type);
    const auto now = conditions_of(csr, type);
    const std::string quoted = " a condition of type \"" + std::string(type) + "\"";
    if (now.size() < before.size())
      out.forbidden(path, "updates may not remove" + quoted);
    else if (!approves && type != std::string_view("Failed") && now.size() > before.size())
      out.forbidden(path, "updates may not add" + quoted);
    else if (!approves && type != std::string_view("Failed") && now != before)
      out.forbidden(path, "updates may not modify" + quoted);
  }
}

void validate_certificate(const json& old, const json& csr, bool signs, faults& out) {
  const field_path status("status");
  const field_path path = status.child("certificate");
  const auto before = text_of(value_of(old, "status"), "certificate");
  const auto now = text_of(value_of(csr, "status"), "certificate");
  if (before == now) return;
  if (const auto fault = certificate_fault(now); !now.empty() && !fault.empty())
    out.invalid(path, "<certificate data>", fault);
  if (!signs)
    out.forbidden(path, "updates may not set certificate content");
  else if (!before.empty())
    out.forbidden(path, "updates may not modify existing certificate content");
}

}  // namespace

void validate_csr(const json& csr, faults& out) {
  const field_path path("spec");
  const json& spec = value_of(csr, "spec");
  const auto request = from_base64(text_of(spec, "request"));
  if (!request || request->find("-----BEGIN CERTIFICATE REQUEST-----") == std::string::npos)
    out.invalid(path.child("request"), text_of(spec, "request"),
                "PEM block type must be CERTIFICATE REQUEST");
  validate_usages(spec, path, out);
  const auto signer = text_of(spec, "signerName");
  if (signer == "kubernetes.io/legacy-unknown")
    out.invalid(path.child("signerName"), signer,
                "the legacy signerName is not allowed via this API version");
  else
    validate_signer(signer, path.child("signerName"), out);
  if (const json& seconds = value_of(spec, "expirationSeconds");
      seconds.is_number_integer() && seconds.get<std::int64_t>() < shortest_seconds)
    out.invalid(path.child("expirationSeconds"), seconds,
                "may not specify a duration less than 600 seconds (10 minutes)");
  validate_conditions(csr, out);
}

void validate_csr_update(const json& old, const json& csr, faults& out) {
  validate_csr(csr, out);
  validate_kept_conditions(old, csr, false, out);
  validate_certificate(old, csr, false, out);
}

void validate_csr_status(const json& old, const json& csr, faults& out) {
  validate_csr(csr, out);
  validate_kept_conditions(old, csr, false, out);
  validate_certificate(old, csr, true, out);
}

void validate_csr_approval(const json& old, const json& csr, faults& out) {
  validate_csr(csr, out);
  validate_kept_conditions(old, csr, true, out);
  validate_certificate(old, csr, false, out);
}

}  // namespace troupe::model
