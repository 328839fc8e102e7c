#include "model/table/printers.hpp"

namespace troupe::model {
namespace {

/// "Pending", "Approved,Issued", "Denied", ...
std::string condition(const json& request) {
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

std::vector<json> cells(const json& request, time_point now) {
  const json& seconds = at(request, {"spec", "expirationSeconds"});
  return {name_of(request),
          age_of(request, now),
          or_none(string_at(request, {"spec", "signerName"})),
          string_at(request, {"spec", "username"}),
          seconds.is_number_integer()
              ? human_duration(std::chrono::seconds(seconds.get<std::int64_t>()))
              : "<none>",
          condition(request)};
}

}  // namespace

const printer& certificate_request_printer() {
  static const printer p{"certificatesigningrequests.certificates.k8s.io",
                         {{"Name", "string", "name", "The request's name"},
                          {"Age", "string", "", "Time since creation"},
                          {"SignerName", "string", "", "Who shall sign it"},
                          {"Requestor", "string", "", "Who asked"},
                          {"RequestedDuration", "string", "", "How long it shall be valid"},
                          {"Condition", "string", "", "What became of it"}},
                         cells};
  return p;
}

}  // namespace troupe::model
