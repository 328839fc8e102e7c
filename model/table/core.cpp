// Tables of namespaces, configuration and leases, and of kinds without columns of their own.

#include "model/table/columns.hpp"

namespace troupe::model {
namespace {

json data_count(const json& o) {
  return count_of(at(o, {"data"})) + count_of(at(o, {"binaryData"}));
}

const json& health_of(const json& component) {
  static const json unknown;
  for (const json& c : at(component, {"conditions"}))
    if (string_at(c, {"type"}) == "Healthy") return c;
  return unknown;
}

json health_text(const json& component) {
  const auto status = string_at(health_of(component), {"status"});
  return status == "True" ? "Healthy" : status == "False" ? "Unhealthy" : "Unknown";
}

}  // namespace

std::span<const printer> core_printers() {
  static const printer all[] = {
      {"",
       {name_column(),
        {{"Created At", "date", "", "When it was created"},
         [](const json& o, time_point) -> json {
           return string_at(o, {"metadata", "creationTimestamp"});
         }}}},
      {"componentstatuses",
       {name_column(), made_column("Status", "Healthy, Unhealthy or Unknown", health_text),
        made_column("Message", "What the part says of itself",
                    [](const json& o) -> json { return string_at(health_of(o), {"message"}); }),
        made_column("Error", "What is wrong with it",
                    [](const json& o) -> json { return string_at(health_of(o), {"error"}); })}},
      {"namespaces",
       {name_column(), text_column("Status", "Active or Terminating", "status.phase"),
        age_column()}},
      {"configmaps",
       {name_column(), made_column("Data", "How many keys it holds", data_count), age_column()}},
      {"secrets",
       {name_column(), text_column("Type", "What its data is for", "type"),
        count_column("Data", "How many keys it holds", "data", "string"), age_column()}},
      {"serviceaccounts",
       {name_column(), count_column("Secrets", "How many secrets it names", "secrets", "string"),
        age_column()}},
      {"leases.coordination.k8s.io",
       {name_column(), text_column("Holder", "Who holds it", "spec.holderIdentity"),
        age_column()}}};
  return all;
}

}  // namespace troupe::model
