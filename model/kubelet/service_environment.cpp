#include "model/kubelet/service_environment.hpp"

#include "model/utf8.hpp"

#include <algorithm>

namespace troupe::model::kubelet {
namespace {

constexpr const char* api_service = "kubernetes";
constexpr const char* api_namespace = "default";

std::string variable_name(std::string name) {
  for (char& c : name) {
    if (c == '-') c = '_';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

bool has_links(const json& pod) {
  return at(pod, {"spec", "enableServiceLinks"}) != false;
}

struct service_variables {
  std::vector<std::pair<std::string, std::string>> out;

  void service(const json& s) {
    const auto address = string_at(s, {"spec", "clusterIP"});
    const json& ports = at(s, {"spec", "ports"});
    if (address.empty() || address == "None" || !ports.is_array() || ports.empty()) return;
    const auto name = variable_name(string_at(s, {"metadata", "name"}));
    out.emplace_back(name + "_SERVICE_HOST", address);
    out.emplace_back(name + "_SERVICE_PORT", number(ports[0]));
    for (const json& p : ports)
      if (const auto named = string_at(p, {"name"}); !named.empty())
        out.emplace_back(name + "_SERVICE_PORT_" + variable_name(named), number(p));
    out.emplace_back(name + "_PORT", url(address, ports[0]));
    for (const json& p : ports) link(name, address, p);
  }

  void link(const std::string& name, const std::string& address, const json& p) {
    const auto protocol = string_at(p, {"protocol"}, "TCP");
    const auto prefix = name + "_PORT_" + number(p) + "_" + protocol;
    out.emplace_back(prefix, url(address, p));
    out.emplace_back(prefix + "_PROTO", ascii_lower(protocol));
    out.emplace_back(prefix + "_PORT", number(p));
    out.emplace_back(prefix + "_ADDR", address);
  }

  static std::string number(const json& port) { return std::to_string(int_at(port, {"port"})); }
  static std::string url(const std::string& address, const json& p) {
    const bool six = address.find(':') != std::string::npos;
    return ascii_lower(string_at(p, {"protocol"}, "TCP")) + "://" + (six ? "[" : "") + address +
           (six ? "]" : "") + ":" + number(p);
  }
};

}  // namespace

std::vector<data_reference> service_references(const json& pod) {
  std::vector<data_reference> out{{services, api_service, true, api_namespace}};
  if (has_links(pod)) out.push_back({services, {}, true});
  return out;
}

std::vector<std::pair<std::string, std::string>> service_environment(const json& pod,
                                                                     const object_lookup& objects) {
  service_variables w;
  w.service(objects(services, api_service));
  const bool at_home = string_at(pod, {"metadata", "namespace"}) == api_namespace;
  if (has_links(pod))
    for (const json& s : at(objects(services, {}), {"items"}))
      if (!at_home || string_at(s, {"metadata", "name"}) != api_service) w.service(s);
  return std::move(w.out);
}

}  // namespace troupe::model::kubelet
