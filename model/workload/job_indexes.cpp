#include "model/workload/job_indexes.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace troupe::model {
namespace {

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

}  // namespace

void job_indexes::append(range r) {
  if (!ranges_.empty() && r.first <= ranges_.back().last + 1)
    ranges_.back().last = std::max(ranges_.back().last, r.last);
  else
    ranges_.push_back(r);
}

job_indexes job_indexes::parse(std::string_view text, std::int64_t completions) {
  job_indexes out;
  while (!text.empty()) {
    const auto part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    const auto dash = part.find('-');
    const auto first = number(part.substr(0, dash));
    const auto last = dash == part.npos ? first : number(part.substr(dash + 1));
    if (!first || !last) continue;
    if (*first >= completions) break;
    out.append({*first, std::min(*last, completions - 1)});
  }
  return out;
}

job_indexes job_indexes::of(std::vector<std::int64_t> indexes) {
  std::ranges::sort(indexes);
  job_indexes out;
  for (const auto index : indexes) out.append({index, index});
  return out;
}

std::string job_indexes::text() const {
  std::string out;
  for (const auto& r : ranges_) {
    if (!out.empty()) out.push_back(',');
    out += std::to_string(r.first);
    if (r.last == r.first) continue;
    out.push_back(r.last == r.first + 1 ? ',' : '-');
    out += std::to_string(r.last);
  }
  return out;
}

std::int64_t job_indexes::total() const {
  std::int64_t out = 0;
  for (const auto& r : ranges_) out += r.last - r.first + 1;
  return out;
}

bool job_indexes::has(std::int64_t index) const {
  const auto at = std::ranges::lower_bound(ranges_, index, {}, &range::last);
  return at != ranges_.end() && at->first <= index;
}

job_indexes job_indexes::with(const job_indexes& other) const {
  std::vector<range> all;
  std::ranges::merge(ranges_, other.ranges_, std::back_inserter(all), {}, &range::first,
                     &range::first);
  job_indexes out;
  for (const auto& r : all) out.append(r);
  return out;
}

std::int64_t job_indexes::common(const job_indexes& other) const {
  std::int64_t out = 0;
  auto a = ranges_.begin();
  auto b = other.ranges_.begin();
  while (a != ranges_.end() && b != other.ranges_.end()) {
    const auto both = std::min(a->last, b->last) - std::max(a->first, b->first) + 1;
    out += std::max<std::int64_t>(both, 0);
    if (a->last < b->last)
      ++a;
    else
      ++b;
  }
  return out;
}

std::vector<std::int64_t> job_indexes::missing(std::size_t count, std::int64_t completions) const {
  std::vector<std::int64_t> out;
  std::int64_t next = 0;
  const auto take_until = [&](std::int64_t end) {
    for (; next < std::min(end, completions) && out.size() < count; ++next) out.push_back(next);
  };
  for (const auto& r : ranges_) {
    take_until(r.first);
    next = std::max(next, r.last + 1);
  }
  take_until(completions);
  return out;
}

}  // namespace troupe::model
