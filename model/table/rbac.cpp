// Tables of who may do what.

#include "model/table/columns.hpp"

namespace troupe::model {
namespace {

json role(const json& o) {
  return string_at(o, {"roleRef", "kind"}) + "/" + string_at(o, {"roleRef", "name"});
}

// The subjects of one kind: "a, b"; service accounts with their namespace.
std::string subjects(const json& o, std::string_view kind) {
  std::string out;
  for (const json& s : at(o, {"subjects"})) {
    if (string_at(s, {"kind"}) != kind) continue;
    if (!out.empty()) out += ", ";
    if (kind == "ServiceAccount") out += string_at(s, {"namespace"}) + "/";
    out += string_at(s, {"name"});
  }
  return out;
}

shown_column subjects_column(std::string name, std::string description, const char* kind) {
  return wide(made_column(std::move(name), std::move(description),
                          [kind](const json& o) -> json { return subjects(o, kind); }));
}

std::vector<shown_column> binding_columns() {
  return {
      name_column(),
      made_column("Role", "The role it gives", role),
      age_column(),
      subjects_column("Users", "Users that have the role", "User"),
      subjects_column("Groups", "Groups that have the role", "Group"),
      subjects_column("ServiceAccounts", "Service accounts that have the role", "ServiceAccount")};
}

}  // namespace

std::span<const printer> rbac_printers() {
  static const printer all[] = {
      {"rolebindings.rbac.authorization.k8s.io", binding_columns()},
      {"clusterrolebindings.rbac.authorization.k8s.io", binding_columns()}};
  return all;
}

}  // namespace troupe::model
