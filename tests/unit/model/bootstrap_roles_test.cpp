// floors: model
#include "bootstrap_roles.hpp"

#include "bootstrap_bindings.hpp"
#include "model/rbac/defaults.hpp"
#include "model/rbac/index.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

namespace troupe::model {
namespace {

/// "list watch" by what the verbs are for.
using rights_map = std::map<std::string, std::set<std::string>>;

rights_map written(const bootstrap_role& role) {
  rights_map out;
  for (const std::string line : role.rights) {
    const auto arrow = line.find(" -> ");
    std::istringstream verbs(line.substr(0, arrow));
    std::set<std::string> allowed;
    for (std::string v; verbs >> v;) allowed.insert(v);
    std::string rest = line.substr(arrow + 4);
    std::string named;
    if (const auto at = rest.find(" named "); at != rest.npos) {
      named = rest.substr(at);
      rest.resize(at);
    }
    std::istringstream things(rest);
    for (std::string t; things >> t;) out[t + named].insert(allowed.begin(), allowed.end());
  }
  return out;
}

void add_rights(const json& rule, const std::string& thing, rights_map& out) {
  std::string named;
  for (const json& n : at(rule, {"resourceNames"}))
    named += (named.empty() ? " named " : " ") + n.get<std::string>();
  for (const json& v : at(rule, {"verbs"})) out[thing + named].insert(v.get<std::string>());
}

rights_map made(const json& role) {
  rights_map out;
  for (const json& rule : at(role, {"rules"})) {
    for (const json& path : at(rule, {"nonResourceURLs"}))
      add_rights(rule, path.get<std::string>(), out);
    for (const json& group : at(rule, {"apiGroups"}))
      for (const json& resource : at(rule, {"resources"})) {
        const auto g = group.get<std::string>();
        add_rights(rule, resource.get<std::string>() + (g.empty() ? "" : "." + g), out);
      }
  }
  return out;
}

std::string shown(const rights_map& all) {
  std::string out;
  for (const auto& [thing, verbs] : all) {
    out += thing + ":";
    for (const auto& v : verbs) out += " " + v;
    out += '\n';
  }
  return out;
}

TEST(BootstrapRoles, GiveWhatKubernetesGives) {
  std::map<std::string, const json*> known;
  for (const json& o : rbac::default_objects()) {
    const std::string name = string_at(o, {"metadata", "name"});
    if (o["kind"] == "ClusterRole") known[name] = &o;
    if (o["kind"] == "Role") known[string_at(o, {"metadata", "namespace"}) + "/" + name] = &o;
  }
  EXPECT_EQ(known.size(), bootstrap_roles().size());
  for (const bootstrap_role& role : bootstrap_roles()) {
    const auto found = known.find(role.name);
    ASSERT_NE(found, known.end()) << role.name;
    EXPECT_EQ(shown(made(*found->second)), shown(written(role))) << role.name;
  }
}

std::string shown_binding(const json& o) {
  std::string out = string_at(o, {"metadata", "name"});
  if (o["kind"] == "RoleBinding") out = string_at(o, {"metadata", "namespace"}) + "/" + out;
  out += " = " + string_at(o, {"roleRef", "name"}) + ":";
  std::set<std::string> subjects;
  for (const json& subject : at(o, {"subjects"})) {
    const std::string kind = string_at(subject, {"kind"}), name = string_at(subject, {"name"});
    subjects.insert(kind == "ServiceAccount"
                        ? "account:" + string_at(subject, {"namespace"}) + "/" + name
                        : (kind == "Group" ? "group:" : "user:") + name);
  }
  for (const auto& one : subjects) out += " " + one;
  return out;
}

TEST(BootstrapRoles, AreBoundToWhomKubernetesBindsThem) {
  std::set<std::string> wanted(bootstrap_bindings().begin(), bootstrap_bindings().end());
  constexpr std::string_view prefix = "system:controller:";
  for (const bootstrap_role& role : bootstrap_roles()) {
    const std::string name = role.name;
    if (!name.starts_with(prefix)) continue;
    std::string line = name + " = ";
    line += name + ": account:kube-system/";
    wanted.insert(line + name.substr(prefix.size()));
  }
  std::set<std::string> made_here;
  for (const json& o : rbac::default_objects())
    if (string_at(o, {"kind"}).ends_with("Binding")) made_here.insert(shown_binding(o));
  for (const auto& line : wanted) EXPECT_TRUE(made_here.contains(line)) << "missing: " << line;
  for (const auto& line : made_here) EXPECT_TRUE(wanted.contains(line)) << "too much: " << line;
}

// What the table allows, decided by itself: nothing of the server's own rules is asked.

/// A role's rights with those that it collects.
rights_map rights_of(std::string_view name) {
  rights_map out;
  const auto add = [&](std::string_view from) {
    for (const auto& [thing, verbs] : rights_of(from))
      out[thing].insert(verbs.begin(), verbs.end());
  };
  if (name == "view") add("system:aggregate-to-view");
  if (name == "view") add("system:aggregated-metrics-reader");
  if (name == "edit") add("system:aggregate-to-edit");
  if (name == "edit") add("view");
  if (name == "admin") add("system:aggregate-to-admin");
  if (name == "admin") add("edit");
  for (const bootstrap_role& role : bootstrap_roles())
    if (name == role.name)
      for (const auto& [thing, verbs] : written(role))
        out[thing].insert(verbs.begin(), verbs.end());
  return out;
}

/// A request: "pods/log", "", "x"; of a path the group is "path".
struct asked {
  std::string resource, group, name, verb;
};

bool covers(const std::string& thing, const asked& what) {
  std::string_view rest = thing, names;
  if (const auto at = rest.find(" named "); at != rest.npos) {
    names = rest.substr(at + 7);
    rest = rest.substr(0, at);
  }
  if (!names.empty() &&
      (" " + std::string(names) + " ").find(" " + what.name + " ") == std::string::npos)
    return false;
  if (rest.starts_with('/')) {
    if (what.group != "path") return false;
    if (rest == what.resource) return true;
    return rest.ends_with('*') && what.resource.starts_with(rest.substr(0, rest.size() - 1));
  }
  if (what.group == "path") return false;
  const auto dot = rest.find('.');
  const std::string_view resource = rest.substr(0, dot);
  const std::string_view group = dot == rest.npos ? "" : rest.substr(dot + 1);
  if (group != "*" && group != what.group) return false;
  if (resource == "*" || resource == what.resource) return true;
  return resource.starts_with("*/") && what.resource.ends_with(resource.substr(1));
}

bool allowed_by_table(const rights_map& rights, const asked& what) {
  return std::ranges::any_of(rights, [&](const auto& right) {
    return covers(right.first, what) &&
           (right.second.contains(what.verb) || right.second.contains("*"));
  });
}

/// Everything that the table mentions, and some that it does not, with each verb, and with each
/// name that any role is limited to.
std::vector<asked> all_that_can_be_asked() {
  using thing_name = std::pair<std::string, std::string>;
  std::map<thing_name, std::set<std::string>> things;
  for (const thing_name& unheard_of : {thing_name{"widgets", "example.com"},
                                       {"widgets/scale", "example.com"},
                                       {"nodes/other", ""},
                                       {"/other", "path"},
                                       {"/api/v1", "path"}})
    things[unheard_of].insert("");
  std::set<std::string> verbs{"bind", "impersonate", "create", "deletecollection"};
  for (const bootstrap_role& role : bootstrap_roles())
    for (const auto& [thing, allowed] : written(role)) {
      verbs.insert(allowed.begin(), allowed.end());
      const auto named = std::min(thing.find(" named "), thing.size());
      const std::string rest = thing.substr(0, named);
      if (rest.find('*') != rest.npos) continue;
      const auto dot = rest.starts_with('/') ? rest.npos : rest.find('.');
      auto& names = things[{rest.substr(0, dot), rest.starts_with('/') ? "path"
                                                 : dot == rest.npos    ? ""
                                                                       : rest.substr(dot + 1)}];
      names.insert("");
      if (named == thing.size()) continue;
      names.insert("other");
      std::istringstream each(thing.substr(named + 7));
      for (std::string n; each >> n;) names.insert(n);
    }
  verbs.erase("*");
  std::vector<asked> out;
  for (const auto& [thing, names] : things)
    for (const auto& verb : verbs)
      for (const auto& name : names) out.push_back({thing.first, thing.second, name, verb});
  return out;
}

request_info request_for(const asked& what, const std::string& ns) {
  request_info info;
  info.verb = what.verb;
  if (what.group == "path") {
    info.path = what.resource;
    return info;
  }
  info.is_resource = true;
  info.group = what.group;
  info.version = "v1";
  const auto slash = what.resource.find('/');
  info.resource = what.resource.substr(0, slash);
  if (slash != std::string::npos) info.subresource = what.resource.substr(slash + 1);
  info.name = what.name;
  info.ns = ns;
  return info;
}

/// The rules of a default object, those that it collects in it.
json rules_of_object(const json& role) {
  json out = role.value("rules", json::array());
  for (const json& selector : at(role, {"aggregationRule", "clusterRoleSelectors"}))
    for (const auto& [key, value] : at(selector, {"matchLabels"}).items())
      for (const json& o : rbac::default_objects())
        if (string_at(o, {"metadata", "labels", key}) == value)
          for (json& rule : rules_of_object(o)) out.push_back(std::move(rule));
  return out;
}

/// Somebody who is bound to one role and nothing else.
void bind_alone(json role, rbac::index& to) {
  const bool everywhere = role["kind"] == "ClusterRole";
  role["rules"] = rules_of_object(role);
  role.erase("aggregationRule");
  json binding = {{"apiVersion", role["apiVersion"]},
                  {"kind", everywhere ? "ClusterRoleBinding" : "RoleBinding"},
                  {"metadata", {{"name", "b"}}},
                  {"subjects", json::array({{{"kind", "User"}, {"name", "joe"}}})}};
  binding["roleRef"] = {{"apiGroup", "rbac.authorization.k8s.io"},
                        {"kind", role["kind"]},
                        {"name", role["metadata"]["name"]}};
  if (!everywhere) binding["metadata"]["namespace"] = role["metadata"]["namespace"];
  to.put(*seal(encode(everywhere ? rbac::cluster_roles : rbac::roles, role), 1));
  to.put(*seal(encode(everywhere ? rbac::cluster_role_bindings : rbac::role_bindings, binding), 2));
}

TEST(BootstrapRoles, AllowWhatKubernetesAllowsAndNothingElse) {
  const auto all = all_that_can_be_asked();
  const std::vector<std::string> no_groups;
  for (const json& o : rbac::default_objects()) {
    if (o["kind"] != "ClusterRole" && o["kind"] != "Role") continue;
    const std::string ns = string_at(o, {"metadata", "namespace"});
    const std::string name = string_at(o, {"metadata", "name"});
    const auto rights = rights_of(ns.empty() ? name : ns + "/" + name);
    rbac::index index;
    bind_alone(o, index);
    std::size_t wrong = 0, yes = 0;
    for (const asked& what : all) {
      const bool wanted = name == "cluster-admin" || allowed_by_table(rights, what);
      const bool found = index.allows({"joe", no_groups}, request_for(what, ns), nullptr);
      yes += found ? 1 : 0;
      if (found == wanted) continue;
      if (++wrong < 5)
        ADD_FAILURE() << name << " " << (found ? "allows " : "refuses ") << what.verb << " "
                      << what.resource << "." << what.group << " " << what.name;
    }
    EXPECT_EQ(wrong, 0u) << name;
    EXPECT_GT(yes, 0u) << name;
    if (name != "cluster-admin") {
      EXPECT_LT(yes, all.size()) << name;
    }
    // In another namespace a Role means nothing.
    const auto elsewhere = [&](const asked& what) {
      return index.allows({"joe", no_groups}, request_for(what, "other"), nullptr);
    };
    EXPECT_TRUE(ns.empty() || std::ranges::none_of(all, elsewhere)) << name;
  }
}

}  // namespace
}  // namespace troupe::model
