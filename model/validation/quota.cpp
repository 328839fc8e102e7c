#include "model/go_text.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/pod.hpp"
#include "model/validation/resource_names.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr std::string_view scopes_by_name[] = {"BestEffort",    "CrossNamespacePodAffinity",
                                               "NotBestEffort", "NotTerminating",
                                               "PriorityClass", "Terminating"};
/// What pods ask for and are: all that a scope other than BestEffort can apply to.
constexpr std::string_view pod_resources[] = {"cpu",  "limits.cpu",   "limits.memory",  "memory",
                                              "pods", "requests.cpu", "requests.memory"};

go_text shown_scopes(const json& scopes) {
  return go_list("core.ResourceQuotaScope", scopes);
}

bool is_scope(std::string_view name) {
  return std::ranges::find(scopes_by_name, name) != std::end(scopes_by_name);
}

bool applies(std::string_view scope, std::string_view resource) {
  if (scope == "BestEffort") return resource == "pods";
  if (!is_scope(scope)) return true;
  return std::ranges::find(pod_resources, resource) != std::end(pod_resources);
}

void validate_amounts(const json& owner, const char* list, const field_path& owner_path,
                      faults& out) {
  const field_path path = owner_path.child(list);
  for (const auto& [name, value] : members_of(owner, list)) {
    const field_path here = path.key(name);
    validate_quota_resource_name(name, here, out);
    validate_amount(name, value, here, out);
  }
}

/// Faults of `scope` against what the quota limits.
void validate_applies(const json& spec, std::string_view scope, const field_path& path,
                      const go_text& shown, faults& out) {
  for (const auto& [resource, value] : members_of(spec, "hard"))
    if (is_quota_resource(resource) && !applies(scope, resource))
      out.invalid(path, shown, "unsupported scope applied to resource");
}

void validate_no_conflict(const name_set& seen, const json& spec, const field_path& path,
                          faults& out) {
  static constexpr std::pair<std::string_view, std::string_view> conflicts[] = {
      {"BestEffort", "NotBestEffort"}, {"Terminating", "NotTerminating"}};
  for (const auto& [one, other] : conflicts)
    if (seen.contains(one) && seen.contains(other))
      out.invalid(path, shown_scopes(value_of(spec, "scopes")), "conflicting scopes");
}

void validate_scopes(const json& spec, const field_path& spec_path, faults& out) {
  const field_path path = spec_path.child("scopes");
  const json& scopes = value_of(spec, "scopes");
  name_set seen;
  for (const json& scope : items_of(spec, "scopes")) {
    const auto name = as_text(scope);
    if (!is_scope(name)) out.invalid(path, shown_scopes(scopes), "unsupported scope");
    validate_applies(spec, name, path, shown_scopes(scopes), out);
    seen.insert(name);
  }
  validate_no_conflict(seen, spec, path, out);
}

void validate_scope_term(const json& term, const field_path& path, faults& out) {
  const auto scope = text_of(term, "scopeName");
  const auto op = text_of(term, "operator");
  const json& values = value_of(term, "values");
  if (is_scope(scope) && scope != "PriorityClass" && op != "Exists")
    out.invalid(path.child("operator"), op,
                "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, "
                "ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, "
                "ResourceQuotaScopeNotBestEffort or "
                "ResourceQuotaScopeCrossNamespacePodAffinity");
  if (op == "In" || op == "NotIn") {
    if (values.empty())
      out.required(path.child("values"),
                   "must be at least one value when `operator` is 'In' or 'NotIn' for scope "
                   "selector");
  } else if (op == "Exists" || op == "DoesNotExist") {
    if (!values.empty())
      out.invalid(path.child("values"), go_strings(values),
                  "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope "
                  "selector");
  } else {
    out.invalid(path.child("operator"), op, "not a valid selector operator");
  }
}

void validate_scope_selector(const json& spec, const field_path& spec_path, faults& out) {
  const json& selector = value_of(spec, "scopeSelector");
  if (!selector.is_object()) return;
  const field_path selector_path = spec_path.child("scopeSelector");
  const field_path path = selector_path.child("matchExpressions");
  name_set seen;
  for (const json& term : items_of(selector, "matchExpressions")) {
    const auto scope = text_of(term, "scopeName");
    if (!is_scope(scope)) out.invalid(path.child("scopeName"), scope, "unsupported scope");
    validate_applies(spec, scope, path, {selector.dump()}, out);
    validate_scope_term(term, path, out);
    seen.insert(scope);
  }
  validate_no_conflict(seen, spec, path, out);
}

void validate_spec(const json& spec, faults& out) {
  const field_path path("spec");
  validate_amounts(spec, "hard", path, out);
  validate_scopes(spec, path, out);
  validate_scope_selector(spec, path, out);
}

}  // namespace

void validate_resource_quota(const json& quota, faults& out) {
  validate_spec(value_of(quota, "spec"), out);
}

void validate_resource_quota_update(const json& old, const json& quota, faults& out) {
  const json& spec = value_of(quota, "spec");
  validate_spec(spec, out);
  name_set before, now;
  for (const json& scope : items_of(value_of(old, "spec"), "scopes")) before.insert(as_text(scope));
  for (const json& scope : items_of(spec, "scopes")) now.insert(as_text(scope));
  const field_path path("spec");
  if (before != now)
    out.invalid(path.child("scopes"), shown_scopes(value_of(spec, "scopes")), "field is immutable");
}

void validate_resource_quota_status(const json&, const json& quota, faults& out) {
  const field_path path("status");
  for (const char* list : {"hard", "used"})
    validate_amounts(value_of(quota, "status"), list, path, out);
}

}  // namespace troupe::model
