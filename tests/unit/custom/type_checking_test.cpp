// floors: model
#include "model/hooks/type_checking.hpp"

#include "definition.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

/// What is said of a policy's one expression, without the lines that show where.
std::string said(const json& rules, const char* expression, const json& more = json::object()) {
  const custom_kinds customs({established(crontab_definition())}, {});
  const auto& built_in = schema::instance();
  json policy = {{"spec", {{"matchConstraints", {{"resourceRules", rules}}}}}};
  policy["spec"]["validations"] = json::array({{{"expression", expression}}});
  policy["spec"].update(more);
  const kind_finder kinds{
      [&](std::string_view group, std::string_view version, std::string_view plural) {
        const auto* own = built_in.by_plural(group, version, plural);
        return own ? own : customs.by_plural(group, version, plural).kind;
      },
      [&](std::string_view group, std::string_view version, std::string_view kind) {
        return built_in.by_kind(group, version, kind);
      }};
  const json found = checked_types(policy, kinds);
  std::string out,
      warning = string_at(
          at(found, {"expressionWarnings"}).is_array() ? found["expressionWarnings"][0] : json(),
          {"warning"});
  for (std::size_t from = 0; from < warning.size();) {
    const auto end = std::min(warning.find('\n', from), warning.size());
    const std::string line = warning.substr(from, end - from);
    if (!line.starts_with(" |") && !line.empty()) out += (out.empty() ? "" : "; ") + line;
    from = end + 1;
  }
  return out;
}

json rule(std::initializer_list<const char*> groups, std::initializer_list<const char*> versions,
          std::initializer_list<const char*> resources) {
  json out;
  for (const char* g : groups) out["apiGroups"].push_back(g);
  for (const char* v : versions) out["apiVersions"].push_back(v);
  for (const char* r : resources) out["resources"].push_back(r);
  return json::array({out});
}

TEST(TypeChecking, LooksAtTheKindsThatRulesName) {
  const json pods = rule({""}, {"v1"}, {"pods"});
  const json workloads = rule({"apps"}, {"v1"}, {"statefulsets", "deployments"});
  const struct {
    json rules;
    const char *expression, *said;
  } table[] = {
      {pods, "object.spec.containers.all(c, c.image.contains(':'))", ""},
      {pods, "object.metadata.labels.app == 'x' && has(object.metadata.annotations)", ""},
      {pods, "object.metadata.creationTimestamp < timestamp('2026-01-01T00:00:00Z')", ""},
      {pods, "object.spec.containers.all(c, c.images != '')",
       "/v1, Kind=Pod: ERROR: <input>:1:32: undefined field 'images'"},
      {pods, "object.spec.priority == 'high'",
       "/v1, Kind=Pod: ERROR: <input>:1:22: found no matching overload for '_==_' applied to "
       "'(int, string)'"},
      {pods, "oldObject.spec.none == 1",
       "/v1, Kind=Pod: ERROR: <input>:1:15: undefined field 'none'"},
      {pods, "request.object.x == 1",
       "/v1, Kind=Pod: ERROR: <input>:1:8: undefined field 'object'"},
      {workloads, "object.spec.template.spec.containers.size() < 5", ""},
      {workloads, "object.spec.strategy.type == 'Recreate'",
       "apps/v1, Kind=StatefulSet: ERROR: <input>:1:12: undefined field 'strategy'"},
      {workloads, "object.spec.none > 1",
       "apps/v1, Kind=Deployment: ERROR: <input>:1:12: undefined field 'none'; "
       "apps/v1, Kind=StatefulSet: ERROR: <input>:1:12: undefined field 'none'"},
      {rule({"*"}, {"v1"}, {"pods"}), "object.none", ""},
      {rule({""}, {"v1"}, {"*", "pods/status", "none"}), "object.none", ""},
      {rule({"stable.example.com"}, {"v1"}, {"crontabs"}),
       "object.spec.replicas > 1 && object.metadata.labels.a == 'b'", ""},
      {rule({"stable.example.com"}, {"v1"}, {"crontabs"}), "object.spec.none > 1",
       "stable.example.com/v1, Kind=CronTab: ERROR: <input>:1:12: undefined field 'none'"},
  };
  for (const auto& row : table) EXPECT_EQ(said(row.rules, row.expression), row.said);
}

TEST(TypeChecking, KnowsVariablesAndParameters) {
  const json pods = rule({""}, {"v1"}, {"pods"});
  json variables;
  variables["variables"] =
      json::array({{{"name", "names"}, {"expression", "object.spec.containers.map(c, c.name)"}}});
  EXPECT_EQ(said(pods, "variables.names.exists(n, n == 'a')", variables), "");
  EXPECT_EQ(said(pods, "variables.names.exists(n, n == 1)", variables),
            "/v1, Kind=Pod: ERROR: <input>:1:29: found no matching overload for '_==_' applied to "
            "'(string, int)'");
  json params;
  params["paramKind"] = {{"apiVersion", "v1"}, {"kind", "ConfigMap"}};
  EXPECT_EQ(said(pods, "params.data.most == '1'", params), "");
  EXPECT_EQ(said(pods, "params.spec.most == '1'", params),
            "/v1, Kind=Pod: ERROR: <input>:1:7: undefined field 'spec'");
}

}  // namespace
}  // namespace troupe::model
