#include "model/go_text.hpp"
#include "model/ip_address.hpp"
#include "model/validation/addresses.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/label_selector.hpp"
#include "model/validation/names.hpp"

namespace troupe::model {
namespace {

void validate_policy_port(const json& port, const field_path& path, faults& out) {
  const json& protocol = value_of(port, "protocol");
  if (const auto name = as_text(protocol);
      !protocol.is_null() && name != "TCP" && name != "UDP" && name != "SCTP")
    out.not_supported(path.child("protocol"), name, {"TCP", "UDP", "SCTP"});
  const json& number = value_of(port, "port");
  const json& end = value_of(port, "endPort");
  const field_path end_path = path.child("endPort");
  if (!number.is_null()) validate_port_or_name(number, path.child("port"), out);
  if (end.is_null()) return;
  if (number.is_null())
    return out.invalid(end_path, end, "may not be specified when `port` is not specified");
  if (number.is_string())
    return out.invalid(end_path, end, "may not be specified when `port` is non-numeric");
  if (end.get<std::int64_t>() < number.get<std::int64_t>())
    out.invalid(end_path, end, "must be greater than or equal to `port`");
  validate_port(end, end_path, out);
}

void validate_ip_block(const json& block, const field_path& path, faults& out) {
  const auto cidr = text_of(block, "cidr");
  if (cidr.empty()) return out.required(path.child("cidr"));
  validate_cidr(cidr, path.child("cidr"), out);
  const auto whole = parse_cidr(cidr);
  if (!whole) return;
  const field_path except_path = path.child("except");
  const auto& except = items_of(block, "except");
  for (std::size_t i = 0; i < except.size(); ++i) {
    const auto text = as_text(except[i]);
    validate_cidr(text, except_path.index(i), out);
    const auto part = parse_cidr(text);
    if (part && (!whole->contains(part->base) || whole->prefix >= part->prefix))
      out.invalid(except_path.index(i), text, "must be a strict subset of `cidr`");
  }
}

void validate_peer(const json& peer, const field_path& path, faults& out) {
  int kinds = 0;
  for (const char* name : {"podSelector", "namespaceSelector"}) {
    const json& selector = value_of(peer, name);
    if (selector.is_null()) continue;
    ++kinds;
    validate_label_selector(selector, path.child(name), out);
  }
  const json& block = value_of(peer, "ipBlock");
  if (!block.is_null()) validate_ip_block(block, path.child("ipBlock"), out);
  if (kinds == 0 && block.is_null())
    out.required(path, "must specify a peer");
  else if (kinds > 0 && !block.is_null())
    out.forbidden(path, "may not specify both ipBlock and another peer");
}

void validate_direction(const json& spec, const field_path& spec_path, const char* direction,
                        const char* peers_name, faults& out) {
  const field_path path = spec_path.child(direction);
  const auto& rules = items_of(spec, direction);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const field_path here = path.index(i);
    const field_path ports_path = here.child("ports");
    const auto& ports = items_of(rules[i], "ports");
    for (std::size_t k = 0; k < ports.size(); ++k)
      validate_policy_port(ports[k], ports_path.index(k), out);
    const field_path peers_path = here.child(peers_name);
    const auto& peers = items_of(rules[i], peers_name);
    for (std::size_t k = 0; k < peers.size(); ++k)
      validate_peer(peers[k], peers_path.index(k), out);
  }
}

}  // namespace

void validate_network_policy(const json& policy, faults& out) {
  const field_path path("spec");
  const json& spec = value_of(policy, "spec");
  validate_label_selector(value_of(spec, "podSelector"), path.child("podSelector"), out);
  validate_direction(spec, path, "ingress", "from", out);
  validate_direction(spec, path, "egress", "to", out);
  const field_path types_path = path.child("policyTypes");
  const auto& types = items_of(spec, "policyTypes");
  if (types.size() > 2)
    return out.invalid(types_path, go_list("networking.PolicyType", value_of(spec, "policyTypes")),
                       "may not specify more than two policyTypes");
  for (std::size_t i = 0; i < types.size(); ++i)
    if (const auto type = as_text(types[i]); type != "Ingress" && type != "Egress")
      out.not_supported(types_path.index(i), type, {"Ingress", "Egress"});
}

}  // namespace troupe::model
