#include "model/qos.hpp"

#include "model/quantity.hpp"

#include <array>
#include <optional>

namespace troupe::model {
namespace {

constexpr std::array<const char*, 2> counted = {"cpu", "memory"};
/// Amounts of `counted`; none where nothing above zero is asked for.
using amounts = std::array<std::optional<quantity>, 2>;

/// Adds what `list` (requests or limits) names; whether it names everything that counts.
bool add(amounts& sum, const json& list) {
  bool all = true;
  for (std::size_t i = 0; i < counted.size(); ++i) {
    const json& value = at(list, {counted[i]});
    const auto amount =
        value.is_string() ? quantity::parse(value.get_ref<const std::string&>()) : std::nullopt;
    if (!amount || amount->zero() || amount->negative()) {
      all = false;
      continue;
    }
    if (sum[i])
      *sum[i] += *amount;
    else
      sum[i] = *amount;
  }
  return all;
}

}  // namespace

std::string_view qos_class(const json& pod_spec) {
  amounts requests, limits;
  bool all_limited = true;
  for (const char* list : {"containers", "initContainers"})
    for (const json& container : at(pod_spec, {list})) {
      add(requests, at(container, {"resources", "requests"}));
      all_limited &= add(limits, at(container, {"resources", "limits"}));
    }
  const amounts none;
  if (requests == none && limits == none) return "BestEffort";
  return all_limited && requests == limits ? "Guaranteed" : "Burstable";
}

}  // namespace troupe::model
