#include "model/validation/indexes.hpp"
#include "model/validation/job_policies.hpp"

namespace troupe::model {
namespace {

void validate_rule(const json& rule, std::int64_t completions, const field_path& path,
                   faults& out) {
  constexpr std::size_t longest = 64u << 10;
  const json& indexes = value_of(rule, "succeededIndexes");
  const json& count = value_of(rule, "succeededCount");
  if (indexes.is_null() && count.is_null())
    out.required(path, "at least one of succeededCount or succeededIndexes must be specified");
  index_list parsed;
  if (!indexes.is_null()) {
    const field_path here = path.child("succeededIndexes");
    if (as_text(indexes).size() > longest) out.too_long(here, longest);
    parsed = parse_indexes(as_text(indexes), completions);
    if (!parsed.fault.empty())
      out.invalid(here, indexes, "error parsing succeededIndexes: " + parsed.fault);
  }
  if (!count.is_number_integer()) return;
  const field_path here = path.child("succeededCount");
  out.nonnegative(here, count);
  if (count > completions)
    out.invalid(here, count,
                "must be less than or equal to " + std::to_string(completions) +
                    " (the number of specified completions)");
  if (!indexes.is_null() && count > parsed.total)
    out.invalid(here, count,
                "must be less than or equal to " + std::to_string(parsed.total) +
                    " (the number of indexes in the specified succeededIndexes field)");
}

}  // namespace

void validate_success_policy(const json& spec, const field_path& path, faults& out) {
  constexpr std::size_t most_rules = 20;
  const auto& rules = items_of(value_of(spec, "successPolicy"), "rules");
  const field_path rules_path = path.child("rules");
  if (rules.empty())
    out.required(rules_path,
                 "at least one rules must be specified when the successPolicy is specified");
  if (rules.size() > most_rules) out.too_many(rules_path, rules.size(), most_rules);
  for (std::size_t i = 0; i < rules.size(); ++i)
    validate_rule(rules[i], integer_of(spec, "completions"), rules_path.index(i), out);
}

}  // namespace troupe::model
