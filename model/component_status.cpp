#include "model/component_status.hpp"

#include "model/lease.hpp"

namespace troupe::model {
namespace {

/// Why the holder of a Lease does not count as alive; empty when it does.
std::string fault_of(const json& lease, time_point now) {
  if (!lease.is_object()) return "no lease";
  const lease_record record = lease_record::of(lease);
  if (record.holder.empty()) return "nobody holds the lease";
  const auto renewed = from_rfc3339(record.renewed);
  if (!renewed) return "the lease was never renewed";
  if (*renewed + std::chrono::seconds(record.duration_seconds) < now)
    return "the lease of " + record.holder + " was last renewed at " + to_rfc3339(*renewed);
  return {};
}

}  // namespace

json component_status(std::string_view name, const json& lease, time_point now) {
  const std::string fault = fault_of(lease, now);
  json condition = {{"type", "Healthy"}, {"status", fault.empty() ? "True" : "False"}};
  condition[fault.empty() ? "message" : "error"] = fault.empty() ? "ok" : fault;
  return {{"kind", "ComponentStatus"},
          {"apiVersion", "v1"},
          {"metadata", {{"name", name}}},
          {"conditions", json::array({condition})}};
}

}  // namespace troupe::model
