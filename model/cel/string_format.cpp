#include "model/cel/libraries.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace troupe::model::cel {
namespace {

constexpr int most_precision = 100;

/// %s
std::string shown_text(const value& v, meter& m) {
  if (v.is_null()) return "null";
  if (v.is_list()) {
    std::string out = "[";
    for (std::size_t i = 0; i < v.size(); ++i) {
      m.spend(1);
      if (i > 0) out += ", ";
      out += shown_text(v.item(i), m);
    }
    return out + "]";
  }
  if (v.is_map()) {
    std::vector<std::string> entries_of;
    for (const value& key : v.keys()) {
      m.spend(1);
      entries_of.push_back(shown_text(key, m) + ": " + shown_text(*v.find(key), m));
    }
    std::ranges::sort(entries_of);
    std::string out = "{";
    for (const auto& e : entries_of) out += (out.size() > 1 ? ", " : "") + e;
    return out + "}";
  }
  if (v.get<optional_value>() || v.get<foreign_ptr>()) no_overload();
  return text_of(v);
}

std::string in_base(std::uint64_t n, unsigned base, bool upper) {
  const char* digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string out;
  do {
    out.insert(out.begin(), digits[n % base]);
    n /= base;
  } while (n > 0);
  return out;
}

std::string whole_in_base(const value& v, unsigned base, bool upper = false) {
  if (const auto* u = v.get<std::uint64_t>()) return in_base(*u, base, upper);
  const auto* i = v.get<std::int64_t>();
  if (!i) no_overload();
  const auto size = *i < 0 ? 0 - static_cast<std::uint64_t>(*i) : static_cast<std::uint64_t>(*i);
  return (*i < 0 ? "-" : "") + in_base(size, base, upper);
}

std::string hex_text(const value& v, bool upper) {
  const auto* s = v.get<std::string>();
  const auto* b = v.get<bytes_value>();
  if (!s && !b) return whole_in_base(v, 16, upper);
  std::string out;
  for (const char c : s ? *s : b->text) {
    const auto pair = in_base(static_cast<unsigned char>(c), 16, upper);
    out += pair.size() < 2 ? "0" + pair : pair;
  }
  return out;
}

std::string real_text(const value& v, char how, int precision) {
  double d = 0;
  if (const auto* x = v.get<double>())
    d = *x;
  else if (const auto* i = v.get<std::int64_t>())
    d = static_cast<double>(*i);
  else if (const auto* u = v.get<std::uint64_t>())
    d = static_cast<double>(*u);
  else
    no_overload();
  if (std::isnan(d)) return "NaN";
  if (std::isinf(d)) return d < 0 ? "-Infinity" : "Infinity";
  const char* form = how == 'f' ? "%.*f" : "%.*e";
  const int size = std::snprintf(nullptr, 0, form, precision, d);
  std::string out(static_cast<std::size_t>(size), '\0');
  std::snprintf(out.data(), out.size() + 1, form, precision, d);
  return out;
}

std::string clause_text(char how, int precision, const value& v, meter& m) {
  switch (how) {
    case 's':
      return shown_text(v, m);
    case 'd':
      return whole_in_base(v, 10);
    case 'f':
    case 'e':
      return real_text(v, how, precision);
    case 'b':
      if (const bool* b = v.get<bool>()) return *b ? "1" : "0";
      return whole_in_base(v, 2);
    case 'o':
      return whole_in_base(v, 8);
    case 'x':
    case 'X':
      return hex_text(v, how == 'X');
    default:
      throw failure{"could not parse formatting clause: unrecognized formatting clause " +
                    in_quotes(std::string(1, how))};
  }
}

/// ".3" of "%.3f"; moves `at` behind it.
int take_precision(const std::string& form, std::size_t& at) {
  constexpr int usual = 6;
  if (at >= form.size() || form[at] != '.') return usual;
  int out = 0;
  for (++at; at < form.size() && form[at] >= '0' && form[at] <= '9'; ++at) {
    out = out * 10 + (form[at] - '0');
    if (out > most_precision) throw failure{"could not parse formatting clause: precision"};
  }
  return out;
}

}  // namespace

value formatted(arguments& args, meter& m) {
  const std::string& form = text_arg(args[0]);
  const value& given = one_argument(args, 1);
  if (!given.is_list()) no_overload();
  m.walk(form.size());
  std::string out;
  std::size_t next = 0;
  for (std::size_t at = 0; at < form.size();) {
    if (form[at] != '%') {
      out += form[at++];
      continue;
    }
    if (++at < form.size() && form[at] == '%') {
      out += form[at++];
      continue;
    }
    const int precision = take_precision(form, at);
    if (at >= form.size()) throw failure{"unexpected end of string"};
    if (next >= given.size()) throw failure{"index " + std::to_string(next) + " out of range"};
    const auto piece = clause_text(form[at++], precision, given.item(next++), m);
    m.walk(piece.size());
    out += piece;
  }
  return string_value(std::move(out));
}

}  // namespace troupe::model::cel
