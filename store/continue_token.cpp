#include "store/continue_token.hpp"

#include "model/base64.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::store {

// base64 as URLs like it (RFC 4648, section 5), without padding: a token travels in a query.

std::string continue_token::text() const {
  std::string out = model::to_base64(std::to_string(version) + ":" + after);
  out.resize(out.find_last_not_of('=') + 1);
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  return out;
}

std::optional<continue_token> continue_token::parse(std::string_view text) {
  std::string padded(text);
  std::replace(padded.begin(), padded.end(), '-', '+');
  std::replace(padded.begin(), padded.end(), '_', '/');
  padded.append((4 - padded.size() % 4) % 4, '=');
  const auto plain = model::from_base64(padded);
  if (!plain) return std::nullopt;
  continue_token t;
  const char* end = plain->data() + plain->size();
  const auto [p, ec] = std::from_chars(plain->data(), end, t.version);
  if (ec != std::errc() || p == end || *p != ':') return std::nullopt;
  t.after.assign(p + 1, end);
  return t;
}

}  // namespace troupe::store
