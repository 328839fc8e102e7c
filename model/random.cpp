#include "model/random.hpp"

#include <random>

namespace troupe::model {

std::uint64_t random_source::next() {
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

std::string random_source::uuid() {
  static constexpr char hex[] = "0123456789abcdef";
  std::uint64_t halves[2] = {next(), next()};
  halves[0] = (halves[0] & ~0xf000ull) | 0x4000ull;
  halves[1] = (halves[1] & ~(3ull << 62)) | (2ull << 62);
  std::string out;
  out.reserve(36);
  for (int nibble = 0; nibble < 32; ++nibble) {
    if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) out += '-';
    out += hex[(halves[nibble / 16] >> (60 - 4 * (nibble % 16))) & 15];
  }
  return out;
}

std::string random_source::name_suffix(std::size_t length) {
  static constexpr char letters[] = "bcdfghjklmnpqrstvwxz2456789";
  std::string out(length, '\0');
  for (char& c : out) c = letters[below(sizeof letters - 1)];
  return out;
}

std::uint64_t entropy_seed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}

}  // namespace troupe::model
