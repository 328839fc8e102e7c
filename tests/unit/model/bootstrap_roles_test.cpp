// floors: model
#include "bootstrap_roles.hpp"

#include "model/rbac/defaults.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace troupe::model
