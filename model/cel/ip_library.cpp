#include "model/cel/libraries.hpp"
#include "model/ip_address.hpp"

#include <algorithm>

namespace troupe::model::cel {
namespace {

/// Leading zeros, zones and IPv4 written as IPv6 are none in CEL.
std::optional<ip_address> strict_ip(std::string_view text, std::string& fault) {
  fault = "IP Address " + in_quotes(text) +
          " parse error during conversion from string: ParseAddr(" + in_quotes(text) +
          "): unable to parse IP";
  if (text.find('%') != text.npos) {
    fault = "IP address " + in_quotes(text) + " with zone value is not allowed";
    return std::nullopt;
  }
  const bool six = text.find(':') != text.npos;
  for (std::size_t i = 0; !six && i < text.size(); ++i) {
    const bool begins = i == 0 || text[i - 1] == '.';
    if (begins && text[i] == '0' && i + 1 < text.size() && text[i + 1] != '.') return std::nullopt;
  }
  const auto out = parse_ip(text);
  if (out && six && !out->v6) {
    fault = "IPv4-mapped IPv6 address " + in_quotes(text) + " is not allowed";
    return std::nullopt;
  }
  return out;
}

bool is_multicast(const ip_address& a) {
  return a.v6 ? a.bytes[0] == 0xff : a.bytes[0] >= 224 && a.bytes[0] < 240;
}

class ip_value final : public foreign {
 public:
  explicit ip_value(const ip_address& address) : address_(address) {}
  const ip_address& address() const { return address_; }

  const char* type_name() const override { return "net.IP"; }
  std::string text() const override { return to_string(address_); }
  bool prints() const override { return true; }

  std::optional<value> call(const std::string& name, const arguments& args) const override {
    if (args.size() != 1) return std::nullopt;
    if (name == "family") return number_of(address_.v6 ? 6 : 4);
    if (name == "isUnspecified") return boolean_value(address_.is_unspecified());
    if (name == "isLoopback") return boolean_value(address_.is_loopback());
    if (name == "isLinkLocalMulticast") return boolean_value(address_.is_link_local_multicast());
    if (name == "isLinkLocalUnicast") return boolean_value(address_.is_link_local());
    if (name == "isGlobalUnicast") return boolean_value(is_global());
    return std::nullopt;
  }

 private:
  bool is_global() const {
    const ip_address broadcast{{255, 255, 255, 255}, false};
    return address_ != broadcast && !address_.is_unspecified() && !address_.is_loopback() &&
           !address_.is_link_local() && !is_multicast(address_);
  }

  ip_address address_;
};

std::optional<ip_network> strict_network(std::string_view text, std::string& fault) {
  const auto slash = text.find('/');
  fault = "network address parse error during conversion from string: netip.ParsePrefix(" +
          in_quotes(text) + "): no '/'";
  if (slash == text.npos) return std::nullopt;
  const auto base = strict_ip(text.substr(0, slash), fault);
  if (!base) {
    if (fault.starts_with("IP Address"))
      fault = "network address parse error during conversion from string: netip.ParsePrefix(" +
              in_quotes(text) + "): ParseAddr(" + in_quotes(text.substr(0, slash)) +
              "): unable to parse IP";
    return std::nullopt;
  }
  fault = "network address parse error during conversion from string: netip.ParsePrefix(" +
          in_quotes(text) + "): bad bits after slash";
  const auto bits = text.substr(slash + 1);
  if (bits.size() > 1 && (bits[0] == '0' || bits[0] == '+')) return std::nullopt;
  return parse_cidr(text);
}

ip_address masked(const ip_network& n) {
  ip_address out = n.base;
  const std::size_t size = out.v6 ? 16 : 4;
  for (std::size_t i = 0; i < size; ++i) {
    const int bits = std::clamp(n.prefix - static_cast<int>(i) * 8, 0, 8);
    out.bytes[i] = static_cast<std::uint8_t>(out.bytes[i] & (0xff00 >> bits));
  }
  return out;
}

class cidr_value final : public foreign {
 public:
  explicit cidr_value(const ip_network& network) : network_(network) {}

  const char* type_name() const override { return "net.CIDR"; }
  std::string text() const override {
    return to_string(network_.base) + "/" + std::to_string(network_.prefix);
  }
  bool prints() const override { return true; }

  std::optional<value> call(const std::string& name, const arguments& args) const override {
    if (name == "ip" && args.size() == 1)
      return made(std::make_shared<const ip_value>(network_.base));
    if (name == "prefixLength" && args.size() == 1) return number_of(network_.prefix);
    if (name == "masked" && args.size() == 1)
      return made(
          std::make_shared<const cidr_value>(ip_network{masked(network_), network_.prefix}));
    if (args.size() != 2) return std::nullopt;
    if (name == "containsIP") return boolean_value(holds(address_of(args[1])));
    if (name != "containsCIDR") return std::nullopt;
    const ip_network other = network_of(args[1]);
    return boolean_value(other.prefix >= network_.prefix && holds(other.base));
  }

 private:
  bool holds(const ip_address& a) const { return a.v6 == network_.base.v6 && network_.contains(a); }

  static ip_address address_of(const value& v) {
    if (const auto* f = v.get<foreign_ptr>())
      if (const auto* ip = dynamic_cast<const ip_value*>(f->get())) return ip->address();
    std::string fault;
    if (const auto ip = strict_ip(text_arg(v), fault)) return *ip;
    throw failure{fault};
  }

  static ip_network network_of(const value& v) {
    if (const auto* f = v.get<foreign_ptr>())
      if (const auto* cidr = dynamic_cast<const cidr_value*>(f->get())) return cidr->network_;
    std::string fault;
    if (const auto network = strict_network(text_arg(v), fault)) return *network;
    throw failure{fault};
  }

  ip_network network_;
};

}  // namespace

std::optional<value> call_ip(const std::string& name, arguments& args, meter& m) {
  const bool addresses = name == "ip" || name == "isIP" || name == "ip.isCanonical";
  if (!addresses && name != "cidr" && name != "isCIDR") return std::nullopt;
  const std::string& text = text_arg(one_argument(args));
  m.walk(text.size());
  std::string fault;
  if (!addresses) {
    const auto network = strict_network(text, fault);
    if (name == "isCIDR") return boolean_value(network.has_value());
    if (!network) throw failure{fault};
    return made(std::make_shared<const cidr_value>(*network));
  }
  const auto ip = strict_ip(text, fault);
  if (name == "isIP") return boolean_value(ip.has_value());
  if (!ip) throw failure{fault};
  if (name == "ip.isCanonical") return boolean_value(to_string(*ip) == text);
  return made(std::make_shared<const ip_value>(*ip));
}

}  // namespace troupe::model::cel
