// floors: model
#include "tests/unit/rules/rules.hpp"

namespace troupe::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

json service() {
  return json::parse(R"({"metadata": {"name": "web", "namespace": "a"},
    "spec": {"selector": {"app": "web"}, "clusterIP": "10.96.0.7", "clusterIPs": ["10.96.0.7"],
             "ipFamilies": ["IPv4"], "ipFamilyPolicy": "SingleStack",
             "ports": [{"name": "http", "port": 80}, {"name": "dns", "port": 53}]}})");
}

TEST(Service, Rules) {
  constexpr change table[] = {
      {"/metadata/name", R"("1web")",
       "metadata.name: Invalid value: \"1web\": a DNS-1035 label must consist of"},
      {"/spec/ports", "[]", "spec.ports: Required value"},
      {"/spec/ports/0/name", R"("")", "spec.ports[0].name: Required value"},
      {"/spec/ports/0/name", R"("A")",
       "spec.ports[0].name: Invalid value: \"A\": a lowercase RFC 1123 label"},
      {"/spec/ports/1/name", R"("http")", "spec.ports[1].name: Duplicate value: \"http\""},
      {"/spec/ports/0/port", "0",
       "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive"},
      {"/spec/ports/1/port", "80",
       "spec.ports[1]: Duplicate value: core.ServicePort{Name:\"\", Protocol:\"TCP\", "
       "AppProtocol:(*string)(nil), Port:80, TargetPort:intstr.IntOrString{Type:0, IntVal:0, "
       "StrVal:\"\"}, NodePort:0}"},
      {"/spec/ports/0/protocol", R"("ICMP")",
       "spec.ports[0].protocol: Unsupported value: \"ICMP\": supported values: \"SCTP\", \"TCP\", "
       "\"UDP\""},
      {"/spec/ports/0/targetPort", R"("way-too-long-a-name")",
       "spec.ports[0].targetPort: Invalid value: \"way-too-long-a-name\": must be no more than 15 "
       "characters"},
      {"/spec/ports/0/targetPort", "70000",
       "spec.ports[0].targetPort: Invalid value: 70000: must be between 1 and 65535, inclusive"},
      {"/spec/ports/0/appProtocol", R"("a b")",
       "spec.ports[0].appProtocol: Invalid value: \"a b\": name part must consist of"},
      {"/spec/ports/0/nodePort", "30001",
       "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"},
      {"/spec/selector/app", R"("-")", "spec.selector: Invalid value: \"-\": a valid label must"},
      {"/spec/type", R"("Internal")",
       "spec.type: Unsupported value: \"Internal\": supported values: \"ClusterIP\", "
       "\"ExternalName\", \"LoadBalancer\", \"NodePort\""},
      {"/spec/sessionAffinity", R"("Cookie")",
       "spec.sessionAffinity: Unsupported value: \"Cookie\": supported values: \"ClientIP\", "
       "\"None\""},
      {"/spec/clusterIP", R"("10.96.0.8")",
       "spec.clusterIPs: Invalid value: []string{\"10.96.0.7\"}: first value must match "
       "`clusterIP`"},
      {"/spec/clusterIP", R"("")",
       "spec.clusterIPs: Invalid value: []string{\"10.96.0.7\"}: must be empty when `clusterIP` is "
       "not specified"},
      {"/spec/clusterIPs", R"(["10.96.0.7", "None"])",
       "spec.clusterIPs[1]: Invalid value: \"None\": must be a valid IP address, (e.g. 10.9.8.7 or "
       "2001:db8::ffff)"},
      {"/spec/clusterIPs", R"(["10.96.0.7", "10.96.0.8"])",
       "spec.clusterIPs: Invalid value: []string{\"10.96.0.7\", \"10.96.0.8\"}: may specify no "
       "more than one IP for each IP family"},
      {"/spec/clusterIPs", R"(["10.96.0.7", "fd00::1", "fd00::2"])",
       "spec.clusterIPs: Invalid value: []string{\"10.96.0.7\", \"fd00::1\", \"fd00::2\"}: may "
       "only hold up to 2 values"},
      {"/spec/ipFamilies", R"(["IPv6"])",
       "spec.clusterIPs[0]: Invalid value: \"10.96.0.7\": expected an IPv6 value as indicated by "
       "`ipFamilies[0]`"},
      {"/spec/ipFamilies", R"(["IPv4", "IPv4"])", "spec.ipFamilies[1]: Duplicate value: \"IPv4\""},
      {"/spec/ipFamilies", R"(["IPv5"])",
       "spec.ipFamilies[0]: Unsupported value: \"IPv5\": supported values: \"IPv4\", \"IPv6\""},
      {"/spec/ipFamilyPolicy", R"("Dual")",
       "spec.ipFamilyPolicy: Unsupported value: \"Dual\": supported values: \"PreferDualStack\", "
       "\"RequireDualStack\", \"SingleStack\""},
      {"/spec/externalIPs", R"(["127.0.0.1"])",
       "spec.externalIPs[0]: Invalid value: \"127.0.0.1\": may not be in the loopback range "
       "(127.0.0.0/8, ::1/128)"},
      {"/spec/externalIPs", R"(["0.0.0.0"])",
       "spec.externalIPs[0]: Invalid value: \"0.0.0.0\": may not be unspecified (0.0.0.0)"},
      {"/spec/externalIPs", R"(["fe80::1"])",
       "spec.externalIPs[0]: Invalid value: \"fe80::1\": may not be in the link-local range "
       "(169.254.0.0/16, fe80::/10)"},
      {"/spec/externalIPs", R"(["here"])",
       "spec.externalIPs[0]: Invalid value: \"here\": must be a valid IP address, (e.g. 10.9.8.7"},
      {"/spec/loadBalancerSourceRanges", R"(["10.0.0.0/8"])",
       "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'"},
      {"/spec/loadBalancerClass", R"("a.com/b")",
       "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'"},
      {"/spec/allocateLoadBalancerNodePorts", "true",
       "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is "
       "'LoadBalancer'"},
      {"/spec/externalTrafficPolicy", R"("Local")",
       "spec.externalTrafficPolicy: Invalid value: \"Local\": may only be set for "
       "externally-accessible services"},
      {"/spec/healthCheckNodePort", "30009",
       "spec.healthCheckNodePort: Invalid value: 30009: may only be set when `type` is "
       "'LoadBalancer' and `externalTrafficPolicy` is 'Local'"},
      {"/spec/internalTrafficPolicy", R"("Near")",
       "spec.internalTrafficPolicy: Unsupported value: \"Near\": supported values: \"Cluster\", "
       "\"Local\""},
      {"/spec/trafficDistribution", R"("Far")",
       "spec.trafficDistribution: Unsupported value: \"Far\": supported values: \"PreferClose\""},
      {"/metadata/annotations",
       R"({"service.kubernetes.io/topology-aware-hints": "a",
           "service.kubernetes.io/topology-mode": "b"})",
       "metadata.annotations[service.kubernetes.io/topology-mode]: Invalid value: \"b\": must "
       "match annotations[service.kubernetes.io/topology-aware-hints] when both are specified"},
  };
  expect_rules("services", service(), table);
}

TEST(Service, RulesOfLoadBalancers) {
  json balanced = service();
  balanced["spec"]["type"] = "LoadBalancer";
  balanced["spec"]["ports"][0]["nodePort"] = 30001;
  balanced["spec"]["ports"][1]["nodePort"] = 30002;
  constexpr change table[] = {
      {"/spec/ports/1/nodePort", "30001", "spec.ports[1].nodePort: Duplicate value: 30001"},
      {"/spec/loadBalancerSourceRanges", R"([" 10.0.0.0/8 ", "10.0.0.0"])",
       "spec.LoadBalancerSourceRanges[1]: Invalid value: \"10.0.0.0\": must be a valid CIDR "
       "value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"},
      {"/metadata/annotations",
       R"({"service.beta.kubernetes.io/load-balancer-source-ranges": "10.0.0.0/8, x"})",
       "metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]: Invalid "
       "value: \"x\": must be a valid CIDR value"},
      {"/spec/loadBalancerClass", R"("a b")",
       "spec.loadBalancerClass: Invalid value: \"a b\": name part must consist of"},
      {"/spec/externalTrafficPolicy", R"("Local")", "spec.healthCheckNodePort: Required value"},
      {"/spec/externalTrafficPolicy", R"("Near")",
       "spec.externalTrafficPolicy: Unsupported value: \"Near\": supported values: \"Cluster\", "
       "\"Local\""},
      {"/spec/clusterIPs", R"(["None"])",
       "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for LoadBalancer "
       "services"},
  };
  expect_rules("services", balanced, table);
  json sticky = balanced;
  sticky["spec"]["sessionAffinity"] = "ClientIP";
  EXPECT_THAT(create("services", sticky), IsEmpty());
  sticky["spec"]["sessionAffinityConfig"]["clientIP"]["timeoutSeconds"] = 86401;
  EXPECT_THAT(create("services", sticky),
              ElementsAre("spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: "
                          "86401: must be greater than 0 and less than 86400"));
}

TEST(Service, RulesOfExternalNames) {
  const json named = json::parse(R"({"metadata": {"name": "web", "namespace": "a"},
    "spec": {"type": "ExternalName", "externalName": "web.example.com."}})");
  constexpr change table[] = {
      {"/spec/externalName", R"("")", "spec.externalName: Required value"},
      {"/spec/externalName", R"("a_b")",
       "spec.externalName: Invalid value: \"a_b\": a lowercase RFC 1123 subdomain"},
      {"/spec/clusterIPs", R"(["10.96.0.1"])",
       "spec.clusterIPs: Forbidden: may not be set for ExternalName services"},
      {"/spec/ipFamilies", R"(["IPv4"])",
       "spec.ipFamilies: Forbidden: may not be set for ExternalName services"},
      {"/spec/ipFamilyPolicy", R"("SingleStack")",
       "spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services"},
  };
  expect_rules("services", named, table);
}

TEST(Service, WhatAnUpdateMayNotChange) {
  json old = service();
  old["spec"]["type"] = "LoadBalancer";
  old["spec"]["externalTrafficPolicy"] = "Local";
  old["spec"]["healthCheckNodePort"] = 30009;
  old["spec"]["loadBalancerClass"] = "a.com/b";
  constexpr change table[] = {
      {"/spec/clusterIPs/0", R"("10.96.0.8")",
       "spec.clusterIPs[0]: Invalid value: []string{\"10.96.0.8\"}: may not change once set"},
      {"/spec/clusterIPs", "[]",
       "spec.clusterIPs[0]: Invalid value: []string(nil): primary clusterIP can not be unset"},
      {"/spec/ipFamilies/0", R"("IPv6")",
       "spec.ipFamilies[0]: Invalid value: []core.IPFamily{\"IPv6\"}: may not change once set"},
      {"/spec/loadBalancerClass", R"("a.com/c")",
       "spec.loadBalancerClass: Invalid value: \"a.com/c\": may not change once set"},
      {"/spec/healthCheckNodePort", "30010",
       "spec.healthCheckNodePort: Forbidden: field is immutable"},
  };
  expect_update_rules("services", old, table);
  json dual = service();
  dual["spec"]["clusterIPs"].push_back("fd00::1");
  dual["spec"]["ipFamilies"].push_back("IPv6");
  dual["spec"]["ipFamilyPolicy"] = "PreferDualStack";
  json single = service();
  EXPECT_THAT(update("services", dual, single), IsEmpty());
  single["spec"]["ipFamilyPolicy"] = "PreferDualStack";
  EXPECT_THAT(update("services", dual, single),
              ElementsAre("spec.ipFamilyPolicy: Invalid value: \"PreferDualStack\": must be set to "
                          "'SingleStack' when releasing the secondary clusterIP",
                          "spec.ipFamilyPolicy: Invalid value: \"PreferDualStack\": must be set to "
                          "'SingleStack' when releasing the secondary ipFamily"));
}

TEST(Service, RulesOfStatus) {
  json balanced = service();
  balanced["spec"]["type"] = "LoadBalancer";
  json with_ip = balanced;
  with_ip["status"]["loadBalancer"]["ingress"] = {{{"ip", "1.2.3.4"}}};
  EXPECT_THAT(update_status("services", balanced, with_ip), IsEmpty());  // ipMode is defaulted
  with_ip["status"]["loadBalancer"]["ingress"] = {{{"ip", "x"}, {"ipMode", "Some"}},
                                                  {{"hostname", "1.2.3.4"}}};
  EXPECT_THAT(update_status("services", balanced, with_ip),
              ElementsAre(StartsWith("status.loadBalancer.ingress[0].ip: Invalid value: \"x\""),
                          "status.loadBalancer.ingress[0].ipMode: Unsupported value: \"Some\": "
                          "supported values: \"Proxy\", \"VIP\"",
                          "status.loadBalancer.ingress[1].hostname: Invalid value: \"1.2.3.4\": "
                          "must be a DNS name, not an IP address"));
  with_ip["spec"]["type"] = "ClusterIP";
  EXPECT_THAT(
      update_status("services", service(), with_ip),
      ElementsAre("status.loadBalancer.ingress: Forbidden: may only be used when `spec.type` "
                  "is 'LoadBalancer'"));
}

TEST(Endpoints, Rules) {
  const json valid = json::parse(R"({"metadata": {"name": "web", "namespace": "a"},
    "subsets": [{"addresses": [{"ip": "10.0.0.1", "nodeName": "n"}],
                 "ports": [{"name": "a", "port": 1}, {"name": "b", "port": 2}]}]})");
  constexpr change table[] = {
      {"/subsets/0/addresses", "[]",
       "subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`"},
      {"/subsets/0/addresses/0/ip", R"("x")",
       "subsets[0].addresses[0].ip: Invalid value: \"x\": must be a valid IP address, (e.g."},
      {"/subsets/0/addresses/0/ip", R"("224.0.0.1")",
       "subsets[0].addresses[0].ip: Invalid value: \"224.0.0.1\": may not be in the link-local "
       "multicast range (224.0.0.0/24, ff02::/10)"},
      {"/subsets/0/addresses/0/hostname", R"("a.b")",
       "subsets[0].addresses[0].hostname: Invalid value: \"a.b\": a lowercase RFC 1123 label"},
      {"/subsets/0/addresses/0/nodeName", R"("N")",
       "subsets[0].addresses[0].nodeName: Invalid value: \"N\": a lowercase RFC 1123 subdomain"},
      {"/subsets/0/ports/1/name", R"("")", "subsets[0].ports[1].name: Required value"},
      {"/subsets/0/ports/1/port", "65536",
       "subsets[0].ports[1].port: Invalid value: 65536: must be between 1 and 65535, inclusive"},
      {"/subsets/0/ports/1/protocol", R"("X")",
       "subsets[0].ports[1].protocol: Unsupported value: \"X\": supported values: \"SCTP\", "
       "\"TCP\", \"UDP\""},
  };
  expect_rules("endpoints", valid, table);
}

TEST(EndpointSlice, Rules) {
  const json valid = json::parse(R"({"metadata": {"name": "web-1", "namespace": "a"},
    "addressType": "IPv4", "endpoints": [{"addresses": ["10.0.0.1"], "nodeName": "n",
      "hints": {"forZones": [{"name": "z"}]}}],
    "ports": [{"name": "a", "port": 1}, {"name": "b", "port": 2}]})");
  constexpr change table[] = {
      {"/addressType", R"("")", "addressType: Required value"},
      {"/addressType", R"("IP")",
       "addressType: Unsupported value: \"IP\": supported values: \"FQDN\", \"IPv4\", \"IPv6\""},
      {"/addressType", R"("IPv6")",
       "endpoints[0].addresses[0]: Invalid value: \"10.0.0.1\": must be a valid IPv6 address"},
      {"/endpoints/0/addresses", "[]",
       "endpoints[0].addresses: Required value: must contain at least 1 address"},
      {"/endpoints/0/addresses/0", R"("fd00::1")",
       "endpoints[0].addresses[0]: Invalid value: \"fd00::1\": must be a valid IPv4 address"},
      {"/endpoints/0/nodeName", R"("N")",
       "endpoints[0].nodeName: Invalid value: \"N\": a lowercase RFC 1123 subdomain"},
      {"/endpoints/0/hostname", R"("H")",
       "endpoints[0].hostname: Invalid value: \"H\": a lowercase RFC 1123 label"},
      {"/endpoints/0/hints/forZones/1", R"({"name": "z"})",
       "endpoints[0].hints.forZones[1].name: Duplicate value: \"z\""},
      {"/ports/1/name", R"("a")", "ports[1].name: Duplicate value: \"a\""},
      {"/ports/1/name", R"("B")",
       "ports[1].name: Invalid value: \"B\": a lowercase RFC 1123 label"},
      {"/ports/1/protocol", R"("X")", "ports[1].protocol: Unsupported value: \"X\""},
  };
  json by_name = valid;
  by_name["addressType"] = "FQDN";
  by_name["endpoints"][0]["addresses"] = {"a.example.com"};
  EXPECT_THAT(create("endpointslices.discovery.k8s.io", by_name), IsEmpty());
  by_name["endpoints"][0]["addresses"] = {"single"};
  EXPECT_THAT(
      create("endpointslices.discovery.k8s.io", by_name),
      ElementsAre("endpoints[0].addresses[0]: Invalid value: \"single\": should be a domain "
                  "with at least two segments separated by dots"));
  json crowded = valid;
  crowded["endpoints"][0]["addresses"] = json::array();
  for (int i = 0; i < 101; ++i)
    crowded["endpoints"][0]["addresses"].push_back("10.0.1." + std::to_string(i));
  EXPECT_THAT(create("endpointslices.discovery.k8s.io", crowded),
              ElementsAre("endpoints[0].addresses: Too many: 101: must have at most 100 items"));
  expect_rules("endpointslices.discovery.k8s.io", valid, table);
  constexpr change kept[] = {
      {"/addressType", R"("IPv6")", "addressType: Invalid value: \"IPv6\": field is immutable"}};
  expect_update_rules("endpointslices.discovery.k8s.io", valid, kept);
}

TEST(Ingress, Rules) {
  const json valid = json::parse(R"({"metadata": {"name": "web", "namespace": "a"},
    "spec": {"ingressClassName": "c", "tls": [{"hosts": ["a.b"], "secretName": "s"}],
      "rules": [{"host": "a.b", "http": {"paths": [{"path": "/x", "pathType": "Prefix",
        "backend": {"service": {"name": "s", "port": {"number": 80}}}}]}}]}})");
  constexpr change table[] = {
      {"/spec/rules", "[]",
       "spec: Invalid value: []networking.IngressRule(nil): either `defaultBackend` or `rules` "
       "must be specified"},
      {"/spec/rules/0/host", R"("1.2.3.4")",
       "spec.rules[0].host: Invalid value: \"1.2.3.4\": must be a DNS name, not an IP address"},
      {"/spec/rules/0/host", R"("A")",
       "spec.rules[0].host: Invalid value: \"A\": a lowercase RFC 1123 subdomain"},
      {"/spec/rules/0/host", R"("a.*")",
       "spec.rules[0].host: Invalid value: \"a.*\": a wildcard DNS-1123 subdomain must start with "
       "'*.'"},
      {"/spec/rules/0/http/paths", "[]", "spec.rules[0].http.paths: Required value"},
      {"/spec/rules/0/http/paths/0/pathType", "null",
       "spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified"},
      {"/spec/rules/0/http/paths/0/pathType", R"("Glob")",
       "spec.rules[0].http.paths[0].pathType: Unsupported value: \"Glob\": supported values: "
       "\"Exact\", \"ImplementationSpecific\", \"Prefix\""},
      {"/spec/rules/0/http/paths/0/path", R"("x")",
       "spec.rules[0].http.paths[0].path: Invalid value: \"x\": must be an absolute path"},
      {"/spec/rules/0/http/paths/0/path", R"("/a//b")",
       "spec.rules[0].http.paths[0].path: Invalid value: \"/a//b\": must not contain '//'"},
      {"/spec/rules/0/http/paths/0/path", R"("/a/..")",
       "spec.rules[0].http.paths[0].path: Invalid value: \"/a/..\": cannot end with '/..'"},
      {"/spec/rules/0/http/paths/0/backend", "{}",
       "spec.rules[0].http.paths[0].backend: Invalid value: \"\": resource or service backend is "
       "required"},
      {"/spec/rules/0/http/paths/0/backend/resource", R"({"kind": "K", "name": "n"})",
       "spec.rules[0].http.paths[0].backend: Invalid value: \"\": cannot set both resource and "
       "service backends"},
      {"/spec/rules/0/http/paths/0/backend/service/name", R"("1")",
       "spec.rules[0].http.paths[0].backend.service.name: Invalid value: \"1\": a DNS-1035 label"},
      {"/spec/rules/0/http/paths/0/backend/service/port", "{}",
       "spec.rules[0].http.paths[0].backend: Required value: port name or number is required"},
      {"/spec/rules/0/http/paths/0/backend/service/port/name", R"("http")",
       "spec.rules[0].http.paths[0].backend: Invalid value: \"\": cannot set both port name & port "
       "number"},
      {"/spec/defaultBackend", R"({"resource": {"kind": "", "name": "a/b"}})",
       "spec.defaultBackend.resource.kind: Required value"},
      {"/spec/defaultBackend", R"({"resource": {"kind": "K", "name": "a/b"}})",
       "spec.defaultBackend.resource.name: Invalid value: \"a/b\": may not contain '/'"},
      {"/spec/tls/0/hosts/0", R"("A")",
       "spec.tls[0].hosts[0]: Invalid value: \"A\": a lowercase RFC 1123 subdomain"},
      {"/spec/tls/0/secretName", R"("A")",
       "spec.tls[0].secretName: Invalid value: \"A\": a lowercase RFC 1123 subdomain"},
      {"/spec/ingressClassName", R"("A")",
       "spec.ingressClassName: Invalid value: \"A\": a lowercase RFC 1123 subdomain"},
      {"/metadata/annotations", R"({"kubernetes.io/ingress.class": "d"})",
       "annotations.kubernetes.io/ingress.class: Invalid value: \"d\": must match "
       "`ingressClassName` when both are specified"},
  };
  expect_rules("ingresses.networking.k8s.io", valid, table);
  // An update may add the annotation: only creation refuses both.
  EXPECT_THAT(update("ingresses.networking.k8s.io", valid, changed(valid, table[20])), IsEmpty());
}

TEST(IngressClass, Rules) {
  const json valid = json::parse(R"({"metadata": {"name": "c"},
    "spec": {"controller": "example.com/ingress",
             "parameters": {"kind": "K", "name": "n", "scope": "Namespace", "namespace": "a"}}})");
  constexpr change table[] = {
      {"/spec/controller", R"("")", "spec.controller: Required value"},
      {"/spec/controller", R"("ingress")",
       "spec.controller: Invalid value: \"ingress\": must be a domain-prefixed path (such as "
       "\"acme.io/foo\")"},
      {"/spec/parameters/kind", R"("")", "spec.parameters.kind: Required value"},
      {"/spec/parameters/scope", R"("World")",
       "spec.parameters.scope: Unsupported value: \"World\": supported values: \"Cluster\", "
       "\"Namespace\""},
      {"/spec/parameters/scope", R"("Cluster")",
       "spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"},
      {"/spec/parameters/namespace", "null",
       "spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"},
  };
  expect_rules("ingressclasses.networking.k8s.io", valid, table);
  constexpr change kept[] = {{"/spec/controller", R"("a.com/b")",
                              "spec.controller: Invalid value: \"a.com/b\": field is immutable"}};
  expect_update_rules("ingressclasses.networking.k8s.io", valid, kept);
}

TEST(NetworkPolicy, Rules) {
  const json valid = json::parse(R"({"metadata": {"name": "p", "namespace": "a"},
    "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"],
      "ingress": [{"from": [{"podSelector": {"matchLabels": {"a": "b"}}}],
                   "ports": [{"port": 80, "endPort": 90}]}],
      "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}]}]}})");
  constexpr change table[] = {
      {"/spec/podSelector/matchLabels", R"({"a b": "c"})",
       "spec.podSelector.matchLabels: Invalid value: \"a b\": name part must consist of"},
      {"/spec/ingress/0/ports/0/protocol", R"("X")",
       "spec.ingress[0].ports[0].protocol: Unsupported value: \"X\": supported values: \"TCP\", "
       "\"UDP\", \"SCTP\""},
      {"/spec/ingress/0/ports/0/endPort", "70",
       "spec.ingress[0].ports[0].endPort: Invalid value: 70: must be greater than or equal to "
       "`port`"},
      {"/spec/ingress/0/ports/0/port", R"("http")",
       "spec.ingress[0].ports[0].endPort: Invalid value: 90: may not be specified when `port` is "
       "non-numeric"},
      {"/spec/ingress/0/ports/0/port", "null",
       "spec.ingress[0].ports[0].endPort: Invalid value: 90: may not be specified when `port` is "
       "not specified"},
      {"/spec/ingress/0/from/0", "{}",
       "spec.ingress[0].from[0]: Required value: must specify a peer"},
      {"/spec/ingress/0/from/0/ipBlock", R"({"cidr": "10.0.0.0/8"})",
       "spec.ingress[0].from[0]: Forbidden: may not specify both ipBlock and another peer"},
      {"/spec/egress/0/to/0/ipBlock/cidr", R"("")",
       "spec.egress[0].to[0].ipBlock.cidr: Required value"},
      {"/spec/egress/0/to/0/ipBlock/cidr", R"("10.0.0.0")",
       "spec.egress[0].to[0].ipBlock.cidr: Invalid value: \"10.0.0.0\": must be a valid CIDR "
       "value, "
       "(e.g. 10.9.8.0/24 or 2001:db8::/64)"},
      {"/spec/egress/0/to/0/ipBlock/except/0", R"("11.0.0.0/16")",
       "spec.egress[0].to[0].ipBlock.except[0]: Invalid value: \"11.0.0.0/16\": must be a strict "
       "subset of `cidr`"},
      {"/spec/policyTypes/0", R"("Both")",
       "spec.policyTypes[0]: Unsupported value: \"Both\": supported values: \"Ingress\", "
       "\"Egress\""},
  };
  expect_rules("networkpolicies.networking.k8s.io", valid, table);
}

}  // namespace
}  // namespace troupe::model
