#include "cli/bench/figures.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace troupe::cli::bench {
namespace {

std::string format(const char* pattern, auto... values) {
  std::array<char, 256> text{};
  const auto size = std::snprintf(text.data(), text.size(), pattern, values...);
  return {text.data(), std::min(text.size() - 1, static_cast<std::size_t>(std::max(size, 0)))};
}

// Three decimals are what the measurements carry.
double rounded(double value) {
  return std::round(value * 1000) / 1000;
}

}  // namespace

double seconds_since(clock::time_point start) {
  return std::chrono::duration<double>(clock::now() - start).count();
}

double latencies::percentile(double p) {
  if (values_.empty()) return 0;
  if (!sorted_) std::sort(values_.begin(), values_.end());
  sorted_ = true;
  const auto last = static_cast<double>(values_.size() - 1);
  const auto d = values_[static_cast<std::size_t>(std::ceil(p * last))];
  return std::chrono::duration<double, std::milli>(d).count();
}

void figures::add_rate(std::string name, std::size_t count, double seconds, latencies& each) {
  const auto rate = seconds > 0 ? static_cast<double>(count) / seconds : 0;
  const auto p50 = each.percentile(0.5), p99 = each.percentile(0.99), max = each.percentile(1);
  rows_.push_back({std::move(name),
                   format("%9zu in %7.2f s %10.0f/s   p50 %8.2f ms   p99 %8.2f ms   max %8.2f ms",
                          count, seconds, rate, p50, p99, max),
                   {{"count", count},
                    {"seconds", rounded(seconds)},
                    {"perSecond", std::round(rate)},
                    {"p50Milliseconds", rounded(p50)},
                    {"p99Milliseconds", rounded(p99)},
                    {"maxMilliseconds", rounded(max)}}});
}

void figures::add_value(std::string name, double value, std::string unit) {
  rows_.push_back({std::move(name),
                   format("%9.2f %s", value, unit.c_str()),
                   {{"value", rounded(value)}, {"unit", unit}}});
}

void figures::print(bool as_json) const {
  if (as_json) {
    auto all = model::json::object();
    for (const auto& one : rows_) all[one.name] = one.value;
    std::puts(all.dump().c_str());
    return;
  }
  for (const auto& one : rows_) std::printf("%-22s %s\n", one.name.c_str(), one.text.c_str());
}

}  // namespace troupe::cli::bench
