#include "model/endpoints/subsets.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace troupe::model {
namespace {

using address_key = std::pair<std::string, std::string>;  // ip, uid of the target
using address_set = std::map<address_key, bool>;          // and whether it is ready

constexpr const char* no_port = "";

// Ports in the order of their numbers, then names.
std::string sortable(const json& port) {
  const json& number = at(port, {"port"});
  auto text = std::to_string(number.is_number_integer() ? number.get<std::int64_t>() : 0);
  return std::string(10 - std::min<std::size_t>(text.size(), 10), '0') + text + port.dump();
}

class packer {
 public:
  void add(const json& subset) {
    const json& ports = at(subset, {"ports"});
    if (ports.empty()) return add(subset, no_port);
    for (const json& port : ports) {
      auto key = sortable(port);
      ports_.emplace(key, port);
      add(subset, key);
    }
  }

  json pack() const {
    std::map<address_set, std::vector<std::string>> by_addresses;
    for (const auto& [port, addresses] : by_port_) by_addresses[addresses].push_back(port);
    std::vector<json> subsets;
    for (const auto& [addresses, ports] : by_addresses) subsets.push_back(subset(addresses, ports));
    std::sort(subsets.begin(), subsets.end(), [](const json& a, const json& b) {
      return a.value("ports", json()).dump() < b.value("ports", json()).dump();
    });
    return subsets;
  }

 private:
  void add(const json& subset, const std::string& port) {
    for (const bool ready : {true, false})
      for (const json& address : at(subset, {ready ? "addresses" : "notReadyAddresses"})) {
        address_key key{string_at(address, {"ip"}), string_at(address, {"targetRef", "uid"})};
        addresses_.emplace(key, address);
        const auto [at, fresh] = by_port_[port].emplace(std::move(key), ready);
        at->second = at->second && ready;
      }
  }

  json subset(const address_set& addresses, const std::vector<std::string>& ports) const {
    json out = json::object();
    for (const auto& [key, ready] : addresses)
      out[ready ? "addresses" : "notReadyAddresses"].push_back(addresses_.at(key));
    for (const auto& port : ports)
      if (port != no_port) out["ports"].push_back(ports_.at(port));
    return out;
  }

  std::map<address_key, json> addresses_;
  std::map<std::string, json> ports_;
  std::map<std::string, address_set> by_port_;
};

std::size_t count(const json& subsets, const char* list) {
  std::size_t out = 0;
  for (const json& s : subsets) out += at(s, {list}).size();
  return out;
}

}  // namespace

json repack_subsets(const std::vector<json>& subsets) {
  packer p;
  for (const json& s : subsets) p.add(s);
  return p.pack();
}

bool truncate_subsets(json& subsets) {
  const auto ready = count(subsets, "addresses");
  const auto others = count(subsets, "notReadyAddresses");
  if (ready + others <= most_addresses_of_endpoints) return false;
  const bool of_ready = ready > most_addresses_of_endpoints;
  const char* list = of_ready ? "addresses" : "notReadyAddresses";
  const auto total = static_cast<double>(of_ready ? ready : others);
  const auto most = of_ready ? most_addresses_of_endpoints : most_addresses_of_endpoints - ready;
  auto left = most;
  for (json& s : subsets) {
    const auto here = static_cast<double>(at(s, {list}).size());
    const auto share =
        static_cast<std::size_t>(std::ceil(here / total * static_cast<double>(most)));
    const auto kept = std::min(share, left);
    if (of_ready) s.erase("notReadyAddresses");
    if (!s.contains(list)) continue;
    json& addresses = s[list];
    if (addresses.size() > kept)
      addresses.erase(addresses.begin() + static_cast<std::ptrdiff_t>(kept), addresses.end());
    left -= addresses.size();
    if (addresses.empty()) s.erase(list);
  }
  return true;
}

}  // namespace troupe::model
