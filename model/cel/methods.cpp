#include "model/cel/functions.hpp"
#include "model/cel/libraries.hpp"
#include "model/time.hpp"
#include "model/time_zone.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <limits>
#include <re2/re2.h>
#include <unordered_map>

namespace troupe::model::cel {
namespace {

using method = value (*)(arguments&, meter&);

value truth_of(bool b) {
  return value::kinds(b);
}

value text_value(std::string text) {
  return value::kinds(std::move(text));
}

/// Where each character of a UTF-8 text begins, and its end.
std::vector<std::size_t> starts_of(std::string_view text, meter& m) {
  m.walk(text.size());
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) out.push_back(i);
  out.push_back(text.size());
  return out;
}

std::int64_t integer_arg(const arguments& a, std::size_t i) {
  const auto* n = a.size() > i ? a[i].get<std::int64_t>() : nullptr;
  if (!n) no_overload();
  return *n;
}

std::size_t position(const arguments& a, std::size_t i, std::size_t most) {
  const auto n = integer_arg(a, i);
  if (n < 0 || static_cast<std::size_t>(n) > most)
    throw failure{"index out of range: " + std::to_string(n)};
  return static_cast<std::size_t>(n);
}

// Strings

value char_at(arguments& a, meter& m) {
  const std::string& text = text_arg(a[0]);
  const auto starts = starts_of(text, m);
  const auto i = position(a, 1, starts.size() - 1);
  if (i + 1 == starts.size()) return text_value("");
  return text_value(text.substr(starts[i], starts[i + 1] - starts[i]));
}

value substring(arguments& a, meter& m) {
  const std::string& text = text_arg(a[0]);
  const auto starts = starts_of(text, m);
  const auto from = position(a, 1, starts.size() - 1);
  const auto to = a.size() > 2 ? position(a, 2, starts.size() - 1) : starts.size() - 1;
  if (to < from) throw failure{"invalid substring range"};
  return text_value(text.substr(starts[from], starts[to] - starts[from]));
}

value index_in_list(const arguments& a, bool last) {
  std::int64_t found = -1;
  for (std::size_t i = 0; i < a[0].size(); ++i)
    if (equal(a[0].item(i), a[1])) {
      found = static_cast<std::int64_t>(i);
      if (!last) break;
    }
  return number_of(found);
}

value index_of(arguments& a, meter& m, bool last) {
  if (a.size() < 2) no_overload();
  if (a[0].is_list()) {
    m.spend(a[0].size());
    return index_in_list(a, last);
  }
  const std::string& text = text_arg(a[0]);
  const auto starts = starts_of(text, m);
  const auto at = a.size() > 2 ? position(a, 2, starts.size() - 1) : (last ? starts.size() - 1 : 0);
  const auto found =
      last ? text.rfind(text_arg(a[1]), starts[at]) : text.find(text_arg(a[1]), starts[at]);
  if (found == text.npos) return number_of(-1);
  const auto place = std::ranges::lower_bound(starts, found);
  return number_of(place - starts.begin());
}

value changed_case(arguments& a, meter& m, char from, int by) {
  std::string text = text_arg(a[0]);
  m.walk(text.size());
  for (char& c : text)
    if (c >= from && c < from + 26) c = static_cast<char>(c + by);
  return text_value(std::move(text));
}

value replace(arguments& a, meter& m) {
  if (a.size() < 3) no_overload();
  const std::string &text = text_arg(a[0]), &what = text_arg(a[1]), &with = text_arg(a[2]);
  auto left = a.size() > 3 ? integer_arg(a, 3) : -1;
  std::string out;
  std::size_t at = 0;
  while (left != 0 && !what.empty()) {
    const auto found = text.find(what, at);
    if (found == text.npos) break;
    out.append(text, at, found - at).append(with);
    m.walk(found - at + with.size());
    at = found + what.size();
    --left;
  }
  return text_value(out.append(text, at));
}

value split(arguments& a, meter& m) {
  if (a.size() < 2) no_overload();
  const std::string &text = text_arg(a[0]), &by = text_arg(a[1]);
  const auto limit = a.size() > 2 ? integer_arg(a, 2) : -1;
  m.walk(text.size());
  std::vector<value> out;
  if (limit == 0) return value::list({});
  if (by.empty()) {
    const auto starts = starts_of(text, m);
    for (std::size_t i = 0; i + 1 < starts.size(); ++i)
      out.push_back(text_value(text.substr(starts[i], starts[i + 1] - starts[i])));
    return value::list(std::move(out));
  }
  std::size_t at = 0;
  for (auto found = text.find(by); found != text.npos; found = text.find(by, at)) {
    if (limit > 0 && static_cast<std::int64_t>(out.size()) + 1 >= limit) break;
    out.push_back(text_value(text.substr(at, found - at)));
    at = found + by.size();
  }
  out.push_back(text_value(text.substr(at)));
  return value::list(std::move(out));
}

value join(arguments& a, meter& m) {
  if (!a[0].is_list()) no_overload();
  std::string out;
  for (std::size_t i = 0; i < a[0].size(); ++i) {
    if (i > 0 && a.size() > 1) out += text_arg(a[1]);
    const value item = a[0].item(i);
    out += text_arg(item);
    m.walk(text_arg(item).size());
  }
  return text_value(std::move(out));
}

value trim(arguments& a, meter& m) {
  const std::string& text = text_arg(a[0]);
  m.walk(text.size());
  constexpr std::string_view blank = " \t\r\n\v\f";
  const auto from = text.find_first_not_of(blank);
  if (from == text.npos) return text_value("");
  return text_value(text.substr(from, text.find_last_not_of(blank) - from + 1));
}

value find_matches(arguments& a, meter& m, bool all) {
  if (a.size() < 2) no_overload();
  const std::string& text = text_arg(a[0]);
  m.walk(text.size() * (1 + text_arg(a[1]).size() / 4));
  const re2::RE2 pattern("(" + text_arg(a[1]) + ")", re2::RE2::Quiet);
  if (!pattern.ok()) throw failure{"error parsing regexp: " + pattern.error()};
  const auto most = !all ? 1 : a.size() > 2 ? integer_arg(a, 2) : -1;
  std::vector<value> out;
  re2::StringPiece rest(text);
  std::string found;
  while (static_cast<std::int64_t>(out.size()) != most &&
         re2::RE2::FindAndConsume(&rest, pattern, &found)) {
    out.push_back(text_value(found));
    if (found.empty()) break;
  }
  if (all) return value::list(std::move(out));
  return out.empty() ? text_value("") : out.front();
}

// Lists

value extreme(arguments& a, meter& m, int sign) {
  if (!a[0].is_list()) no_overload();
  m.spend(a[0].size());
  if (a[0].size() == 0) throw failure{"min and max called on an empty list"};
  value best = a[0].item(0);
  for (std::size_t i = 1; i < a[0].size(); ++i) {
    const auto order = compare(a[0].item(i), best);
    if (!order) no_overload();
    if (*order * sign > 0) best = a[0].item(i);
  }
  return best;
}

value sum(arguments& a, meter& m) {
  if (!a[0].is_list()) no_overload();
  value out = number_of(0);
  for (std::size_t i = 0; i < a[0].size(); ++i) {
    std::vector<value> two{std::move(out), a[0].item(i)};
    out = i == 0 ? two[1] : call("_+_", false, two, m);
  }
  return out;
}

value is_sorted(arguments& a, meter& m) {
  if (!a[0].is_list()) no_overload();
  m.spend(a[0].size());
  for (std::size_t i = 1; i < a[0].size(); ++i) {
    const auto order = compare(a[0].item(i - 1), a[0].item(i));
    if (!order) no_overload();
    if (*order > 0) return truth_of(false);
  }
  return truth_of(true);
}

// Times

/// How far "Europe/Oslo" or "-03:30" is from UTC at a time.
std::chrono::seconds zone_offset(const std::string& zone, std::chrono::nanoseconds at) {
  if (zone == "UTC") return std::chrono::seconds(0);
  int hours = 0, minutes = 0;
  const bool signed_ = zone.starts_with('-') || zone.starts_with('+');
  if (zone.find(':') != zone.npos &&
      std::sscanf(zone.c_str() + (signed_ ? 1 : 0), "%2d:%2d", &hours, &minutes) == 2) {
    const std::chrono::seconds out = std::chrono::hours(hours) + std::chrono::minutes(minutes);
    return zone.starts_with('-') ? -out : out;
  }
  const auto known = zone.empty() ? std::nullopt : time_zone::find(zone);
  if (!known) throw failure{"unknown time zone " + zone};
  return known->offset_at(std::chrono::floor<std::chrono::seconds>(
      std::chrono::sys_time<std::chrono::nanoseconds>(at)));
}

/// What a clock of the zone shows, which is UTC where none is named.
std::chrono::nanoseconds time_arg(const arguments& a) {
  const auto* t = a[0].get<time_value>();
  if (!t) no_overload();
  if (a.size() < 2) return t->since_epoch;
  return t->since_epoch + zone_offset(text_arg(a[1]), t->since_epoch);
}

std::chrono::year_month_day date_of(const arguments& a) {
  return std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(
      std::chrono::sys_time<std::chrono::nanoseconds>(time_arg(a))));
}

/// A part of a duration, or of the time of the day.
template <class Unit, int Wrap>
value clock_part(arguments& a, meter&) {
  if (const auto* d = a[0].get<duration_value>())
    return number_of(std::chrono::duration_cast<Unit>(d->length).count());
  const auto n = std::chrono::floor<Unit>(time_arg(a)).count() % Wrap;
  return number_of(n < 0 ? n + Wrap : n);
}

value day_of_year(arguments& a, meter&) {
  const auto date = date_of(a);
  const auto first = std::chrono::sys_days(date.year() / std::chrono::January / 1);
  return number_of((std::chrono::sys_days(date) - first).count());
}

// Quantities and optionals

const quantity& quantity_arg(const arguments& a, std::size_t i) {
  const auto* q = a.size() > i ? a[i].get<quantity>() : nullptr;
  if (!q) no_overload();
  return *q;
}

/// A quantity that is too large is kept as the largest.
bool is_integer(const quantity& q) {
  return q.value() < std::numeric_limits<std::int64_t>::max() && quantity::of(q.value()) == q;
}

value quantity_sum(arguments& a, bool plus) {
  quantity out = quantity_arg(a, 0);
  if (a.size() < 2) no_overload();
  const auto* n = a[1].get<std::int64_t>();
  const quantity other = n ? quantity::of(*n) : quantity_arg(a, 1);
  if (plus)
    out += other;
  else
    out -= other;
  return value::kinds(out);
}

const std::unordered_map<std::string_view, method>& methods() {
  static const std::unordered_map<std::string_view, method> all = {
      {"contains",
       [](arguments& a, meter& m) {
         m.walk(text_arg(a[0]).size());
         return truth_of(a.size() > 1 && text_arg(a[0]).find(text_arg(a[1])) != std::string::npos);
       }},
      {"startsWith",
       [](arguments& a, meter&) {
         return truth_of(a.size() > 1 && text_arg(a[0]).starts_with(text_arg(a[1])));
       }},
      {"endsWith",
       [](arguments& a, meter&) {
         return truth_of(a.size() > 1 && text_arg(a[0]).ends_with(text_arg(a[1])));
       }},
      {"charAt", char_at},
      {"substring", substring},
      {"indexOf", [](arguments& a, meter& m) { return index_of(a, m, false); }},
      {"lastIndexOf", [](arguments& a, meter& m) { return index_of(a, m, true); }},
      {"lowerAscii", [](arguments& a, meter& m) { return changed_case(a, m, 'A', 'a' - 'A'); }},
      {"upperAscii", [](arguments& a, meter& m) { return changed_case(a, m, 'a', 'A' - 'a'); }},
      {"replace", replace},
      {"split", split},
      {"join", join},
      {"trim", trim},
      {"format", formatted},
      {"find", [](arguments& a, meter& m) { return find_matches(a, m, false); }},
      {"findAll", [](arguments& a, meter& m) { return find_matches(a, m, true); }},
      {"min", [](arguments& a, meter& m) { return extreme(a, m, -1); }},
      {"max", [](arguments& a, meter& m) { return extreme(a, m, 1); }},
      {"sum", sum},
      {"isSorted", is_sorted},
      {"getFullYear",
       [](arguments& a, meter&) { return number_of(static_cast<int>(date_of(a).year())); }},
      {"getMonth", [](arguments& a,
                      meter&) { return number_of(static_cast<unsigned>(date_of(a).month()) - 1); }},
      {"getDate",
       [](arguments& a, meter&) { return number_of(static_cast<unsigned>(date_of(a).day())); }},
      {"getDayOfMonth",
       [](arguments& a, meter&) { return number_of(static_cast<unsigned>(date_of(a).day()) - 1); }},
      {"getDayOfWeek",
       [](arguments& a, meter&) {
         return number_of(std::chrono::weekday(std::chrono::sys_days(date_of(a))).c_encoding());
       }},
      {"getDayOfYear", day_of_year},
      {"getHours", clock_part<std::chrono::hours, 24>},
      {"getMinutes", clock_part<std::chrono::minutes, 60>},
      {"getSeconds", clock_part<std::chrono::seconds, 60>},
      {"getMilliseconds", clock_part<std::chrono::milliseconds, 1000>},
      {"isGreaterThan",
       [](arguments& a, meter&) { return truth_of(quantity_arg(a, 0) > quantity_arg(a, 1)); }},
      {"isLessThan",
       [](arguments& a, meter&) { return truth_of(quantity_arg(a, 0) < quantity_arg(a, 1)); }},
      {"compareTo",
       [](arguments& a, meter&) {
         return number_of(
             *compare(value::kinds(quantity_arg(a, 0)), value::kinds(quantity_arg(a, 1))));
       }},
      {"isInteger", [](arguments& a, meter&) { return truth_of(is_integer(quantity_arg(a, 0))); }},
      {"asInteger",
       [](arguments& a, meter&) {
         const quantity& q = quantity_arg(a, 0);
         if (!is_integer(q)) throw failure{"cannot convert value to integer"};
         return number_of(q.value());
       }},
      {"asApproximateFloat",
       [](arguments& a, meter&) {
         return value(value::kinds(static_cast<double>(quantity_arg(a, 0).milli_value()) / 1000.0));
       }},
      {"sign",
       [](arguments& a, meter&) {
         const quantity& q = quantity_arg(a, 0);
         return number_of(q.zero() ? 0 : q.negative() ? -1 : 1);
       }},
      {"add", [](arguments& a, meter&) { return quantity_sum(a, true); }},
      {"sub", [](arguments& a, meter&) { return quantity_sum(a, false); }},
      {"hasValue",
       [](arguments& a, meter&) {
         const auto* held = a[0].get<optional_value>();
         if (!held) no_overload();
         return truth_of(held->held != nullptr);
       }},
      {"value", [](arguments& a, meter&) {
         const auto* held = a[0].get<optional_value>();
         if (!held) no_overload();
         if (!held->held) throw failure{"optional.none() dereference"};
         return *held->held;
       }}};
  return all;
}

bool contains(const value& list, const value& item) {
  for (std::size_t i = 0; i < list.size(); ++i)
    if (equal(list.item(i), item)) return true;
  return false;
}

std::size_t shared(const value& a, const value& b) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < b.size(); ++i) n += contains(a, b.item(i)) ? 1 : 0;
  return n;
}

}  // namespace

value to_duration(const value& v) {
  if (v.get<duration_value>()) return v;
  if (const auto* nanos = v.get<std::int64_t>())
    return value::kinds(duration_value{std::chrono::nanoseconds(*nanos)});
  std::string_view text = text_arg(v);
  static constexpr std::pair<std::string_view, double> units[] = {
      {"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}};
  const auto bad = [&] { return failure{"time: invalid duration " + in_quotes(text_arg(v))}; };
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty()) throw bad();
  double total = 0;
  while (!text.empty()) {
    double n = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), n, std::chars_format::fixed);
    if (error != std::errc()) throw bad();
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty() && n == 0) break;
    const auto length = std::min(text.find_first_of("0123456789."), text.size());
    const auto unit = std::ranges::find(units, text.substr(0, length),
                                        &std::pair<std::string_view, double>::first);
    if (unit == std::end(units)) throw bad();
    total += n * unit->second;
    text.remove_prefix(length);
  }
  if (total > 9.2e18) throw bad();
  const auto nanos = std::chrono::nanoseconds(static_cast<std::int64_t>(total));
  return value::kinds(duration_value{negative ? -nanos : nanos});
}

std::optional<value> call_method(const std::string& name, arguments& args, meter& m) {
  if (args.empty()) return std::nullopt;
  if (const auto* own = args[0].get<foreign_ptr>()) {
    m.spend(1);
    auto out = (*own)->call(name, args);
    if (!out) no_overload();
    return out;
  }
  const auto& all = methods();
  const auto found = all.find(name);
  if (found == all.end()) return std::nullopt;
  return found->second(args, m);
}

std::optional<value> call_set(const std::string& name, arguments& args, meter& m) {
  if (!name.starts_with("sets.")) return std::nullopt;
  if (args.size() != 2 || !args[0].is_list() || !args[1].is_list()) no_overload();
  const value &a = args[0], &b = args[1];
  m.spend(1 + a.size() * b.size());
  if (name == "sets.contains") return truth_of(shared(a, b) == b.size());
  if (name == "sets.intersects") return truth_of(shared(a, b) > 0);
  if (name == "sets.equivalent")
    return truth_of(shared(a, b) == b.size() && shared(b, a) == a.size());
  no_overload();
}

}  // namespace troupe::model::cel
