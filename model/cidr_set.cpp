#include "model/cidr_set.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

int width(const ip_address& a) {
  return a.v6 ? 128 : 32;
}

bool bit(const ip_address& a, int i) {
  return (a.bytes[static_cast<std::size_t>(i / 8)] >> (7 - i % 8) & 1) != 0;
}

void set_bit(ip_address& a, int i, bool value) {
  auto& byte = a.bytes[static_cast<std::size_t>(i / 8)];
  const auto mask = static_cast<std::uint8_t>(1u << (7 - i % 8));
  byte = static_cast<std::uint8_t>(value ? byte | mask : byte & ~mask);
}

}  // namespace

cidr_set::cidr_set(ip_network range, int mask)
    : range_(range), mask_(mask), taken_(std::size_t{1} << (mask - range.prefix)) {
  for (int i = range_.prefix; i < width(range_.base); ++i) set_bit(range_.base, i, false);
}

std::optional<cidr_set> cidr_set::parse(std::string_view text, int mask, std::string& fault) {
  const auto range = parse_cidr(text);
  if (!range) {
    fault = "\"" + std::string(text) + "\" is no range of addresses";
    return std::nullopt;
  }
  if (mask < range->prefix || mask > width(range->base) || mask - range->prefix > most_bits) {
    fault = "nodes cannot have a /" + std::to_string(mask) + " each of " + std::string(text) +
            ": it has to be smaller, by 16 bits at most";
    return std::nullopt;
  }
  return cidr_set(*range, mask);
}

std::optional<std::string> cidr_set::take() {
  for (std::size_t i = 0; i < taken_.size(); ++i) {
    const auto index = (next_ + i) % taken_.size();
    if (taken_[index]) continue;
    taken_[index] = true;
    next_ = index + 1;
    return piece(index);
  }
  return std::nullopt;
}

std::string cidr_set::piece(std::size_t index) const {
  ip_address a = range_.base;
  for (int i = mask_ - 1; i >= range_.prefix; --i, index >>= 1) set_bit(a, i, (index & 1) != 0);
  return to_string(a) + "/" + std::to_string(mask_);
}

// A node may have a larger or smaller piece from before: all that overlaps is taken.
void cidr_set::mark(std::string_view cidr, bool taken) {
  const auto piece = parse_cidr(cidr);
  if (!piece || piece->base.v6 != range_.base.v6 || !range_.contains(piece->base)) return;
  std::size_t first = 0;
  for (int i = range_.prefix; i < mask_; ++i)
    first = first << 1 | (i < piece->prefix && bit(piece->base, i) ? 1 : 0);
  const int spare = mask_ - std::max(piece->prefix, range_.prefix);
  const auto count = spare > 0 ? std::size_t{1} << spare : 1;
  for (std::size_t i = 0; i < count; ++i) taken_[first + i] = taken;
}

}  // namespace troupe::model
