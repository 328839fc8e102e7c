#include "model/cel/format_clause.hpp"
#include "model/cel/libraries.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace troupe::model::cel {
namespace {

constexpr int most_precision = 100, usual_precision = format_clause().precision;

std::string printed(const char* form, int precision, double d) {
  const int size = std::snprintf(nullptr, 0, form, precision, d);
  std::string out(static_cast<std::size_t>(size), '\0');
  std::snprintf(out.data(), out.size() + 1, form, precision, d);
  return out;
}

std::string shown_text(const value& v, meter& m);

/// An item of a list or a map, as an expression would write it.
std::string written_text(const value& v, meter& m) {
  m.spend(1);
  if (v.get<optional_value>() || v.get<foreign_ptr>() || v.get<quantity>())
    throw failure{"error during formatting: no formatting function for " + v.type_name()};
  if (const auto* d = v.get<double>()) {
    if (!std::isfinite(*d)) return in_quotes(text_of(v));
    return printed("%.*f", usual_precision, *d);
  }
  if (v.get<std::string>()) return in_quotes(text_of(v));
  if (v.get<bytes_value>()) return "b" + in_quotes(text_of(v));
  if (v.get<time_value>()) return "timestamp(" + in_quotes(text_of(v)) + ")";
  if (v.get<duration_value>()) return "duration(" + in_quotes(text_of(v)) + ")";
  return shown_text(v, m);
}

/// %s
std::string shown_text(const value& v, meter& m) {
  if (v.is_null()) return "null";
  if (v.is_list()) {
    std::string out = "[";
    for (std::size_t i = 0; i < v.size(); ++i)
      out += (i > 0 ? ", " : "") + written_text(v.item(i), m);
    return out + "]";
  }
  if (v.is_map()) {
    std::vector<std::pair<std::string, std::string>> entries_of;
    for (const value& key : v.keys())
      entries_of.emplace_back(written_text(key, m), written_text(*v.find(key), m));
    std::ranges::stable_sort(entries_of, {}, [](const auto& e) { return e.first; });
    std::string out = "{";
    for (const auto& [key, held] : entries_of)
      out += (out.size() > 1 ? ", " : "") + key + ":" + held;
    return out + "}";
  }
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

/// With a comma before every three digits.
std::string grouped(std::string number) {
  const std::size_t first = number.starts_with('-') ? 1 : 0;
  std::size_t at = std::min(number.find('.'), number.size());
  for (; at > first + 3; number.insert(at, 1, ',')) at -= 3;
  return number;
}

/// "1.5e+03" as texts in English write it: 1.5 × 10⁰³.
std::string with_power(const std::string& number) {
  static constexpr const char* digits[] = {"\u2070", "\u00b9", "\u00b2", "\u00b3", "\u2074",
                                           "\u2075", "\u2076", "\u2077", "\u2078", "\u2079"};
  const auto e = number.find('e');
  std::string out = number.substr(0, e) + "\u202f\u00d7\u202f10";
  for (const char c : number.substr(e + 1))
    if (c != '+') out += c == '-' ? "\u207b" : digits[c - '0'];
  return out;
}

/// %f and %e, in American English; some texts are numbers, too.
std::string real_text(const value& v, const format_clause& clause) {
  const auto* text = v.get<std::string>();
  const auto* real = v.get<double>();
  double d = real ? *real : std::numeric_limits<double>::quiet_NaN();
  if (text && (*text == "Infinity" || *text == "-Infinity"))
    d = std::numeric_limits<double>::infinity() * (*text == "Infinity" ? 1 : -1);
  else if (text && *text != "NaN")
    throw failure{"error during formatting: " + clause_fault(clause.verb, "string")};
  if (std::isnan(d)) return "NaN";
  if (std::isinf(d)) return d < 0 ? "-\u221e" : "\u221e";
  return clause.verb == 'f' ? grouped(printed("%.*f", clause.precision, d))
                            : with_power(printed("%.*e", clause.precision, d));
}

type_kind kind_of(const value& v) {
  return read_type(v.type_name())->kind;
}

std::string clause_text(const format_clause& clause, const value& v, meter& m) {
  if (!clause_takes(clause.verb, kind_of(v)))
    throw failure{"error during formatting: " + clause_fault(clause.verb, v.type_name())};
  switch (clause.verb) {
    case 's':
      return shown_text(v, m);
    case 'f':
    case 'e':
      return real_text(v, clause);
    case 'b':
      if (const bool* b = v.get<bool>()) return *b ? "1" : "0";
      return whole_in_base(v, 2);
    case 'o':
      return whole_in_base(v, 8);
    case 'x':
    case 'X':
      return hex_text(v, clause.verb == 'X');
    default:
      return whole_in_base(v, 10);
  }
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
    if (next >= given.size()) throw failure{"index " + std::to_string(next) + " out of range"};
    const format_clause clause = read_clause(form, at);
    if (clause.precision > most_precision)
      throw failure{"could not parse formatting clause: precision is too large"};
    const auto piece = clause_text(clause, given.item(next++), m);
    m.walk(piece.size());
    out += piece;
  }
  return string_value(std::move(out));
}

}  // namespace troupe::model::cel
