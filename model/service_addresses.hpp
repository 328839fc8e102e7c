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
