#pragma once

#include "model/ip_address.hpp"
#include "model/json.hpp"
#include "model/object.hpp"
#include "model/random.hpp"
#include "model/schema.hpp"
#include "model/status.hpp"

#include <functional>
#include <string>
#include <vector>

namespace troupe::model {

/// What services get their addresses and node ports from.
struct service_ranges {
  ip_network addresses = *parse_cidr("10.96.0.0/12");
  int first_port = 30000;
  int last_port = 32767;
};

/// Reads --service-cluster-ip-range ("10.96.0.0/12") into `out`; what is wrong with it, or nothing.
std::string read_service_addresses(std::string_view text, service_ranges& out);
/// Reads --service-node-port-range ("30000-32767") likewise.
std::string read_service_ports(std::string_view text, service_ranges& out);

/// The first address of the range, which Service "kubernetes" has.
std::string first_address(const service_ranges& ranges);

/// Whether the server chooses addresses for objects of this kind.
inline bool chooses_addresses(const kind_info& kind) {
  return kind.resource == "services";
}

/// What only one service may have: "ip/10.96.0.1" and "port/30080".
using service_claims = std::vector<std::string>;
service_claims claims_of(const json& service);

/// A stored service's claims, read once.
struct service_view {
  explicit service_view(const object& o);
  service_claims claims;
};

/// Whether another service has this claim.
using claim_taken = std::function<bool(const std::string& claim)>;

/// Fills in the address, families, node ports and health check port that a service needs and does
/// not name, and refuses those that it names and that are out of range or taken.
std::vector<cause> assign_addresses(json& service, const service_ranges& ranges,
                                    const claim_taken& taken, random_source& random);

}  // namespace troupe::model
