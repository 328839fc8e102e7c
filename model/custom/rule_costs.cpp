#include "model/custom/rule_costs.hpp"

#include "model/cel/cost.hpp"

#include <algorithm>
#include <cstdio>

namespace troupe::model {
namespace {

constexpr std::uint64_t most_of_one = 10'000'000;
constexpr std::uint64_t most_of_all = 100'000'000;
constexpr std::size_t most_blamed = 4;
constexpr std::uint64_t most_request_bytes = json_limits{}.bytes;

std::string too_expensive(std::string_view what, std::uint64_t cost, std::uint64_t most) {
  const double times = static_cast<double>(cost) / static_cast<double>(most);
  char shown[32] = "more than 100";
  // One that is hardly too much is not told as 1.0.
  if (times <= 100) std::snprintf(shown, sizeof shown, times < 1.5 ? "%f" : "%.1f", times);
  return std::string(what) + " exceeds budget by factor of " + shown +
         "x (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where "
         "arrays, maps, and strings are declared)";
}

}  // namespace

void rule_costs::add(std::string_view what, std::uint64_t cost, const field_path& path,
                     faults& out) {
  if (!limited_) return;
  if (cost > most_of_one) out.forbidden(path, too_expensive(what, cost, most_of_one));
  total_ = cel::sum_of(total_, cost);
  // What is cheap is to blame for nothing.
  if (cost < most_of_all / 100) return;
  most_expensive_.push_back({path.text(), cost});
  std::ranges::stable_sort(most_expensive_, std::greater(), &expensive::cost);
  if (most_expensive_.size() > most_blamed) most_expensive_.pop_back();
}

void rule_costs::add_rule(std::uint64_t cost, const cel::type& self,
                          std::optional<std::uint64_t> cardinality, const field_path& path,
                          faults& out) {
  // Values of the smallest size, with a comma each.
  const std::uint64_t times = cardinality.value_or(most_request_bytes / (self.min_bytes + 1));
  add("estimated rule cost", cel::product_of(cost, times), path, out);
}

void rule_costs::add_message(std::uint64_t cost, const field_path& path, faults& out) {
  add("estimated messageExpression cost", cost, path, out);
}

void rule_costs::finish(const field_path& schema, faults& out) const {
  if (total_ <= most_of_all) return;
  for (const expensive& e : most_expensive_)
    out.forbidden(field_path(e.path),
                  "contributed to estimated rule cost total exceeding cost limit for entire "
                  "OpenAPIv3 schema");
  out.forbidden(schema,
                too_expensive("x-kubernetes-validations estimated rule cost total for entire "
                              "OpenAPIv3 schema",
                              total_, most_of_all));
}

std::optional<std::uint64_t> cardinality_below(const json& schema,
                                               std::optional<std::uint64_t> here) {
  const auto type = text_of(schema, "type");
  const bool map = type == "object" && !value_of(schema, "additionalProperties").is_null();
  if (!here || (!map && type != "array")) return here;
  const json& most = value_of(schema, map ? "maxProperties" : "maxItems");
  if (!most.is_number_integer()) return std::nullopt;
  const auto times = std::max<std::int64_t>(most.get<std::int64_t>(), 0);
  return cel::product_of(*here, static_cast<std::uint64_t>(times));
}

}  // namespace troupe::model
