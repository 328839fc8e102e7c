#include "model/review/kinds.hpp"

namespace troupe::model {

/// The rules of the asker in a namespace; rights that are no rules make the answer incomplete.
std::optional<status> review_rules(const review_request& r, json& document) {
  const std::string ns = string_at(document, {"spec", "namespace"});
  if (ns.empty()) return bad_request("no namespace on request");
  const auto held = r.rights.rules_of({r.asker.name, r.asker.groups}, ns);
  json resources = json::array();
  json paths = json::array();
  for (const auto& rule : held.rules)
    (rule.paths.empty() ? resources : paths).push_back(to_json(rule));
  document["status"] = {{"incomplete", held.incomplete},
                        {"resourceRules", std::move(resources)},
                        {"nonResourceRules", std::move(paths)}};
  if (!held.error.empty()) document["status"]["evaluationError"] = held.error;
  return std::nullopt;
}

}  // namespace troupe::model
