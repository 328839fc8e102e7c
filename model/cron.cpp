#include "model/cron.hpp"

#include "model/time_zone.hpp"

#include <algorithm>
#include <charconv>
#include <span>
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

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

/// The number in `text`; otherwise `fault` says why there is none.
int parse_number(std::string_view text, std::string& fault) {
  const auto digits = text.starts_with('+') ? text.substr(1) : text;
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size())
    fault = "failed to parse int from " + std::string(text) + ": strconv.Atoi: parsing " +
            quoted(text) +
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

/// "*", "5", "1-5", each with "/step".
std::string range_fault(std::string_view text, const bounds& b) {
  std::string fault;
  const std::string whole(text);
  const auto parts = split(text, '/');
  const auto ends = split(parts[0], '-');
  int low = b.least, high = b.most, step = 1;
  if (ends[0] != "*" && ends[0] != "?") {
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
  return step == 0 ? "step of range should be a positive number: " + whole : std::string();
}

std::string field_fault(std::string_view text, const bounds& b) {
  for (const auto part : split(text, ','))
    if (!part.empty())
      if (auto fault = range_fault(part, b); !fault.empty()) return fault;
  return {};
}

/// Go's time.ParseDuration: "1h15m30.5s".
std::string duration_fault(std::string_view text) {
  const std::string whole = quoted(text);
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return {};
  if (text.empty()) return "time: invalid duration " + whole;
  while (!text.empty()) {
    const auto digits = text.find_first_not_of("0123456789.");
    const auto number = text.substr(0, digits);
    if (number.empty() || number == "." || std::ranges::count(number, '.') > 1)
      return "time: invalid duration " + whole;
    if (digits == text.npos) return "time: missing unit in duration " + whole;
    text.remove_prefix(digits);
    const auto end = std::min(text.find_first_of("0123456789."), text.size());
    const auto unit = text.substr(0, end);
    constexpr std::string_view units[] = {"ns", "us", "µs", "μs", "ms", "s", "m", "h"};
    if (std::ranges::find(units, unit) == std::end(units))
      return "time: unknown unit " + quoted(unit) + " in duration " + whole;
    text.remove_prefix(end);
  }
  return {};
}

std::string descriptor_fault(std::string_view text) {
  constexpr std::string_view known[] = {"@yearly", "@annually", "@monthly", "@weekly",
                                        "@daily",  "@midnight", "@hourly"};
  constexpr std::string_view every = "@every ";
  if (std::ranges::find(known, text) != std::end(known)) return {};
  if (!text.starts_with(every)) return "unrecognized descriptor: " + std::string(text);
  const auto fault = duration_fault(text.substr(every.size()));
  return fault.empty() ? fault : "failed to parse duration " + std::string(text) + ": " + fault;
}

}  // namespace

std::string cron_fault(std::string_view schedule) {
  if (schedule.empty()) return "empty spec string";
  if (schedule.starts_with("TZ=") || schedule.starts_with("CRON_TZ=")) {
    const auto blank = schedule.find(' ');
    if (blank == schedule.npos)
      return "invalid schedule format: runtime error: slice bounds out of range [:-1]";
    const auto equals = schedule.find('=');
    const auto zone = schedule.substr(equals + 1, blank - equals - 1);
    if (!zone.empty() && zone != "Local" && !is_time_zone(zone))
      return "provided bad location " + std::string(zone) + ": unknown time zone " +
             std::string(zone);
    schedule.remove_prefix(std::min(schedule.find_first_not_of(' ', blank), schedule.size()));
  }
  if (schedule.starts_with('@')) return descriptor_fault(schedule);
  const auto parts = words(schedule);
  if (parts.size() != std::size(fields)) {
    std::string shown;
    for (const auto part : parts) shown.append(shown.empty() ? "" : " ").append(part);
    return "expected exactly 5 fields, found " + std::to_string(parts.size()) + ": [" + shown + "]";
  }
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (auto fault = field_fault(parts[i], fields[i]); !fault.empty()) return fault;
  return {};
}

}  // namespace troupe::model
