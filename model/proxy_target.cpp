#include "model/proxy_target.hpp"

#include "model/ip_address.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::model {
namespace {

constexpr std::string_view kubelet_port = "10250";

status not_allowed() {
  return bad_request("address not allowed");
}

/// Go's IP.IsGlobalUnicast, of what may be connected to.
bool may_be_reached(std::string_view text) {
  const auto ip = parse_ip(text);
  if (!ip || ip->is_unspecified() || ip->is_loopback() || ip->is_link_local()) return false;
  const auto first = ip->bytes[0];
  return ip->v6 ? first != 0xff
                : first < 224 && !std::all_of(ip->bytes.begin(), ip->bytes.begin() + 4,
                                              [](auto b) { return b == 255; });
}

std::string joined(const std::string& host, std::string_view port) {
  std::string out = host.find(':') == host.npos ? host : "[" + host + "]";
  return out.append(":").append(port);
}

bool is_port(std::string_view text) {
  unsigned n = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), n);
  return bad == std::errc() && end == text.data() + text.size() && n > 0 && n < 65536;
}

std::string default_port(const proxy_name& n) {
  return n.scheme == "https" ? "443" : "80";
}

/// The name of the Service's port that is meant; nothing when it has none with this number.
std::optional<std::string> port_name_of(const std::string& port, const json& service) {
  if (!is_port(port)) return port;
  for (const json& p : at(service, {"spec", "ports"}))
    if (at(p, {"port"}).is_number_integer() && std::to_string(at(p, {"port"}).get<int>()) == port)
      return string_at(p, {"name"});
  return std::nullopt;
}

}  // namespace

std::optional<proxy_name> parse_proxy_name(std::string_view id) {
  std::vector<std::string> parts(1);
  for (const char c : id)
    if (c == ':')
      parts.emplace_back();
    else
      parts.back() += c;
  proxy_name out;
  switch (parts.size()) {
    case 1:
      out.name = parts[0];
      break;
    case 2:
      out = {"", parts[0], parts[1]};
      break;
    case 3:
      out = {parts[0], parts[1], parts[2]};
      break;
    default:
      return std::nullopt;
  }
  const bool known = out.scheme.empty() || out.scheme == "http" || out.scheme == "https";
  if (out.name.empty() || !known) return std::nullopt;
  return out;
}

bool is_proxied(const request_info& info) {
  return info.is_resource && info.group.empty() && info.subresource == "proxy" &&
         (info.resource == "pods" || info.resource == "services" || info.resource == "nodes");
}

std::variant<std::string, status> proxy_to_pod(const proxy_name& n, const json& pod) {
  std::string port = n.port;
  for (const json& c : at(pod, {"spec", "containers"})) {
    const json& ports = at(c, {"ports"});
    if (!port.empty() || !ports.is_array() || ports.empty()) continue;
    if (const json& number = at(ports[0], {"containerPort"}); number.is_number_integer())
      port = std::to_string(number.get<int>());
  }
  const std::string ip = string_at(pod, {"status", "podIP"});
  if (!may_be_reached(ip)) return not_allowed();
  if (port.empty()) port = default_port(n);
  if (!is_port(port)) return bad_request("invalid port " + json(port).dump());
  return joined(ip, port);
}

std::variant<std::string, status> proxy_to_service(const proxy_name& n, const json& service,
                                                   const std::vector<json>& slices) {
  const auto port = port_name_of(n.port, service);
  if (!port)
    return unavailable("no service port " + n.port + " found for service " + json(n.name).dump());
  bool refused = false;
  for (const json& slice : slices)
    for (const json& p : at(slice, {"ports"})) {
      if (string_at(p, {"name"}) != *port || !at(p, {"port"}).is_number_integer()) continue;
      for (const json& e : at(slice, {"endpoints"})) {
        const json& addresses = at(e, {"addresses"});
        if (at(e, {"conditions", "ready"}) == false || !addresses.is_array() || addresses.empty())
          continue;
        const auto address = addresses[0].is_string() ? addresses[0].get<std::string>() : "";
        if (may_be_reached(address))
          return joined(address, std::to_string(at(p, {"port"}).get<int>()));
        refused = true;
      }
    }
  if (refused) return not_allowed();
  return unavailable("no endpoints available for service " + json(n.name).dump());
}

std::variant<std::string, status> proxy_to_node(const proxy_name& n, const json& node) {
  if (n.port.empty() || n.port == kubelet_port)
    return unavailable("the kubelet of node " + json(n.name).dump() +
                       " serves no HTTP: name another port of the node, as in " + n.name + ":9100");
  if (!is_port(n.port)) return bad_request("invalid port " + json(n.port).dump());
  for (const json& a : at(node, {"status", "addresses"})) {
    if (string_at(a, {"type"}) != "InternalIP") continue;
    const auto ip = string_at(a, {"address"});
    if (!may_be_reached(ip)) return not_allowed();
    return joined(ip, n.port);
  }
  return unavailable("node " + json(n.name).dump() + " has no address");
}

std::optional<std::string> proxied_target(std::string_view target) {
  const auto query_at = std::min(target.find('?'), target.size());
  const auto path = target.substr(0, query_at);
  const std::string query(target.substr(query_at));
  // /api/v1/[namespaces/NS/]RESOURCE/NAME/proxy
  const bool in_namespace = path.starts_with("/api/v1/namespaces/");
  std::size_t at = 0;
  for (int segments = in_namespace ? 7 : 5; segments > 0; --segments) {
    at = path.find_first_not_of('/', at);
    if (at == path.npos) return std::nullopt;
    at = std::min(path.find('/', at), path.size());
  }
  if (at == path.size()) return std::nullopt;
  return std::string(path.substr(at)) + query;
}

}  // namespace troupe::model
