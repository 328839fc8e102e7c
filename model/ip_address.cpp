#include "model/ip_address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>

namespace troupe::model {
namespace {

std::optional<int> parse_number(std::string_view text, int most) {
  int value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, value);
  if (text.empty() || text.front() == '-' || fault != std::errc{} || stop != end || value > most)
    return std::nullopt;
  return value;
}

std::optional<ip_address> parse_v4(std::string_view text) {
  ip_address out;
  for (int part = 0; part < 4; ++part) {
    const auto dot = text.find('.');
    if ((dot == text.npos) != (part == 3)) return std::nullopt;
    const auto value = parse_number(text.substr(0, dot), 255);
    if (!value) return std::nullopt;
    out.bytes[static_cast<std::size_t>(part)] = static_cast<std::uint8_t>(*value);
    if (part < 3) text.remove_prefix(dot + 1);
  }
  return out;
}

std::optional<ip_address> parse_v6(std::string_view text) {
  constexpr std::array<std::uint8_t, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  ip_address out;
  out.v6 = true;
  if (inet_pton(AF_INET6, std::string(text).c_str(), out.bytes.data()) != 1) return std::nullopt;
  if (!std::equal(mapped.begin(), mapped.end(), out.bytes.begin())) return out;
  ip_address v4;
  std::copy_n(out.bytes.begin() + 12, 4, v4.bytes.begin());
  return v4;
}

}  // namespace

std::optional<ip_address> parse_ip(std::string_view text) {
  return text.find(':') == text.npos ? parse_v4(text) : parse_v6(text);
}

std::string to_string(const ip_address& address) {
  char buffer[INET6_ADDRSTRLEN] = {};
  inet_ntop(address.v6 ? AF_INET6 : AF_INET, address.bytes.data(), buffer, sizeof buffer);
  return buffer;
}

std::optional<ip_network> parse_cidr(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == text.npos) return std::nullopt;
  const auto base = parse_ip(text.substr(0, slash));
  if (!base) return std::nullopt;
  const auto prefix = parse_number(text.substr(slash + 1), base->v6 ? 128 : 32);
  if (!prefix) return std::nullopt;
  return ip_network{*base, *prefix};
}

bool ip_network::contains(const ip_address& address) const {
  if (address.v6 != base.v6) return false;
  for (int bit = 0; bit < prefix; bit += 8) {
    const auto at = static_cast<std::size_t>(bit / 8);
    const int shift = std::max(0, 8 - (prefix - bit));
    if ((address.bytes[at] >> shift) != (base.bytes[at] >> shift)) return false;
  }
  return true;
}

bool ip_address::is_unspecified() const {
  return std::ranges::all_of(bytes, [](std::uint8_t b) { return b == 0; });
}

bool ip_address::is_loopback() const {
  if (!v6) return bytes[0] == 127;
  return std::all_of(bytes.begin(), bytes.end() - 1, [](std::uint8_t b) { return b == 0; }) &&
         bytes.back() == 1;
}

bool ip_address::is_link_local() const {
  return v6 ? bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80 : bytes[0] == 169 && bytes[1] == 254;
}

bool ip_address::is_link_local_multicast() const {
  return v6 ? bytes[0] == 0xff && (bytes[1] & 0x0f) == 0x02
            : bytes[0] == 224 && bytes[1] == 0 && bytes[2] == 0;
}

}  // namespace troupe::model
