#include "model/table/printers.hpp"

namespace troupe::model {
namespace {

std::string joined(const json& list, std::string_view field) {
  std::string out;
  for (const json& item : list) {
    const std::string text = field.empty() ? (item.is_string() ? item.get<std::string>() : "")
                                           : string_at(item, {field});
    if (!text.empty()) out += (out.empty() ? "" : ",") + text;
  }
  return out;
}

std::string external_ip(const json& service) {
  const std::string type = string_at(service, {"spec", "type"});
  const std::string given = joined(at(service, {"spec", "externalIPs"}), "");
  if (type == "ExternalName") return or_none(string_at(service, {"spec", "externalName"}));
  if (type != "LoadBalancer") return or_none(given);
  std::string balancer;
  for (const json& i : at(service, {"status", "loadBalancer", "ingress"})) {
    std::string one = string_at(i, {"ip"}, string_at(i, {"hostname"}));
    if (!one.empty()) balancer += (balancer.empty() ? "" : ",") + one;
  }
  if (!given.empty()) return balancer.empty() ? given : balancer + "," + given;
  return balancer.empty() ? "<pending>" : balancer;
}

std::string ports(const json& service) {
  std::string out;
  for (const json& p : at(service, {"spec", "ports"})) {
    if (!out.empty()) out += ',';
    out += at(p, {"port"}).dump();
    if (const json& node = at(p, {"nodePort"}); node.is_number_integer() && node != 0)
      out += ":" + node.dump();
    out += "/" + string_at(p, {"protocol"}, "TCP");
  }
  return or_none(out);
}

std::string selector(const json& service) {
  std::string out;
  const json& all = at(service, {"spec", "selector"});
  if (all.is_object())
    for (const auto& [key, value] : all.items())
      out += (out.empty() ? "" : ",") + key + "=" +
             (value.is_string() ? value.get<std::string>() : "");
  return or_none(out);
}

std::vector<json> cells(const json& service, time_point now) {
  return {name_of(service),
          string_at(service, {"spec", "type"}),
          or_none(string_at(service, {"spec", "clusterIP"})),
          external_ip(service),
          ports(service),
          age_of(service, now),
          selector(service)};
}

}  // namespace

const printer& service_printer() {
  static const printer p{"services",
                         {{"Name", "string", "name", "The service's name"},
                          {"Type", "string", "", "How it is exposed"},
                          {"Cluster-IP", "string", "", "Its address in the cluster"},
                          {"External-IP", "string", "", "Its addresses outside"},
                          {"Port(s)", "string", "", "Its ports and protocols"},
                          {"Age", "string", "", "Time since creation"},
                          {"Selector", "string", "", "The pods behind it", 1}},
                         cells};
  return p;
}

}  // namespace troupe::model
