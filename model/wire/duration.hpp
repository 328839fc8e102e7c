#pragma once

#include <cctype>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::model::wire {

/// metav1.Duration: nanoseconds on the wire, text in hours, minutes and whole seconds ("1m15s") in
/// JSON. Nothing for other text.
inline std::optional<std::int64_t> nanoseconds_of(std::string_view text) {
  std::int64_t seconds = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    std::int64_t n = 0;
    const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), n);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (bad != std::errc() || text.empty()) return std::nullopt;
    const char unit = text.front();
    text.remove_prefix(1);
    if (unit != 'h' && unit != 'm' && unit != 's') return std::nullopt;
    seconds += n * (unit == 'h' ? 3600 : unit == 'm' ? 60 : 1);
  }
  return seconds * 1'000'000'000;
}

inline std::string duration_text(std::int64_t nanoseconds) {
  const auto all = nanoseconds / 1'000'000'000;
  std::string out;
  if (all >= 3600) out += std::to_string(all / 3600) + "h";
  if (all >= 60) out += std::to_string(all / 60 % 60) + "m";
  return out + std::to_string(all % 60) + "s";
}

}  // namespace troupe::model::wire
