#include "model/time.hpp"

#include <cstdint>
#include <ctime>

namespace troupe::model {
namespace {

using namespace std::chrono;

/// Writes the last `width` digits of a number that is not negative.
void put_digits(std::string& text, std::size_t at, std::size_t width, std::int64_t value) {
  for (std::size_t i = at + width; i-- > at; value /= 10)
    text[i] = static_cast<char>('0' + value % 10);
}

std::string format(time_point t, bool micros) {
  const auto whole = floor<seconds>(t);
  const auto day = floor<days>(whole);
  const year_month_day date{day};
  const hh_mm_ss clock{whole - day};
  std::string text = "0000-00-00T00:00:00";
  put_digits(text, 0, 4, static_cast<int>(date.year()));
  put_digits(text, 5, 2, static_cast<unsigned>(date.month()));
  put_digits(text, 8, 2, static_cast<unsigned>(date.day()));
  put_digits(text, 11, 2, clock.hours().count());
  put_digits(text, 14, 2, clock.minutes().count());
  put_digits(text, 17, 2, clock.seconds().count());
  if (micros) {
    text += ".000000";
    put_digits(text, 20, 6, duration_cast<microseconds>(t - whole).count());
  }
  return text += 'Z';
}

/// Reads exactly `width` digits at `pos` into `value`.
bool digits(std::string_view text, std::size_t pos, std::size_t width, int& value) {
  if (pos + width > text.size()) return false;
  value = 0;
  for (std::size_t i = pos; i < pos + width; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + (text[i] - '0');
  }
  return true;
}

}  // namespace

wall_clock system_wall_clock() {
  return [] { return system_clock::now(); };
}

std::string to_rfc3339(time_point t) {
  return format(t, false);
}
std::string to_rfc3339_micro(time_point t) {
  return format(t, true);
}

std::optional<time_point> from_rfc3339(std::string_view text) {
  int y, mo, d, h, mi, s;
  if (!digits(text, 0, 4, y) || !digits(text, 5, 2, mo) || !digits(text, 8, 2, d) ||
      !digits(text, 11, 2, h) || !digits(text, 14, 2, mi) || !digits(text, 17, 2, s))
    return std::nullopt;
  if (text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't') || text[13] != ':' ||
      text[16] != ':')
    return std::nullopt;
  const year_month_day date{year{y}, month{static_cast<unsigned>(mo)},
                            day{static_cast<unsigned>(d)}};
  if (!date.ok() || h > 23 || mi > 59 || s > 60) return std::nullopt;
  std::size_t pos = 19;
  nanoseconds fraction{0};
  if (pos < text.size() && text[pos] == '.') {
    std::int64_t scale = 100'000'000;
    const std::size_t start = ++pos;
    for (; pos < text.size() && text[pos] >= '0' && text[pos] <= '9'; ++pos, scale /= 10)
      fraction += nanoseconds{(text[pos] - '0') * scale};
    if (pos == start) return std::nullopt;
  }
  if (pos >= text.size()) return std::nullopt;
  minutes offset{0};
  if (text[pos] == 'Z' || text[pos] == 'z') {
    ++pos;
  } else if (text[pos] == '+' || text[pos] == '-') {
    int oh, om;
    if (!digits(text, pos + 1, 2, oh) || !digits(text, pos + 4, 2, om) || text[pos + 3] != ':')
      return std::nullopt;
    offset = minutes{(text[pos] == '-' ? -1 : 1) * (oh * 60 + om)};
    pos += 6;
  }
  if (pos != text.size()) return std::nullopt;
  const auto t = sys_days{date} + hours{h} + minutes{mi} + seconds{s} - offset;
  return time_point_cast<time_point::duration>(t + fraction);
}

std::string human_duration(std::chrono::seconds d) {
  const auto s = d.count();
  if (s < -1) return "<invalid>";
  if (s < 0) return "0s";
  auto two = [](long long big, const char* big_unit, long long small, const char* small_unit) {
    std::string out = std::to_string(big) + big_unit;
    if (small > 0) out += std::to_string(small) + small_unit;
    return out;
  };
  const long long m = s / 60, h = m / 60, day = h / 24;
  if (s < 120) return std::to_string(s) + "s";
  if (m < 10) return two(m, "m", s % 60, "s");
  if (h < 3) return std::to_string(m) + "m";
  if (h < 8) return two(h, "h", m % 60, "m");
  if (h < 48) return std::to_string(h) + "h";
  if (day < 8) return two(day, "d", h % 24, "h");
  if (day < 2 * 365LL) return std::to_string(day) + "d";
  if (day < 8 * 365LL) return two(day / 365, "y", day % 365, "d");
  return std::to_string(day / 365) + "y";
}

}  // namespace troupe::model
