#include "model/scheduling/resources.hpp"

#include "model/pod_view.hpp"
#include "model/quantity.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

auto place_of(std::vector<std::pair<std::string, std::int64_t>>& list, std::string_view name) {
  return std::lower_bound(list.begin(), list.end(), name,
                          [](const auto& entry, std::string_view n) { return entry.first < n; });
}

}  // namespace

resources& resources::operator+=(const resources& o) {
  cpu += o.cpu;
  memory += o.memory;
  ephemeral += o.ephemeral;
  pods += o.pods;
  for (const auto& [name, amount] : o.extended) add_extended(name, amount);
  return *this;
}

resources& resources::operator-=(const resources& o) {
  cpu -= o.cpu;
  memory -= o.memory;
  ephemeral -= o.ephemeral;
  pods -= o.pods;
  for (const auto& [name, amount] : o.extended) add_extended(name, -amount);
  return *this;
}

std::int64_t resources::extended_amount(std::string_view name) const {
  for (const auto& [n, amount] : extended)
    if (n == name) return amount;
  return 0;
}

void resources::add_extended(std::string_view name, std::int64_t amount) {
  if (amount == 0) return;
  auto at = place_of(extended, name);
  if (at == extended.end() || at->first != name) {
    extended.emplace(at, name, amount);
  } else if ((at->second += amount) == 0) {
    extended.erase(at);
  }
}

void resources::raise_to(const resources& o) {
  cpu = std::max(cpu, o.cpu);
  memory = std::max(memory, o.memory);
  ephemeral = std::max(ephemeral, o.ephemeral);
  pods = std::max(pods, o.pods);
  for (const auto& [name, amount] : o.extended) {
    const auto mine = extended_amount(name);
    if (amount > mine) add_extended(name, amount - mine);
  }
}

resources resources::of(const json& resource_list) {
  resources r;
  if (!resource_list.is_object()) return r;
  for (const auto& [name, value] : resource_list.items()) {
    const auto q =
        quantity::parse(value.is_string() ? value.get_ref<const std::string&>() : value.dump());
    if (!q) continue;
    if (name == "cpu")
      r.cpu = q->milli_value();
    else if (name == "memory")
      r.memory = q->value();
    else if (name == "ephemeral-storage")
      r.ephemeral = q->value();
    else if (name == "pods")
      r.pods = q->value();
    else
      r.add_extended(name, q->value());
  }
  return r;
}

bool conflict(const host_port& a, const host_port& b) {
  return a.port == b.port && a.protocol == b.protocol &&
         (a.ip == b.ip || a.ip == "0.0.0.0" || b.ip == "0.0.0.0");
}

void usage::add(const pod_view& pod) {
  requested += pod.requests;
  nonzero_cpu += pod.nonzero_cpu;
  nonzero_memory += pod.nonzero_memory;
  ports.insert(ports.end(), pod.ports.begin(), pod.ports.end());
}

void usage::remove(const pod_view& pod) {
  requested -= pod.requests;
  nonzero_cpu -= pod.nonzero_cpu;
  nonzero_memory -= pod.nonzero_memory;
  for (const auto& port : pod.ports)
    if (auto at = std::find(ports.begin(), ports.end(), port); at != ports.end()) ports.erase(at);
}

}  // namespace troupe::model
