// floors: actors/controllers actors/events actors/api actors/store
#include "model/base64.hpp"
#include "model/bootstrap_token.hpp"
#include "model/rbac/defaults.hpp"
#include "net/tls/pki.hpp"
#include "tests/unit/controllers/fixture.hpp"

namespace troupe {
namespace {

TEST_F(Controllers, EveryClusterHasItsNamespacesAndTheirAccounts) {
  running.push_back(spawn_bootstrap_controller(sys, options, {"PEM"}));
  sched.run();
  for (const char* ns : {"default", "kube-system", "kube-public", "kube-node-lease"}) {
    const std::string path = "/api/v1/namespaces/" + std::string(ns);
    EXPECT_EQ(code("GET", path), 200) << ns;
    EXPECT_EQ(code("GET", path + "/serviceaccounts/default"), 200) << ns;
    const auto ca = ask("GET", path + "/configmaps/kube-root-ca.crt");
    EXPECT_EQ(model::string_at(json::parse(ca.body.bytes()), {"data", "ca.crt"}), "PEM");
  }
  EXPECT_EQ(code("DELETE", "/api/v1/namespaces/default/serviceaccounts/default"), 200);
  EXPECT_EQ(code("GET", "/api/v1/namespaces/default/serviceaccounts/default"), 200);
}

TEST_F(Controllers, EveryClusterHasThePrioritiesOfTheSystem) {
  running.push_back(spawn_bootstrap_controller(sys, options, {}));
  sched.run();
  const std::string path = "/apis/scheduling.k8s.io/v1/priorityclasses/system-";
  for (const auto& [name, value] :
       {std::pair{"node-critical", 2'000'001'000}, std::pair{"cluster-critical", 2'000'000'000}}) {
    const auto found = json::parse(ask("GET", path + name).body.bytes());
    EXPECT_EQ(found["value"], value) << name;
    EXPECT_EQ(found["preemptionPolicy"], "PreemptLowerPriority");
    EXPECT_EQ(code("DELETE", path + name), 403) << name;
  }
}

TEST_F(Controllers, TheRootCertificateOfANamespaceIsKeptAsItIs) {
  running.push_back(spawn_bootstrap_controller(sys, options, {"PEM"}));
  sched.run();
  const std::string path = "/api/v1/namespaces/default/configmaps/kube-root-ca.crt";
  const auto data = [&] { return json::parse(ask("GET", path).body.bytes())["data"]; };
  json forged = named("ConfigMap", "kube-root-ca.crt");
  forged["data"] = {{"ca.crt", "somebody else's"}, {"more", "x"}};
  ASSERT_EQ(code("PUT", path, forged), 200);
  sched.run();
  EXPECT_EQ(data(), (json{{"ca.crt", "PEM"}}));
  ASSERT_EQ(code("DELETE", path), 200);
  sched.run();
  EXPECT_EQ(data(), (json{{"ca.crt", "PEM"}}));
}

TEST_F(Controllers, TheServiceKubernetesLeadsToTheServer) {
  running.push_back(spawn_bootstrap_controller(sys, options, {}));
  const auto serve_at = [&](const char* address, std::uint16_t port) {
    running.push_back(
        spawn_kubernetes_service_controller(sys, options, {address, port, "10.96.0.1"}));
    pass(5s);
  };
  const auto get = [&](const std::string& path) {
    return json::parse(ask("GET", path).body.bytes());
  };
  const std::string core = "/api/v1/namespaces/default/";
  const std::string slice =
      "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes";
  serve_at("192.0.2.1", 6443);
  const auto service = get(core + "services/kubernetes");
  EXPECT_EQ(service["spec"]["clusterIP"], "10.96.0.1");
  EXPECT_EQ(service["spec"]["ports"][0]["targetPort"], 6443);
  EXPECT_EQ(get(core + "endpoints/kubernetes")["subsets"][0]["addresses"][0]["ip"], "192.0.2.1");
  EXPECT_EQ(get(slice)["endpoints"][0]["addresses"][0], "192.0.2.1");
  code("DELETE", core + "services/kubernetes");
  code("DELETE", core + "endpoints/kubernetes");
  pass(5s);
  EXPECT_EQ(get(core + "services/kubernetes")["spec"]["clusterIP"], "10.96.0.1");
  caf::anon_send_exit(running.back(), caf::exit_reason::user_shutdown);
  running.pop_back();
  serve_at("192.0.2.2", 6443);
  EXPECT_EQ(get(core + "endpoints/kubernetes")["subsets"][0]["addresses"][0]["ip"], "192.0.2.2");
  EXPECT_EQ(get(slice)["endpoints"][0]["addresses"][0], "192.0.2.2");
}

TEST_F(Controllers, AnAddressOfThisHostAloneIsNobodysEndpoint) {
  running.push_back(spawn_bootstrap_controller(sys, options, {}));
  running.push_back(
      spawn_kubernetes_service_controller(sys, options, {"127.0.0.1", 6443, "10.96.0.1"}));
  pass(5s);
  EXPECT_EQ(code("GET", "/api/v1/namespaces/default/services/kubernetes"), 200);
  EXPECT_EQ(code("GET", "/api/v1/namespaces/default/endpoints/kubernetes"), 404);
}

TEST_F(Controllers, ADeletedNamespaceIsEmptiedAndGoes) {
  running.push_back(spawn_bootstrap_controller(sys, options, {}));
  running.push_back(spawn_namespace_controller(sys, options));
  EXPECT_EQ(code("POST", "/api/v1/namespaces", named("Namespace", "team")), 201);
  for (int i = 0; i < 300; ++i)
    EXPECT_EQ(code("POST", "/api/v1/namespaces/team/configmaps",
                   named("ConfigMap", "c" + std::to_string(i))),
              201);
  EXPECT_EQ(code("POST", "/api/v1/namespaces/default/configmaps", named("ConfigMap", "kept")), 201);
  code("DELETE", "/api/v1/namespaces/team");
  pass(5s);
  EXPECT_EQ(code("GET", "/api/v1/namespaces/team"), 404);
  EXPECT_TRUE(cache->list({}, "team").objects.empty());
  EXPECT_EQ(code("GET", "/api/v1/namespaces/default/configmaps/kept"), 200);
}

TEST_F(Controllers, ANamespaceWaitsForWhatAFinalizerHolds) {
  running.push_back(spawn_bootstrap_controller(sys, options, {}));
  running.push_back(spawn_namespace_controller(sys, options));
  code("POST", "/api/v1/namespaces", named("Namespace", "team"));
  auto held = named("ConfigMap", "held");
  held["metadata"]["finalizers"] = {"example.com/hold"};
  EXPECT_EQ(code("POST", "/api/v1/namespaces/team/configmaps", held), 201);
  code("DELETE", "/api/v1/namespaces/team");
  pass(5s);
  const auto waiting = json::parse(ask("GET", "/api/v1/namespaces/team").body.bytes());
  EXPECT_EQ(model::string_at(waiting, {"status", "phase"}), "Terminating");
  std::map<std::string, std::string> conditions;
  for (const auto& c : waiting["status"]["conditions"])
    conditions[model::string_at(c, {"type"})] =
        model::string_at(c, {"status"}) + " " + model::string_at(c, {"message"});
  EXPECT_EQ(conditions["NamespaceContentRemaining"],
            "True Some resources are remaining: configmaps. has 1 resource instances");
  EXPECT_EQ(conditions["NamespaceFinalizersRemaining"],
            "True Some content in the namespace has finalizers remaining: example.com/hold in 1 "
            "resource instances");
  EXPECT_EQ(conditions["NamespaceDeletionContentFailure"].substr(0, 5), "False");
  const auto refused =
      ask("POST", "/api/v1/namespaces/team/configmaps", named("ConfigMap", "late"));
  EXPECT_EQ(refused.code, 403);
  EXPECT_EQ(json::parse(refused.body.bytes())["details"]["causes"][0]["reason"],
            "NamespaceTerminating");
  auto now_held = json::parse(ask("GET", "/api/v1/namespaces/team/configmaps/held").body.bytes());
  now_held["metadata"].erase("finalizers");
  EXPECT_EQ(code("PUT", "/api/v1/namespaces/team/configmaps/held", now_held), 200);
  pass(5s);
  EXPECT_EQ(code("GET", "/api/v1/namespaces/team"), 404);
}

TEST_F(Controllers, EventsLiveForTheirHourAfterTheLastWrite) {
  running.push_back(spawn_bootstrap_controller(sys, options, {}));
  sched.run();
  auto event = named("Event", "e1");
  event["involvedObject"] = {{"kind", "Pod"}, {"name", "p"}, {"namespace", "default"}};
  event["lastTimestamp"] = model::to_rfc3339(now - 1800s);
  ASSERT_EQ(code("POST", "/api/v1/namespaces/default/events", event), 201);
  running.push_back(spawn_event_ttl_controller(sys, options));  // finds e1, half an hour old
  sched.run();
  event["metadata"]["name"] = "e2";
  event["lastTimestamp"] = model::to_rfc3339(now);
  ASSERT_EQ(code("POST", "/api/v1/namespaces/default/events", event), 201);
  const auto jump = [&](std::chrono::seconds by) {
    now += by;
    pass(20s);
  };
  jump(1700s);
  EXPECT_EQ(cache->count("events"), 2u);
  jump(120s);
  EXPECT_EQ(code("GET", "/api/v1/namespaces/default/events/e1"), 404);
  EXPECT_EQ(code("GET", "/api/v1/namespaces/default/events/e2"), 200);
  jump(1800s);
  EXPECT_EQ(cache->count("events"), 0u);
}

TEST_F(Controllers, ACertificateRequestOfAJoiningNodeIsApprovedAndSigned) {
  const auto ca = tls::make_ca("test", now);
  csr_options csr;
  csr.sign = [&](const signing_request& r) {
    return tls::sign_request(
        ca, r.request,
        tls::for_one_year({r.common_name, r.organizations}, tls::usage::client, {}, now));
  };
  running.push_back(spawn_csr_controller(sys, options, csr));
  const auto request = tls::make_request(tls::make_key(), {"system:node:n1", {"system:nodes"}});
  json body{{"apiVersion", "certificates.k8s.io/v1"},
            {"kind", "CertificateSigningRequest"},
            {"metadata", {{"name", "n1"}}},
            {"spec",
             {{"signerName", "kubernetes.io/kube-apiserver-client-kubelet"},
              {"usages", {"digital signature", "client auth"}},
              {"request", model::to_base64(request)}}}};
  const user_info joining{
      "system:bootstrap:abcdef",
      {"system:bootstrappers", std::string(model::worker_bootstrap_group), "system:authenticated"}};
  for (const json& o : model::rbac::default_objects())
    for (const auto& [resource, name] :
         {std::pair{"clusterroles", "system:node-bootstrapper"},
          std::pair{"clusterrolebindings", "kubeadm:kubelet-bootstrap"}})
      if (o["metadata"]["name"] == name) {
        const auto place = std::string("/apis/rbac.authorization.k8s.io/v1/") + resource;
        ASSERT_EQ(ask("POST", place, o).code, 201);
      }
  const std::string path = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
  const auto created = ask("POST", path, body, joining);
  ASSERT_EQ(created.code, 201) << created.body.bytes();
  const auto signed_by = [&](const std::string& name) {
    const auto now_there = json::parse(ask("GET", path + "/" + name).body.bytes());
    return model::from_base64(model::string_at(now_there, {"status", "certificate"})).value_or("");
  };
  const auto certificate = signed_by("n1");
  ASSERT_FALSE(certificate.empty());
  EXPECT_EQ(tls::refusal(certificate, ca.certificate, tls::usage::client, now), "");
  EXPECT_EQ(tls::parse_certificate(certificate).subject.common_name, "system:node:n1");
  // The same request by anybody else waits for a person.
  body["metadata"]["name"] = "stranger";
  ASSERT_EQ(ask("POST", path, body).code, 201);
  EXPECT_EQ(signed_by("stranger"), "");
}

}  // namespace
}  // namespace troupe
