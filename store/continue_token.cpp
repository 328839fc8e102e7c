#include "store/continue_token.hpp"

#include <array>
#include <charconv>

namespace troupe::store {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// base64url without padding: a token travels in a query.
std::string encode(std::string_view in) {
  std::string out;
  unsigned bits = 0;
  int held = 0;
  for (const unsigned char c : in) {
    bits = bits << 8 | c;
    for (held += 8; held >= 6; held -= 6) out += alphabet[bits >> (held - 6) & 63];
  }
  if (held > 0) out += alphabet[bits << (6 - held) & 63];
  return out;
}

std::optional<std::string> decode(std::string_view in) {
  std::string out;
  unsigned bits = 0;
  int held = 0;
  for (const char c : in) {
    const auto value = alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<unsigned>(value);
    if ((held += 6) >= 8) {
      held -= 8;
      out += static_cast<char>(bits >> held & 255);
    }
  }
  return out;
}

}  // namespace

std::string continue_token::text() const {
  return encode(std::to_string(version) + ":" + after);
}

std::optional<continue_token> continue_token::parse(std::string_view text) {
  const auto plain = decode(text);
  if (!plain) return std::nullopt;
  continue_token t;
  const char* end = plain->data() + plain->size();
  const auto [p, ec] = std::from_chars(plain->data(), end, t.version);
  if (ec != std::errc() || p == end || *p != ':') return std::nullopt;
  t.after.assign(p + 1, end);
  return t;
}

}  // namespace troupe::store
