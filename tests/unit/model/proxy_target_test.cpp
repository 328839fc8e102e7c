// floors: model
#include "model/proxy_target.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

std::string shown(const std::variant<std::string, status>& to) {
  if (const auto* address = std::get_if<std::string>(&to)) return *address;
  const auto& s = std::get<status>(to);
  return std::to_string(s.code) + " " + s.message;
}

TEST(ProxyName, HasASchemeAndAPort) {
  struct row {
    const char *id, *scheme, *name, *port;  // no name: it is none
  };
  const row table[] = {{"web", "", "web", ""},
                       {"web:80", "", "web", "80"},
                       {"web:http", "", "web", "http"},
                       {"https:web:", "https", "web", ""},
                       {"http:web:x", "http", "web", "x"},
                       {":web:x", "", "web", "x"},
                       {"ftp:web:1", "", nullptr, ""},
                       {"a:b:c:d", "", nullptr, ""},
                       {"", "", nullptr, ""},
                       {":80", "", nullptr, ""},
                       {"https::80", "", nullptr, ""}};
  for (const row& r : table) {
    const auto n = parse_proxy_name(r.id);
    ASSERT_EQ(n.has_value(), r.name != nullptr) << r.id;
    if (!n) continue;
    EXPECT_EQ(n->scheme, r.scheme) << r.id;
    EXPECT_EQ(n->name, r.name) << r.id;
    EXPECT_EQ(n->port, r.port) << r.id;
  }
}

TEST(ProxyToPod, GoesToItsAddress) {
  const auto pod = [](const char* ip) {
    return json{
        {"spec",
         {{"containers",
           json::array({{{"name", "a"}}, {{"ports", json::array({{{"containerPort", 8080}}})}}})}}},
        {"status", {{"podIP", ip}}}};
  };
  EXPECT_EQ(shown(proxy_to_pod({"", "p", ""}, pod("10.0.0.1"))), "10.0.0.1:8080");
  EXPECT_EQ(shown(proxy_to_pod({"", "p", "9"}, pod("fd00::1"))), "[fd00::1]:9");
  EXPECT_EQ(shown(proxy_to_pod({"https", "p", ""}, {{"status", {{"podIP", "10.0.0.1"}}}})),
            "10.0.0.1:443");
  EXPECT_EQ(shown(proxy_to_pod({"", "p", "x"}, pod("10.0.0.1"))), "400 invalid port \"x\"");
  for (const char* ip : {"", "127.0.0.1", "169.254.169.254", "0.0.0.0", "224.0.0.1", "fe80::1",
                         "::1", "255.255.255.255", "ff02::1", "x"})
    EXPECT_EQ(shown(proxy_to_pod({"", "p", "80"}, pod(ip))), "400 address not allowed") << ip;
}

TEST(ProxyToService, GoesToAReadyEndpoint) {
  const json service = {{"spec",
                         {{"ports", json::array({{{"name", "web"}, {"port", 80}},
                                                 {{"name", "admin"}, {"port", 81}}})}}}};
  const json slice =
      json::parse(R"({"ports": [{"name": "web", "port": 8080}, {"name": "admin", "port": 8081}],
    "endpoints": [{"addresses": ["10.0.0.1"], "conditions": {"ready": false}}, {"addresses": ["10.0.0.2"]}]})");
  const auto to = [&](const char* port, const std::vector<json>& slices) {
    return shown(proxy_to_service({"", "s", port}, service, slices));
  };
  EXPECT_EQ(to("80", {slice}), "10.0.0.2:8080");
  EXPECT_EQ(to("admin", {json::object(), slice}), "10.0.0.2:8081");
  EXPECT_EQ(to("82", {slice}), "503 no service port 82 found for service \"s\"");
  EXPECT_EQ(to("other", {slice}), "503 no endpoints available for service \"s\"");
  EXPECT_EQ(to("", {slice}), "503 no endpoints available for service \"s\"")
      << "its ports have names";
  EXPECT_EQ(to("80", {}), "503 no endpoints available for service \"s\"");
  json loopback = slice;
  loopback["endpoints"][1]["addresses"][0] = "127.0.0.1";
  EXPECT_EQ(to("80", {loopback}), "400 address not allowed");
}

TEST(ProxyToNode, HasNoKubeletToGoTo) {
  const json node = json::parse(
      R"({"status": {"addresses": [{"type": "Hostname", "address": "n"}, {"type": "InternalIP", "address": "10.0.0.1"}]}})");
  EXPECT_EQ(shown(proxy_to_node({"", "n", "9100"}, node)), "10.0.0.1:9100");
  for (const char* port : {"", "10250"})
    EXPECT_TRUE(shown(proxy_to_node({"", "n", port}, node))
                    .starts_with("503 the kubelet of node \"n\" serves no HTTP"));
  EXPECT_EQ(shown(proxy_to_node({"", "n", "9100"}, json::object())),
            "503 node \"n\" has no address");
}

TEST(ProxiedTarget, IsWhatStandsBehind) {
  const std::pair<const char*, const char*> table[] = {
      {"/api/v1/namespaces/a/services/s:80/proxy", nullptr},
      {"/api/v1/namespaces/a/services/s:80/proxy?x=1", nullptr},
      {"/api/v1/namespaces/a/services/s:80/proxy/", "/"},
      {"/api/v1/namespaces/a/services/s/proxy/b%2Fc//d/?x=%20&y", "/b%2Fc//d/?x=%20&y"},
      {"/api/v1/nodes/n/proxy/metrics", "/metrics"},
      {"/api/v1/namespaces/proxy/pods/proxy/proxy/proxy", "/proxy"}};
  for (const auto& [target, behind] : table) {
    const auto found = proxied_target(target);
    EXPECT_EQ(found.value_or("none"), behind ? behind : "none") << target;
  }
}

}  // namespace
}  // namespace troupe::model
