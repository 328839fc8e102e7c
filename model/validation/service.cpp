#include "model/label_names.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/metadata.hpp"
#include "model/validation/names.hpp"

#include <set>

namespace troupe::model {
namespace {

void validate_port(const json& port, const field_path& path, bool named, faults& out) {
  const auto name = text_of(port, "name");
  if (name.empty() && named) out.required(path.child("name"));
  if (!name.empty()) out.check(path.child("name"), name, dns_label_fault(name));
  if (const json& number = value_of(port, "port"); number.is_number_integer())
    if (auto fault = port_fault(number.get<std::int64_t>()); !fault.empty())
      out.invalid(path.child("port"), number, fault);
  const json& target = value_of(port, "targetPort");
  if (target.is_number_integer()) {
    if (auto fault = port_fault(target.get<std::int64_t>()); !fault.empty())
      out.invalid(path.child("targetPort"), target, fault);
  } else if (target.is_string()) {
    out.check(path.child("targetPort"), as_text(target), port_name_fault(as_text(target)));
  }
}

void validate_ports(const json& spec, const field_path& spec_path, faults& out) {
  const field_path path = spec_path.child("ports");
  const auto& ports = items_of(spec, "ports");
  if (ports.empty() && text_of(spec, "clusterIP") != "None" &&
      text_of(spec, "type") != "ExternalName")
    out.required(path);
  std::set<std::string> names, numbers;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const field_path here = path.index(i);
    validate_port(ports[i], here, ports.size() > 1, out);
    const std::string name(text_of(ports[i], "name"));
    if (!name.empty() && !names.insert(name).second) out.duplicate(here.child("name"), name);
    std::string number =
        std::string(text_of(ports[i], "protocol")) + "/" + value_of(ports[i], "port").dump();
    if (!numbers.insert(number).second) out.duplicate(here, number);
  }
}

}  // namespace

void validate_service(const json& service, faults& out) {
  const field_path path("spec");
  const json& spec = value_of(service, "spec");
  validate_ports(spec, path, out);
  validate_labels(members_of(spec, "selector"), path.child("selector"), out);
  if (text_of(spec, "type") == "ExternalName") {
    const auto name = text_of(spec, "externalName");
    if (name.empty())
      out.required(path.child("externalName"));
    else
      out.check(path.child("externalName"), name, dns_subdomain_fault(name));
  }
  if (const auto ip = text_of(spec, "clusterIP"); !ip.empty() && ip != "None")
    out.check(path.child("clusterIP"), ip, ip_fault(ip));
}

void validate_service_update(const json& old, const json& service, faults& out) {
  validate_service(service, out);
  const field_path path("spec");
  const auto before = text_of(value_of(old, "spec"), "clusterIP");
  const auto now = text_of(value_of(service, "spec"), "clusterIP");
  const field_path ips = path.child("clusterIPs");
  if (!before.empty() && before != now &&
      text_of(value_of(service, "spec"), "type") != "ExternalName")
    out.invalid(ips.index(0), now, "may not change once set");
}

}  // namespace troupe::model
