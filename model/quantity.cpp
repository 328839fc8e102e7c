#include "model/quantity.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::model {
namespace {

__extension__ typedef __int128 wide;
__extension__ typedef unsigned __int128 uwide;

constexpr wide nano_per_unit = 1'000'000'000;
constexpr wide limit = wide{INT64_MAX} * nano_per_unit;

constexpr std::string_view format_fault =
    "quantities must match the regular expression "
    "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
constexpr std::string_view suffix_fault = "unable to parse quantity's suffix";

/// The text cut up: sign, digits before and after the point, suffix.
struct pieces {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
  std::string_view suffix;
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view take_digits(std::string_view& text) {
  std::size_t n = 0;
  while (n < text.size() && is_digit(text[n])) ++n;
  const auto taken = text.substr(0, n);
  text.remove_prefix(n);
  return taken;
}

std::optional<pieces> cut(std::string_view text) {
  pieces p;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    p.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  p.whole = take_digits(text);
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    p.fraction = take_digits(text);
  }
  if (p.whole.empty() && p.fraction.empty()) return std::nullopt;
  p.suffix = text;
  while (!text.empty() && std::string_view("eEinumkKMGTP").find(text[0]) != std::string_view::npos)
    text.remove_prefix(1);
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  take_digits(text);
  if (!text.empty()) return std::nullopt;
  while (!p.whole.empty() && p.whole[0] == '0') p.whole.remove_prefix(1);
  return p;
}

struct scale {
  int base = 10;
  std::int64_t exponent = 0;
  quantity::format format = quantity::format::decimal_si;
};

constexpr std::string_view decimal_suffixes[] = {"n", "u", "m", "", "k", "M", "G", "T", "P", "E"};
constexpr std::string_view binary_suffixes[] = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};

std::optional<scale> scale_of(std::string_view suffix) {
  for (std::int64_t i = 0; i < 10; ++i)
    if (suffix == decimal_suffixes[i]) return scale{10, (i - 3) * 3};
  for (std::int64_t i = 1; i < 7; ++i)
    if (suffix == binary_suffixes[i]) return scale{2, i * 10, quantity::format::binary_si};
  if (suffix.size() < 2 || (suffix[0] != 'e' && suffix[0] != 'E')) return std::nullopt;
  suffix.remove_prefix(suffix[1] == '+' ? 2 : 1);
  std::int64_t exponent = 0;
  const auto [end, fault] = std::from_chars(suffix.data(), suffix.data() + suffix.size(), exponent);
  if (fault != std::errc{} || end != suffix.data() + suffix.size()) return std::nullopt;
  return scale{10, exponent, quantity::format::decimal_exponent};
}

bool any_nonzero(std::string_view digits) {
  return digits.find_first_not_of('0') != std::string_view::npos;
}

/// whole.fraction * 10^exponent in nanos, rounded up, at most `limit`.
wide decimal_nanos(const pieces& p, std::int64_t exponent) {
  // The point moves right by exponent + 9: what is left of it are the nanos.
  const std::int64_t wanted = static_cast<std::int64_t>(p.whole.size()) +
                              std::clamp<std::int64_t>(exponent, -1'000'000'000, 1'000'000'000) + 9;
  const auto digits = static_cast<std::int64_t>(p.whole.size() + p.fraction.size());
  auto digit = [&](std::int64_t i) {
    const auto at = static_cast<std::size_t>(i);
    if (at < p.whole.size()) return p.whole[at] - '0';
    return i < digits ? p.fraction[at - p.whole.size()] - '0' : 0;
  };
  wide nanos = 0;
  for (std::int64_t i = 0; i < wanted && nanos <= limit; ++i) {
    if (i >= digits && nanos == 0) break;
    nanos = nanos * 10 + digit(i);
  }
  if (nanos > limit) return limit;
  for (std::int64_t i = std::max<std::int64_t>(wanted, 0); i < digits; ++i)
    if (digit(i) != 0) return std::min(nanos + 1, limit);
  return nanos;
}

/// whole.fraction * 2^exponent in nanos, rounded up, at most `limit`.
wide binary_nanos(const pieces& p, std::int64_t exponent) {
  const uwide unit = (uwide{1} << exponent) * nano_per_unit;
  uwide whole = 0;
  for (char c : p.whole) {
    whole = whole * 10 + static_cast<unsigned>(c - '0');
    if (whole > limit / unit) return limit;
  }
  uwide part = 0;
  bool inexact = false;
  for (auto c = p.fraction.rbegin(); c != p.fraction.rend(); ++c) {
    part += static_cast<unsigned>(*c - '0') * unit;
    inexact = inexact || part % 10 != 0;
    part /= 10;
  }
  return std::min(static_cast<wide>(whole * unit + part + (inexact ? 1 : 0)), limit);
}

/// v / by, rounded away from zero, within 64 bits.
std::int64_t rounded_up(wide v, wide by) {
  wide out = v / by;
  if (v % by != 0) out += v > 0 ? 1 : -1;
  return static_cast<std::int64_t>(std::clamp<wide>(out, INT64_MIN, INT64_MAX));
}

std::string decimal_text(wide nano, bool si) {
  if (nano == 0) return "0";
  int exponent = -9;
  while (exponent < 18 && nano % 1000 == 0) {
    nano /= 1000;
    exponent += 3;
  }
  // The mantissa fits: beyond 2^63 only nanos remain, and those have been capped.
  std::string out;
  const bool minus = nano < 0;
  uwide rest = minus ? -static_cast<uwide>(nano) : static_cast<uwide>(nano);
  for (; rest != 0; rest /= 10) out += static_cast<char>('0' + static_cast<int>(rest % 10));
  if (minus) out += '-';
  std::reverse(out.begin(), out.end());
  if (si) return out.append(decimal_suffixes[exponent / 3 + 3]);
  return exponent == 0 ? out : out + "e" + std::to_string(exponent);
}

}  // namespace

std::optional<quantity> quantity::parse(std::string_view text) {
  std::string error;
  return parse(text, error);
}

std::optional<quantity> quantity::parse(std::string_view text, std::string& error) {
  const auto p = cut(text);
  if (!p) {
    error = format_fault;
    return std::nullopt;
  }
  const auto s = scale_of(p->suffix);
  if (!s) {
    error = suffix_fault;
    return std::nullopt;
  }
  if (!any_nonzero(p->whole) && !any_nonzero(p->fraction)) return quantity{0, s->format};
  const wide nanos = s->base == 2 ? binary_nanos(*p, s->exponent) : decimal_nanos(*p, s->exponent);
  return quantity{p->negative ? -nanos : nanos, s->format};
}

quantity quantity::of(std::int64_t units, format f) {
  return quantity{std::clamp<wide>(wide{units} * nano_per_unit, -limit, limit), f};
}

quantity quantity::of_milli(std::int64_t milli) {
  return quantity{wide{milli} * (nano_per_unit / 1000), format::decimal_si};
}

std::int64_t quantity::value() const {
  return rounded_up(nano_, nano_per_unit);
}

std::int64_t quantity::milli_value() const {
  return rounded_up(nano_, nano_per_unit / 1000);
}

std::string quantity::text() const {
  if (format_ != format::binary_si) return decimal_text(nano_, format_ == format::decimal_si);
  // Small and broken numbers are shown in decimal, so as not to lose precision.
  const wide magnitude = nano_ < 0 ? -nano_ : nano_;
  if (magnitude < 1024 * nano_per_unit || magnitude % nano_per_unit != 0)
    return decimal_text(nano_, true);
  auto units = static_cast<std::int64_t>(nano_ / nano_per_unit);
  std::size_t step = 0;
  for (; step < 6 && units % 1024 == 0; ++step) units /= 1024;
  return std::to_string(units).append(binary_suffixes[step]);
}

quantity& quantity::operator+=(const quantity& o) {
  if (nano_ == 0) format_ = o.format_;
  nano_ = std::clamp(nano_ + o.nano_, -limit, limit);
  return *this;
}

quantity& quantity::operator-=(const quantity& o) {
  if (nano_ == 0) format_ = o.format_;
  nano_ = std::clamp(nano_ - o.nano_, -limit, limit);
  return *this;
}

}  // namespace troupe::model
