// Tables of API priority and fairness.

#include "model/table/columns.hpp"

namespace troupe::model {
namespace {

shown_column limit_column(std::string name, std::string description, std::string_view path) {
  return made_column(std::move(name), std::move(description), [path](const json& o) -> json {
    const json& value = at_path(o, path);
    return value.is_null() ? json("<none>") : value;
  });
}

json dangling(const json& o) {
  const std::string status = condition_status(o, "Dangling");
  return status.empty() ? "?" : status;
}

}  // namespace

std::span<const printer> flow_control_printers() {
  static const printer all[] = {
      {"flowschemas.flowcontrol.apiserver.k8s.io",
       {name_column(),
        text_column("PriorityLevel", "Where its requests go",
                    "spec.priorityLevelConfiguration.name"),
        number_column("MatchingPrecedence", "The lowest that matches is taken",
                      "spec.matchingPrecedence", "string"),
        text_column("DistinguisherMethod", "What tells its flows apart",
                    "spec.distinguisherMethod.type", "<none>"),
        age_column(), made_column("MissingPL", "Whether its priority level is missing", dangling)}},
      {"prioritylevelconfigurations.flowcontrol.apiserver.k8s.io",
       {name_column(), text_column("Type", "Exempt or Limited", "spec.type"),
        limit_column("NominalConcurrencyShares", "Its share of the server",
                     "spec.limited.nominalConcurrencyShares"),
        limit_column("Queues", "How many queues it has",
                     "spec.limited.limitResponse.queuing.queues"),
        limit_column("HandSize", "Queues that one flow is dealt",
                     "spec.limited.limitResponse.queuing.handSize"),
        limit_column("QueueLengthLimit", "The most requests in a queue",
                     "spec.limited.limitResponse.queuing.queueLengthLimit"),
        age_column()}}};
  return all;
}

}  // namespace troupe::model
