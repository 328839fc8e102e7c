// Table of services.

#include "model/table/columns.hpp"

namespace troupe::model {
namespace {

json cluster_ip(const json& service) {
  const json& all = at(service, {"spec", "clusterIPs"});
  return or_none(count_of(all) > 0 && all[0].is_string()
                     ? all[0].get<std::string>()
                     : string_at(service, {"spec", "clusterIP"}));
}

json external_ip(const json& service) {
  const std::string type = string_at(service, {"spec", "type"});
  const std::string given = joined(at(service, {"spec", "externalIPs"}));
  if (type == "ExternalName") return string_at(service, {"spec", "externalName"});
  if (type == "ClusterIP" || type == "NodePort") return or_none(given);
  if (type != "LoadBalancer") return "<unknown>";
  const std::string balancer = balancer_text(at(service, {"status"}));
  if (!given.empty()) return balancer.empty() ? given : balancer + "," + given;
  return balancer.empty() ? "<pending>" : balancer;
}

json ports(const json& service) {
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

}  // namespace

std::span<const printer> service_printers() {
  static const printer all[] = {
      {"services",
       {name_column(), text_column("Type", "How it is exposed", "spec.type"),
        made_column("Cluster-IP", "Its address in the cluster", cluster_ip),
        made_column("External-IP", "Its addresses outside", external_ip),
        made_column("Port(s)", "Its ports and protocols", ports), age_column(),
        wide(made_column("Selector", "The pods behind it", [](const json& o) -> json {
          return label_text(at(o, {"spec", "selector"}));
        }))}}};
  return all;
}

}  // namespace troupe::model
