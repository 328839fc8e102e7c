#include "model/time_zone.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_map>

extern "C" const char troupe_time_zones_begin[];
extern "C" const char troupe_time_zones_end[];

namespace troupe::model {
namespace {

using namespace std::chrono;

// A line a zone: its name, its rule as in POSIX' TZ, and steps ("unix time:seconds east of UTC"):
// the footers of the files of tzdata 2025b, and those of their transitions that a footer does not
// say. Of POSIX' rules only those of the form Mm.w.d occur.
std::unordered_map<std::string_view, std::string_view> zones_of(std::string_view text) {
  std::unordered_map<std::string_view, std::string_view> out;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (const auto blank = line.find(' '); blank != line.npos)
      out.emplace(line.substr(0, blank), line.substr(blank + 1));
  }
  return out;
}

const std::unordered_map<std::string_view, std::string_view>& zones() {
  static const auto all = zones_of({troupe_time_zones_begin, troupe_time_zones_end});
  return all;
}

/// Takes a number, with its sign, off the front; 0 when there is none.
long long take_number(std::string_view& text) {
  long long value = 0;
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value).ptr;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

/// "-5:30", "26".
seconds take_time(std::string_view& text) {
  const bool negative = text.starts_with('-');
  seconds value = hours(take_number(text));
  for (seconds unit : {seconds(minutes(1)), seconds(1)})
    if (take(text, ':')) value += unit * (negative ? -take_number(text) : take_number(text));
  return value;
}

/// "CET" or "<+03>".
void take_abbreviation(std::string_view& text) {
  const auto end = text.starts_with('<') ? text.find('>') + 1 : text.find_first_of("+-0123456789,");
  text.remove_prefix(std::min(end, text.size()));
}

}  // namespace

bool is_time_zone(std::string_view name) {
  return zones().contains(name);
}

std::optional<time_zone> time_zone::find(std::string_view name) {
  if (name.empty()) return time_zone();
  const auto found = zones().find(name);
  if (found == zones().end()) return std::nullopt;
  return parse(found->second);
}

time_zone time_zone::parse(std::string_view text) {
  time_zone out;
  auto rule = text.substr(0, text.find(' '));
  text.remove_prefix(rule.size());
  take_abbreviation(rule);
  out.standard_ = -take_time(rule);
  if (!rule.empty()) {
    take_abbreviation(rule);
    out.summer_ = rule.empty() || rule.front() == ',' ? out.standard_ + hours(1) : -take_time(rule);
    const auto take_change = [&rule] {
      change c;
      rule.remove_prefix(std::min<std::size_t>(2, rule.size()));  // ",M"
      const month m(static_cast<unsigned>(take_number(rule)));
      take(rule, '.');
      c.week = static_cast<unsigned>(take_number(rule));
      take(rule, '.');
      c.last = m / weekday(static_cast<unsigned>(take_number(rule)))[last];
      if (take(rule, '/')) c.time = take_time(rule);
      return c;
    };
    const auto begin = take_change();
    out.summer_time_.emplace(begin, take_change());
  }
  while (take(text, ' ')) {
    const sys_seconds when{seconds(take_number(text))};
    take(text, ':');
    out.steps_.emplace_back(when, seconds(take_number(text)));
  }
  return out;
}

local_seconds time_zone::change::in(year y) const {
  const auto on = week == 5 ? local_days(y / last)
                            : local_days(y / last.month() / last.weekday_last().weekday()[week]);
  return on + time;
}

seconds time_zone::by_rule(sys_seconds t) const {
  if (!summer_time_) return standard_;
  const auto y = year_month_day(floor<days>(t + standard_)).year();
  const auto at = [](local_seconds l, seconds offset) {
    return sys_seconds(l.time_since_epoch()) - offset;
  };
  const auto begin = at(summer_time_->first.in(y), standard_);
  const auto end = at(summer_time_->second.in(y), summer_);
  const bool summer = begin < end ? begin <= t && t < end : !(end <= t && t < begin);
  return summer ? summer_ : standard_;
}

seconds time_zone::offset_at(sys_seconds t) const {
  const auto after = std::ranges::upper_bound(steps_, t, {}, [](const auto& s) { return s.first; });
  if (after == steps_.begin() || after == steps_.end()) return by_rule(t);
  return std::prev(after)->second;
}

local_seconds time_zone::local(sys_seconds t) const {
  return local_seconds((t + offset_at(t)).time_since_epoch());
}

sys_seconds time_zone::utc(local_seconds t) const {
  const sys_seconds shown(t.time_since_epoch());
  const auto guess = offset_at(shown);
  return shown - offset_at(shown - guess);
}

}  // namespace troupe::model
