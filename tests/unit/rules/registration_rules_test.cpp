// floors: model
#include "tests/unit/rules/rules.hpp"

namespace troupe::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST(WebhookConfiguration, Rules) {
  const json valid = json::parse(R"({"metadata": {"name": "w"}, "webhooks": [{
    "name": "a.example.com", "sideEffects": "None", "admissionReviewVersions": ["v1"],
    "clientConfig": {"service": {"name": "s", "namespace": "a", "path": "/x"}},
    "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"],
               "resources": ["pods"]}],
    "matchConditions": [{"name": "m", "expression": "true"}]}]})");
  constexpr change table[] = {
      {"/webhooks/0/name", R"("")", "webhooks[0].name: Required value"},
      {"/webhooks/0/name", R"("a.com")",
       "webhooks[0].name: Invalid value: \"a.com\": should be a domain with at least three "
       "segments "
       "separated by dots"},
      {"/webhooks/0/sideEffects", "null",
       "webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun"},
      {"/webhooks/0/sideEffects", R"("Some")",
       "webhooks[0].sideEffects: Unsupported value: \"Some\": supported values: \"None\", "
       "\"NoneOnDryRun\""},
      {"/webhooks/0/admissionReviewVersions", "[]",
       "webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1"},
      {"/webhooks/0/admissionReviewVersions", R"(["v9"])",
       "webhooks[0].admissionReviewVersions: Invalid value: []string{\"v9\"}: must include at "
       "least "
       "one of v1, v1beta1"},
      {"/webhooks/0/admissionReviewVersions", R"(["v1", "v1"])",
       "webhooks[0].admissionReviewVersions[1]: Invalid value: \"v1\": duplicate version"},
      {"/webhooks/0/failurePolicy", R"("Hope")",
       "webhooks[0].failurePolicy: Unsupported value: \"Hope\": supported values: \"Fail\", "
       "\"Ignore\""},
      {"/webhooks/0/matchPolicy", R"("Some")", "webhooks[0].matchPolicy: Unsupported value"},
      {"/webhooks/0/timeoutSeconds", "31",
       "webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 "
       "seconds"},
      {"/webhooks/0/clientConfig", "{}",
       "webhooks[0].clientConfig: Required value: exactly one of url or service is required"},
      {"/webhooks/0/clientConfig", R"({"url": "http://a/b?c#d"})",
       "webhooks[0].clientConfig.url: Invalid value: \"http\": 'https' is the only allowed URL "
       "scheme; desired format: https://host[/path]"},
      {"/webhooks/0/clientConfig", R"({"url": "https://a/b?c#d"})",
       "webhooks[0].clientConfig.url: Invalid value: \"c\": query parameters are not permitted in "
       "the URL"},
      {"/webhooks/0/clientConfig", R"({"url": "https://u@a"})",
       "webhooks[0].clientConfig.url: Invalid value: \"u\": user information is not permitted in "
       "the URL"},
      {"/webhooks/0/clientConfig/service/name", R"("")",
       "webhooks[0].clientConfig.service.name: Required value"},
      {"/webhooks/0/clientConfig/service/path", R"("/a//b")",
       "webhooks[0].clientConfig.service.path: Invalid value: \"/a//b\": segment[1] may not be "
       "empty"},
      {"/webhooks/0/clientConfig/service/port", "70000",
       "webhooks[0].clientConfig.service.port: Invalid value: 70000: port is not valid: must be "
       "between 1 and 65535, inclusive"},
      {"/webhooks/0/rules/0/operations", R"(["*", "CREATE"])",
       "webhooks[0].rules[0].operations: Invalid value: "
       "[]admissionregistration.OperationType{\"*\", \"CREATE\"}: if '*' is present, must not "
       "specify other operations"},
      {"/webhooks/0/rules/0/operations", R"(["READ"])",
       "webhooks[0].rules[0].operations[0]: Unsupported value: \"READ\": supported values: \"*\", "
       "\"CONNECT\", \"CREATE\", \"DELETE\", \"UPDATE\""},
      {"/webhooks/0/rules/0/apiGroups", "[]", "webhooks[0].rules[0].apiGroups: Required value"},
      {"/webhooks/0/rules/0/apiVersions", R"(["*", "v1"])",
       "webhooks[0].rules[0].apiVersions: Invalid value: []string{\"*\", \"v1\"}: if '*' is "
       "present, must not specify other API versions"},
      {"/webhooks/0/rules/0/resources", R"(["pods/*", "pods/log"])",
       "webhooks[0].rules[0].resources[1]: Invalid value: \"pods/log\": if 'pods/*' is present, "
       "must not specify pods/log"},
      {"/webhooks/0/rules/0/resources", R"(["*", "pods"])",
       "webhooks[0].rules[0].resources: Invalid value: []string{\"*\", \"pods\"}: if '*' is "
       "present, must not specify other resources without subresources"},
      {"/webhooks/0/rules/0/scope", R"("World")",
       "webhooks[0].rules[0].scope: Unsupported value: \"World\": supported values: \"*\", "
       "\"Cluster\", \"Namespaced\""},
      {"/webhooks/0/matchConditions/0/expression", R"(" ")",
       "webhooks[0].matchConditions[0].expression: Required value"},
      {"/webhooks/0/matchConditions/1", R"({"name": "m", "expression": "true"})",
       "webhooks[0].matchConditions[1].name: Duplicate value: \"m\""},
  };
  expect_rules("validatingwebhookconfigurations.admissionregistration.k8s.io", valid, table);
  json mutating = valid;
  EXPECT_THAT(create("mutatingwebhookconfigurations.admissionregistration.k8s.io", mutating),
              IsEmpty());
  mutating["webhooks"][0]["reinvocationPolicy"] = "Always";
  EXPECT_THAT(
      create("mutatingwebhookconfigurations.admissionregistration.k8s.io", mutating),
      ElementsAre("webhooks[0].reinvocationPolicy: Unsupported value: \"Always\": supported "
                  "values: \"IfNeeded\", \"Never\""));
}

TEST(ValidatingAdmissionPolicy, Rules) {
  const json valid = json::parse(R"({"metadata": {"name": "p"}, "spec": {
    "matchConstraints": {"resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"],
      "operations": ["*"], "resources": ["pods"]}]},
    "paramKind": {"apiVersion": "a.com/v1", "kind": "K"},
    "variables": [{"name": "x", "expression": "1"}],
    "validations": [{"expression": "true", "message": "no"}],
    "auditAnnotations": [{"key": "k", "valueExpression": "'v'"}]}})");
  constexpr change table[] = {
      {"/spec/matchConstraints", "null", "spec.matchConstraints: Required value"},
      {"/spec/matchConstraints/resourceRules", "[]",
       "spec.matchConstraints.resourceRules: Required value"},
      {"/spec/matchConstraints/resourceRules/0/resourceNames", R"(["a", "a"])",
       "spec.matchConstraints.resourceRules[0].resourceNames[1]: Duplicate value: \"a\""},
      {"/spec/failurePolicy", R"("Hope")", "spec.failurePolicy: Unsupported value: \"Hope\""},
      {"/spec/paramKind/apiVersion", R"("a/b/c")",
       "spec.paramKind.apiVersion: Invalid value: \"a/b/c\": unexpected GroupVersion string: "
       "a/b/c"},
      {"/spec/paramKind/kind", R"("")", "spec.paramKind.kind: Required value"},
      {"/spec/variables/0/name", R"("in")",
       "spec.variables[0].name: Invalid value: \"in\": name is not a valid CEL identifier"},
      {"/spec/variables/0/expression", R"("")",
       "spec.variables[0].expression: Required value: expression is not specified"},
      {"/spec/validations/0/expression", R"(" ")",
       "spec.validations[0].expression: Required value: expression is not specified"},
      {"/spec/validations/0/message", R"("a\nb")",
       "spec.validations[0].message: Invalid value: \"a\\nb\": message must not contain line "
       "breaks"},
      {"/spec/validations/0/reason", R"("Gone")",
       "spec.validations[0].reason: Unsupported value: \"Gone\""},
      {"/spec/auditAnnotations/0/valueExpression", R"("")",
       "spec.auditAnnotations[0].valueExpression: Required value: valueExpression is not "
       "specified"},
      {"/spec/auditAnnotations/1", R"({"key": "k", "valueExpression": "'w'"})",
       "spec.auditAnnotations[1].key: Duplicate value: \"k\""},
  };
  expect_rules("validatingadmissionpolicies.admissionregistration.k8s.io", valid, table);
  json empty = valid;
  empty["spec"].erase("validations");
  empty["spec"].erase("auditAnnotations");
  EXPECT_THAT(create("validatingadmissionpolicies.admissionregistration.k8s.io", empty),
              ElementsAre("spec.validations: Required value: validations or auditAnnotations must "
                          "contain at least one item",
                          "spec.auditAnnotations: Required value: validations or auditAnnotations "
                          "must contain at least one item"));
}

TEST(ValidatingAdmissionPolicy, TypesOfExpressions) {
  const struct {
    const char *where, *expression;  ///< of the policy
    const char* fault;               ///< null: it is good
  } table[] = {
      {"/validations/0/expression", "object.spec.replicas < 5 && has(oldObject.x)", nullptr},
      {"/validations/0/expression", "request.userInfo.groups.exists(g, g == 'a')", nullptr},
      {"/validations/0/expression", "namespaceObject.metadata.labels['a'] == params.a", nullptr},
      {"/validations/0/expression", "variables.n + 1 > 2 && variables.names.size() > 0", nullptr},
      {"/validations/0/expression", "authorizer.group('').resource('x').check('get').allowed()",
       nullptr},
      {"/validations/0/expression", "authorizer.requestResource.check('get').allowed()", nullptr},
      {"/validations/0/expression", "object.spec.replicas", "must evaluate to bool"},
      {"/validations/0/expression", "1", "must evaluate to bool"},
      {"/validations/0/expression", "other == 1",
       "compilation failed: ERROR: <input>:1:1: undeclared reference to 'other' (in container '')"},
      {"/validations/0/expression", "request.object.x == 1",
       "compilation failed: ERROR: <input>:1:8: undefined field 'object'"},
      {"/validations/0/expression", "request.dryRun == 'yes'",
       "compilation failed: ERROR: <input>:1:16: found no matching overload for '_==_' applied to "
       "'(bool, string)'"},
      {"/validations/0/expression", "namespaceObject.spec.none == 1",
       "compilation failed: ERROR: <input>:1:21: undefined field 'none'"},
      {"/validations/0/expression", "variables.none == 1",
       "compilation failed: ERROR: <input>:1:10: undefined field 'none'"},
      {"/validations/0/expression", "variables.n == 'a'",
       "compilation failed: ERROR: <input>:1:13: found no matching overload for '_==_' applied to "
       "'(int, string)'"},
      {"/validations/0/messageExpression", "'n is ' + string(variables.n)", nullptr},
      {"/validations/0/messageExpression", "object.name", "must evaluate to string"},
      {"/validations/0/messageExpression", "authorizer.path('/').check('get').reason()",
       "compilation failed: ERROR: <input>:1:1: undeclared reference to 'authorizer' (in container "
       "'')"},
      {"/auditAnnotations/0/valueExpression", "variables.n > 1 ? 'many' : 'few'", nullptr},
      {"/auditAnnotations/0/valueExpression", "null", nullptr},
      {"/auditAnnotations/0/valueExpression", "object.name",
       "must evaluate to one of [string null_type]"},
      {"/variables/0/expression", "variables.names",
       "compilation failed: ERROR: <input>:1:10: undefined field 'names'"},
      {"/variables/0/expression", "object.any.thing", nullptr},
      {"/matchConditions/0/expression", "params.a == 1 && request.operation == 'CREATE'", nullptr},
      {"/matchConditions/0/expression", "request.operation", "must evaluate to bool"},
      {"/matchConditions/0/expression", "variables.n == 1",
       "compilation failed: ERROR: <input>:1:1: undeclared reference to 'variables' (in container "
       "'')"},
  };
  for (const auto& row : table) {
    json policy = json::parse(R"({"metadata": {"name": "p"}, "spec": {
      "matchConstraints": {"resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"],
        "operations": ["*"], "resources": ["pods"]}]},
      "paramKind": {"apiVersion": "a.com/v1", "kind": "K"},
      "matchConditions": [{"name": "m", "expression": "true"}],
      "variables": [{"name": "n", "expression": "1"}, {"name": "names", "expression": "['a']"}],
      "validations": [{"expression": "true"}],
      "auditAnnotations": [{"key": "k", "valueExpression": "'v'"}]}})");
    policy["spec"][json::json_pointer(row.where)] = row.expression;
    auto found = create("validatingadmissionpolicies.admissionregistration.k8s.io", policy);
    if (!row.fault) {
      EXPECT_THAT(found, testing::IsEmpty()) << row.expression;
      continue;
    }
    ASSERT_FALSE(found.empty()) << row.expression;
    std::string place = std::string("spec") + row.where;
    for (auto at = place.find('/'); at != place.npos; at = place.find('/')) {
      const bool index = place[at + 1] == '0';
      place = index ? place.replace(at, 2, "[0]") : place.replace(at, 1, ".");
    }
    const std::string first = found[0].substr(0, found[0].find('\n'));
    EXPECT_EQ(first, place + ": Invalid value: " + json(row.expression).dump() + ": " + row.fault);
  }
}

TEST(ValidatingAdmissionPolicyBinding, Rules) {
  const json valid = json::parse(R"({"metadata": {"name": "b"}, "spec": {"policyName": "p",
    "paramRef": {"name": "x", "parameterNotFoundAction": "Deny"},
    "validationActions": ["Deny"]}})");
  constexpr change table[] = {
      {"/spec/policyName", R"("")", "spec.policyName: Required value"},
      {"/spec/paramRef/name", R"("")",
       "spec.paramRef: Required value: one of name or selector must be specified"},
      {"/spec/paramRef/selector", "{}",
       "spec.paramRef.name: Forbidden: name and selector are mutually exclusive"},
      {"/spec/paramRef/parameterNotFoundAction", R"("Ask")",
       "spec.paramRef.parameterNotFoundAction: Unsupported value: \"Ask\": supported values: "
       "\"Deny\", \"Allow\""},
      {"/spec/validationActions", "[]",
       "spec.validationActions: Required value: at least one validation action is required"},
      {"/spec/validationActions", R"(["Deny", "Warn"])",
       "spec.validationActions: Invalid value: []admissionregistration.ValidationAction{\"Deny\", "
       "\"Warn\"}: must not contain both Deny and Warn"},
      {"/spec/validationActions", R"(["Deny", "Deny"])",
       "spec.validationActions[1]: Duplicate value: \"Deny\""},
  };
  expect_rules("validatingadmissionpolicybindings.admissionregistration.k8s.io", valid, table);
}

TEST(APIService, Rules) {
  const json valid = json::parse(R"({"metadata": {"name": "v1.example.com"}, "spec": {
    "group": "example.com", "version": "v1", "groupPriorityMinimum": 100, "versionPriority": 10,
    "service": {"name": "s", "namespace": "a"}}})");
  constexpr change table[] = {
      {"/metadata/name", R"("v2.example.com")",
       "metadata.name: Invalid value: \"v2.example.com\": must be `spec.version+\".\"+spec.group`: "
       "\"v1.example.com\""},
      {"/spec/version", R"("1")", "spec.version: Invalid value: \"1\": a DNS-1035 label"},
      {"/spec/groupPriorityMinimum", "20001",
       "spec.groupPriorityMinimum: Invalid value: 20001: must be positive and less than 20000"},
      {"/spec/versionPriority", "0",
       "spec.versionPriority: Invalid value: 0: must be positive and less than 1000"},
      {"/spec/service/name", R"("")", "spec.service.name: Required value"},
      {"/spec/service/port", "0",
       "spec.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, "
       "inclusive"},
  };
  expect_rules("apiservices.apiregistration.k8s.io", valid, table);
  json local = valid;
  local["spec"].erase("service");
  local["spec"]["insecureSkipTLSVerify"] = true;
  EXPECT_THAT(create("apiservices.apiregistration.k8s.io", local),
              ElementsAre("spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may "
                          "not have insecureSkipTLSVerify"));
}

TEST(FlowSchema, Rules) {
  const json valid = json::parse(R"({"metadata": {"name": "f"}, "spec": {
    "priorityLevelConfiguration": {"name": "p"}, "distinguisherMethod": {"type": "ByUser"},
    "rules": [{"subjects": [{"kind": "User", "user": {"name": "joe"}}],
      "resourceRules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"],
                         "namespaces": ["*"]}]}]}})");
  constexpr change table[] = {
      {"/spec/matchingPrecedence", "-1",
       "spec.matchingPrecedence: Invalid value: -1: must be a positive value"},
      {"/spec/matchingPrecedence", "10001",
       "spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000"},
      {"/spec/matchingPrecedence", "1",
       "spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have "
       "matchingPrecedence 1"},
      {"/spec/distinguisherMethod/type", R"("ByLuck")",
       "spec.distinguisherMethod.type: Unsupported value: \"ByLuck\": supported values: "
       "\"ByNamespace\", \"ByUser\""},
      {"/spec/priorityLevelConfiguration/name", R"("")",
       "spec.priorityLevelConfiguration.name: Required value: must reference a priority level"},
      {"/spec/rules/0/subjects", "[]",
       "spec.rules[0].subjects: Required value: subjects must contain at least one value"},
      {"/spec/rules/0/subjects/0/kind", R"("Robot")",
       "spec.rules[0].subjects[0].kind: Unsupported value: \"Robot\": supported values: \"Group\", "
       "\"ServiceAccount\", \"User\""},
      {"/spec/rules/0/subjects/0/kind", R"("Group")",
       "spec.rules[0].subjects[0].group: Required value: group is required when subject kind is "
       "'Group'"},
      {"/spec/rules/0/subjects/0/group", R"({"name": "g"})",
       "spec.rules[0].subjects[0].group: Forbidden: group is forbidden when subject kind is not "
       "'Group'"},
      {"/spec/rules/0/resourceRules", "[]",
       "spec.rules[0]: Required value: at least one of resourceRules and nonResourceRules has to "
       "be "
       "non-empty"},
      {"/spec/rules/0/resourceRules/0/verbs", R"(["fetch"])",
       "spec.rules[0].resourceRules[0].verbs: Unsupported value: []string{\"fetch\"}: supported "
       "values: \"create\", \"delete\""},
      {"/spec/rules/0/resourceRules/0/namespaces", "[]",
       "spec.rules[0].resourceRules[0].namespaces: Required value: resource rules that are not "
       "cluster scoped must supply at least one namespace"},
      {"/spec/rules/0/nonResourceRules", R"([{"verbs": ["*"], "nonResourceURLs": ["x"]}])",
       "spec.rules[0].nonResourceRules[0].nonResourceURLs[0]: Invalid value: \"x\": must start "
       "with "
       "slash"},
  };
  expect_rules("flowschemas.flowcontrol.apiserver.k8s.io", valid, table);
}

TEST(PriorityLevelConfiguration, Rules) {
  const json valid = json::parse(R"({"metadata": {"name": "p"}, "spec": {"type": "Limited",
    "limited": {"limitResponse": {"type": "Queue", "queuing": {}}}}})");
  constexpr change table[] = {
      {"/spec/type", R"("Exempt")",
       "spec.type: Invalid value: \"Exempt\": type must be 'Exempt' if and only if name is "
       "'exempt'"},
      {"/spec/type", R"("Other")",
       "spec.type: Unsupported value: \"Other\": supported values: \"Exempt\", \"Limited\""},
      {"/spec/limited", "null",
       "spec.limited: Required value: must not be empty when type is Limited"},
      {"/spec/limited/nominalConcurrencyShares", "-1",
       "spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer"},
      {"/spec/limited/lendablePercent", "101",
       "spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive"},
      {"/spec/limited/limitResponse/type", R"("Reject")",
       "spec.limited.limitResponse.queuing: Forbidden: must be nil if limited.limitResponse.type "
       "is "
       "not Limited"},
      {"/spec/limited/limitResponse/queuing", "null",
       "spec.limited.limitResponse.queuing: Required value: must not be empty if "
       "limited.limitResponse.type is Limited"},
      {"/spec/limited/limitResponse/queuing/handSize", "65",
       "spec.limited.limitResponse.queuing.handSize: Invalid value: 65: should not be greater than "
       "queues (64)"},
      {"/spec/limited/limitResponse/queuing/handSize", "11",
       "spec.limited.limitResponse.queuing.handSize: Invalid value: 11: required entropy bits of "
       "deckSize 64 and handSize 11 should not be greater than 60"},
  };
  expect_rules("prioritylevelconfigurations.flowcontrol.apiserver.k8s.io", valid, table);
}

}  // namespace
}  // namespace troupe::model
