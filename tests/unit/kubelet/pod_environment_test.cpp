// floors: model
#include "model/kubelet/container_config.hpp"
#include "model/kubelet/service_environment.hpp"
#include "model/kubelet/sysctls.hpp"
#include "model/kubelet/volumes.hpp"

#include <gmock/gmock.h>

namespace troupe::model::kubelet {
namespace {

using testing::ElementsAre;
using testing::Pair;

json service(const char* name, const char* address, const char* ports) {
  return {{"metadata", {{"name", name}}},
          {"spec", {{"clusterIP", address}, {"ports", json::parse(ports)}}}};
}

json pod(const char* ns, const char* spec) {
  return {{"metadata", {{"name", "p"}, {"namespace", ns}}}, {"spec", json::parse(spec)}};
}

using variables = std::vector<std::pair<std::string, std::string>>;

variables environment_of(const json& of, const json& listed, const json& api) {
  return service_environment(of, [&](const std::string&, const std::string& name) -> const json& {
    return name.empty() ? listed : api;
  });
}

const json api = service("kubernetes", "10.96.0.1", R"([{"name":"https","port":443}])");

TEST(ServiceEnvironment, TellsOfTheApiFirst) {
  EXPECT_THAT(environment_of(pod("team", "{}"), json(), api),
              ElementsAre(Pair("KUBERNETES_SERVICE_HOST", "10.96.0.1"),
                          Pair("KUBERNETES_SERVICE_PORT", "443"),
                          Pair("KUBERNETES_SERVICE_PORT_HTTPS", "443"),
                          Pair("KUBERNETES_PORT", "tcp://10.96.0.1:443"),
                          Pair("KUBERNETES_PORT_443_TCP", "tcp://10.96.0.1:443"),
                          Pair("KUBERNETES_PORT_443_TCP_PROTO", "tcp"),
                          Pair("KUBERNETES_PORT_443_TCP_PORT", "443"),
                          Pair("KUBERNETES_PORT_443_TCP_ADDR", "10.96.0.1")));
}

TEST(ServiceEnvironment, NamesAreThoseOfVariables) {
  const json listed = {
      {"items",
       {service("redis-primary", "fd00::7",
                R"([{"name":"dns-udp","port":53,"protocol":"UDP"},{"port":54}])")}}};
  EXPECT_THAT(environment_of(pod("team", "{}"), listed, json()),
              ElementsAre(Pair("REDIS_PRIMARY_SERVICE_HOST", "fd00::7"),
                          Pair("REDIS_PRIMARY_SERVICE_PORT", "53"),
                          Pair("REDIS_PRIMARY_SERVICE_PORT_DNS_UDP", "53"),
                          Pair("REDIS_PRIMARY_PORT", "udp://[fd00::7]:53"),
                          Pair("REDIS_PRIMARY_PORT_53_UDP", "udp://[fd00::7]:53"),
                          Pair("REDIS_PRIMARY_PORT_53_UDP_PROTO", "udp"),
                          Pair("REDIS_PRIMARY_PORT_53_UDP_PORT", "53"),
                          Pair("REDIS_PRIMARY_PORT_53_UDP_ADDR", "fd00::7"),
                          Pair("REDIS_PRIMARY_PORT_54_TCP", "tcp://[fd00::7]:54"),
                          Pair("REDIS_PRIMARY_PORT_54_TCP_PROTO", "tcp"),
                          Pair("REDIS_PRIMARY_PORT_54_TCP_PORT", "54"),
                          Pair("REDIS_PRIMARY_PORT_54_TCP_ADDR", "fd00::7")));
}

TEST(ServiceEnvironment, OnlyOfWhatHasAnAddressAndMayBeTold) {
  const json listed = {{"items",
                        {service("headless", "None", R"([{"port":1}])"),
                         service("external", "", R"([{"port":1}])"), api}}};
  EXPECT_EQ(environment_of(pod("default", "{}"), listed, api).size(), 8u);  // not twice
  const auto apart = pod("team", R"({"enableServiceLinks":false})");
  EXPECT_EQ(environment_of(apart, listed, api).size(), 8u);
  EXPECT_EQ(service_references(apart).size(), 1u);
  EXPECT_EQ(service_references(pod("team", "{}")).size(), 2u);
}

TEST(Sysctls, AreSafeOrAllowed) {
  struct {
    const char* spec;
    const char* why;
  } const table[] = {
      {"{}", ""},
      {R"({"securityContext":{"sysctls":[{"name":"kernel.shm_rmid_forced"}]}})", ""},
      {R"({"securityContext":{"sysctls":[{"name":"net/ipv4/tcp_syncookies"}]}})", ""},
      {R"({"securityContext":{"sysctls":[{"name":"kernel.msgmni"}]}})", ""},
      {R"({"securityContext":{"sysctls":[{"name":"kernel.msgmax"}]}})",
       "forbidden sysctl: \"kernel.msgmax\" not allowlisted"},
      {R"({"securityContext":{"sysctls":[{"name":"vm.swappiness"}]}})",
       "forbidden sysctl: \"vm.swappiness\" not allowlisted"},
      {R"({"hostNetwork":true,"securityContext":{"sysctls":[{"name":"net.ipv4.tcp_syncookies"}]}})",
       "forbidden sysctl: \"net.ipv4.tcp_syncookies\" not allowed with host net enabled"},
      {R"({"hostIPC":true,"securityContext":{"sysctls":[{"name":"kernel.shm_rmid_forced"}]}})",
       "forbidden sysctl: \"kernel.shm_rmid_forced\" not allowed with host ipc enabled"},
  };
  for (const auto& row : table)
    EXPECT_EQ(forbidden_sysctl(pod("d", row.spec), {"kernel.msgmn*", "vm.*"}), row.why) << row.spec;
}

TEST(Names, OfPodsAndTheirResolvers) {
  node_facts node;
  node.dns_servers = {"192.0.2.1"};
  node.dns_searches = {"host.example"};
  node.dns_options = {"trust-ad"};
  const auto full = pod("team", R"({"hostname":"h","subdomain":"s","setHostnameAsFQDN":true})");
  EXPECT_EQ(make_sandbox(full, 0, node).hostname, "h.s.team.svc.cluster.local");
  EXPECT_EQ(domain_of(pod("team", "{}"), node), "");
  EXPECT_THAT(make_sandbox(pod("team", "{}"), 0, node).dns_servers, ElementsAre("192.0.2.1"));
  node.cluster_dns = {"10.96.0.10"};
  const auto asks = make_sandbox(pod("team", "{}"), 0, node);
  EXPECT_THAT(asks.dns_servers, ElementsAre("10.96.0.10"));
  EXPECT_THAT(asks.dns_searches, ElementsAre("team.svc.cluster.local", "svc.cluster.local",
                                             "cluster.local", "host.example"));
  EXPECT_THAT(asks.dns_options, ElementsAre("ndots:5"));
  for (const char* spec : {R"({"dnsPolicy":"Default"})", R"({"hostNetwork":true})"})
    EXPECT_THAT(make_sandbox(pod("team", spec), 0, node).dns_servers, ElementsAre("192.0.2.1"));
}

TEST(Mounts, ShowAPartOfTheirVolumeAndNothingAboveIt) {
  const char* plain = "subPath";
  const char* expression = "subPathExpr";
  const struct {
    const char* field;
    const char* text;
    const char* path;
    const char* why;
  } table[] = {
      {plain, "", "/v", ""},
      {plain, "in/side", "/v/in/side", ""},
      {expression, "$(NAME)/x", "/v/web/x", ""},
      {expression, "$$(NAME)", "/v/$(NAME)", ""},
      {expression, "$(UP)", "", "unable to provision SubPath `..`: must not contain '..'"},
      {expression, "a/$(UP)/b", "", "unable to provision SubPath `a/../b`: must not contain '..'"},
      {expression, "$(ROOT)", "", "error SubPath `/tmp` must not be an absolute path"},
      // What is not known would be a directory of that name.
      {expression, "$(ABSENT)/$(EMPTY)/$(NAME)", "", "missing value for ABSENT, EMPTY"}};
  for (const auto& row : table) {
    auto of = pod("d", R"({"containers": [{"name": "c", "image": "i", "env": [
      {"name": "NAME", "value": "web"}, {"name": "UP", "value": ".."},
      {"name": "ROOT", "value": "/tmp"}, {"name": "EMPTY", "value": ""}]}]})");
    of["spec"]["containers"][0]["volumeMounts"] =
        json::array({{{"name", "v"}, {"mountPath", "/m"}, {row.field, row.text}}});
    const json none;
    const auto plan = make_container(
        of, container_named(of, "c"), 0, {}, {{"v", {"/v", false}}},
        [&](const std::string&, const std::string&) -> const json& { return none; }, std::nullopt);
    EXPECT_EQ(plan.error, row.why) << row.text;
    EXPECT_EQ(plan.config.mounts.empty() ? "" : plan.config.mounts[0].host_path, row.path);
  }
}

TEST(Volumes, OpenThemselvesToTheGroupOfThePod) {
  const json map = {{"kind", "ConfigMap"}, {"data", {{"k", "v"}}}};
  const auto plan = plan_volumes(
      pod("d", R"({"securityContext":{"fsGroup":2000},"volumes":[{"name":"e","emptyDir":{}},
                   {"name":"m","configMap":{"name":"m","defaultMode":256}}]})"),
      "/pods/1", {}, [&](const std::string&, const std::string&) -> const json& { return map; });
  ASSERT_EQ(plan.directories.size(), 2u);
  EXPECT_EQ(plan.directories[0].mode, 02777);
  EXPECT_EQ(plan.directories[1].mode, 02755);
  EXPECT_EQ(plan.directories[0].group, 2000);
  ASSERT_EQ(plan.files.size(), 1u);
  EXPECT_EQ(plan.files[0].mode, 0440);
  EXPECT_EQ(plan.files[0].group, 2000);
}

}  // namespace
}  // namespace troupe::model::kubelet
