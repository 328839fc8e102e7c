// floors: model
#include "definition.hpp"
#include "model/base64.hpp"
#include "model/hooks/conversion_review.hpp"
#include "model/hooks/policy.hpp"
#include "model/hooks/review.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

using testing::HasSubstr;

hook_request request_of(const char* resource, const char* operation, json object) {
  hook_request r;
  r.kind = schema::instance().by_resource(resource);
  r.operation = operation;
  r.ns = r.kind->namespaced ? "n" : "";
  r.name = string_at(object, {"metadata", "name"}, "x");
  r.user = "me";
  r.object = std::move(object);
  return r;
}

hook hook_of(const char* text) {
  const json configuration = {{"metadata", {{"name", "c"}}},
                              {"webhooks", json::array({json::parse(text)})}};
  return read_hooks(configuration).at(0);
}

TEST(Hooks, SeeWhatTheirRulesSelect) {
  const string_pairs labels{{"team", "a"}};
  const json object = {{"metadata", {{"name", "x"}, {"labels", {{"app", "web"}}}}}};
  struct row {
    const char *hook, *resource, *operation, *subresource;
    bool seen;
  };
  constexpr const char* pods =
      R"({"rules": [{"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"]}]})";
  constexpr const char* all =
      R"({"rules": [{"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/*"]}]})";
  constexpr const char* scales =
      R"({"rules": [{"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*/scale"]}]})";
  constexpr const char* cluster =
      R"({"rules": [{"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"], "scope": "Cluster"}]})";
  constexpr const char* team_b =
      R"({"namespaceSelector": {"matchLabels": {"team": "b"}}, "rules": [{"operations": ["*"], "apiGroups": ["*"],
          "apiVersions": ["*"], "resources": ["*"]}]})";
  constexpr const char* web =
      R"({"objectSelector": {"matchLabels": {"app": "web"}}, "rules": [{"operations": ["*"], "apiGroups": ["*"],
          "apiVersions": ["*"], "resources": ["*"]}]})";
  const row table[] = {{pods, "pods", "CREATE", "", true},
                       {pods, "pods", "UPDATE", "", false},
                       {pods, "pods", "CREATE", "status", false},
                       {pods, "services", "CREATE", "", false},
                       {all, "pods", "DELETE", "status", true},
                       {scales, "deployments.apps", "UPDATE", "scale", true},
                       {scales, "deployments.apps", "UPDATE", "", false},
                       {cluster, "nodes", "UPDATE", "", true},
                       {cluster, "pods", "UPDATE", "", false},
                       {team_b, "pods", "CREATE", "", false},
                       {team_b, "nodes", "CREATE", "", true},
                       {web, "pods", "CREATE", "", true}};
  for (const row& r : table) {
    auto request = request_of(r.resource, r.operation, object);
    request.subresource = r.subresource;
    EXPECT_EQ(hook_of(r.hook).match.wanted(request, labels) != nullptr, r.seen)
        << r.hook << r.resource << r.operation << r.subresource;
  }
}

TEST(Hooks, SeeOtherVersionsOfAResource) {
  constexpr const char* rules =
      R"("rules": [{"operations": ["*"], "apiGroups": ["autoscaling"], "apiVersions": ["v1"],
                    "resources": ["horizontalpodautoscalers"]}]})";
  auto request = request_of("horizontalpodautoscalers.autoscaling", "CREATE", {{"spec", json()}});
  ASSERT_EQ(request.kind->version, "v2");
  const auto* as = hook_of((std::string("{") + rules).c_str()).match.wanted(request, {});
  ASSERT_NE(as, nullptr);
  EXPECT_EQ(as->version, "v1");
  EXPECT_EQ(hook_of((std::string(R"({"matchPolicy": "Exact", )") + rules).c_str())
                .match.wanted(request, {}),
            nullptr);
}

TEST(Hooks, AskAboutARequest) {
  const auto h = hook_of(R"({"name": "h", "admissionReviewVersions": ["v1"]})");
  const auto r = request_of("pods", "CREATE", {{"metadata", {{"name", "p"}}}});
  const json review = json::parse(review_text(h, r, *r.kind, "u1"));
  EXPECT_EQ(review["apiVersion"], "admission.k8s.io/v1");
  const json& asked = review["request"];
  EXPECT_EQ(asked["uid"], "u1");
  EXPECT_EQ(asked["kind"], json::parse(R"({"group": "", "version": "v1", "kind": "Pod"})"));
  EXPECT_EQ(asked["namespace"], "n");
  EXPECT_EQ(asked["userInfo"]["username"], "me");
  EXPECT_EQ(asked["object"]["metadata"]["name"], "p");
  EXPECT_TRUE(asked["oldObject"].is_null());
  EXPECT_FALSE(asked.contains("subResource"));
}

TEST(Hooks, ShowASubresourcesOwnKind) {
  const auto kind_of = [](const char* resource, const char* subresource) {
    auto r = request_of(resource, "CONNECT", json::object());
    r.subresource = subresource;
    const json shown = request_document(r, *r.kind, "u");
    EXPECT_EQ(shown["kind"], shown["requestKind"]);
    EXPECT_EQ(shown["resource"]["resource"], r.kind->plural);
    const json& k = shown["kind"];
    return string_at(k, {"group"}) + "/" + string_at(k, {"version"}) + " " + string_at(k, {"kind"});
  };
  EXPECT_EQ(kind_of("pods", ""), "/v1 Pod");
  EXPECT_EQ(kind_of("pods", "status"), "/v1 Pod");
  EXPECT_EQ(kind_of("pods", "exec"), "/v1 PodExecOptions");
  EXPECT_EQ(kind_of("pods", "binding"), "/v1 Binding");
  EXPECT_EQ(kind_of("pods", "eviction"), "policy/v1 Eviction");
  EXPECT_EQ(kind_of("deployments.apps", "scale"), "autoscaling/v1 Scale");
}

TEST(Hooks, BelieveOnlyGoodAnswers) {
  const auto h = hook_of(R"({"name": "h", "admissionReviewVersions": ["v1"]})");
  const auto heard = [&](const std::string& response) {
    return read_review(h, "u", 200, R"({"kind": "AdmissionReview", "response": )" + response + "}",
                       true);
  };
  const auto patch = heard(R"({"uid": "u", "allowed": true, "patchType": "JSONPatch", "patch": ")" +
                           to_base64(R"([{"op": "add"}])") + "\"}");
  EXPECT_EQ(patch.error, "");
  EXPECT_EQ(patch.patch.size(), 1u);
  EXPECT_TRUE(heard(R"({"uid": "u", "allowed": true, "warnings": ["w"]})").allowed);
  EXPECT_EQ(heard(R"({"uid": "u", "allowed": false, "auditAnnotations": {"k": "v", "n": 1}})")
                .audit_annotations,
            (std::map<std::string, std::string>{{"h/k", "v"}}));
  const std::pair<const char*, const char*> errors[] = {
      {R"({"uid": "v", "allowed": true})", "expected response.uid=\"u\", got \"v\""},
      {R"({"uid": "u"})", "does not say whether"},
      {"null", "webhook response was absent"},
      {R"({"uid": "u", "allowed": true, "patch": "W10="})", "not response.patchType"},
      {R"({"uid": "u", "allowed": true, "patchType": "Other", "patch": "W10="})",
       "unsupported patch type"},
      {R"({"uid": "u", "allowed": true, "patchType": "JSONPatch", "patch": "?"})", "no base64"}};
  for (const auto& [response, why] : errors) EXPECT_THAT(heard(response).error, HasSubstr(why));
  EXPECT_THAT(read_review(h, "u", 500, "", true).error, HasSubstr("status 500"));
  EXPECT_THAT(read_review(h, "u", 200, "<html>", true).error, HasSubstr("no JSON"));
  const std::tuple<const char*, int, const char*> refusals[] = {
      {R"({"uid": "u", "allowed": false})", 400,
       "admission webhook \"h\" denied the request without explanation"},
      {R"({"uid": "u", "allowed": false, "status": {"code": 403, "message": "no"}})", 403,
       "admission webhook \"h\" denied the request: no"},
      {R"({"uid": "u", "allowed": false, "status": {"code": 200, "reason": "Because"}})", 400,
       "admission webhook \"h\" denied the request: Because"}};
  for (const auto& [response, code, message] : refusals) {
    const auto a = heard(response);
    EXPECT_FALSE(a.allowed);
    EXPECT_EQ(a.refusal.code, code);
    EXPECT_EQ(a.refusal.message, message);
  }
}

TEST(Hooks, PatchesAreDecodedAndDefaulted) {
  const auto h = hook_of(R"({"name": "h"})");
  const auto r =
      request_of("configmaps", "CREATE",
                 {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "c"}}}});
  const auto with = [&](const char* patch) {
    return apply_hook_patch(h, r, *r.kind, json::parse(patch));
  };
  const auto made = with(R"([{"op": "add", "path": "/data", "value": {"a": "b"}}])");
  ASSERT_TRUE(std::holds_alternative<json>(made));
  EXPECT_EQ(std::get<json>(made)["data"]["a"], "b");
  for (const char* bad : {R"([{"op": "remove", "path": "/data"}])",
                          R"([{"op": "add", "path": "/data", "value": "text"}])"}) {
    const auto refused = with(bad);
    ASSERT_TRUE(std::holds_alternative<status>(refused)) << bad;
    EXPECT_EQ(std::get<status>(refused).code, 500);
  }
}

TEST(Conversions, ChangeWhatIsTheirs) {
  const std::vector<json> objects{json::parse(
      R"({"apiVersion": "g/v1", "kind": "K", "metadata": {"name": "x", "uid": "u", "resourceVersion": "7",
          "labels": {"a": "b"}}, "spec": 1})")};
  EXPECT_EQ(json::parse(conversion_text("q", "g/v2", objects))["request"]["objects"],
            json(objects));
  const auto read = [&](const std::string& response) {
    return read_conversion("q", "g/v2", objects, 200,
                           R"({"kind": "ConversionReview", "response": )" + response + "}");
  };
  const auto made = read(R"({"uid": "q", "result": {"status": "Success"}, "convertedObjects": [
      {"apiVersion": "g/v2", "kind": "K", "spec": 2,
       "metadata": {"name": "x", "uid": "u", "resourceVersion": "9", "labels": {"c": "d"}}}]})");
  ASSERT_TRUE(std::holds_alternative<std::vector<json>>(made)) << std::get<std::string>(made);
  const json& object = std::get<std::vector<json>>(made)[0];
  EXPECT_EQ(object["spec"], 2);
  EXPECT_EQ(object["metadata"], json::parse(R"({"name": "x", "uid": "u", "resourceVersion": "7",
                                                "labels": {"c": "d"}})"));
  const std::pair<const char*, const char*> errors[] = {
      {R"({"uid": "other"})", "expected response.uid"},
      {R"({"uid": "q", "result": {"status": "Failure", "message": "no"}})", "no"},
      {R"({"uid": "q", "result": {"status": "Success"}, "convertedObjects": []})",
       "webhook returned 0 objects, expected 1"},
      {R"({"uid": "q", "result": {"status": "Success"}, "convertedObjects": [
           {"apiVersion": "g/v1", "kind": "K"}]})",
       "in version g/v1, expected g/v2"},
      {R"({"uid": "q", "result": {"status": "Success"}, "convertedObjects": [
           {"apiVersion": "g/v2", "kind": "K", "metadata": {"name": "y", "uid": "u"}}]})",
       "mutated metadata.name"}};
  for (const auto& [response, why] : errors) {
    const auto bad = read(response);
    ASSERT_TRUE(std::holds_alternative<std::string>(bad)) << response;
    EXPECT_THAT(std::get<std::string>(bad), HasSubstr(why));
  }
}

/// What one policy with one binding says.
policy_verdict judged(const char* spec, const json& object, const char* binding = "{}",
                      std::vector<json> params = {}) {
  json policy = {{"metadata", {{"name", "p"}}}, {"spec", json::parse(spec)}};
  policy["spec"]["matchConstraints"] = json::parse(
      R"({"resourceRules": [{"operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["*"]}]})");
  json bound = {{"metadata", {{"name", "b"}}},
                {"spec", {{"policyName", "p"}, {"validationActions", {"Deny"}}}}};
  bound["spec"].update(json::parse(binding));
  const policy_world world{
      [](const std::string&) {
        return string_pairs{{"team", "a"}};
      },
      [](const std::string& ns) {
        return json{{"metadata", {{"name", ns}}}};
      },
      [](const auto&, const auto& kind) -> std::optional<bool> {
        return kind == "ConfigMap" ? std::optional(true) : std::nullopt;
      },
      [&](const auto&, const auto&, const auto&, const auto&) { return params; }};
  return judge_by_policies({{"p", read_policy(policy)}}, {read_binding(bound)},
                           request_of("configmaps", "CREATE", object), world);
}

TEST(Policies, Refuse) {
  const json object = {{"metadata", {{"name", "x"}}}, {"data", {{"a", "1"}}}};
  struct row {
    const char *spec, *refusal;
    int code;
  };
  const row table[] = {
      {R"({"validations": [{"expression": "object.data.size() == 1"}]})", "", 0},
      {R"({"validations": [{"expression": "object.data.size() == 2"}]})",
       "failed expression: object.data.size() == 2", 422},
      {R"({"validations": [{"expression": "false", "message": "m", "reason": "Forbidden"}]})", "m",
       403},
      {R"({"validations": [{"expression": "false", "messageExpression": "'in ' + namespaceObject.metadata.name"}]})",
       "in n", 422},
      {R"({"variables": [{"name": "a", "expression": "object.data.a"}, {"name": "b", "expression": "variables.a + '2'"}],
           "validations": [{"expression": "variables.b != '12'", "message": "v"}]})",
       "v", 422},
      {R"({"validations": [{"expression": "object.none == 1"}]})",
       "expression 'object.none == 1' resulted in error: no such key: none", 422},
      {R"({"failurePolicy": "Ignore", "validations": [{"expression": "object.none == 1"}]})", "",
       0},
      {R"({"matchConditions": [{"name": "c", "expression": "request.operation == 'DELETE'"}],
           "validations": [{"expression": "false"}]})",
       "", 0}};
  for (const row& r : table) {
    const auto verdict = judged(r.spec, object);
    EXPECT_EQ(verdict.refused.has_value(), *r.refusal != 0) << r.spec;
    if (!verdict.refused) continue;
    EXPECT_EQ(verdict.refused->message,
              std::string("configmaps \"x\" is forbidden: ValidatingAdmissionPolicy 'p' with "
                          "binding 'b' denied request: ") +
                  r.refusal);
    EXPECT_EQ(verdict.refused->code, r.code);
  }
}

TEST(Policies, SpendOnlySoMuch) {
  const auto refusal = [](std::size_t members, std::size_t rules) {
    json object = {{"metadata", {{"name", "x"}}}};
    for (std::size_t i = 0; i < members; ++i) object["data"]["k" + std::to_string(i)] = "";
    json spec;
    for (std::size_t i = 0; i < rules; ++i)
      spec["validations"].push_back(
          {{"expression", "object.data.all(a, object.data.all(b, true))"}});
    const auto verdict = judged(spec.dump().c_str(), object);
    return verdict.refused ? verdict.refused->message : "";
  };
  EXPECT_EQ(refusal(300, 20), "");
  EXPECT_THAT(refusal(300, 60),
              testing::EndsWith("denied request: validation failed due to running out of cost "
                                "budget, no further validation rules will be run"));
  EXPECT_THAT(refusal(1000, 1),
              testing::EndsWith("expression 'object.data.all(a, object.data.all(b, true))' "
                                "resulted in error: operation cancelled: actual cost limit "
                                "exceeded"));
}

TEST(Policies, HaveFailuresWrittenDown) {
  constexpr const char* spec = R"({"validations": [{"expression": "true"},
      {"expression": "object.data.size() <= 0", "reason": "Forbidden"}]})";
  const json object = {{"metadata", {{"name", "x"}}}, {"data", {{"a", "1"}}}};
  using notes = std::map<std::string, std::string>;
  const auto audited = judged(spec, object, R"({"validationActions": ["Audit", "Warn"]})");
  EXPECT_FALSE(audited.refused);
  EXPECT_EQ(audited.warnings.size(), 1u);
  EXPECT_EQ(
      audited.audit_annotations,
      (notes{{"validation.policy.admission.k8s.io/validation_failure",
              R"([{"message":"failed expression: object.data.size() \u003c= 0","policy":"p",)"
              R"("binding":"b","expressionIndex":1,"validationActions":["Audit","Warn"]}])"}}));
  const auto both = judged(spec, object, R"({"validationActions": ["Deny", "Audit"]})");
  EXPECT_TRUE(both.refused);
  EXPECT_EQ(both.audit_annotations.size(), 1u);
  EXPECT_TRUE(judged(spec, object).audit_annotations.empty()) << "Deny alone";
}

TEST(Policies, HaveAnnotationsOfTheirOwn) {
  const json object = {{"metadata", {{"name", "x"}}}, {"data", {{"a", "1"}}}};
  struct row {
    const char *expression, *text;  ///< of the annotation; null: there is none
    const char* refusal;
  };
  const row table[] = {
      {"'has ' + string(object.data.size())", "has 1", ""},
      {"'  a  '", "a", ""},
      {"' '", nullptr, ""},
      {"null", nullptr, ""},
      {"object.data.size() > 9 ? 'many' : null", nullptr, ""},
      {"object.none", nullptr, "expression 'object.none' resulted in error: no such key: none"},
      {"object.data", nullptr,
       "valueExpression 'object.data' resulted in unsupported return type: map. Return type must "
       "be either string or null."}};
  for (const row& r : table) {
    json spec;
    spec["auditAnnotations"] = json::array({{{"key", "k"}, {"valueExpression", r.expression}}});
    const auto verdict = judged(spec.dump().c_str(), object, R"({"validationActions": ["Warn"]})");
    using notes = std::map<std::string, std::string>;
    EXPECT_EQ(verdict.audit_annotations, (r.text ? notes{{"p/k", r.text}} : notes{}))
        << r.expression;
    // An annotation that cannot be made refuses, whatever the binding's actions are.
    EXPECT_EQ(verdict.refused.has_value(), *r.refusal != 0) << r.expression;
    if (verdict.refused) {
      EXPECT_THAT(verdict.refused->message, HasSubstr(r.refusal));
    }
  }
  EXPECT_FALSE(judged(R"({"failurePolicy": "Ignore",
      "auditAnnotations": [{"key": "k", "valueExpression": "object.none"}]})",
                      object)
                   .refused);
}

TEST(Policies, SayInOneAnnotationWhatTheirParametersMakeOfIt) {
  constexpr const char* spec = R"({"paramKind": {"apiVersion": "v1", "kind": "ConfigMap"},
    "validations": [{"expression": "params.data.name != 'y'"}],
    "auditAnnotations": [{"key": "k", "valueExpression": "params.data.name"}]})";
  const auto param = [](const char* name) { return json{{"data", {{"name", name}}}}; };
  const auto verdict = judged(spec, {{"metadata", {{"name", "x"}}}}, R"({"paramRef": {}})",
                              {param("y"), param("x"), param("y")});
  EXPECT_TRUE(verdict.refused) << "and the others are judged all the same";
  EXPECT_EQ(verdict.audit_annotations.at("p/k"), "y, x");
}

TEST(Policies, AreBoundToWhatTheirBindingsSelect) {
  constexpr const char* never = R"({"validations": [{"expression": "false", "message": "no"}]})";
  const json object = {{"metadata", {{"name", "x"}}}};
  EXPECT_FALSE(
      judged(never, object,
             R"({"matchResources": {"namespaceSelector": {"matchLabels": {"team": "b"}}}})")
          .refused);
  EXPECT_TRUE(judged(never, object,
                     R"({"matchResources": {"namespaceSelector": {"matchLabels": {"team": "a"}}}})")
                  .refused);
  const auto warned = judged(never, object, R"({"validationActions": ["Warn"]})");
  EXPECT_FALSE(warned.refused);
  EXPECT_THAT(warned.warnings,
              testing::ElementsAre(
                  "Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': no"));
}

TEST(Policies, TakeParameters) {
  constexpr const char* spec = R"({"paramKind": {"apiVersion": "v1", "kind": "ConfigMap"},
    "validations": [{"expression": "object.metadata.name != params.data.name"}]})";
  const json object = {{"metadata", {{"name", "x"}}}};
  constexpr const char* binding =
      R"({"paramRef": {"name": "c", "parameterNotFoundAction": "Deny"}})";
  const auto param = [](const char* name) { return json{{"data", {{"name", name}}}}; };
  EXPECT_FALSE(judged(spec, object, binding, {param("y")}).refused);
  EXPECT_TRUE(judged(spec, object, binding, {param("y"), param("x")}).refused);
  EXPECT_TRUE(judged(spec, object, binding).refused);
  EXPECT_FALSE(
      judged(spec, object, R"({"paramRef": {"name": "c", "parameterNotFoundAction": "Allow"}})")
          .refused);
}

}  // namespace
}  // namespace troupe::model
