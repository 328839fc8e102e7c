#include "model/hooks/expression_types.hpp"

namespace troupe::model {
namespace {

using cel::plain_type;
using cel::type_kind;
using cel::type_ptr;

const type_ptr& text() {
  return plain_type(type_kind::text);
}

type_ptr texts() {
  return cel::list_of(text());
}

/// An AdmissionRequest without its uid and its objects, which are variables of their own.
type_ptr request_type() {
  const type_ptr kind = cel::structure_of(
      "kubernetes.GroupVersionKind", {{"group", text()}, {"version", text()}, {"kind", text()}});
  const type_ptr resource =
      cel::structure_of("kubernetes.GroupVersionResource",
                        {{"group", text()}, {"version", text()}, {"resource", text()}});
  const type_ptr user =
      cel::structure_of("kubernetes.UserInfo", {{"username", text()},
                                                {"uid", text()},
                                                {"groups", texts()},
                                                {"extra", cel::map_of(text(), texts())}});
  return cel::structure_of("kubernetes.AdmissionRequest",
                           {{"kind", kind},
                            {"resource", resource},
                            {"subResource", text()},
                            {"requestKind", kind},
                            {"requestResource", resource},
                            {"requestSubResource", text()},
                            {"name", text()},
                            {"namespace", text()},
                            {"operation", text()},
                            {"userInfo", user},
                            {"dryRun", plain_type(type_kind::boolean)},
                            {"options", plain_type(type_kind::dyn)}});
}

type_ptr namespace_metadata_type() {
  const type_ptr& time = plain_type(type_kind::timestamp);
  const type_ptr& number = plain_type(type_kind::integer);
  return cel::structure_of("kubernetes.NamespaceMetadata",
                           {{"name", text()},
                            {"generateName", text()},
                            {"namespace", text()},
                            {"labels", cel::map_of(text(), text())},
                            {"annotations", cel::map_of(text(), text())},
                            {"UID", text()},
                            {"creationTimestamp", time},
                            {"deletionGracePeriodSeconds", number},
                            {"deletionTimestamp", time},
                            {"generation", number},
                            {"resourceVersion", text()},
                            {"finalizers", texts()}});
}

type_ptr namespace_type() {
  const type_ptr condition = cel::structure_of(
      "kubernetes.NamespaceCondition", {{"status", text()},
                                        {"type", text()},
                                        {"lastTransitionTime", plain_type(type_kind::timestamp)},
                                        {"message", text()},
                                        {"reason", text()}});
  return cel::structure_of(
      "kubernetes.Namespace",
      {{"metadata", namespace_metadata_type()},
       {"spec", cel::structure_of("kubernetes.NamespaceSpec", {{"finalizers", texts()}})},
       {"status",
        cel::structure_of("kubernetes.NamespaceStatus",
                          {{"conditions", cel::list_of(condition)}, {"phase", text()}})}});
}

}  // namespace

cel::variable_types admission_variables(const expression_scope& scope) {
  static const cel::variable_types always{{"request", request_type()},
                                          {"namespaceObject", namespace_type()}};
  const type_ptr& dyn = plain_type(type_kind::dyn);
  cel::variable_types out = always;
  out["object"] = out["oldObject"] = scope.object ? scope.object : dyn;
  if (scope.params) out["params"] = scope.params_type ? scope.params_type : dyn;
  if (scope.authorizer) {
    out["authorizer"] = cel::library_type("kubernetes.authorization.Authorizer");
    out["authorizer.requestResource"] = cel::library_type("kubernetes.authorization.ResourceCheck");
  }
  if (scope.variables)
    out["variables"] = cel::structure_of("kubernetes.variables", *scope.variables);
  return out;
}

cel::type_ptr variable_type(const cel::type_ptr& of_expression) {
  if (!of_expression) return plain_type(type_kind::dyn);
  switch (of_expression->kind) {
    case type_kind::list:
      return cel::list_of(variable_type(of_expression->params[0]));
    case type_kind::map:
      return cel::map_of(variable_type(of_expression->params[0]),
                         variable_type(of_expression->params[1]));
    case type_kind::structure:
    case type_kind::opaque:
    case type_kind::meta:
      return plain_type(type_kind::dyn);
    default:
      return of_expression;
  }
}

}  // namespace troupe::model
