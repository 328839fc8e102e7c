#include "model/scheduling/surroundings.hpp"

namespace troupe::model {
namespace {

std::string pods_text(std::int64_t n) {
  return std::to_string(n) + (n == 1 ? " pod" : " pods");
}

}  // namespace

std::vector<surroundings::objection> surroundings::objections_to(const key& k) const {
  std::vector<objection> out;
  const auto add = [&](const refusal& r, const std::string& label) -> objection& {
    out.push_back({r.by, r.reasons.front(), r.unresolvable, {}, {}, label, 0, false, false});
    return out.back();
  };
  const auto missing = [](objection& o) {
    o.figures = "node has no label " + o.label;
    o.remedy = "a node labelled " + o.label;
  };
  for (const auto& c : hard_) {
    const auto r = spread_refusal(c, k);
    if (!r) continue;
    auto& o = add(*r, c.wants->topology_key);
    const auto n = count_at(c.tally, k);
    if (!n) {
      missing(o);
      continue;
    }
    const auto skew = *n + (c.selects_itself ? 1 : 0) - least(c);
    o.figures = "skew would be " + std::to_string(skew) + ", at most " +
                std::to_string(c.wants->max_skew) + " allowed: " + pods_text(*n) +
                " of its kind, the fewest elsewhere " + std::to_string(least(c));
    o.remedy = "more pods of its kind elsewhere than";
    o.shortfall = static_cast<double>(skew - c.wants->max_skew);
  }
  if (const auto r = affinity_refusal(k))
    for (const auto i : affinity_) {
      const auto n = count_at(i, k);
      if (n && *n > 0) continue;
      auto& o = add(*r, tallies_[i].label);
      if (!n) {
        missing(o);
        continue;
      }
      o.figures = "no pod that its affinity asks for";
      o.remedy = "a pod that its affinity asks for";
    }
  const auto apart = [&](const std::vector<std::size_t>& list, bool own) {
    for (const auto i : list) {
      const auto n = count_at(i, k).value_or(0);
      if (n <= 0) continue;
      auto& o = add(own ? anti_affinity_refusal() : others_refusal(), tallies_[i].label);
      o.figures = pods_text(n) + (own ? " that it wants to be apart from"
                                      : (n == 1 ? " that wants to be apart from it"
                                                : " that want to be apart from it"));
      o.remedy =
          own ? "no pod that it wants to be apart from" : "no pod that wants to be apart from it";
      o.shortfall = static_cast<double>(n);
      (own ? o.own_terms : o.terms_of_others) = true;
    }
  };
  apart(anti_, true);
  apart(others_anti_, false);
  return out;
}

}  // namespace troupe::model
