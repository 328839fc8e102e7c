#include "model/service_addresses.hpp"

#include "model/go_text.hpp"
#include "model/service.hpp"
#include "model/validation/path.hpp"

#include <charconv>
#include <map>
#include <unordered_set>

namespace troupe::model {
namespace {

std::string ip_claim(std::string_view ip) {
  const auto address = parse_ip(ip);
  return "ip/" + (address ? to_string(*address) : std::string(ip));
}

std::string port_claim(std::int64_t port) {
  return "port/" + std::to_string(port);
}

/// The address at an offset from the start of the network.
ip_address address_at(const ip_network& network, std::uint64_t offset) {
  ip_address out = network.base;
  const std::size_t size = out.v6 ? 16 : 4;
  const int host_bits = static_cast<int>(size) * 8 - network.prefix;
  for (int bit = 0; bit < host_bits; ++bit) {
    const std::size_t at = size - 1 - static_cast<std::size_t>(bit / 8);
    const auto mask = static_cast<std::uint8_t>(1u << (bit % 8));
    const bool on = bit < 64 && ((offset >> bit) & 1) != 0;
    out.bytes[at] = static_cast<std::uint8_t>(on ? out.bytes[at] | mask : out.bytes[at] & ~mask);
  }
  return out;
}

std::optional<int> port_number(std::string_view text) {
  int port = 0;
  const auto* const end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, port);
  if (failure != std::errc() || stop != end || port < 1 || port > 65535) return std::nullopt;
  return port;
}

/// Gives out what a service asks for; what it has got counts as taken from then on.
class assignment {
 public:
  assignment(json& service, const service_ranges& ranges, const claim_taken& taken,
             random_source& random)
      : spec_(service["spec"]), ranges_(ranges), taken_(taken), random_(random) {}

  std::vector<cause> run() {
    if (!spec_.is_object() || !needs_cluster_ip(spec_)) return {};
    assign_families();
    if (!is_headless(spec_)) assign_ips();
    if (needs_node_ports(spec_)) assign_node_ports();
    if (needs_health_check(spec_)) assign_health_check();
    return faults_.take();
  }

 private:
  const char* family() const { return ranges_.addresses.base.v6 ? "IPv6" : "IPv4"; }

  void assign_families() {
    auto& members = spec_.get_ref<json::object_t&>();
    // A headless service without a selector has its endpoints written by somebody, of any family.
    if (is_headless(spec_) && at(spec_, {"selector"}).empty()) {
      members.try_emplace("ipFamilyPolicy", "RequireDualStack");
      const bool both = spec_["ipFamilyPolicy"] != "SingleStack";
      json& families = spec_["ipFamilies"];
      if (families.is_null()) families = {family()};
      if (both && families.size() == 1) families.push_back(families[0] == "IPv4" ? "IPv6" : "IPv4");
      return;
    }
    const field_path path("spec");
    members.try_emplace("ipFamilyPolicy", "SingleStack");
    members.try_emplace("ipFamilies", json::array({family()}));
    if (spec_["ipFamilyPolicy"] == "RequireDualStack")
      faults_.invalid(path.child("ipFamilyPolicy"), spec_["ipFamilyPolicy"],
                      "this cluster is not configured for dual-stack services");
    const field_path families_path = path.child("ipFamilies");
    const auto& families = items_of(spec_, "ipFamilies");
    for (std::size_t i = 0; i < families.size(); ++i)
      if (families[i] != family() && (families[i] == "IPv4" || families[i] == "IPv6"))
        faults_.invalid(families_path.index(i), families[i], "not configured on this cluster");
  }

  void assign_ips() {
    if (!faults_.empty()) return;
    const json& ips = at(spec_, {"clusterIPs"});
    if (ips.is_array() && !ips.empty()) {
      for (const json& ip : ips) check_ip(as_text(ip));
    } else if (auto ip = free_ip(); !ip.empty()) {
      spec_["clusterIPs"] = {ip};
      spec_["clusterIP"] = std::move(ip);
    } else {
      refuse_ip("", "range is full");
    }
  }

  void refuse_ip(std::string_view ip, const std::string& why) {
    const field_path path("spec");
    faults_.invalid(path.child("clusterIPs"), go_strings(json::array({std::string(ip)})),
                    "failed to allocate IP " + std::string(ip) + ": " + why);
  }

  void check_ip(std::string_view ip) {
    const auto address = parse_ip(ip);
    if (!address) return;  // validation says so
    if (!ranges_.addresses.contains(*address))
      refuse_ip(ip, "the provided IP (" + std::string(ip) +
                        ") is not in the valid range. The range of valid "
                        "IPs is " +
                        to_string(ranges_.addresses.base) + "/" +
                        std::to_string(ranges_.addresses.prefix));
    else if (taken_(ip_claim(ip)))
      refuse_ip(ip, "provided IP is already allocated");
  }

  /// How many offsets there are; the first is the network's own, and IPv4's last its broadcast.
  std::uint64_t address_count() const {
    const auto& network = ranges_.addresses;
    constexpr int enough = 32;
    const int host_bits = std::min((network.base.v6 ? 128 : 32) - network.prefix, enough);
    const std::uint64_t all = std::uint64_t{1} << host_bits;
    return network.base.v6 ? all : all - 1;
  }

  /// The lower part of a range is for addresses that people choose.
  std::string free_ip() {
    const std::uint64_t count = address_count();
    if (count < 2) return {};
    const std::uint64_t chosen =
        std::min(std::max<std::uint64_t>(count / 16, std::min<std::uint64_t>(count, 16)),
                 std::uint64_t{256});
    const std::uint64_t first = chosen < count ? chosen : 1;
    const std::uint64_t start = first + random_.below(count - first);
    for (std::uint64_t i = 0; i + 1 < count; ++i) {
      const std::uint64_t offset = 1 + (start - 1 + i) % (count - 1);
      auto ip = to_string(address_at(ranges_.addresses, offset));
      if (!taken_("ip/" + ip)) return ip;
    }
    return {};
  }

  bool is_free(std::int64_t port) const {
    return !taken_(port_claim(port)) && !own_.contains(port);
  }

  std::int64_t free_port() {
    const int count = ranges_.last_port - ranges_.first_port + 1;
    const auto start = static_cast<int>(random_.below(static_cast<std::uint64_t>(count)));
    for (int i = 0; i < count; ++i)
      if (const std::int64_t port = ranges_.first_port + (start + i) % count; is_free(port))
        return port;
    return 0;
  }

  void check_port(std::int64_t port, const field_path& path) {
    if (port < ranges_.first_port || port > ranges_.last_port)
      faults_.invalid(path, port,
                      "provided port is not in the valid range. The range of valid ports is " +
                          std::to_string(ranges_.first_port) + "-" +
                          std::to_string(ranges_.last_port));
    else if (taken_(port_claim(port)))
      faults_.invalid(path, port, "provided port is already allocated");
    own_.insert(port);
  }

  /// Ports of one number and several protocols share a node port.
  void assign_node_ports() {
    const field_path spec_path("spec");
    const field_path path = spec_path.child("ports");
    const auto ports = spec_.find("ports");
    if (ports == spec_.end() || !ports->is_array()) return;
    std::map<std::int64_t, std::int64_t> by_number;
    for (std::size_t i = 0; i < ports->size(); ++i) {
      const auto asked = integer_of((*ports)[i], "nodePort");
      if (asked == 0) continue;
      check_port(asked, path.index(i).child("nodePort"));
      by_number.emplace(integer_of((*ports)[i], "port"), asked);
    }
    for (json& port : *ports) {
      if (!port.is_object() || integer_of(port, "nodePort") != 0) continue;
      auto& shared = by_number[integer_of(port, "port")];
      if (shared == 0) shared = free_port();
      if (shared == 0) return faults_.invalid(path, 0, "range is full");
      own_.insert(shared);
      port["nodePort"] = shared;
    }
  }

  void assign_health_check() {
    const field_path path("spec");
    if (const auto asked = integer_of(spec_, "healthCheckNodePort"); asked != 0)
      return check_port(asked, path.child("healthCheckNodePort"));
    if (const auto port = free_port(); port != 0) spec_["healthCheckNodePort"] = port;
  }

  json& spec_;
  const service_ranges& ranges_;
  const claim_taken& taken_;
  random_source& random_;
  std::unordered_set<std::int64_t> own_;
  faults faults_;
};

}  // namespace

std::string read_service_addresses(std::string_view text, service_ranges& out) {
  constexpr int most_host_bits = 20;  // kube-apiserver's limits
  constexpr int least_host_bits = 3;
  const auto network = parse_cidr(text);
  if (!network) return "no range of addresses, such as 10.96.0.0/12: " + std::string(text);
  const int size = network->base.v6 ? 128 : 32;
  const int host_bits = size - network->prefix;
  if (host_bits > most_host_bits || host_bits < least_host_bits)
    return "the prefix must be between /" + std::to_string(size - most_host_bits) + " and /" +
           std::to_string(size - least_host_bits) + ": " + std::string(text);
  out.addresses = *network;
  return {};
}

std::string read_service_ports(std::string_view text, service_ranges& out) {
  const auto dash = std::min(text.find('-'), text.size());
  const auto first = port_number(text.substr(0, dash));
  const auto last = port_number(text.substr(std::min(dash + 1, text.size())));
  if (!first || !last || *first > *last)
    return "no range of ports, such as 30000-32767: " + std::string(text);
  out.first_port = *first;
  out.last_port = *last;
  return {};
}

std::string first_address(const service_ranges& ranges) {
  return to_string(address_at(ranges.addresses, 1));
}

service_claims claims_of(const json& service) {
  service_claims out;
  const json& spec = at(service, {"spec"});
  if (!spec.is_object()) return out;
  for (const json& ip : items_of(spec, "clusterIPs"))
    if (ip != "None") out.push_back(ip_claim(as_text(ip)));
  for (const json& port : items_of(spec, "ports"))
    if (const auto number = integer_of(port, "nodePort"); number != 0)
      out.push_back(port_claim(number));
  if (const auto number = integer_of(spec, "healthCheckNodePort"); number != 0)
    out.push_back(port_claim(number));
  return out;
}

service_view::service_view(const object& o) : claims(claims_of(o.parse())) {}

std::vector<cause> assign_addresses(json& service, const service_ranges& ranges,
                                    const claim_taken& taken, random_source& random) {
  return assignment(service, ranges, taken, random).run();
}

}  // namespace troupe::model
