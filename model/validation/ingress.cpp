#include "model/ip_address.hpp"
#include "model/label_names.hpp"
#include "model/validation/addresses.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/lists.hpp"
#include "model/validation/names.hpp"

namespace troupe::model {
namespace {

constexpr const char* class_annotation = "kubernetes.io/ingress.class";
constexpr std::size_t longest_controller = 250;

void validate_reference(const json& reference, const field_path& path, faults& out) {
  if (!value_of(reference, "apiGroup").is_null()) {
    const auto group = text_of(reference, "apiGroup");
    out.check(path.child("apiGroup"), group, dns_subdomain_fault(group));
  }
  for (const char* name : {"kind", "name"}) {
    const auto text = text_of(reference, name);
    if (text.empty())
      out.required(path.child(name));
    else
      out.check(path.child(name), text, path_segment_fault(text));
  }
}

void validate_service_backend(const json& service, const field_path& path, faults& out) {
  const field_path service_path = path.child("service");
  const auto name = text_of(service, "name");
  if (name.empty())
    out.required(service_path.child("name"));
  else
    out.check(service_path.child("name"), name, dns_1035_label_fault(name));
  const field_path port_path = service_path.child("port");
  const json& port = value_of(service, "port");
  const auto port_name = text_of(port, "name");
  const auto number = integer_of(port, "number");
  if (!port_name.empty() && number != 0)
    out.invalid(path, "", "cannot set both port name & port number");
  else if (!port_name.empty())
    out.check(port_path.child("name"), port_name, port_name_fault(port_name));
  else if (number != 0)
    validate_port(number, port_path.child("number"), out);
  else
    out.required(path, "port name or number is required");
}

void validate_backend(const json& backend, const field_path& path, faults& out) {
  const json& resource = value_of(backend, "resource");
  const json& service = value_of(backend, "service");
  if (!resource.is_null() && !service.is_null())
    out.invalid(path, "", "cannot set both resource and service backends");
  else if (!resource.is_null())
    validate_reference(resource, path.child("resource"), out);
  else if (!service.is_null())
    validate_service_backend(service, path, out);
  else
    out.invalid(path, "", "resource or service backend is required");
}

/// What an Exact or Prefix path must be, so that it means the same to every proxy.
void validate_plain_path(std::string_view text, const field_path& path, faults& out) {
  if (!text.starts_with('/')) out.invalid(path, text, "must be an absolute path");
  for (const char* part : {"//", "/./", "/../", "%2f", "%2F"})
    if (text.find(part) != text.npos)
      out.invalid(path, text, "must not contain '" + std::string(part) + "'");
  for (const char* end : {"/..", "/."})
    if (text.ends_with(end)) out.invalid(path, text, "cannot end with '" + std::string(end) + "'");
}

void validate_http_path(const json& rule, const field_path& path, faults& out) {
  const json& type = value_of(rule, "pathType");
  if (type.is_null()) return out.required(path.child("pathType"), "pathType must be specified");
  const auto kind = as_text(type);
  const auto text = text_of(rule, "path");
  if (kind == "Exact" || kind == "Prefix") {
    validate_plain_path(text, path.child("path"), out);
  } else if (kind == "ImplementationSpecific") {
    if (!text.empty() && !text.starts_with('/'))
      out.invalid(path.child("path"), text, "must be an absolute path");
  } else {
    out.not_supported(path.child("pathType"), kind, {"Exact", "ImplementationSpecific", "Prefix"});
  }
  validate_backend(value_of(rule, "backend"), path.child("backend"), out);
}

void validate_rule(const json& rule, const field_path& path, faults& out) {
  if (const auto host = text_of(rule, "host"); !host.empty()) {
    const field_path here = path.child("host");
    if (parse_ip(host)) out.invalid(here, host, "must be a DNS name, not an IP address");
    out.check(here, host,
              host.find('*') != host.npos ? wildcard_dns_fault(host) : dns_subdomain_fault(host));
  }
  const json& http = value_of(rule, "http");
  if (http.is_null()) return;
  const field_path http_path = path.child("http");
  const field_path paths_path = http_path.child("paths");
  const auto& paths = items_of(http, "paths");
  if (paths.empty()) out.required(paths_path);
  for (std::size_t i = 0; i < paths.size(); ++i)
    validate_http_path(paths[i], paths_path.index(i), out);
}

void validate_tls(const json& spec, const field_path& spec_path, faults& out) {
  const field_path path = spec_path.child("tls");
  const auto& entries = items_of(spec, "tls");
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const field_path here = path.index(i);
    const field_path hosts_path = here.child("hosts");
    const auto& hosts = items_of(entries[i], "hosts");
    for (std::size_t k = 0; k < hosts.size(); ++k) {
      const auto host = as_text(hosts[k]);
      out.check(hosts_path.index(k), host,
                host.find('*') != host.npos ? wildcard_dns_fault(host) : dns_subdomain_fault(host));
    }
    if (const auto secret = text_of(entries[i], "secretName"); !secret.empty())
      out.check(here.child("secretName"), secret, dns_subdomain_fault(secret));
  }
}

void validate_ingress_spec(const json& ingress, faults& out) {
  const field_path path("spec");
  const json& spec = value_of(ingress, "spec");
  const json& backend = value_of(spec, "defaultBackend");
  const auto& rules = items_of(spec, "rules");
  if (rules.empty() && backend.is_null())
    out.invalid(path, go_text{"[]networking.IngressRule(nil)"},
                "either `defaultBackend` or `rules` must be specified");
  if (!backend.is_null()) validate_backend(backend, path.child("defaultBackend"), out);
  const field_path rules_path = path.child("rules");
  for (std::size_t i = 0; i < rules.size(); ++i) validate_rule(rules[i], rules_path.index(i), out);
  validate_tls(spec, path, out);
  if (!value_of(spec, "ingressClassName").is_null()) {
    const auto name = text_of(spec, "ingressClassName");
    out.check(path.child("ingressClassName"), name, dns_subdomain_fault(name));
  }
}

void validate_parameters(const json& parameters, const field_path& path, faults& out) {
  if (parameters.is_null()) return;
  validate_reference(parameters, path, out);
  const json& scope = value_of(parameters, "scope");
  const json& ns = value_of(parameters, "namespace");
  const field_path ns_path = path.child("namespace");
  if (scope.is_null())
    out.required(path.child("scope"));
  else if (scope != "Cluster" && scope != "Namespace")
    out.not_supported(path.child("scope"), as_text(scope), {"Cluster", "Namespace"});
  else if (scope == "Namespace" && ns.is_null())
    out.required(ns_path, "`parameters.scope` is set to 'Namespace'");
  else if (scope == "Namespace")
    out.check(ns_path, as_text(ns), dns_label_fault(as_text(ns)));
  else if (!ns.is_null())
    out.forbidden(ns_path, "`parameters.scope` is set to 'Cluster'");
}

}  // namespace

std::string domain_path_fault(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == text.npos || slash == 0 || slash + 1 == text.size())
    return "must be a domain-prefixed path (such as \"acme.io/foo\")";
  std::string out = dns_subdomain_fault(text.substr(0, slash));
  // An HTTP path: RFC 3986's characters for it, each part not empty.
  constexpr std::string_view marks = "-._~!$&'()*+,;=:@%/";
  for (const char c : text.substr(slash + 1))
    if (!std::isalnum(static_cast<unsigned char>(c)) && marks.find(c) == marks.npos)
      return out + (out.empty() ? "" : "; ") +
             "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')";
  return out;
}

void validate_ingress(const json& ingress, faults& out) {
  validate_ingress_spec(ingress, out);
  const json& annotated = at(ingress, {"metadata", "annotations", class_annotation});
  const json& name = at(ingress, {"spec", "ingressClassName"});
  if (annotated.is_null() || name.is_null() || annotated == name) return;
  const field_path path("annotations");
  out.invalid(path.child(class_annotation), annotated,
              "must match `ingressClassName` when both are specified");
}

void validate_ingress_update(const json&, const json& ingress, faults& out) {
  validate_ingress_spec(ingress, out);
}

void validate_ingress_status(const json&, const json& ingress, faults& out) {
  const field_path status("status");
  const field_path balancer = status.child("loadBalancer");
  const field_path path = balancer.child("ingress");
  const auto& points = items_of(at(ingress, {"status", "loadBalancer"}), "ingress");
  for (std::size_t i = 0; i < points.size(); ++i) {
    const field_path here = path.index(i);
    if (const auto ip = text_of(points[i], "ip"); !ip.empty())
      validate_ip(ip, here.child("ip"), out);
    validate_ingress_host(text_of(points[i], "hostname"), here.child("hostname"), out);
  }
}

void validate_ingress_class(const json& ingress_class, faults& out) {
  const field_path path("spec");
  const json& spec = value_of(ingress_class, "spec");
  const auto controller = text_of(spec, "controller");
  if (controller.empty()) {
    out.required(path.child("controller"));
  } else {
    if (controller.size() > longest_controller)
      out.too_long(path.child("controller"), longest_controller);
    out.check(path.child("controller"), controller, domain_path_fault(controller));
  }
  validate_parameters(value_of(spec, "parameters"), path.child("parameters"), out);
}

void validate_ingress_class_update(const json& old, const json& ingress_class, faults& out) {
  const field_path path("spec");
  validate_immutable(at(old, {"spec", "controller"}), at(ingress_class, {"spec", "controller"}),
                     path.child("controller"), out);
  validate_ingress_class(ingress_class, out);
}

}  // namespace troupe::model
