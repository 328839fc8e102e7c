// floors: model
#include "model/hooks/policy.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

/// A world with ConfigMaps in namespaces, `limits` among them in namespace n, and StorageClasses,
/// `fast` among them, in none.
policy_world world_of_params() {
  policy_world w;
  w.labels = [](const std::string&) { return string_pairs{}; };
  w.namespace_object = [](const std::string&) { return json(); };
  w.params_in_namespaces = [](const std::string&, const std::string& kind) -> std::optional<bool> {
    if (kind == "ConfigMap") return true;
    return kind == "StorageClass" ? std::optional(false) : std::nullopt;
  };
  w.params = [](const std::string&, const std::string& kind, const std::string& ns,
                const std::string& name) -> std::vector<json> {
    const bool config = kind == "ConfigMap";
    const std::string there = config ? "limits" : "fast";
    if ((config && ns != "n") || (!name.empty() && name != there)) return {};
    return {{{"metadata", {{"name", there}, {"labels", {{"a", "b"}}}}}}};
  };
  return w;
}

hook_request a_creation(const char* resource) {
  hook_request r;
  r.kind = schema::instance().by_resource(resource);
  r.operation = "CREATE";
  r.ns = r.kind->namespaced ? "m" : "";
  r.name = "x";
  r.object = {{"metadata", {{"name", "x"}}}};
  return r;
}

constexpr const char* config_maps = R"({"apiVersion": "v1", "kind": "ConfigMap"})";
constexpr const char* classes = R"({"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass"})";
constexpr const char* unknown = R"({"apiVersion": "example.com/v1", "kind": "None"})";
constexpr const char* unknown_core = R"({"apiVersion": "v1", "kind": "None"})";

constexpr const char* not_found =
    "with binding 'b' denied request: failed to configure binding: no params found for policy "
    "binding with `Deny` parameterNotFoundAction";

struct row {
  const char *param_kind, *param_ref;  ///< null: without
  const char* resource;
  const char* refusal;  ///< with failurePolicy Fail, whatever the binding's actions; null: judged
  const char* judged;   ///< the name of the parameter; "null"; "": by nothing
};

const row table[] = {
    {nullptr, nullptr, "pods", nullptr, "null"},
    {nullptr, R"({"name": "limits", "parameterNotFoundAction": "Deny"})", "pods", nullptr, "null"},
    {config_maps, nullptr, "pods", nullptr, "null"},
    {config_maps, R"({"name": "limits", "namespace": "n", "parameterNotFoundAction": "Deny"})",
     "pods", nullptr, "limits"},
    {config_maps, R"({"name": "limits", "parameterNotFoundAction": "Deny"})", "pods", not_found,
     ""},
    {config_maps, R"({"name": "limits", "parameterNotFoundAction": "Allow"})", "pods", nullptr, ""},
    {config_maps, R"({"selector": {}, "namespace": "n", "parameterNotFoundAction": "Deny"})",
     "pods", nullptr, "limits"},
    {config_maps,
     R"({"selector": {"matchLabels": {"a": "c"}}, "namespace": "n",
         "parameterNotFoundAction": "Deny"})",
     "pods", not_found, ""},
    {config_maps,
     R"({"selector": {"matchLabels": {"a": "c"}}, "namespace": "n",
         "parameterNotFoundAction": "Allow"})",
     "pods", nullptr, ""},
    {config_maps, R"({"name": "limits", "parameterNotFoundAction": "Allow"})", "nodes",
     "with binding 'b' denied request: failed to configure binding: cannot use namespaced paramRef "
     "in policy binding that matches cluster-scoped resources",
     ""},
    {config_maps, R"({"name": "limits", "namespace": "n", "parameterNotFoundAction": "Allow"})",
     "nodes", nullptr, "limits"},
    {classes, R"({"name": "fast", "parameterNotFoundAction": "Deny"})", "pods", nullptr, "fast"},
    {classes, R"({"name": "slow", "parameterNotFoundAction": "Deny"})", "pods", not_found, ""},
    {classes, R"({"name": "fast", "namespace": "n", "parameterNotFoundAction": "Allow"})", "pods",
     "with binding 'b' denied request: failed to configure binding: paramRef.namespace must not be "
     "provided for a cluster-scoped `paramKind`",
     ""},
    {unknown, R"({"name": "limits", "parameterNotFoundAction": "Allow"})", "pods",
     "denied request: failed to configure policy: failed to find resource referenced by "
     "paramKind: 'example.com/v1, Kind=None'",
     ""},
    {unknown_core, nullptr, "pods",
     "denied request: failed to configure policy: failed to find resource referenced by "
     "paramKind: '/v1, Kind=None'",
     ""},
};

policy_verdict judged(const row& r, const char* failure_policy, const char* actions) {
  json policy = json::parse(R"({"metadata": {"name": "p"}, "spec": {
      "matchConstraints": {"resourceRules": [{"operations": ["*"], "apiGroups": ["*"],
          "apiVersions": ["*"], "resources": ["*"]}]},
      "validations": [{"expression": "false"}]}})");
  policy["spec"]["validations"][0]["messageExpression"] =
      "params == null ? 'null' : string(params.metadata.name)";
  policy["spec"]["failurePolicy"] = failure_policy;
  if (r.param_kind) policy["spec"]["paramKind"] = json::parse(r.param_kind);
  json binding = json::parse(R"({"metadata": {"name": "b"}, "spec": {"policyName": "p"}})");
  binding["spec"]["validationActions"] = json::parse(actions);
  if (r.param_ref) binding["spec"]["paramRef"] = json::parse(r.param_ref);
  return judge_by_policies({{"p", read_policy(policy)}}, {read_binding(binding)},
                           a_creation(r.resource), world_of_params());
}

TEST(PolicyParams, AreFoundOrTheFailurePolicyDecides) {
  for (const row& r : table)
    for (const char* actions :
         {R"(["Deny"])", R"(["Warn"])", R"(["Audit"])", R"(["Warn", "Audit"])"})
      for (const char* policy : {"Fail", "Ignore"}) {
        SCOPED_TRACE(std::string(r.param_kind ? r.param_kind : "-") + " " +
                     (r.param_ref ? r.param_ref : "-") + " " + r.resource + " " + actions + " " +
                     policy);
        const auto verdict = judged(r, policy, actions);
        const bool denies = std::string_view(actions).find("Deny") != std::string_view::npos;
        const bool warns = std::string_view(actions).find("Warn") != std::string_view::npos;
        const bool fails = r.refusal && std::string_view(policy) == "Fail";
        const std::string name = r.judged;
        ASSERT_EQ(verdict.refused.has_value(), fails || (denies && !name.empty()));
        if (verdict.refused) {
          const std::string expected =
              fails ? r.refusal : "with binding 'b' denied request: " + name;
          EXPECT_THAT(verdict.refused->message,
                      testing::EndsWith("ValidatingAdmissionPolicy 'p' " + expected));
          EXPECT_EQ(verdict.refused->code, 422);
          EXPECT_EQ(verdict.refused->reason, "Invalid");
        }
        EXPECT_EQ(verdict.warnings.size(), warns && !name.empty() ? 1u : 0u);
      }
}

TEST(PolicyParams, ANamespaceIsInNone) {
  auto request = a_creation("namespaces");
  request.ns = "n";  // a namespace is its own
  const json policy = json::parse(R"({"metadata": {"name": "p"}, "spec": {
      "matchConstraints": {"resourceRules": [{"operations": ["*"], "apiGroups": ["*"],
          "apiVersions": ["*"], "resources": ["*"]}]},
      "validations": [{"expression": "namespaceObject == null"}]}})");
  auto world = world_of_params();
  world.namespace_object = [](const std::string&) { return json::object(); };
  const json binding = json::parse(R"({"metadata": {"name": "b"}, "spec": {"policyName": "p",
      "validationActions": ["Deny"]}})");
  EXPECT_FALSE(
      judge_by_policies({{"p", read_policy(policy)}}, {read_binding(binding)}, request, world)
          .refused);
}

}  // namespace
}  // namespace troupe::model
