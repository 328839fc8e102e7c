#include "model/review/kinds.hpp"

namespace troupe::model {
namespace {

constexpr const char* paths[] = {"/api",       "/api/*",    "/apis",    "/apis/*",  "/healthz",
                                 "/healthz/*", "/livez",    "/livez/*", "/openapi", "/openapi/*",
                                 "/readyz",    "/readyz/*", "/version", "/version/"};

json everything() {
  const json all = json::array({"*"});
  const json resources = {{"verbs", all}, {"apiGroups", all}, {"resources", all}};
  const json other = {{"verbs", all}, {"nonResourceURLs", all}};
  return {{"incomplete", false},
          {"resourceRules", json::array({resources})},
          {"nonResourceRules", json::array({other})}};
}

bool may(const subject& who, request_info info, std::string_view verb) {
  info.verb = verb;
  return !authorize(who, info);
}

/// The verbs of `all` that are allowed.
json allowed_verbs(const subject& who, const request_info& info,
                   const std::vector<std::string_view>& all) {
  json verbs = json::array();
  for (const auto verb : all)
    if (may(who, info, verb)) verbs.push_back(verb);
  return verbs;
}

/// Adds what is allowed on one resource, joined with those of its group that allow the same.
void add_rule(json& rules, std::string_view group, const std::string& resource, json verbs) {
  if (verbs.empty()) return;
  for (json& rule : rules)
    if (rule["apiGroups"][0] == group && rule["verbs"] == verbs) {
      rule["resources"].push_back(resource);
      return;
    }
  rules.push_back({{"verbs", std::move(verbs)},
                   {"apiGroups", json::array({group})},
                   {"resources", json::array({resource})}});
}

json resource_rules(const subject& who, std::string_view ns) {
  json rules = json::array();
  for (const kind_info& k : schema::instance().kinds()) {
    // Another version of a resource that was asked about already.
    if (const kind_info* first = schema::instance().by_resource(k.resource);
        first != &k && first->group == k.group)
      continue;
    request_info info;
    info.is_resource = true;
    info.group = k.group;
    info.version = k.version;
    info.resource = k.plural;
    if (k.namespaced) info.ns = ns;
    add_rule(rules, k.group, info.resource, allowed_verbs(who, info, k.verbs));
    for (const auto& s : k.subresource_kinds) {
      info.subresource = s.name;
      add_rule(rules, k.group, info.resource + "/" + info.subresource,
               allowed_verbs(who, info, s.verbs));
    }
  }
  return rules;
}

json path_rules(const subject& who) {
  json allowed = json::array();
  for (const char* path : paths) {
    request_info info;
    info.path = path;
    if (may(who, info, "get")) allowed.push_back(path);
  }
  json rules = json::array();
  if (!allowed.empty())
    rules.push_back({{"verbs", json::array({"get"})}, {"nonResourceURLs", std::move(allowed)}});
  return rules;
}

}  // namespace

/// The authorizer has functions, no list of rules: every resource of the schema is put to it.
/// Rights on single objects by name are beyond that, so that the answer calls itself incomplete.
std::optional<status> review_rules(const review_request& r, json& document) {
  const std::string ns = string_at(document, {"spec", "namespace"});
  if (ns.empty()) return bad_request("no namespace on request");
  if (r.asker.in("system:masters")) {
    document["status"] = everything();
    return std::nullopt;
  }
  document["status"] = {{"incomplete", true},
                        {"resourceRules", resource_rules(r.asker, ns)},
                        {"nonResourceRules", path_rules(r.asker)}};
  return std::nullopt;
}

}  // namespace troupe::model
