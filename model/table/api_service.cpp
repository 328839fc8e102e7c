// Table of the group versions that are served.

#include "model/table/columns.hpp"

namespace troupe::model {
namespace {

json server(const json& o) {
  const json& service = at(o, {"spec", "service"});
  if (!service.is_object()) return "Local";
  return string_at(service, {"namespace"}) + "/" + string_at(service, {"name"});
}

// "True", or "False (ServiceNotFound)".
json available(const json& o) {
  for (const json& c : at(o, {"status", "conditions"})) {
    if (string_at(c, {"type"}) != "Available") continue;
    const std::string status = string_at(c, {"status"});
    const std::string reason = string_at(c, {"reason"});
    return status == "True" || reason.empty() ? status : status + " (" + reason + ")";
  }
  return "Unknown";
}

}  // namespace

std::span<const printer> api_service_printers() {
  static const printer all[] = {
      {"apiservices.apiregistration.k8s.io",
       {name_column(), made_column("Service", "Who serves it", server),
        made_column("Available", "Whether that works", available), age_column()}}};
  return all;
}

}  // namespace troupe::model
