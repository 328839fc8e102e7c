#include "model/go_text.hpp"
#include "model/label_names.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/label_selector.hpp"
#include "model/validation/names.hpp"

namespace troupe::model {
namespace {

constexpr std::string_view group = "rbac.authorization.k8s.io";

void validate_rule(const json& rule, const field_path& path, bool namespaced, faults& out) {
  if (items_of(rule, "verbs").empty())
    out.required(path.child("verbs"), "verbs must contain at least one value");
  const auto& resources = items_of(rule, "resources");
  const auto& groups = items_of(rule, "apiGroups");
  const auto& names = items_of(rule, "resourceNames");
  if (!items_of(rule, "nonResourceURLs").empty()) {
    const go_text urls = go_strings(value_of(rule, "nonResourceURLs"));
    const field_path here = path.child("nonResourceURLs");
    if (namespaced) out.invalid(here, urls, "namespaced rules cannot apply to non-resource URLs");
    if (!groups.empty() || !resources.empty() || !names.empty())
      out.invalid(here, urls, "rules cannot apply to both regular resources and non-resource URLs");
    return;
  }
  if (groups.empty())
    out.required(path.child("apiGroups"), "resource rules must supply at least one api group");
  if (resources.empty())
    out.required(path.child("resources"), "resource rules must supply at least one resource");
}

void validate_rules(const json& role, bool namespaced, faults& out) {
  const field_path path("rules");
  const auto& rules = items_of(role, "rules");
  for (std::size_t i = 0; i < rules.size(); ++i)
    validate_rule(rules[i], path.index(i), namespaced, out);
}

void validate_subject(const json& subject, const field_path& path, bool namespaced, faults& out) {
  const auto name = text_of(subject, "name");
  const auto kind = text_of(subject, "kind");
  const auto api_group = text_of(subject, "apiGroup");
  if (name.empty()) out.required(path.child("name"));
  if (kind == "ServiceAccount") {
    if (!name.empty()) out.check(path.child("name"), name, dns_subdomain_fault(name));
    if (!api_group.empty()) out.not_supported(path.child("apiGroup"), api_group, {""});
    if (!namespaced && text_of(subject, "namespace").empty()) out.required(path.child("namespace"));
  } else if (kind == "User" || kind == "Group") {
    if (name.empty())
      out.invalid(path.child("name"), name,
                  kind == "User" ? "user name cannot be empty" : "group name cannot be empty");
    if (api_group != group) out.not_supported(path.child("apiGroup"), api_group, {group});
  } else {
    out.not_supported(path.child("kind"), kind, {"ServiceAccount", "User", "Group"});
  }
}

void validate_binding(const json& binding, bool namespaced, faults& out) {
  const field_path path("roleRef");
  const json& role = value_of(binding, "roleRef");
  if (const auto api_group = text_of(role, "apiGroup"); api_group != group)
    out.not_supported(path.child("apiGroup"), api_group, {group});
  const auto kind = text_of(role, "kind");
  if (namespaced && kind != "Role" && kind != "ClusterRole")
    out.not_supported(path.child("kind"), kind, {"Role", "ClusterRole"});
  if (!namespaced && kind != "ClusterRole")
    out.not_supported(path.child("kind"), kind, {"ClusterRole"});
  const auto name = text_of(role, "name");
  if (name.empty())
    out.required(path.child("name"));
  else
    out.check(path.child("name"), name, path_segment_fault(name));
  const field_path subjects_path("subjects");
  const auto& subjects = items_of(binding, "subjects");
  for (std::size_t i = 0; i < subjects.size(); ++i)
    validate_subject(subjects[i], subjects_path.index(i), namespaced, out);
}

void validate_role_kept(const json& old, const json& binding, faults& out) {
  const json& role = value_of(binding, "roleRef");
  if (value_of(old, "roleRef") == role) return;
  const auto quoted = [&](const char* name) { return json(text_of(role, name)).dump(); };
  out.invalid(field_path("roleRef"),
              go_text{"rbac.RoleRef{APIGroup:" + quoted("apiGroup") + ", Kind:" + quoted("kind") +
                      ", Name:" + quoted("name") + "}"},
              "cannot change roleRef");
}

}  // namespace

void validate_role(const json& role, faults& out) {
  validate_rules(role, true, out);
}

void validate_cluster_role(const json& role, faults& out) {
  validate_rules(role, false, out);
  const json& aggregation = value_of(role, "aggregationRule");
  if (aggregation.is_null()) return;
  const field_path aggregation_path("aggregationRule");
  const field_path path = aggregation_path.child("clusterRoleSelectors");
  const auto& selectors = items_of(aggregation, "clusterRoleSelectors");
  if (selectors.empty())
    out.required(path, "at least one clusterRoleSelector required if aggregationRule is non-nil");
  for (std::size_t i = 0; i < selectors.size(); ++i)
    validate_label_selector(selectors[i], path.index(i), out);
}

void validate_role_binding(const json& binding, faults& out) {
  validate_binding(binding, true, out);
}

void validate_role_binding_update(const json& old, const json& binding, faults& out) {
  validate_binding(binding, true, out);
  validate_role_kept(old, binding, out);
}

void validate_cluster_role_binding(const json& binding, faults& out) {
  validate_binding(binding, false, out);
}

void validate_cluster_role_binding_update(const json& old, const json& binding, faults& out) {
  validate_binding(binding, false, out);
  validate_role_kept(old, binding, out);
}

}  // namespace troupe::model
