#include "model/validation/indexes.hpp"

#include "model/json.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace troupe::model {
namespace {

struct interval {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

std::optional<std::int64_t> parse_index(std::string_view text, std::int64_t completions,
                                        std::string& fault) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end)
    fault = "cannot convert string to integer for index: " + in_quotes(text);
  else if (value >= completions)
    fault = "too large index: " + in_quotes(text);
  return fault.empty() ? std::optional(value) : std::nullopt;
}

std::optional<interval> parse_interval(std::string_view text, std::int64_t completions,
                                       std::string& fault) {
  const auto dash = text.find('-');
  if (dash != text.npos && text.find('-', dash + 1) != text.npos) {
    fault = "the fragment " + in_quotes(text) +
            " violates the requirement that an index interval can have at most two parts separated "
            "by '-'";
    return std::nullopt;
  }
  const auto first = parse_index(text.substr(0, dash), completions, fault);
  if (!first) return std::nullopt;
  if (dash == text.npos) return interval{*first, *first};
  const auto last = parse_index(text.substr(dash + 1), completions, fault);
  if (!last) return std::nullopt;
  if (*first < *last) return interval{*first, *last};
  fault = "non-increasing order, previous: " + std::to_string(*first) +
          ", current: " + std::to_string(*last);
  return std::nullopt;
}

template <class Visit>
void each_interval(std::string_view text, Visit&& visit) {
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    if (!visit(text.substr(0, end))) return;
    if (end == text.size()) return;
    text.remove_prefix(end + 1);
    if (text.empty()) visit(text);
  }
}

std::vector<interval> readable(std::string_view text, std::int64_t completions) {
  std::vector<interval> out;
  each_interval(text, [&](std::string_view part) {
    std::string fault;
    if (const auto found = parse_interval(part, completions, fault)) out.push_back(*found);
    return true;
  });
  return out;
}

}  // namespace

index_list parse_indexes(std::string_view text, std::int64_t completions) {
  index_list out;
  std::optional<std::int64_t> last;
  each_interval(text, [&](std::string_view part) {
    const auto found = parse_interval(part, completions, out.fault);
    if (!found) return false;
    if (last && *last >= found->first) {
      out.fault = "non-increasing order, previous: " + std::to_string(*last) +
                  ", current: " + std::to_string(found->first);
      return false;
    }
    out.total += found->last - found->first + 1;
    last = found->last;
    return true;
  });
  if (!out.fault.empty()) out.total = 0;
  return out;
}

std::int64_t first_common_index(std::string_view a, std::string_view b, std::int64_t completions) {
  const auto left = readable(a, completions);
  const auto right = readable(b, completions);
  for (auto l = left.begin(), r = right.begin(); l != left.end() && r != right.end();) {
    if (l->first <= r->last && r->first <= l->last) return std::max(l->first, r->first);
    if (l->first <= r->first)
      ++l;
    else
      ++r;
  }
  return -1;
}

}  // namespace troupe::model
