#include "model/audit.hpp"
#include "tests/fuzz/target.hpp"

using namespace troupe::model;

// The input is a policy, and a part of what is asked.
void fuzz(std::string_view input) {
  const auto read = read_audit_policy(input);
  const auto* policy = std::get_if<audit_policy>(&read);
  if (!policy) return require(!std::get<std::string>(read).empty(), "refused without a word");
  require(!policy->rules.empty(), "a policy without rules");
  const std::vector<std::string> groups{"system:nodes", "system:authenticated"};
  for (const auto* target : {"/api/v1/namespaces/a/pods/b/log", "/apis/apps/v1/deployments",
                             "/healthz", "/api/v1/namespaces/kube-system/secrets/x"}) {
    const auto parsed = parse_request("GET", target);
    const auto& info = std::get<request_info>(parsed);
    const auto* rule = audit_rule_for(*policy, {"jane", groups}, info);
    if (!rule) continue;
    require(rule->level != audit_level::none, "a rule that wants nothing is followed");
    audit_record r;
    r.level = rule->level;
    r.info = info;
    r.message = input;  // may be no UTF-8
    r.code = 403;
    for (const auto* stage : {"RequestReceived", "ResponseComplete"})
      if (audits_stage(*rule, stage)) {
        const auto line = audit_line(r, stage, {});
        require(json::accept(line) && line.find('\n') == line.npos, "an event is no line of JSON");
      }
  }
}

std::vector<std::string> seeds() {
  return {R"(apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- {level: None, users: ["system:kube-proxy"], verbs: [watch]}
- {level: Metadata, resources: [{group: "", resources: [secrets, "pods/*", "*/status"], resourceNames: [x]}]}
- {level: RequestResponse, userGroups: ["system:nodes"], namespaces: [kube-system, ""]}
- {level: Request, nonResourceURLs: ["/healthz*", "*"], omitStages: [ResponseStarted]}
)",
          R"({"apiVersion":"audit.k8s.io/v1","kind":"Policy","rules":[{"level":"Metadata"}]})",
          R"({"apiVersion":"audit.k8s.io/v1","kind":"Policy","rules":[{"level":7,"users":{}}]})",
          "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: {}\n"};
}
