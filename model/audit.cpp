#include "model/audit.hpp"

#include <algorithm>
#include <array>

namespace troupe::model {
namespace {

using texts = std::vector<std::string>;

constexpr std::array<std::string_view, 4> levels{"None", "Metadata", "Request", "RequestResponse"};
constexpr std::array<std::string_view, 4> stages{"RequestReceived", "ResponseStarted",
                                                 "ResponseComplete", "Panic"};

// Reads a policy, and keeps the first thing that is wrong with it.
struct reader {
  std::string fault;

  void fail(const std::string& why) {
    if (fault.empty()) fault = why;
  }

  texts list(const json& holder, const char* key, const std::string& where) {
    texts out;
    const json& value = at(holder, {key});
    if (value.is_null()) return out;
    if (!value.is_array()) {
      fail(where + key + ": must be a list");
      return out;
    }
    for (const json& item : value)
      if (item.is_string())
        out.push_back(item.get<std::string>());
      else
        fail(where + key + ": must hold strings");
    return out;
  }

  texts stage_list(const json& holder, const std::string& where) {
    texts out = list(holder, "omitStages", where);
    for (const auto& stage : out)
      if (std::ranges::find(stages, stage) == stages.end())
        fail(where + "omitStages: unknown stage \"" + stage + "\"");
    return out;
  }

  audit_rule rule(const json& r, const std::string& where) {
    audit_rule out;
    const auto level = std::ranges::find(levels, string_at(r, {"level"}));
    if (level == levels.end())
      fail(where + "level: must be None, Metadata, Request or RequestResponse");
    else
      out.level = static_cast<audit_level>(level - levels.begin());
    out.users = list(r, "users", where);
    out.groups = list(r, "userGroups", where);
    out.verbs = list(r, "verbs", where);
    out.namespaces = list(r, "namespaces", where);
    out.paths = list(r, "nonResourceURLs", where);
    for (const json& g : at(r, {"resources"}))
      out.resources.push_back({string_at(g, {"group"}), list(g, "resources", where + "resources."),
                               list(g, "resourceNames", where + "resources.")});
    if (!out.paths.empty() && (!out.resources.empty() || !out.namespaces.empty()))
      fail(where +
           "nonResourceURLs: rules cannot apply to both regular resources and "
           "non-resource URLs");
    for (const auto& path : out.paths)
      if (path != "*" && (!path.starts_with('/') || path.find('*') < path.size() - 1))
        fail(where + "nonResourceURLs: must begin with / and have a * at its end alone");
    return out;
  }
};

bool has(const texts& all, std::string_view one) {
  return std::ranges::find(all, one) != all.end();
}

bool names_resource(const std::string& written, const request_info& what) {
  if (written == "*") return true;
  const auto slash = written.find('/');
  if (slash == written.npos) return what.subresource.empty() && written == what.resource;
  const std::string_view resource(written.data(), slash);
  const std::string_view sub = std::string_view(written).substr(slash + 1);
  if (what.subresource.empty()) return false;
  return (resource == "*" || resource == what.resource) && (sub == "*" || sub == what.subresource);
}

bool concerns(const audit_rule::group_resources& g, const request_info& what) {
  if (g.group != what.group) return false;
  if (g.resources.empty()) return true;
  if (!g.names.empty() && !has(g.names, what.name)) return false;
  return std::ranges::any_of(g.resources,
                             [&](const std::string& r) { return names_resource(r, what); });
}

bool concerns_path(const audit_rule& rule, std::string_view path) {
  return std::ranges::any_of(rule.paths, [&](std::string_view p) {
    if (p == "*" || p == path) return true;
    return p.ends_with('*') && path.starts_with(p.substr(0, p.size() - 1));
  });
}

bool matches(const audit_rule& rule, const subject& who, const request_info& what) {
  if (!rule.users.empty() && !has(rule.users, who.name)) return false;
  if (!rule.groups.empty() &&
      std::ranges::none_of(rule.groups, [&](const std::string& g) { return who.in(g); }))
    return false;
  if (!rule.verbs.empty() && !has(rule.verbs, what.verb)) return false;
  if (rule.resources.empty() && rule.namespaces.empty() && rule.paths.empty()) return true;
  if (!what.is_resource) return concerns_path(rule, what.path);
  if (!rule.paths.empty()) return false;
  if (!rule.namespaces.empty() && !has(rule.namespaces, what.ns)) return false;
  return rule.resources.empty() ||
         std::ranges::any_of(rule.resources, [&](const auto& g) { return concerns(g, what); });
}

json user_json(const audit_user& u) {
  json out = {{"username", u.name}};
  if (!u.uid.empty()) out["uid"] = u.uid;
  if (!u.groups.empty()) out["groups"] = u.groups;
  if (!u.extra.empty()) out["extra"] = u.extra;
  return out;
}

// What the URL says comes first; the body fills in what it leaves open.
json reference_json(const request_info& info, const audited_object& object) {
  json out = json::object();
  const auto set = [&](const char* key, const std::string& value) {
    if (!value.empty()) out[key] = value;
  };
  set("resource", info.resource);
  set("namespace", info.ns.empty() ? object.ns : info.ns);
  set("name", info.name.empty() ? object.name : info.name);
  set("uid", object.uid);
  set("apiGroup", info.group);
  set("apiVersion", info.version);
  set("resourceVersion", object.resource_version);
  set("subresource", info.subresource);
  return out;
}

}  // namespace

std::variant<audit_policy, std::string> read_audit_policy(std::string_view text) {
  const auto parsed = parse_yaml(text);
  if (!parsed) return parsed.error;
  const json& document = parsed.value;
  if (string_at(document, {"kind"}) != "Policy" ||
      string_at(document, {"apiVersion"}) != "audit.k8s.io/v1")
    return std::string("must be a Policy of audit.k8s.io/v1");
  reader in;
  const auto omitted = in.stage_list(document, "");
  audit_policy out;
  const json& rules = at(document, {"rules"});
  if (!rules.is_array() || rules.empty()) return std::string("rules: must not be empty");
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const std::string where = "rules[" + std::to_string(i) + "].";
    out.rules.push_back(in.rule(rules[i], where));
    auto& stages_left_out = out.rules.back().omit_stages;
    stages_left_out = in.stage_list(rules[i], where);
    stages_left_out.insert(stages_left_out.end(), omitted.begin(), omitted.end());
  }
  if (!in.fault.empty()) return in.fault;
  return out;
}

const audit_rule* audit_rule_for(const audit_policy& policy, const subject& who,
                                 const request_info& what) {
  for (const auto& rule : policy.rules)
    if (matches(rule, who, what)) return rule.level == audit_level::none ? nullptr : &rule;
  return nullptr;
}

bool audits_stage(const audit_rule& rule, std::string_view stage) {
  return !has(rule.omit_stages, stage);
}

std::string audit_line(const audit_record& r, std::string_view stage, time_point now) {
  json out = {{"kind", "Event"},
              {"apiVersion", "audit.k8s.io/v1"},
              {"level", levels[static_cast<std::size_t>(r.level)]},
              {"auditID", r.id},
              {"stage", stage},
              {"requestURI", r.uri},
              {"verb", r.info.verb},
              {"user", user_json(r.user)},
              {"requestReceivedTimestamp", to_rfc3339_micro(r.received)},
              {"stageTimestamp", to_rfc3339_micro(now)}};
  if (r.impersonated) out["impersonatedUser"] = user_json(*r.impersonated);
  if (!r.source_ip.empty()) out["sourceIPs"] = json::array({r.source_ip});
  if (!r.user_agent.empty()) out["userAgent"] = r.user_agent;
  if (r.info.is_resource) out["objectRef"] = reference_json(r.info, r.object);
  if (r.level >= audit_level::request && !r.request_object.is_null())
    out["requestObject"] = r.request_object;
  if (r.code != 0) {
    json& status = out["responseStatus"];
    status = {{"metadata", json::object()}, {"code", r.code}};
    if (r.code >= 400) status["status"] = "Failure";
    if (!r.reason.empty()) status["reason"] = r.reason;
    if (!r.message.empty()) status["message"] = r.message;
    if (r.details.is_object()) status["details"] = r.details;
    if (!r.annotations.empty()) out["annotations"] = r.annotations;
    if (r.authenticated) {
      out["annotations"]["authorization.k8s.io/decision"] = r.allowed ? "allow" : "forbid";
      out["annotations"]["authorization.k8s.io/reason"] = "";
    }
    if (r.level == audit_level::request_response && !r.response_object.is_null())
      out["responseObject"] = r.response_object;
  }
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace troupe::model
