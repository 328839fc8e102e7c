// floors: model
#include "model/admission/pod_security.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

using enum security_level;
using testing::ElementsAre;

/// A pod of one container; `own` and `spec` are laid over the container and the pod.
json pod(json own, json spec = json::object()) {
  json c = {{"name", "c"}};
  c.update(own);
  json out = {{"spec", {{"containers", json::array({c})}}}};
  out["spec"].update(spec);
  return out;
}

json secured(json context) {
  return {{"securityContext", std::move(context)}};
}

const json good = secured({{"allowPrivilegeEscalation", false},
                           {"runAsNonRoot", true},
                           {"capabilities", {{"drop", {"ALL"}}}},
                           {"seccompProfile", {{"type", "RuntimeDefault"}}}});

TEST(PodSecurity, FindsWhatIsBeyondBaseline) {
  const struct {
    json pod;
    const char* found;
  } cases[] = {
      {pod(json::object()), ""},
      {pod(good), ""},
      {pod(secured({{"privileged", true}})),
       "privileged (container \"c\" must not set securityContext.privileged=true)"},
      {pod(json::object(), {{"hostNetwork", true}, {"hostPID", true}}),
       "host namespaces (hostNetwork=true, hostPID=true)"},
      {pod(json::object(),
           {{"volumes", json::array({{{"name", "v"}, {"hostPath", {{"path", "/"}}}}})}}),
       "hostPath volumes (volume \"v\")"},
      {pod({{"ports", json::array({{{"hostPort", 80}}, {{"hostPort", 443}}})}}),
       "hostPort (container \"c\" uses hostPorts 80, 443)"},
      {pod(secured({{"capabilities", {{"add", {"SYS_ADMIN", "KILL", "NET_RAW"}}}}})),
       "non-default capabilities (container \"c\" must not include \"NET_RAW\", \"SYS_ADMIN\" in "
       "securityContext.capabilities.add)"},
      {pod(secured({{"procMount", "Unmasked"}})),
       "procMount (container \"c\" must not set securityContext.procMount to \"Unmasked\")"},
      {pod(secured({{"seccompProfile", {{"type", "Unconfined"}}}}),
           secured({{"seccompProfile", {{"type", "Unconfined"}}}})),
       "seccompProfile (pod and container \"c\" must not set securityContext.seccompProfile.type "
       "to "
       "\"Unconfined\")"},
      {pod(json::object(), secured({{"seLinuxOptions", {{"type", "x"}, {"user", "u"}}}})),
       "seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type \"x\"; user may not "
       "be set)"},
      {pod(json::object(),
           secured({{"sysctls", json::array({{{"name", "kernel.sem"}},
                                             {{"name", "net.ipv4.tcp_syncookies"}}})}})),
       "forbidden sysctls (kernel.sem)"},
      {pod(json::object(), secured({{"windowsOptions", {{"hostProcess", true}}}})),
       "hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)"},
      {pod(secured({{"appArmorProfile", {{"type", "Unconfined"}}}})),
       "forbidden AppArmor profile (container \"c\" must not set AppArmor profile type to "
       "\"Unconfined\")"},
  };
  for (const auto& c : cases) EXPECT_EQ(security_violations(c.pod, baseline), c.found) << c.pod;
}

TEST(PodSecurity, FindsWhatIsNotRestricted) {
  EXPECT_EQ(
      security_violations(pod(json::object()), restricted),
      "allowPrivilegeEscalation != false (container \"c\" must set "
      "securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "
      "\"c\" must set securityContext.capabilities.drop=[\"ALL\"]), runAsNonRoot != true (pod or "
      "container \"c\" must set securityContext.runAsNonRoot=true), seccompProfile (pod or "
      "container \"c\" must set securityContext.seccompProfile.type to \"RuntimeDefault\" or "
      "\"Localhost\")");
  EXPECT_EQ(security_violations(pod(good), restricted), "");
  const struct {
    const char* path;
    json value;
    const char* found;
  } cases[] = {
      {"/spec/containers/0/securityContext/runAsNonRoot", false,
       "runAsNonRoot != true (container \"c\" must not set securityContext.runAsNonRoot=false)"},
      {"/spec/containers/0/securityContext/runAsUser", 0,
       "runAsUser=0 (container \"c\" must not set runAsUser=0)"},
      {"/spec/containers/0/securityContext/capabilities/add",
       {"NET_BIND_SERVICE", "CHOWN"},
       "unrestricted capabilities (container \"c\" must not include \"CHOWN\" in "
       "securityContext.capabilities.add)"},
      {"/spec/volumes", json::parse(R"([{"name": "v", "nfs": {}}, {"name": "e", "emptyDir": {}}])"),
       "restricted volume types (volume \"v\" uses restricted volume type \"nfs\")"},
      {"/spec/hostIPC", true, "host namespaces (hostIPC=true)"},
      {"/spec/os/name", "windows", ""},
  };
  for (const auto& c : cases) {
    json one = pod(good);
    one[json::json_pointer(c.path)] = c.value;
    EXPECT_EQ(security_violations(one, restricted), c.found) << c.path;
  }
}

TEST(PodSecurity, GoesByTheLabelsOfTheNamespace) {
  const json bad = pod(secured({{"privileged", true}}));
  const object_key key{"pods", "d", "p"};
  EXPECT_FALSE(judge_security(key, bad, {}).refused);
  const auto refused =
      judge_security(key, bad, {{"pod-security.kubernetes.io/enforce", "baseline"}}).refused;
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, 403);
  EXPECT_EQ(
      refused->message,
      "pods \"p\" is forbidden: violates PodSecurity \"baseline:latest\": privileged (container "
      "\"c\" must not set securityContext.privileged=true)");
  const string_pairs mild{{"pod-security.kubernetes.io/audit", "baseline"},
                          {"pod-security.kubernetes.io/warn", "baseline"},
                          {"pod-security.kubernetes.io/warn-version", "v1.30"}};
  const auto warned = judge_security(key, bad, mild);
  EXPECT_FALSE(warned.refused);
  EXPECT_THAT(warned.warnings,
              ElementsAre("would violate PodSecurity \"baseline:v1.30\": privileged "
                          "(container \"c\" must not set "
                          "securityContext.privileged=true)"));
  using notes = std::map<std::string, std::string>;
  const std::string why =
      "privileged (container \"c\" must not set securityContext.privileged=true)";
  EXPECT_EQ(warned.audit_annotations,
            (notes{{"pod-security.kubernetes.io/enforce-policy", "privileged:latest"},
                   {"pod-security.kubernetes.io/audit-violations",
                    "would violate PodSecurity \"baseline:latest\": " + why}}));
  // Who is refused is audited all the same, and not warned.
  const auto both = judge_security(key, bad,
                                   {{"pod-security.kubernetes.io/enforce", "baseline"},
                                    {"pod-security.kubernetes.io/enforce-version", "v1.30"},
                                    {"pod-security.kubernetes.io/audit", "baseline"},
                                    {"pod-security.kubernetes.io/warn", "baseline"}});
  EXPECT_TRUE(both.refused);
  EXPECT_THAT(both.warnings, testing::IsEmpty());
  EXPECT_EQ(both.audit_annotations,
            (notes{{"pod-security.kubernetes.io/enforce-policy", "baseline:v1.30"},
                   {"pod-security.kubernetes.io/audit-violations",
                    "would violate PodSecurity \"baseline:latest\": " + why}}));
  // The template of a workload is not what is enforced.
  const auto workload =
      judge_security({"deployments.apps", "d", "w"}, {{"spec", {{"template", bad}}}}, mild);
  EXPECT_EQ(workload.audit_annotations,
            (notes{{"pod-security.kubernetes.io/audit-violations",
                    "would violate PodSecurity \"baseline:latest\": " + why}}));
}

TEST(PodSecurity, WarnsOfTheTemplatesOfWorkloads) {
  const json bad = pod(secured({{"privileged", true}}));
  const string_pairs labels{{"pod-security.kubernetes.io/enforce", "baseline"},
                            {"pod-security.kubernetes.io/warn", "baseline"}};
  const json plain = {{"spec", {{"template", bad}}}};
  const json nested = {{"spec", {{"jobTemplate", plain}}}};
  for (const auto& [resource, object] :
       {std::pair{"deployments.apps", plain}, std::pair{"jobs.batch", plain},
        std::pair{"cronjobs.batch", nested}}) {
    const auto verdict = judge_security({resource, "d", "x"}, object, labels);
    EXPECT_FALSE(verdict.refused) << resource;
    EXPECT_EQ(verdict.warnings.size(), 1u) << resource;
  }
  EXPECT_TRUE(judge_security({"configmaps", "d", "x"}, plain, labels).warnings.empty());
}

TEST(PodSecurity, WarnsOfPodsThatAStricterLevelWouldNotLetIn) {
  std::vector<object_ptr> pods;
  for (const char* name : {"b", "a", "fine"}) {
    json one = pod(*name == 'f' ? good : secured({{"privileged", true}}));
    one["metadata"] = {{"name", name}, {"namespace", "d"}};
    pods.push_back(seal(encode("pods", one), 1));
  }
  const object_key ns{"namespaces", "", "d"};
  const string_pairs strict{{"pod-security.kubernetes.io/enforce", "baseline"}};
  EXPECT_THAT(
      warn_of_existing(ns, {}, strict, pods),
      ElementsAre("existing pods in namespace \"d\" violate the new PodSecurity enforce level "
                  "\"baseline:latest\"",
                  "a (and 1 other pod): privileged"));
  EXPECT_THAT(warn_of_existing(ns, strict, strict, pods), ElementsAre());
  EXPECT_THAT(warn_of_existing(ns, strict, {}, pods), ElementsAre());
}

TEST(PodSecurity, KnowsItsLabels) {
  const auto faults = [](const char* label, const char* value) {
    json ns;
    ns["metadata"]["labels"][label] = value;
    return check_security_labels(ns).size();
  };
  EXPECT_EQ(faults("pod-security.kubernetes.io/enforce", "restricted"), 0u);
  EXPECT_EQ(faults("pod-security.kubernetes.io/warn", "strict"), 1u);
  EXPECT_EQ(faults("pod-security.kubernetes.io/warn-version", "v1.32"), 0u);
  EXPECT_EQ(faults("pod-security.kubernetes.io/audit-version", "1.32"), 1u);
}

/// When a control came, or became milder: the pod breaks it from one version on, or up to one.
TEST(PodSecurity, IsOfTheVersionThatALabelNames) {
  json silent = good, root = good, escalates = good, keeps = good;
  silent["securityContext"].erase("seccompProfile");
  root["securityContext"]["runAsUser"] = 0;
  escalates["securityContext"].erase("allowPrivilegeEscalation");
  keeps["securityContext"].erase("capabilities");
  const auto sysctl = [](const char* name) {
    return pod(good, secured({{"sysctls", json::array({{{"name", name}}})}}));
  };
  json annotated = pod(good);
  annotated["metadata"]["annotations"]["seccomp.security.alpha.kubernetes.io/pod"] = "unconfined";
  const struct {
    const char* what;
    json pod;
    int first, last;  // versions that refuse it at the restricted level
  } cases[] = {
      {"a good one", pod(good), 99, 0},
      {"root by number", pod(root), 23, 32},
      {"privilege escalation", pod(escalates), 8, 32},
      {"capabilities that are kept", pod(keeps), 22, 32},
      {"no seccomp profile", pod(silent), 19, 32},
      {"seccomp by annotation", annotated, 0, 18},
      {"windows", pod(escalates, {{"os", {{"name", "windows"}}}}), 8, 24},
      {"an always safe sysctl", sysctl("net.ipv4.tcp_syncookies"), 99, 0},
      {"reserved ports", sysctl("net.ipv4.ip_local_reserved_ports"), 0, 26},
      {"keepalive", sysctl("net.ipv4.tcp_keepalive_time"), 0, 28},
      {"rmem", sysctl("net.ipv4.tcp_rmem"), 0, 31},
      {"SELinux engine type",
       pod(good, secured({{"seLinuxOptions", {{"type", "container_engine_t"}}}})), 0, 30},
  };
  for (const auto& c : cases)
    for (int minor = 0; minor <= 32; ++minor)
      EXPECT_EQ(!security_violations(c.pod, restricted, minor).empty(),
                minor >= c.first && minor <= c.last)
          << c.what << " 1." << minor << " " << security_violations(c.pod, restricted, minor);
  // What the restricted level forbade only later, baseline's weaker control forbade before.
  EXPECT_EQ(
      security_violations(pod(secured({{"capabilities", {{"add", {"SYS_ADMIN"}}}}})), restricted, 7)
          .substr(0, 24),
      "non-default capabilities");
}

TEST(PodSecurity, ALabelsVersionDecides) {
  json root = good;
  root["securityContext"]["runAsUser"] = 0;
  const auto refused = [&](const char* version) {
    return judge_security({"pods", "ns", "p"}, pod(root),
                          {{"pod-security.kubernetes.io/enforce", "restricted"},
                           {"pod-security.kubernetes.io/enforce-version", version}})
        .refused;
  };
  EXPECT_FALSE(refused("v1.22"));
  for (const char* version : {"v1.23", "v1.32", "v1.99", "latest", ""})
    EXPECT_TRUE(refused(version)) << version;
  EXPECT_NE(refused("v1.23")->message.find("violates PodSecurity \"restricted:v1.23\""),
            std::string::npos);
}

}  // namespace
}  // namespace troupe::model
