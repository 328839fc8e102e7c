// Tables of namespaces, configuration and leases, and of kinds without columns of their own.

#include "model/table/columns.hpp"

namespace troupe::model {
namespace {

json data_count(const json& o) {
  return count_of(at(o, {"data"})) + count_of(at(o, {"binaryData"}));
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
