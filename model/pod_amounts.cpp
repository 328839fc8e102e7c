#include "model/pod_amounts.hpp"

namespace troupe::model {
namespace {

void add(resource_amounts& sum, const resource_amounts& more) {
  for (const auto& [name, amount] : more) sum[name] += amount;
}

void raise(resource_amounts& most, const resource_amounts& to) {
  for (const auto& [name, amount] : to) {
    const auto [at, fresh] = most.emplace(name, amount);
    if (at->second < amount) at->second = amount;
  }
}

}  // namespace

resource_amounts amounts_of(const json& list) {
  resource_amounts out;
  if (!list.is_object()) return out;
  for (const auto& [name, value] : list.items())
    if (const auto q = quantity::parse(value.is_string() ? value.get<std::string>() : value.dump()))
      out[name] = *q;
  return out;
}

json to_json(const resource_amounts& amounts) {
  json out = json::object();
  for (const auto& [name, amount] : amounts) out[name] = amount.text();
  return out;
}

resource_amounts pod_amounts(const json& pod, std::string_view which) {
  resource_amounts sum, sidecars, starting;
  for (const json& c : at(pod, {"spec", "containers"}))
    add(sum, amounts_of(at(c, {"resources", which})));
  for (const json& c : at(pod, {"spec", "initContainers"})) {
    auto need = amounts_of(at(c, {"resources", which}));
    if (string_at(c, {"restartPolicy"}) == "Always") {
      add(sum, need);
      add(sidecars, need);
      raise(starting, sidecars);
    } else {
      add(need, sidecars);
      raise(starting, need);
    }
  }
  raise(sum, starting);
  for (const auto& [name, amount] : amounts_of(at(pod, {"spec", "overhead"})))
    if (which == "requests" || sum.contains(name)) sum[name] += amount;
  return sum;
}

}  // namespace troupe::model
