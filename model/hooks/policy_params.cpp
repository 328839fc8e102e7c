#include "model/hooks/policy_params.hpp"

namespace troupe::model {
namespace {

string_pairs labels_of_param(const json& param) {
  string_pairs out;
  for (const auto& [key, value] : at(param, {"metadata", "labels"}).items())
    out.emplace_back(key, value.is_string() ? value.get<std::string>() : "");
  return out;
}

// A GroupVersionKind as Go writes it; the core group's name is empty.
std::string shown_kind(const admission_policy& p) {
  const std::string slash = p.param_api_version.find('/') == std::string::npos ? "/" : "";
  return slash + p.param_api_version + ", Kind=" + p.param_kind;
}

}  // namespace

std::optional<policy_misfit> misfit_of(const admission_policy& policy, const policy_world& world) {
  if (policy.param_kind.empty() ||
      world.params_in_namespaces(policy.param_api_version, policy.param_kind))
    return std::nullopt;
  return policy_misfit{
      false, "failed to find resource referenced by paramKind: '" + shown_kind(policy) + "'"};
}

std::variant<std::vector<json>, policy_misfit> params_of(const admission_policy& policy,
                                                         const policy_binding& binding,
                                                         const hook_request& r,
                                                         const policy_world& world) {
  if (policy.param_kind.empty() || !binding.refers_to_params) return std::vector<json>{json()};
  const bool namespaced =
      world.params_in_namespaces(policy.param_api_version, policy.param_kind).value_or(false);
  const std::string ns = binding.param_namespace.empty() ? r.ns : binding.param_namespace;
  if (namespaced && ns.empty())
    return policy_misfit{
        true,
        "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources"};
  if (!namespaced && !binding.param_namespace.empty())
    return policy_misfit{
        true, "paramRef.namespace must not be provided for a cluster-scoped `paramKind`"};
  auto found = world.params(policy.param_api_version, policy.param_kind, ns, binding.param_name);
  if (binding.selects_params)
    std::erase_if(found, [&](const json& param) {
      return !binding.param_selector.matches(labels_of_param(param));
    });
  if (found.empty() && binding.needs_params)
    return policy_misfit{true,
                         "no params found for policy binding with `Deny` parameterNotFoundAction"};
  return found;
}

}  // namespace troupe::model
