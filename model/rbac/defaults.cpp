#include "model/rbac/defaults.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

extern "C" const char troupe_rbac_defaults_begin[];
extern "C" const char troupe_rbac_defaults_end[];

namespace troupe::model::rbac {
namespace {

using words = std::vector<std::string>;

constexpr const char* rbac_group = "rbac.authorization.k8s.io";
constexpr const char* autoupdate = "rbac.authorization.kubernetes.io/autoupdate";

words split(std::string_view line) {
  words out;
  while (!line.empty()) {
    const auto end = std::min(line.find(' '), line.size());
    if (end > 0) out.emplace_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return out;
}

json head(const char* kind, const std::string& ns, const std::string& name) {
  json meta = {{"name", name},
               {"labels", {{"kubernetes.io/bootstrapping", "rbac-defaults"}}},
               {"annotations", {{autoupdate, "true"}}}};
  if (!ns.empty()) meta["namespace"] = ns;
  return {{"apiVersion", std::string(rbac_group) + "/v1"}, {"kind", kind}, {"metadata", meta}};
}

words verbs_of(words::const_iterator from, words::const_iterator to) {
  words out;
  for (; from != to; ++from) {
    if (*from == "read")
      out.insert(out.end(), {"get", "list", "watch"});
    else if (*from == "write")
      out.insert(out.end(), {"create", "delete", "deletecollection", "patch", "update"});
    else
      out.push_back(*from);
  }
  std::ranges::sort(out);
  return out;
}

policy_rule rule_of(const words& line) {
  const auto find = [&](const char* word) { return std::find(line.begin(), line.end(), word); };
  const auto end = line.end();
  policy_rule out;
  if (const auto where = find("at"); where != end) {
    out.verbs = verbs_of(line.begin(), where);
    out.paths.assign(where + 1, end);
    return out;
  }
  const auto on = find("on");
  const auto of = find("of");
  const auto named = find("named");
  if (on == end || of == end) throw std::logic_error("default roles: what is " + line.front());
  out.verbs = verbs_of(line.begin(), on);
  out.resources.assign(on + 1, of);
  out.groups.assign(of + 1, named);
  std::ranges::replace(out.groups, "core", "");
  if (named != end) out.names.assign(named + 1, end);
  return out;
}

json subject_of(const std::string& word) {
  const auto kind = word.substr(0, word.find(':'));
  const auto name = word.substr(kind.size() + 1);
  if (kind == "account") {
    const auto slash = name.find('/');
    return {{"kind", "ServiceAccount"},
            {"namespace", name.substr(0, slash)},
            {"name", name.substr(slash + 1)}};
  }
  return {{"apiGroup", rbac_group}, {"kind", kind == "user" ? "User" : "Group"}, {"name", name}};
}

// Reads the file, a role at a time.
struct reader {
  std::vector<json> roles;
  std::vector<json> bindings;

  void begin(const char* kind, const std::string& ns, const std::string& name) {
    roles.push_back(head(kind, ns, name));
    roles.back()["rules"] = json::array();
  }

  void bind(words line) {
    const json& role = roles.back();
    std::string name = role["metadata"]["name"];
    const std::string kind = role["kind"];
    line.erase(line.begin());
    if (!line.empty() && line.front().ends_with(':')) {
      name = line.front().substr(0, line.front().size() - 1);
      line.erase(line.begin());
    }
    json b = head(kind == "Role" ? "RoleBinding" : "ClusterRoleBinding",
                  string_at(role, {"metadata", "namespace"}), name);
    b["roleRef"] = {{"apiGroup", rbac_group}, {"kind", kind}, {"name", role["metadata"]["name"]}};
    for (const auto& word : line)
      if (word != "none") b["subjects"].push_back(subject_of(word));
    bindings.push_back(std::move(b));
  }

  void take(const words& line) {
    const auto& first = line.front();
    if (first == "clusterrole") return begin("ClusterRole", {}, line.at(1));
    if (first == "role") return begin("Role", line.at(1), line.at(2));
    if (first == "controller") {
      begin("ClusterRole", {}, "system:controller:" + line.at(1));
      return bind({"to", "account:kube-system/" + line.at(1)});
    }
    if (first == "to") return bind(line);
    json& role = roles.back();
    if (first == "label" || first == "collects") {
      const auto equals = line.at(1).find('=');
      const json pair = {{line[1].substr(0, equals), line[1].substr(equals + 1)}};
      if (first == "label") return role["metadata"]["labels"].update(pair);
      const json selector = {{"matchLabels", pair}};
      role["aggregationRule"] = {{"clusterRoleSelectors", json::array({selector})}};
      return;
    }
    role["rules"].push_back(to_json(rule_of(line)));
  }
};

std::vector<json> read_defaults(std::string_view text) {
  reader r;
  while (!text.empty()) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const auto parts = split(line);
    if (!parts.empty() && parts.front() != "#" && !parts.front().starts_with('#')) r.take(parts);
  }
  r.roles.insert(r.roles.end(), std::make_move_iterator(r.bindings.begin()),
                 std::make_move_iterator(r.bindings.end()));
  return std::move(r.roles);
}

bool kept(const json& stored) {
  return string_at(stored, {"metadata", "annotations", autoupdate}) == "true";
}

// Adds the pairs that are not there or other ones.
void merge(json& stored, const json& wanted, const char* key) {
  json& into = stored["metadata"][key];
  if (!into.is_object()) into = json::object();
  into.update(at(wanted, {"metadata", key}));
}

// Adds the items of a list that are not there.
void unite(json& stored, const json& wanted) {
  if (!wanted.is_array()) return;
  if (!stored.is_array()) stored = json::array();
  for (const json& item : wanted)
    if (std::find(stored.begin(), stored.end(), item) == stored.end()) stored.push_back(item);
}

}  // namespace

const std::vector<json>& default_objects() {
  static const auto all = read_defaults({troupe_rbac_defaults_begin, troupe_rbac_defaults_end});
  return all;
}

std::vector<policy_rule> default_rules(std::string_view cluster_role) {
  for (const json& o : default_objects())
    if (o["kind"] == "ClusterRole" && o["metadata"]["name"] == cluster_role) return read_rules(o);
  return {};
}

std::optional<json> reconciled(const json& stored, const json& wanted) {
  if (!kept(stored)) return std::nullopt;
  json out = stored;
  merge(out, wanted, "labels");
  merge(out, wanted, "annotations");
  if (wanted.contains("aggregationRule")) {
    unite(out["aggregationRule"]["clusterRoleSelectors"],
          wanted["aggregationRule"]["clusterRoleSelectors"]);
  } else if (wanted.contains("rules")) {
    const auto missing = not_covered(read_rules(stored), read_rules(wanted));
    for (const auto& rule : missing) out["rules"].push_back(to_json(rule));
  }
  if (wanted.contains("subjects")) unite(out["subjects"], wanted["subjects"]);
  if (out == stored) return std::nullopt;
  return out;
}

bool binds_another(const json& stored, const json& wanted) {
  return wanted.contains("roleRef") && kept(stored) &&
         at(stored, {"roleRef"}) != at(wanted, {"roleRef"});
}

}  // namespace troupe::model::rbac
