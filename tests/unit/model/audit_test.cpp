// floors: model
#include "model/audit.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

audit_policy policy(const std::string& rules) {
  auto read = read_audit_policy("apiVersion: audit.k8s.io/v1\nkind: Policy\n" + rules);
  if (auto* fault = std::get_if<std::string>(&read)) throw std::invalid_argument(*fault);
  return std::get<audit_policy>(read);
}

request_info request(const char* method, const char* target) {
  return std::get<request_info>(parse_request(method, target));
}

TEST(Audit, TheFirstRuleThatMatchesCounts) {
  const auto p = policy(R"(rules:
- {level: None, users: [quiet]}
- {level: None, userGroups: ["system:nodes"], verbs: [get]}
- {level: RequestResponse, resources: [{group: "", resources: [secrets, "pods/*"]}], namespaces: [d]}
- {level: Request, resources: [{group: apps}, {group: "", resources: [configmaps], resourceNames: [c]}]}
- {level: None, nonResourceURLs: ["/healthz*", "/version"]}
- {level: Metadata}
)");
  using enum audit_level;
  const std::vector<std::string> nodes{"system:nodes"};
  const std::vector<std::string> others{"x"};
  const struct {
    const char* user;
    const std::vector<std::string>& groups;
    const char* method;
    const char* target;
    audit_level level;
  } cases[] = {
      {"quiet", others, "GET", "/api/v1/pods", none},
      {"n", nodes, "GET", "/api/v1/nodes/n", none},
      {"n", nodes, "PUT", "/api/v1/nodes/n", metadata},
      {"joe", others, "GET", "/api/v1/namespaces/d/secrets", request_response},
      {"joe", others, "GET", "/api/v1/namespaces/e/secrets", metadata},
      {"joe", others, "GET", "/api/v1/namespaces/d/pods/p/log", request_response},
      {"joe", others, "GET", "/api/v1/namespaces/d/pods/p", metadata},
      {"joe", others, "POST", "/apis/apps/v1/namespaces/e/deployments", audit_level::request},
      {"joe", others, "GET", "/api/v1/namespaces/e/configmaps/c", audit_level::request},
      {"joe", others, "GET", "/api/v1/namespaces/e/configmaps/d", metadata},
      {"joe", others, "GET", "/healthz/ping", none},
      {"joe", others, "GET", "/version", none},
      {"joe", others, "GET", "/apis", metadata},
  };
  for (const auto& c : cases) {
    const auto* rule =
        audit_rule_for(p, {c.user, c.groups}, troupe::model::request(c.method, c.target));
    EXPECT_EQ(rule ? rule->level : none, c.level) << c.user << " " << c.method << " " << c.target;
  }
}

TEST(Audit, StagesAreLeftOut) {
  const auto p = policy(
      "omitStages: [RequestReceived]\nrules: [{level: Metadata, omitStages: [ResponseStarted]}]");
  EXPECT_FALSE(audits_stage(p.rules[0], "RequestReceived"));
  EXPECT_FALSE(audits_stage(p.rules[0], "ResponseStarted"));
  EXPECT_TRUE(audits_stage(p.rules[0], "ResponseComplete"));
}

TEST(Audit, SaysWhatIsWrongWithAPolicy) {
  const struct {
    const char* text;
    const char* fault;
  } cases[] = {
      {"kind: Policy", "must be a Policy of audit.k8s.io/v1"},
      {"rules: []", "rules: must not be empty"},
      {"rules: [{level: Some}]",
       "rules[0].level: must be None, Metadata, Request or RequestResponse"},
      {"rules: [{level: None, users: joe}]", "rules[0].users: must be a list"},
      {"rules: [{level: None, omitStages: [Later]}]",
       "rules[0].omitStages: unknown stage \"Later\""},
      {"rules: [{level: None, nonResourceURLs: [\"/a\"], namespaces: [d]}]",
       "rules[0].nonResourceURLs: rules cannot apply to both regular resources and non-resource "
       "URLs"},
      {"rules: [{level: None, nonResourceURLs: [\"/*/a\"]}]",
       "rules[0].nonResourceURLs: must begin with / and have a * at its end alone"},
  };
  for (const auto& c : cases) {
    const bool whole = std::string_view(c.text).starts_with("kind");
    const auto read = read_audit_policy(
        (whole ? "" : "apiVersion: audit.k8s.io/v1\nkind: Policy\n") + std::string(c.text));
    ASSERT_TRUE(std::holds_alternative<std::string>(read)) << c.text;
    EXPECT_EQ(std::get<std::string>(read), c.fault);
  }
}

TEST(Audit, TellsARequestAsKubernetesDoes) {
  audit_record r;
  r.level = audit_level::request;
  r.id = "id-1";
  r.uri = "/api/v1/namespaces/d/pods/p?x=y";
  r.user = {"admin", {"system:masters"}, "", {}};
  r.impersonated = audit_user{"joe", {}, "", {}};
  r.source_ip = "127.0.0.1";
  r.user_agent = "kubectl";
  r.info = request("GET", "/api/v1/namespaces/d/pods/p");
  r.received = *from_rfc3339("2026-01-01T00:00:00Z");
  r.request_object = {{"kind", "Pod"}};
  r.response_object = {{"kind", "never shown"}};
  r.code = 403;
  r.reason = "Forbidden";
  r.message = "no";
  r.details = {{"name", "p"}, {"kind", "pods"}};
  r.allowed = false;
  r.annotations = {{"p/k", "v"}};
  EXPECT_EQ(json::parse(audit_line(r, "ResponseComplete", r.received)), json::parse(R"({
    "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Request", "auditID": "id-1",
    "stage": "ResponseComplete", "requestURI": "/api/v1/namespaces/d/pods/p?x=y", "verb": "get",
    "user": {"username": "admin", "groups": ["system:masters"]},
    "impersonatedUser": {"username": "joe"}, "sourceIPs": ["127.0.0.1"], "userAgent": "kubectl",
    "objectRef": {"resource": "pods", "namespace": "d", "name": "p", "apiVersion": "v1"},
    "responseStatus": {"metadata": {}, "status": "Failure", "reason": "Forbidden", "message": "no",
      "details": {"name": "p", "kind": "pods"}, "code": 403},
    "requestObject": {"kind": "Pod"},
    "requestReceivedTimestamp": "2026-01-01T00:00:00.000000Z",
    "stageTimestamp": "2026-01-01T00:00:00.000000Z",
    "annotations": {"authorization.k8s.io/decision": "forbid", "authorization.k8s.io/reason": "",
      "p/k": "v"}})"));
}

TEST(Audit, TheBodyFillsInWhatTheUrlDoesNotSay) {
  const audited_object nothing;
  const audited_object whole{"e", "q", "u", "7"};
  const struct {
    const char* method;
    const char* target;
    const audited_object& object;
    const char* reference;
  } cases[] = {
      {"POST", "/api/v1/namespaces/d/pods", nothing,
       R"({"resource": "pods", "namespace": "d", "apiVersion": "v1"})"},
      {"POST", "/api/v1/namespaces/d/pods", whole,
       R"({"resource": "pods", "namespace": "d", "name": "q", "uid": "u", "apiVersion": "v1",
           "resourceVersion": "7"})"},
      {"PUT", "/api/v1/namespaces/d/pods/p/status", whole,
       R"({"resource": "pods", "subresource": "status", "namespace": "d", "name": "p", "uid": "u",
           "apiVersion": "v1", "resourceVersion": "7"})"},
      {"POST", "/apis/rbac.authorization.k8s.io/v1/clusterroles", whole,
       R"({"resource": "clusterroles", "namespace": "e", "name": "q", "uid": "u",
           "apiGroup": "rbac.authorization.k8s.io", "apiVersion": "v1", "resourceVersion": "7"})"},
  };
  for (const auto& c : cases) {
    audit_record r;
    r.info = troupe::model::request(c.method, c.target);
    r.object = c.object;
    EXPECT_EQ(json::parse(audit_line(r, "ResponseComplete", {}))["objectRef"],
              json::parse(c.reference))
        << c.target;
  }
}

}  // namespace
}  // namespace troupe::model
