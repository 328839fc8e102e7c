#include "model/ip_address.hpp"
#include "model/validation/lists.hpp"
#include "model/validation/path.hpp"
#include "model/warnings/cluster.hpp"

namespace troupe::model {
namespace {

using warnings = std::vector<std::string>;

/// How Go's netip, which takes no octet with a leading zero, will write it.
void warn_of_ip(std::string_view text, const field_path& path, warnings& out) {
  const auto address = parse_ip(text);
  if (!address) return;
  const std::string canonical = to_string(*address);
  if (canonical == text) return;
  if (text.find(':') == text.npos)
    out.push_back(path.text() +
                  ": IP address was accepted, but will be invalid in a future Kubernetes release: "
                  "ParseAddr(" +
                  in_quotes(text) + "): IPv4 field has octet with leading zero");
  else if (address->v6)
    out.push_back(path.text() + ": IPv6 address " + in_quotes(text) +
                  " is not in RFC 5952 canonical format (" + in_quotes(canonical) +
                  "), which may cause controller apply-loops");
}

void warn_of_cidr(std::string_view text, const field_path& path, warnings& out) {
  const auto network = parse_cidr(trimmed(text));
  if (!network || !network->base.v6) return;
  const std::string canonical = to_string(network->base) + "/" + std::to_string(network->prefix);
  if (canonical != text)
    out.push_back(path.text() + ": IPv6 prefix " + in_quotes(text) +
                  " is not in RFC 5952 canonical format (" + in_quotes(canonical) +
                  "), which may cause controller apply-loops");
}

void warn_of_headless(const json& spec, warnings& out) {
  if (!text_of(spec, "loadBalancerIP").empty())
    out.emplace_back("spec.loadBalancerIP is ignored for headless services");
  if (!items_of(spec, "externalIPs").empty())
    out.emplace_back("spec.externalIPs is ignored for headless services");
  if (text_of(spec, "sessionAffinity") != "None")
    out.emplace_back("spec.SessionAffinity is ignored for headless services");
}

}  // namespace

void warn_of_service(const json*, const json& service, warnings& out) {
  constexpr const char* hints = "service.kubernetes.io/topology-aware-hints";
  const json& spec = value_of(service, "spec");
  const auto type = text_of(spec, "type");
  const field_path path("spec");
  if (!at(service, {"metadata", "annotations", hints}).is_null())
    out.push_back("annotation " + std::string(hints) +
                  " is deprecated, please use service.kubernetes.io/topology-mode instead");
  const field_path ips_path = path.child("clusterIPs");
  const auto& ips = items_of(spec, "clusterIPs");
  for (std::size_t i = 0; i < ips.size(); ++i) warn_of_ip(as_text(ips[i]), ips_path.index(i), out);
  if (type == "ClusterIP" && text_of(spec, "clusterIP") == "None") warn_of_headless(spec, out);
  const field_path externals_path = path.child("externalIPs");
  const auto& externals = items_of(spec, "externalIPs");
  for (std::size_t i = 0; i < externals.size(); ++i)
    warn_of_ip(as_text(externals[i]), externals_path.index(i), out);
  warn_of_ip(text_of(spec, "loadBalancerIP"), path.child("loadBalancerIP"), out);
  const field_path ranges_path = path.child("loadBalancerSourceRanges");
  const auto& ranges = items_of(spec, "loadBalancerSourceRanges");
  for (std::size_t i = 0; i < ranges.size(); ++i)
    warn_of_cidr(as_text(ranges[i]), ranges_path.index(i), out);
  if (type == "ExternalName" && !externals.empty())
    out.push_back("spec.externalIPs is ignored when spec.type is \"ExternalName\"");
  if (type != "ExternalName" && !text_of(spec, "externalName").empty())
    out.push_back("spec.externalName is ignored when spec.type is not \"ExternalName\"");
}

void warn_of_ingress(const json* old, const json& ingress, warnings& out) {
  constexpr const char* annotation = "kubernetes.io/ingress.class";
  if (!old && !at(ingress, {"metadata", "annotations", annotation}).is_null())
    out.push_back("annotation \"" + std::string(annotation) +
                  "\" is deprecated, please use 'spec.ingressClassName' instead");
}

void warn_of_endpoint_slice(const json*, const json& slice, warnings& out) {
  if (text_of(slice, "addressType") == "FQDN")
    out.push_back("addressType: FQDN endpoints are deprecated");
}

}  // namespace troupe::model
