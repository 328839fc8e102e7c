// Table of requests for certificates.

#include "model/table/columns.hpp"

namespace troupe::model {
namespace {

/// "Pending", "Approved,Issued", "Denied", ...
json condition(const json& request) {
  bool approved = false, denied = false, failed = false;
  for (const json& c : at(request, {"status", "conditions"})) {
    const std::string type = string_at(c, {"type"});
    approved = approved || type == "Approved";
    denied = denied || type == "Denied";
    failed = failed || type == "Failed";
  }
  std::string out = denied ? "Denied" : approved ? "Approved" : "Pending";
  if (failed) out += ",Failed";
  if (!string_at(request, {"status", "certificate"}).empty()) out += ",Issued";
  return out;
}

json wanted_duration(const json& request) {
  const json& seconds = at(request, {"spec", "expirationSeconds"});
  return seconds.is_number_integer()
             ? human_duration(std::chrono::seconds(seconds.get<std::int64_t>()))
             : "<none>";
}

}  // namespace

std::span<const printer> certificate_printers() {
  static const printer all[] = {
      {"certificatesigningrequests.certificates.k8s.io",
       {name_column(), age_column(),
        text_column("SignerName", "Who shall sign it", "spec.signerName", "<none>"),
        text_column("Requestor", "Who asked", "spec.username"),
        made_column("RequestedDuration", "How long it shall be valid", wanted_duration),
        made_column("Condition", "What became of it", condition)}}};
  return all;
}

}  // namespace troupe::model
