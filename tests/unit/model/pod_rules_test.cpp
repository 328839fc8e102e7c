// floors: model
#include "tests/unit/model/rules.hpp"

namespace troupe::model::rules {
namespace {

json pod() {
  return json::parse(R"({"metadata": {"name": "web", "namespace": "default"},
    "spec": {"serviceAccountName": "default", "containers": [{"name": "c", "image": "web:1"}]}})");
}

const std::string c0 = "spec.containers[0]";

TEST(PodRules, OfSecurityContexts) {
  const std::string s = "spec.securityContext";
  const std::string cs = c0 + ".securityContext";
  expect_create_faults(
      "pods", pod(),
      {{"/spec/securityContext",
        R"({"runAsUser": -1, "fsGroup": 2147483648})",
        {s + ".fsGroup: Invalid value: 2147483648: must be between 0 and 2147483647, inclusive",
         s + ".runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive"}},
       {"/spec/securityContext",
        R"({"supplementalGroups": [1, -1]})",
        {s + ".supplementalGroups[1]: Invalid value: -1: must be between 0 and"}},
       {"/spec/securityContext",
        R"({"seccompProfile": {}})",
        {s + ".seccompProfile.type: Required value: type is required when seccompProfile is set"}},
       {"/spec/securityContext",
        R"({"seccompProfile": {"type": "Localhost"}})",
        {s + ".seccompProfile.localhostProfile: Required value: must be set when seccomp type is "
             "Localhost"}},
       {"/spec/securityContext",
        R"({"appArmorProfile": {"type": "Own"}})",
        {s + ".appArmorProfile.type: Unsupported value: \"Own\": supported values: \"Localhost\", "
             "\"RuntimeDefault\", \"Unconfined\""}},
       {"/spec/securityContext",
        R"({"appArmorProfile": {"type": "Localhost", "localhostProfile": " a"}})",
        {s + ".appArmorProfile.localhostProfile: Invalid value: \" a\": must not be padded with "
             "whitespace"}},
       {"/spec/securityContext",
        R"({"appArmorProfile": {"type": "Unconfined", "localhostProfile": "a"}})",
        {s + ".appArmorProfile.localhostProfile: Invalid value: \"a\": can only be set when "
             "AppArmor type is Localhost"}},
       {"/spec/securityContext",
        R"({"sysctls": [{"name": "a..b", "value": ""}, {"name": "x", "value": "1"},
                        {"name": "x", "value": "2"}]})",
        {s + ".sysctls[0].name: Invalid value: \"a..b\": must have at most 253 characters and "
             "match regex",
         s + ".sysctls[2].name: Duplicate value: \"x\""}},
       {"/spec/securityContext",
        R"({"fsGroupChangePolicy": "Never"})",
        {s + ".fsGroupChangePolicy: Unsupported value: \"Never\": supported values: \"Always\", "
             "\"OnRootMismatch\""}},
       {"/spec/containers/0/securityContext",
        R"({"runAsGroup": -1})",
        {cs + ".runAsGroup: Invalid value: -1: must be between 0 and 2147483647, inclusive"}},
       {"/spec/containers/0/securityContext",
        R"({"allowPrivilegeEscalation": false, "privileged": true})",
        {cs + ": Invalid value: {\"allowPrivilegeEscalation\":false,\"privileged\":true}: cannot "
              "set `allowPrivilegeEscalation` to false and `privileged` to true"}},
       {"/spec/containers/0/securityContext",
        R"({"windowsOptions": {"runAsUserName": "a\\b\\c"}})",
        {cs + ".windowsOptions.runAsUserName: Invalid value: \"a\\\\b\\\\c\": runAsUserName cannot "
              "contain more than one backslash"}},
       {"/spec/containers/0/securityContext",
        R"({"windowsOptions": {"runAsUserName": ""}})",
        {cs + ".windowsOptions.runAsUserName: Invalid value: \"\": runAsUserName cannot be an "
              "empty string"}}});
  json shared = pod();
  shared["spec"]["hostNetwork"] = true;
  shared["spec"]["securityContext"]["sysctls"] = {{{"name", "net/core/x"}, {"value", "1"}}};
  EXPECT_THAT(create("pods", shared),
              ::testing::ElementsAre(s + ".sysctls[0].name: Invalid value: \"net/core/x\": may not "
                                         "be specified when 'hostNetwork' is true"));
  shared = pod();
  shared["spec"]["hostPID"] = true;
  shared["spec"]["shareProcessNamespace"] = true;
  EXPECT_THAT(create("pods", shared),
              ::testing::ElementsAre(s + ".shareProcessNamespace: Invalid value: true: "
                                         "ShareProcessNamespace and HostPID cannot both be "
                                         "enabled"));
}

TEST(PodRules, OfOperatingSystems) {
  json windows = pod();
  windows["spec"]["os"] = {{"name", "windows"}};
  expect_create_faults(
      "pods", windows,
      {{"/spec/os",
        R"({"name": "plan9"})",
        {"spec.os: Unsupported value: \"plan9\": supported values: \"linux\", \"windows\""}},
       {"/spec/os", R"({"name": ""})", {"spec.os.name: Required value: cannot be empty"}},
       {"/spec/hostPID", "true", {"spec.hostPID: Forbidden: cannot be set for a windows pod"}},
       {"/spec/securityContext",
        R"({"runAsUser": 1})",
        {"spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod"}},
       {"/spec/containers/0/securityContext",
        R"({"privileged": false})",
        {c0 + ".securityContext.privileged: Forbidden: cannot be set for a windows pod"}},
       {"/spec/securityContext",
        R"({"windowsOptions": {"hostProcess": true}})",
        {"spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any "
         "hostProcess containers"}}});
  json linux_pod = pod();
  linux_pod["spec"]["os"] = {{"name", "linux"}};
  expect_create_faults("pods", linux_pod,
                       {{"/spec/securityContext",
                         R"({"windowsOptions": {}})",
                         {"spec.securityContext.windowsOptions: Forbidden: windows options cannot "
                          "be set for a linux pod"}}});
}

TEST(PodRules, OfPlacement) {
  const std::string needed =
      "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution."
      "nodeSelectorTerms";
  const std::string near =
      "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0]";
  const std::string spread = "spec.topologySpreadConstraints[0]";
  expect_create_faults(
      "pods", pod(),
      {{"/spec/affinity",
        R"({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {}}})",
        {needed + ": Required value: must have at least one node selector term"}},
       {"/spec/affinity",
        R"({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution":
            {"nodeSelectorTerms": [{"matchExpressions": [{"key": "a", "operator": "Near"}]}]}}})",
        {needed + "[0].matchExpressions[0].operator: Invalid value: \"Near\": not a valid selector "
                  "operator"}},
       {"/spec/affinity",
        R"({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution":
            {"nodeSelectorTerms": [{"matchFields": [{"key": "metadata.name", "operator": "In",
             "values": ["a", "b"]}]}]}}})",
        {needed + "[0].matchFields[0].values: Required value: must be only one value when"}},
       {"/spec/affinity",
        R"({"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{}]}})",
        {near + ".topologyKey: Required value: can not be empty",
         near + ".topologyKey: Invalid value: \"\": name part must be non-empty",
         near + ".topologyKey: Invalid value: \"\": name part must consist of"}},
       {"/spec/affinity",
        R"({"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "z",
            "namespaces": ["a.b"], "matchLabelKeys": ["k"]}]}})",
        {near + ".namespace: Invalid value: \"a.b\": a lowercase RFC 1123 label",
         near + ".matchLabelKeys: Forbidden: must not be specified when labelSelector is not set"}},
       {"/spec/affinity",
        R"({"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "z",
            "labelSelector": {"matchLabels": {"k": "v"}, "matchExpressions": [{"key": "k",
             "operator": "In", "values": ["w"]}]}, "matchLabelKeys": ["k"],
            "mismatchLabelKeys": ["k"]}]}})",
        {near + "[0]: Invalid value: \"k\": exists in both matchLabelKeys and labelSelector",
         near + ".matchLabelKeys[0]: Invalid value: \"k\": exists in both matchLabelKeys and "
                "mismatchLabelKeys"}},
       {"/spec/tolerations",
        R"([{"key": "a", "operator": "Like"}])",
        {"spec.tolerations[0].operator: Unsupported value: \"Like\": supported values: \"Equal\", "
         "\"Exists\""}},
       {"/spec/tolerations",
        R"([{"key": "a", "operator": "Exists", "value": "b"}])",
        {"spec.tolerations[0].operator: Invalid value: \"b\": value must be empty when `operator` "
         "is 'Exists'"}},
       {"/spec/tolerations",
        R"([{"key": "a", "effect": "Maybe"}])",
        {"spec.tolerations[0].effect: Unsupported value: \"Maybe\": supported values: "
         "\"NoSchedule\", \"PreferNoSchedule\", \"NoExecute\""}},
       {"/spec/topologySpreadConstraints",
        "[{}]",
        {spread + ".maxSkew: Invalid value: 0: must be greater than zero",
         spread + ".topologyKey: Required value: can not be empty",
         spread + ".whenUnsatisfiable: Unsupported value: \"\": supported values: "
                  "\"DoNotSchedule\", \"ScheduleAnyway\""}},
       {"/spec/topologySpreadConstraints",
        R"([{"maxSkew": 1, "topologyKey": "z", "whenUnsatisfiable": "ScheduleAnyway",
             "minDomains": 2, "matchLabelKeys": ["a"], "nodeTaintsPolicy": "Maybe"}])",
        {spread + ".minDomains: Invalid value: 2: can only use minDomains if "
                  "whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway",
         spread + ".nodeTaintsPolicy: Unsupported value: \"Maybe\": supported values: \"Honor\", "
                  "\"Ignore\"",
         spread + ".matchLabelKeys: Forbidden: must not be specified when labelSelector is not "
                  "set"}},
       {"/spec/topologySpreadConstraints",
        R"([{"maxSkew": 1, "topologyKey": "z", "whenUnsatisfiable": "DoNotSchedule"},
            {"maxSkew": 2, "topologyKey": "z", "whenUnsatisfiable": "DoNotSchedule"}])",
        {spread + ".{topologyKey, whenUnsatisfiable}: Duplicate value: \"{z, DoNotSchedule}\""}},
       {"/spec/readinessGates",
        R"([{"conditionType": "a b"}])",
        {"spec.readinessGates[0].conditionType: Invalid value: \"a b\": name part must"}},
       {"/spec/schedulingGates",
        R"([{"name": "a b"}])",
        {"spec.schedulingGates[0]: Invalid value: \"a b\": name part must consist of"}},
       {"/spec/schedulingGates",
        R"([{"name": "a"}, {"name": "a"}])",
        {"spec.schedulingGates[1]: Duplicate value: \"a\""}},
       {"/spec/runtimeClassName",
        R"("")",
        {"spec.runtimeClassName: Invalid value: \"\": a lowercase RFC 1123 subdomain"}}});
}

TEST(PodRules, OfNamesAndAddresses) {
  expect_create_faults(
      "pods", pod(),
      {{"/spec/terminationGracePeriodSeconds", "-5", {}},
       {"/spec/hostAliases",
        R"([{"ip": "1.2.3", "hostnames": ["A"]}])",
        {"spec.hostAliases[0].ip: Invalid value: \"1.2.3\": must be a valid IP address",
         "spec.hostAliases[0].hostnames[0]: Invalid value: \"A\": a lowercase RFC 1123"}},
       {"/spec/dnsConfig",
        R"({"nameservers": ["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4"]})",
        {"spec.dnsConfig.nameservers: Invalid value: []string{\"1.1.1.1\", \"1.1.1.2\", "
         "\"1.1.1.3\", \"1.1.1.4\"}: must not have more than 3 nameservers"}},
       {"/spec/dnsConfig",
        R"({"searches": ["a.b.", "A_b"], "options": [{"value": "1"}]})",
        {"spec.dnsConfig.searches[1]: Invalid value: \"A_b\": a lowercase RFC 1123 subdomain",
         "spec.dnsConfig.options[0]: Required value: must not be empty"}},
       {"/spec/preemptionPolicy",
        R"("Always")",
        {"spec.preemptionPolicy: Unsupported value: \"Always\": supported values: "
         "\"PreemptLowerPriority\", \"Never\""}},
       {"/spec/nodeName", R"("n")", {}}});
  json gated = pod();
  gated["spec"]["nodeName"] = "n";
  gated["spec"]["schedulingGates"] = {{{"name", "g"}}};
  EXPECT_THAT(create("pods", gated),
              ::testing::ElementsAre("spec.nodeName: Forbidden: cannot be set until all "
                                     "schedulingGates have been cleared"));
}

TEST(PodRules, OfAnnotations) {
  const std::string a = "metadata.annotations";
  const auto annotated = [](const char* key, const char* value) {
    json object = pod();
    object["metadata"]["annotations"][key] = value;
    return object;
  };
  const auto expect = [&](const json& object, std::vector<std::string> faults) {
    std::vector<::testing::Matcher<std::string>> expected;
    for (const auto& fault : faults) expected.emplace_back(::testing::StartsWith(fault));
    EXPECT_THAT(create("pods", object), ::testing::ElementsAreArray(expected));
  };
  const char* armor = "container.apparmor.security.beta.kubernetes.io/c";
  const char* seccomp = "seccomp.security.alpha.kubernetes.io/pod";
  expect(annotated("kubernetes.io/config.mirror", "x"),
         {a + "[kubernetes.io/config.mirror]: Invalid value: \"x\": must set spec.nodeName if "
              "mirror pod annotation is set"});
  expect(annotated("controller.kubernetes.io/pod-deletion-cost", "+5"),
         {a + "[controller.kubernetes.io/pod-deletion-cost]: Invalid value: \"+5\": must be a "
              "32bit integer"});
  expect(annotated("controller.kubernetes.io/pod-deletion-cost", "-5"), {});
  expect(annotated(seccomp, "strict"),
         {a + ".seccomp.security.alpha.kubernetes.io/pod: Invalid value: \"strict\": must be a "
              "valid seccomp profile"});
  expect(annotated("container.apparmor.security.beta.kubernetes.io/x", "unconfined"),
         {a + "[container.apparmor.security.beta.kubernetes.io/x]: Invalid value: \"x\": container "
              "not found"});
  expect(annotated(armor, "none"), {a + "[" + armor +
                                    "]: Invalid value: \"none\": invalid AppArmor profile name: "
                                    "\"none\""});
  json differs = annotated(armor, "unconfined");
  differs["spec"]["containers"][0]["securityContext"]["appArmorProfile"]["type"] = "RuntimeDefault";
  expect(differs, {c0 + ".securityContext.appArmorProfile.type: Forbidden: apparmor type in "
                        "annotation and field must match"});
  differs = annotated(seccomp, "unconfined");
  differs["spec"]["securityContext"]["seccompProfile"]["type"] = "RuntimeDefault";
  expect(differs, {"spec.securityContext.seccompProfile.type: Forbidden: seccomp type in "
                   "annotation and field must match"});
}

TEST(PodUpdateRules, OfGatedPods) {
  json gated = pod();
  gated["spec"]["schedulingGates"] = {{{"name", "a"}}, {{"name", "b"}}};
  gated["spec"]["nodeSelector"] = {{"zone", "a"}};
  gated["spec"]["affinity"] = json::parse(R"({"nodeAffinity":
    {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
      {"matchExpressions": [{"key": "a", "operator": "Exists"}]}]}}})");
  const std::string terms =
      "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution."
      "nodeSelectorTerms";
  expect_update_faults(
      "pods", gated,
      {{"/spec/schedulingGates", R"([{"name": "b"}])", {}},
       {"/spec/schedulingGates", "-", {}},
       {"/spec/schedulingGates/2",
        R"({"name": "c"})",
        {"spec.schedulingGates[2].name: Forbidden: only deletion is allowed, but found new "
         "scheduling gate 'c'"}},
       {"/spec/nodeSelector/arch", R"("arm64")", {}},
       {"/spec/nodeSelector/zone",
        R"("b")",
        {"spec.nodeSelector: Invalid value: map[string]string{\"zone\":\"b\"}: only additions to "
         "spec.nodeSelector are allowed (no mutations or deletions)"}},
       {"/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/"
        "nodeSelectorTerms/0/matchExpressions/1",
        R"({"key": "b", "operator": "Exists"})",
        {}},
       {"/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/"
        "nodeSelectorTerms/1",
        R"({"matchExpressions": [{"key": "b", "operator": "Exists"}]})",
        {terms + ": Invalid value: [{"}},
       {"/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/"
        "nodeSelectorTerms/0/matchExpressions/0/key",
        R"("b")",
        {terms + "[0]: Invalid value: {\"matchExpressions\":[{\"key\":\"b\",\"operator\":"
                 "\"Exists\"}]}: only additions are allowed (no mutations or deletions)"}},
       {"/spec/affinity/nodeAffinity/preferredDuringSchedulingIgnoredDuringExecution",
        R"([{"weight": 1, "preference": {}}])",
        {}},
       {"/spec/affinity/podAffinity",
        "{}",
        {"spec: Forbidden: pod updates may not change fields other than"}}});
}

TEST(PodUpdateRules, WhatMayChangeOnce) {
  json late = pod();
  late["spec"]["activeDeadlineSeconds"] = 10;
  late["spec"]["containers"][0]["imagePullPolicy"] = "Always";
  late["spec"]["terminationGracePeriodSeconds"] = -1;
  late["spec"]["tolerations"] = {{{"key", "a"}, {"operator", "Exists"}, {"effect", "NoExecute"}}};
  expect_update_faults(
      "pods", late,
      {{"/spec/activeDeadlineSeconds", "5", {}},
       {"/spec/activeDeadlineSeconds",
        "15",
        {"spec.activeDeadlineSeconds: Invalid value: 15: must be less than or equal to previous "
         "value"}},
       {"/spec/terminationGracePeriodSeconds", "1", {}},
       {"/spec/terminationGracePeriodSeconds",
        "2",
        {"spec: Forbidden: pod updates may not change fields other than"}},
       {"/spec/tolerations/0/tolerationSeconds", "3", {}},
       {"/spec/tolerations/0/key",
        R"("b")",
        {"spec.tolerations: Forbidden: existing toleration can not be modified except its "
         "tolerationSeconds"}},
       {"/spec/containers/0/image",
        R"(" a")",
        {c0 + ".image: Invalid value: \" a\": must not have leading or trailing whitespace"}},
       {"/spec/containers/0/resources",
        R"({"limits": {"cpu": "1"}})",
        {"spec: Forbidden: pod updates may not change fields other than"}},
       {"/metadata/annotations",
        R"({"container.apparmor.security.beta.kubernetes.io/c": "unconfined"})",
        {"metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: Forbidden: may "
         "not add AppArmor annotations"}},
       {"/metadata/annotations",
        R"({"kubernetes.io/config.mirror": "x"})",
        {"metadata.annotations[kubernetes.io/config.mirror]: Forbidden: may not add mirror pod "
         "annotation",
         "metadata.annotations[kubernetes.io/config.mirror]: Invalid value: \"x\": must set"}}});
}

TEST(PodStatusRules, OnUpdate) {
  json running = pod();
  running["status"] = {{"qosClass", "BestEffort"}, {"hostIP", "10.0.0.1"}};
  expect_status_faults(
      "pods", running,
      {{"/status/qosClass",
        R"("Guaranteed")",
        {"status.qosClass: Invalid value: \"Guaranteed\": field is immutable"}},
       {"/status/conditions", R"([{"type": "my.io/ready", "status": "True"}])", {}},
       {"/status/conditions",
        R"([{"type": "a b", "status": "True"}])",
        {"metadata.conditions[0].Type: Invalid value: \"a b\": name part must consist of"}},
       {"/status/nominatedNodeName",
        R"("N")",
        {"status.nominatedNodeName: Invalid value: \"N\": a lowercase RFC 1123 subdomain"}},
       {"/status/podIPs",
        R"([{"ip": "x"}])",
        {"status.podIPs[0]: Invalid value: \"x\": must be a valid IP address"}},
       {"/status/podIPs",
        R"([{"ip": "10.1.0.1"}, {"ip": "10.1.0.2"}])",
        {"status.podIPs: Invalid value: [{\"ip\":\"10.1.0.1\"},{\"ip\":\"10.1.0.2\"}]: may specify "
         "no more than one IP for each IP family"}},
       {"/status/hostIPs",
        R"([{"ip": "10.0.0.2"}])",
        {"status.hostIPs[0].ip: Invalid value: \"10.0.0.2\": must be equal to `hostIP`"}},
       {"/status/resourceClaimStatuses",
        R"([{"name": "x"}])",
        {"status.resourceClaimStatuses[0].name: Invalid value: \"x\": must match the name of an "
         "entry in `spec.resourceClaims`"}}});
}

}  // namespace
}  // namespace troupe::model::rules
