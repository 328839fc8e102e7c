#pragma once

#include "model/table.hpp"

#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace troupe::model {

/// A column and what fills it.
struct shown_column : column {
  std::function<json(const json& document, time_point now)> cell = {};
};

/// How one resource is printed.
struct printer {
  std::string_view resource;  ///< GroupResource
  std::vector<shown_column> columns;
  /// Fills all columns at once, where they share work; null: each column fills its own.
  std::vector<json> (*row)(const json& document, time_point now) = nullptr;
  /// metav1.TableRow.conditions, null without any; null for kinds that have none.
  json (*conditions)(const json& document) = nullptr;
};

/// The printers by subject, each in its file.
std::span<const printer> pod_printers();
std::span<const printer> node_printers();
std::span<const printer> core_printers();
std::span<const printer> event_printers();
std::span<const printer> workload_printers();
std::span<const printer> batch_printers();
std::span<const printer> autoscaling_printers();
std::span<const printer> service_printers();
std::span<const printer> networking_printers();
std::span<const printer> storage_printers();
std::span<const printer> rbac_printers();
std::span<const printer> policy_printers();
std::span<const printer> certificate_printers();
std::span<const printer> admission_printers();
std::span<const printer> flow_control_printers();
std::span<const printer> api_service_printers();
std::span<const printer> metrics_printers();

/// The printer of a GroupResource; name and time of creation for those without one of their own.
const printer& printer_of(std::string_view resource);
/// The same, and the columns of a custom kind's definition.
const printer& printer_of(const kind_info& kind);

// What cells have in common.

/// "<unknown>" without a time, else how long ago it was.
std::string since(const json& time, time_point now);
/// The object's age.
std::string age_of(const json& document, time_point now);
std::string name_of(const json& document);
/// The text, or "<none>".
std::string or_none(std::string text);
std::size_t count_of(const json& container);

}  // namespace troupe::model
