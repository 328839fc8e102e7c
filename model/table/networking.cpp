// Tables of what leads traffic to pods.

#include "model/selector_text.hpp"
#include "model/table/columns.hpp"

namespace troupe::model {
namespace {

constexpr std::size_t shown_items = 3;

// The first few pieces and how many there were.
struct pieces {
  std::vector<std::string> shown;
  std::size_t count = 0;

  void add(std::string piece) {
    if (++count <= shown_items) shown.push_back(std::move(piece));
  }
};

std::string host_port(const std::string& host, const std::string& port) {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + port;
}

json endpoints(const json& o) {
  const json& subsets = at(o, {"subsets"});
  if (count_of(subsets) == 0) return "<none>";
  pieces p;
  for (const json& subset : subsets) {
    const json& addresses = at(subset, {"addresses"});
    if (count_of(at(subset, {"ports"})) == 0)
      for (const json& a : addresses) p.add(string_at(a, {"ip"}));
    for (const json& port : at(subset, {"ports"}))
      for (const json& a : addresses)
        p.add(host_port(string_at(a, {"ip"}), at(port, {"port"}).dump()));
  }
  return with_more(p.shown, p.count);
}

std::string or_unset(const pieces& p) {
  return p.count == 0 ? "<unset>" : with_more(p.shown, p.count);
}

json slice_ports(const json& o) {
  pieces p;
  for (const json& port : at(o, {"ports"})) {
    const json& number = at(port, {"port"});
    const json& name = at(port, {"name"});
    p.add(number.is_number() ? number.dump() : name.is_string() ? name.get<std::string>() : "*");
  }
  return or_unset(p);
}

json slice_endpoints(const json& o) {
  pieces p;
  for (const json& endpoint : at(o, {"endpoints"}))
    for (const json& address : at(endpoint, {"addresses"}))
      p.add(address.is_string() ? address.get<std::string>() : "");
  return or_unset(p);
}

// Kubernetes counts rules, not hosts, once there are more than it shows.
json hosts(const json& o) {
  const json& rules = at(o, {"spec", "rules"});
  std::vector<std::string> shown;
  bool more = false;
  for (const json& rule : rules) {
    more = more || shown.size() == shown_items;
    if (std::string host = string_at(rule, {"host"}); !more && !host.empty())
      shown.push_back(std::move(host));
  }
  if (shown.empty()) return "*";
  return with_more(shown, more ? rules.size() : shown.size());
}

json address(const json& o) {
  return balancer_text(at(o, {"status"}));
}

json tls_ports(const json& o) {
  return count_of(at(o, {"spec", "tls"})) > 0 ? "80, 443" : "80";
}

json class_parameters(const json& o) {
  const json& p = at(o, {"spec", "parameters"});
  if (!p.is_object()) return "<none>";
  const json& group = at(p, {"apiGroup"});
  return string_at(p, {"kind"}) + (group.is_string() ? "." + group.get<std::string>() : "") + "/" +
         string_at(p, {"name"});
}

}  // namespace

std::span<const printer> networking_printers() {
  static const printer all[] = {
      {"endpoints",
       {name_column(), made_column("Endpoints", "Addresses and ports behind it", endpoints),
        age_column()}},
      {"endpointslices.discovery.k8s.io",
       {name_column(), text_column("AddressType", "IPv4, IPv6 or FQDN", "addressType"),
        made_column("Ports", "Ports of every endpoint", slice_ports),
        made_column("Endpoints", "Addresses of the endpoints", slice_endpoints), age_column()}},
      {"ingresses.networking.k8s.io",
       {name_column(),
        text_column("Class", "Whose controller serves it", "spec.ingressClassName", "<none>"),
        made_column("Hosts", "Names it answers to", hosts),
        made_column("Address", "Where it is reached", address),
        made_column("Ports", "Ports it answers on", tls_ports), age_column()}},
      {"ingressclasses.networking.k8s.io",
       {name_column(), text_column("Controller", "Who serves the class", "spec.controller"),
        made_column("Parameters", "An object with more settings", class_parameters), age_column()}},
      {"networkpolicies.networking.k8s.io",
       {name_column(),
        made_column("Pod-Selector", "Which pods it governs",
                    [](const json& o) -> json {
                      return or_none(selector_text(at(o, {"spec", "podSelector"})));
                    }),
        age_column()}}};
  return all;
}

}  // namespace troupe::model
