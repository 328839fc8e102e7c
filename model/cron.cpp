#include "model/cron.hpp"

#include "model/go_duration.hpp"
#include "model/json.hpp"

#include <algorithm>
#include <charconv>
#include <span>
#include <utility>
#include <vector>

namespace troupe::model {
namespace {

struct bounds {
  int least;
  int most;
  std::span<const std::string_view> names;  ///< of the numbers from `least` on
};

constexpr std::string_view month_names[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                            "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::string_view day_names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
constexpr bounds fields[] = {
    {0, 59, {}}, {0, 23, {}}, {1, 31, {}}, {1, 12, month_names}, {0, 6, day_names}};

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> out;
  for (;;) {
    const auto end = text.find(by);
    out.push_back(text.substr(0, end));
    if (end == text.npos) return out;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  constexpr std::string_view blank = " \t\r\n\v\f";
  while ((text.find_first_not_of(blank)) != text.npos) {
    text.remove_prefix(text.find_first_not_of(blank));
    const auto end = std::min(text.find_first_of(blank), text.size());
    out.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return out;
}

/// The number in `text`; otherwise `fault` says why there is none.
int parse_number(std::string_view text, std::string& fault) {
  const auto digits = text.starts_with('+') ? text.substr(1) : text;
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size())
    fault = "failed to parse int from " + std::string(text) + ": strconv.Atoi: parsing " +
            in_quotes(text) +
            (error == std::errc::result_out_of_range ? ": value out of range" : ": invalid syntax");
  else if (value < 0)
    fault = "negative number (" + std::to_string(value) + ") not allowed: " + std::string(text);
  return value;
}

int parse_value(std::string_view text, const bounds& b, std::string& fault) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const auto found = std::ranges::find(b.names, lower);
  if (found != b.names.end()) return b.least + static_cast<int>(found - b.names.begin());
  return parse_number(text, fault);
}

constexpr std::uint64_t every_value = std::uint64_t{1} << 63;  ///< a field was "*" or "?"

/// "*", "5", "1-5", each with "/step": sets the bits of what it means.
std::string parse_range(std::string_view text, const bounds& b, std::uint64_t& bits) {
  std::string fault;
  const std::string whole(text);
  const auto parts = split(text, '/');
  const auto ends = split(parts[0], '-');
  int low = b.least, high = b.most, step = 1;
  const bool star = ends[0] == "*" || ends[0] == "?";
  if (!star) {
    low = high = parse_value(ends[0], b, fault);
    if (!fault.empty()) return fault;
    if (ends.size() == 2) high = parse_value(ends[1], b, fault);
    if (!fault.empty()) return fault;
    if (ends.size() > 2) return "too many hyphens: " + whole;
  }
  if (parts.size() > 2) return "too many slashes: " + whole;
  if (parts.size() == 2) {
    step = parse_number(parts[1], fault);
    if (!fault.empty()) return fault;
    if (ends.size() == 1) high = b.most;
  }
  const auto number = [](int n) { return "(" + std::to_string(n) + ")"; };
  if (low < b.least)
    return "beginning of range " + number(low) + " below minimum " + number(b.least) + ": " + whole;
  if (high > b.most)
    return "end of range " + number(high) + " above maximum " + number(b.most) + ": " + whole;
  if (low > high)
    return "beginning of range " + number(low) + " beyond end of range " + number(high) + ": " +
           whole;
  if (step == 0) return "step of range should be a positive number: " + whole;
  for (std::int64_t value = low; value <= high; value += step) bits |= std::uint64_t{1} << value;
  if (star && step == 1) bits |= every_value;
  return {};
}

std::string parse_field(std::string_view text, const bounds& b, std::uint64_t& bits) {
  for (const auto part : split(text, ','))
    if (!part.empty())
      if (auto fault = parse_range(part, b, bits); !fault.empty()) return fault;
  return {};
}

constexpr std::pair<std::string_view, std::string_view> descriptors[] = {
    {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"},
    {"@weekly", "0 0 * * 0"}, {"@daily", "0 0 * * *"},    {"@midnight", "0 0 * * *"},
    {"@hourly", "0 * * * *"}};

constexpr bool has(std::uint64_t bits, unsigned value) {
  return (bits >> value & 1) != 0;
}

}  // namespace

constexpr double longest_every = 5e9;  ///< s: more would reach past the end of time

struct cron_parser {
  cron_schedule& out;

  std::string zone(std::string_view& text) const {
    if (!text.starts_with("TZ=") && !text.starts_with("CRON_TZ=")) return {};
    const auto blank = text.find(' ');
    if (blank == text.npos)
      return "invalid schedule format: runtime error: slice bounds out of range [:-1]";
    const auto equals = text.find('=');
    const auto name = text.substr(equals + 1, blank - equals - 1);
    // The local zone of a control plane is UTC.
    auto found = name == "Local" ? time_zone() : time_zone::find(name);
    if (!found)
      return "provided bad location " + std::string(name) + ": unknown time zone " +
             std::string(name);
    out.zone_ = std::move(*found);
    text.remove_prefix(std::min(text.find_first_not_of(' ', blank), text.size()));
    return {};
  }

  std::string every(std::string_view text, std::string_view duration) const {
    double value = 0;
    const auto fault = parse_go_duration(duration, value);
    out.every_ =
        std::max(std::chrono::seconds(1),
                 std::chrono::seconds(static_cast<std::int64_t>(std::min(value, longest_every))));
    return fault.empty() ? fault : "failed to parse duration " + std::string(text) + ": " + fault;
  }

  std::string fields_of(std::string_view text) const {
    const auto parts = words(text);
    if (parts.size() != std::size(fields)) {
      std::string shown;
      for (const auto part : parts) shown.append(shown.empty() ? "" : " ").append(part);
      return "expected exactly 5 fields, found " + std::to_string(parts.size()) + ": [" + shown +
             "]";
    }
    for (std::size_t i = 0; i < parts.size(); ++i)
      if (auto fault = parse_field(parts[i], fields[i], out.fields_[i]); !fault.empty())
        return fault;
    out.any_day_ = ((out.fields_[2] | out.fields_[4]) & every_value) != 0;
    return {};
  }

  std::string parse(std::string_view text) const {
    if (text.empty()) return "empty spec string";
    if (auto fault = zone(text); !fault.empty()) return fault;
    if (!text.starts_with('@')) return fields_of(text);
    constexpr std::string_view prefix = "@every ";
    if (text.starts_with(prefix)) return every(text, text.substr(prefix.size()));
    for (const auto& [name, meaning] : descriptors)
      if (text == name) return fields_of(meaning);
    return "unrecognized descriptor: " + std::string(text);
  }
};

std::string cron_fault(std::string_view schedule) {
  cron_schedule unused;
  return cron_parser{unused}.parse(schedule);
}

std::optional<cron_schedule> cron_schedule::parse(std::string_view text, const time_zone& zone) {
  std::optional<cron_schedule> out(std::in_place);
  out->zone_ = zone;
  if (!cron_parser{*out}.parse(text).empty()) out.reset();
  return out;
}

std::optional<time_point> cron_schedule::next(time_point t) const {
  const auto whole = std::chrono::floor<std::chrono::seconds>(t);
  if (every_.count() != 0) return whole + every_;
  return next_by_fields(whole + std::chrono::seconds(1));
}

bool cron_schedule::day_matches(std::chrono::year_month_day day) const {
  const std::chrono::weekday weekday{std::chrono::local_days(day)};
  const bool by_date = has(fields_[2], static_cast<unsigned>(day.day()));
  const bool by_weekday = has(fields_[4], weekday.c_encoding());
  return any_day_ ? by_date && by_weekday : by_date || by_weekday;
}

// Goes on to the next value of the largest field that does not match, and starts over there, until
// all match: months and days by the calendar, hours and minutes by elapsed time.
std::optional<std::chrono::sys_seconds> cron_schedule::next_by_fields(
    std::chrono::sys_seconds t) const {
  using namespace std::chrono;
  const auto date_of = [this](sys_seconds s) {
    return year_month_day(floor<days>(zone_.local(s)));
  };
  const auto last_year = date_of(t).year() + years(5);
  for (;;) {
    const auto local = zone_.local(t);
    const auto day = floor<days>(local);
    const year_month_day date(day);
    const hh_mm_ss clock(local - day);
    if (date.year() > last_year) return std::nullopt;
    if (!has(fields_[3], static_cast<unsigned>(date.month()))) {
      const auto following = date.year() / date.month() + months(1);
      t = zone_.utc(local_days(following / 1));
    } else if (!day_matches(date)) {
      // A midnight that the clocks skip is the day's first moment.
      const auto following = day + days(1);
      t = zone_.utc(following);
      if (floor<days>(zone_.local(t)) < following) t += hours(1);
    } else if (!has(fields_[1], static_cast<unsigned>(clock.hours().count()))) {
      t += hours(1) - clock.minutes() - clock.seconds();
    } else if (!has(fields_[0], static_cast<unsigned>(clock.minutes().count())) ||
               clock.seconds().count() != 0) {
      t += minutes(1) - clock.seconds();
    } else {
      return t;
    }
  }
}

}  // namespace troupe::model
