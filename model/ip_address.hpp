#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::model {

/// An IPv4 or IPv6 address. An IPv4 address written as IPv6 (::ffff:10.0.0.1) is IPv4.
struct ip_address {
  std::array<std::uint8_t, 16> bytes{};  ///< of IPv4: the first four
  bool v6 = false;

  bool operator==(const ip_address&) const = default;
  bool is_unspecified() const;
  bool is_loopback() const;
  bool is_link_local() const;
  bool is_link_local_multicast() const;
};

/// Leading zeros in the parts of an IPv4 address are taken, as Kubernetes 1.32 takes them.
std::optional<ip_address> parse_ip(std::string_view text);
std::string to_string(const ip_address& address);

/// A range of addresses: "10.96.0.0/12".
struct ip_network {
  ip_address base;  ///< as it was written, bits beyond the prefix included
  int prefix = 0;

  bool contains(const ip_address& address) const;
};

std::optional<ip_network> parse_cidr(std::string_view text);

}  // namespace troupe::model
