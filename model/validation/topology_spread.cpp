#include "model/label_names.hpp"
#include "model/validation/label_selector.hpp"
#include "model/validation/pod.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

void validate_match_keys(const json& constraint, const field_path& path, faults& out) {
  const auto& keys = items_of(constraint, "matchLabelKeys");
  if (keys.empty()) return;
  const json& selector = value_of(constraint, "labelSelector");
  if (!selector.is_object())
    out.forbidden(path, "must not be specified when labelSelector is not set");
  const auto is_selected = [&](std::string_view key) {
    return members_of(selector, "matchLabels").contains(std::string(key)) ||
           std::ranges::any_of(items_of(selector, "matchExpressions"),
                               [&](const json& term) { return text_of(term, "key") == key; });
  };
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto key = as_text(keys[i]);
    out.check(path.index(i), key, qualified_name_fault(key));
    if (is_selected(key))
      out.invalid(path.index(i), key, "exists in both matchLabelKeys and labelSelector");
  }
}

void validate_policy(const json& constraint, const char* name, const field_path& path,
                     faults& out) {
  const auto policy = text_of(constraint, name);
  if (!policy.empty() && policy != "Honor" && policy != "Ignore")
    out.not_supported(path.child(name), policy, {"Honor", "Ignore"});
}

void validate_min_domains(const json& constraint, const field_path& path, faults& out) {
  const json& domains = value_of(constraint, "minDomains");
  const auto action = text_of(constraint, "whenUnsatisfiable");
  if (domains.is_null()) return;
  if (domains <= 0) out.invalid(path, domains, "must be greater than zero");
  if (action != "DoNotSchedule")
    out.invalid(
        path, domains,
        "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not " + std::string(action));
}

void validate_constraint(const json& constraint, const field_path& path, faults& out) {
  const auto action = text_of(constraint, "whenUnsatisfiable");
  if (const auto skew = integer_of(constraint, "maxSkew"); skew <= 0)
    out.invalid(path.child("maxSkew"), skew, "must be greater than zero");
  if (text_of(constraint, "topologyKey").empty())
    out.required(path.child("topologyKey"), "can not be empty");
  if (action != "DoNotSchedule" && action != "ScheduleAnyway")
    out.not_supported(path.child("whenUnsatisfiable"), action, {"DoNotSchedule", "ScheduleAnyway"});
  validate_min_domains(constraint, path.child("minDomains"), out);
  validate_policy(constraint, "nodeAffinityPolicy", path, out);
  validate_policy(constraint, "nodeTaintsPolicy", path, out);
  validate_match_keys(constraint, path.child("matchLabelKeys"), out);
  validate_label_selector(value_of(constraint, "labelSelector"), path.child("labelSelector"), out);
}

}  // namespace

void validate_topology_spread(const json& spec, const field_path& spec_path, faults& out) {
  const field_path path = spec_path.child("topologySpreadConstraints");
  const auto& constraints = items_of(spec, "topologySpreadConstraints");
  for (std::size_t i = 0; i < constraints.size(); ++i) {
    const field_path here = path.index(i);
    validate_constraint(constraints[i], here, out);
    const auto key = text_of(constraints[i], "topologyKey");
    const auto action = text_of(constraints[i], "whenUnsatisfiable");
    const bool again = std::any_of(constraints.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                                   constraints.end(), [&](const json& other) {
                                     return text_of(other, "topologyKey") == key &&
                                            text_of(other, "whenUnsatisfiable") == action;
                                   });
    if (again)
      out.duplicate(here.child("{topologyKey, whenUnsatisfiable}"),
                    "{" + std::string(key) + ", " + std::string(action) + "}");
  }
}

}  // namespace troupe::model
