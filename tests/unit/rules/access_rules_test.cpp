// floors: model
#include "model/base64.hpp"
#include "tests/unit/rules/rules.hpp"

namespace troupe::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST(Role, Rules) {
  const json valid = json::parse(R"({"metadata": {"name": "system:reader", "namespace": "a"},
    "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]})");
  constexpr change table[] = {
      {"/metadata/name", R"("a/b")", "metadata.name: Invalid value: \"a/b\": may not contain '/'"},
      {"/rules/0/verbs", "[]",
       "rules[0].verbs: Required value: verbs must contain at least one value"},
      {"/rules/0/apiGroups", "[]",
       "rules[0].apiGroups: Required value: resource rules must supply at least one api group"},
      {"/rules/0/resources", "[]",
       "rules[0].resources: Required value: resource rules must supply at least one resource"},
      {"/rules/0/nonResourceURLs", R"(["/healthz"])",
       "rules[0].nonResourceURLs: Invalid value: []string{\"/healthz\"}: namespaced rules cannot "
       "apply to non-resource URLs"},
  };
  expect_rules("roles.rbac.authorization.k8s.io", valid, table);
}

TEST(ClusterRole, Rules) {
  const json valid = json::parse(R"({"metadata": {"name": "r"},
    "rules": [{"nonResourceURLs": ["/healthz"], "verbs": ["get"]}]})");
  constexpr change table[] = {
      {"/rules/0/resources", R"(["pods"])",
       "rules[0].nonResourceURLs: Invalid value: []string{\"/healthz\"}: rules cannot apply to "
       "both "
       "regular resources and non-resource URLs"},
      {"/aggregationRule", "{}",
       "aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector "
       "required if aggregationRule is non-nil"},
      {"/aggregationRule", R"({"clusterRoleSelectors": [{"matchLabels": {"a b": "c"}}]})",
       "aggregationRule.clusterRoleSelectors[0].matchLabels: Invalid value: \"a b\""},
  };
  expect_rules("clusterroles.rbac.authorization.k8s.io", valid, table);
}

TEST(RoleBinding, Rules) {
  const json valid = json::parse(R"({"metadata": {"name": "b", "namespace": "a"},
    "roleRef": {"kind": "Role", "name": "r"},
    "subjects": [{"kind": "User", "name": "joe"}, {"kind": "ServiceAccount", "name": "sa"}]})");
  constexpr change table[] = {
      {"/roleRef/apiGroup", R"("apps")",
       "roleRef.apiGroup: Unsupported value: \"apps\": supported values: "
       "\"rbac.authorization.k8s.io\""},
      {"/roleRef/kind", R"("Pod")",
       "roleRef.kind: Unsupported value: \"Pod\": supported values: \"Role\", \"ClusterRole\""},
      {"/roleRef/name", R"("")", "roleRef.name: Required value"},
      {"/roleRef/name", R"("a%b")", "roleRef.name: Invalid value: \"a%b\": may not contain '%'"},
      {"/subjects/0/name", R"("")", "subjects[0].name: Required value"},
      {"/subjects/0/kind", R"("Robot")",
       "subjects[0].kind: Unsupported value: \"Robot\": supported values: \"ServiceAccount\", "
       "\"User\", \"Group\""},
      {"/subjects/0/apiGroup", R"("apps")",
       "subjects[0].apiGroup: Unsupported value: \"apps\": supported values: "
       "\"rbac.authorization.k8s.io\""},
      {"/subjects/1/apiGroup", R"("apps")",
       "subjects[1].apiGroup: Unsupported value: \"apps\": supported values: \"\""},
      {"/subjects/1/name", R"("S")",
       "subjects[1].name: Invalid value: \"S\": a lowercase RFC 1123 subdomain"},
  };
  expect_rules("rolebindings.rbac.authorization.k8s.io", valid, table);
  constexpr change kept[] = {
      {"/roleRef/name", R"("s")",
       "roleRef: Invalid value: rbac.RoleRef{APIGroup:\"rbac.authorization.k8s.io\", "
       "Kind:\"Role\", Name:\"s\"}: cannot change roleRef"}};
  expect_update_rules("rolebindings.rbac.authorization.k8s.io", valid, kept);
}

TEST(ClusterRoleBinding, Rules) {
  const json valid = json::parse(R"({"metadata": {"name": "b"},
    "roleRef": {"kind": "ClusterRole", "name": "r"},
    "subjects": [{"kind": "ServiceAccount", "name": "sa", "namespace": "a"}]})");
  constexpr change table[] = {
      {"/roleRef/kind", R"("Role")",
       "roleRef.kind: Unsupported value: \"Role\": supported values: \"ClusterRole\""},
      {"/subjects/0/namespace", R"("")", "subjects[0].namespace: Required value"},
  };
  expect_rules("clusterrolebindings.rbac.authorization.k8s.io", valid, table);
  constexpr change kept[] = {{"/roleRef/name", R"("s")", "roleRef: Invalid value: rbac.RoleRef{"}};
  expect_update_rules("clusterrolebindings.rbac.authorization.k8s.io", valid, kept);
}

TEST(Secret, RulesOfTypes) {
  struct type_case {
    const char* type;
    const char* data;
    lines_of faults;
  };
  const type_case table[] = {
      {"Opaque", "{}", {}},
      {"kubernetes.io/tls",
       "{}",
       {"data[tls.crt]: Required value", "data[tls.key]: Required value"}},
      {"kubernetes.io/basic-auth",
       "{}",
       {"data[username]: Required value", "data[password]: Required value"}},
      {"kubernetes.io/basic-auth", R"({"username": "YQ=="})", {}},
      {"kubernetes.io/ssh-auth",
       R"({"ssh-privatekey": ""})",
       {"data[ssh-privatekey]: Required value"}},
      {"kubernetes.io/dockercfg", "{}", {"data[.dockercfg]: Required value"}},
      {"kubernetes.io/dockerconfigjson", R"({".dockerconfigjson": "e30="})", {}},
      {"kubernetes.io/dockerconfigjson",
       R"({".dockerconfigjson": "W10="})",
       {"data[.dockerconfigjson]: Invalid value: \"<secret contents redacted>\": json: cannot "
        "unmarshal array into Go value of type map[string]interface {}"}},
      {"kubernetes.io/service-account-token",
       "{}",
       {"metadata.annotations[kubernetes.io/service-account.name]: Required value"}},
      {"bootstrap.kubernetes.io/token", "{}", {}},
  };
  for (const auto& c : table)
    EXPECT_EQ(create("secrets", {{"metadata", {{"name", "s"}, {"namespace", "a"}}},
                                 {"type", c.type},
                                 {"data", json::parse(c.data)}}),
              c.faults)
        << c.type;
}

TEST(Secret, WhatAnUpdateMayNotChange) {
  const json fixed = json::parse(R"({"metadata": {"name": "s", "namespace": "a"},
    "data": {"k": "YQ=="}, "immutable": true})");
  constexpr change table[] = {
      {"/type", R"("a/b")", "type: Invalid value: \"a/b\": field is immutable"},
      {"/data/k", R"("Yg==")", "data: Forbidden: field is immutable when `immutable` is set"},
      {"/immutable", "false", "immutable: Forbidden: field is immutable when `immutable` is set"},
  };
  expect_update_rules("secrets", fixed, table);
}

TEST(ConfigMap, Rules) {
  const json valid = json::parse(R"({"metadata": {"name": "c", "namespace": "a"},
    "data": {"k": "v"}, "immutable": true})");
  constexpr change table[] = {
      {"/data", R"({"a b": "v"})", "data[a b]: Invalid value: \"a b\": a valid config key must"},
      {"/data", R"({"..a": "v"})", "data[..a]: Invalid value: \"..a\": must not start with '..'"},
      {"/binaryData", R"({"k": "YQ=="})",
       "data[k]: Invalid value: \"k\": duplicate of key present in binaryData"},
  };
  expect_rules("configmaps", valid, table);
  json large = valid;
  large["data"]["k"] = std::string((1u << 20) + 1, 'x');
  EXPECT_THAT(create("configmaps", large),
              ElementsAre("[]: Too long: may not be more than 1048576 bytes"));
  constexpr change kept[] = {
      {"/data/k", R"("w")", "data: Forbidden: field is immutable when `immutable` is set"},
      {"/binaryData", R"({"b": "YQ=="})",
       "binaryData: Forbidden: field is immutable when `immutable` is set"}};
  expect_update_rules("configmaps", valid, kept);
}

json request() {
  json out = json::parse(R"({"metadata": {"name": "Any:Name"},
    "spec": {"signerName": "example.com/signer", "usages": ["client auth"]}})");
  out["spec"]["request"] =
      to_base64("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n");
  return out;
}
constexpr const char* csrs = "certificatesigningrequests.certificates.k8s.io";

TEST(CertificateSigningRequest, Rules) {
  constexpr change table[] = {
      {"/spec/request", R"("YQ==")",
       "spec.request: Invalid value: \"YQ==\": PEM block type must be CERTIFICATE REQUEST"},
      {"/spec/usages", "[]", "spec.usages: Required value"},
      {"/spec/usages", R"(["fun"])",
       "spec.usages[0]: Unsupported value: \"fun\": supported values: \"any\", \"cert sign\""},
      {"/spec/usages", R"(["any", "any"])", "spec.usages[1]: Duplicate value: \"any\""},
      {"/spec/signerName", R"("")", "spec.signerName: Required value"},
      {"/spec/signerName", R"("kubernetes.io/legacy-unknown")",
       "spec.signerName: Invalid value: \"kubernetes.io/legacy-unknown\": the legacy signerName is "
       "not allowed via this API version"},
      {"/spec/signerName", R"("signer")",
       "spec.signerName: Invalid value: \"signer\": must be a fully qualified domain and path of "
       "the form 'example.com/signer-name'"},
      {"/spec/signerName", R"("local/s")",
       "spec.signerName: Invalid value: \"local\": should be a domain with at least two segments "
       "separated by dots"},
      {"/spec/signerName", R"("a.B/s")",
       "spec.signerName: Invalid value: \"a.B\": validating label \"B\": a lowercase RFC 1123"},
      {"/spec/expirationSeconds", "599",
       "spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 600 "
       "seconds (10 minutes)"},
  };
  expect_rules(csrs, request(), table);
}

json with_condition(json csr, const char* type, const char* status = "True") {
  csr["status"]["conditions"].push_back({{"type", type}, {"status", status}});
  return csr;
}

lines_of approve(const json& old, const json& csr) {
  return lines(validate_approval_update(kind(csrs), prepared(csrs, old), prepared(csrs, csr)));
}

TEST(CertificateSigningRequest, RulesOfApproval) {
  const json approved = with_condition(request(), "Approved");
  EXPECT_THAT(approve(request(), approved), IsEmpty());
  EXPECT_THAT(approve(request(), with_condition(approved, "Denied")),
              ElementsAre("status.conditions[1].type: Invalid value: \"Denied\": Approved and "
                          "Denied conditions are mutually exclusive"));
  EXPECT_THAT(approve(approved, request()),
              ElementsAre("status.conditions: Forbidden: updates may not remove a condition of "
                          "type \"Approved\""));
  EXPECT_THAT(approve(request(), with_condition(request(), "Approved", "False")),
              ElementsAre("status.conditions[0].status: Unsupported value: \"False\": supported "
                          "values: \"True\""));
  EXPECT_THAT(update_status(csrs, request(), approved),
              ElementsAre("status.conditions: Forbidden: updates may not add a condition of type "
                          "\"Approved\""));
}

TEST(CertificateSigningRequest, RulesOfCertificates) {
  json issued = request();
  issued["status"]["certificate"] =
      to_base64("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  EXPECT_THAT(update_status(csrs, request(), issued), IsEmpty());
  EXPECT_THAT(
      approve(request(), issued),
      ElementsAre("status.certificate: Forbidden: updates may not set certificate content"));
  json other = issued;
  other["status"]["certificate"] = "YQ==";
  EXPECT_THAT(
      update_status(csrs, issued, other),
      ElementsAre(
          "status.certificate: Invalid value: \"<certificate data>\": must contain at least "
          "one CERTIFICATE PEM block",
          "status.certificate: Forbidden: updates may not modify existing certificate "
          "content"));
}

}  // namespace
}  // namespace troupe::model
