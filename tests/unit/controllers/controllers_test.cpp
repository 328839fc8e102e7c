// floors: actors/controllers actors/api actors/store
#include "actors/controllers/controllers.hpp"

#include "actors/api/api.hpp"
#include "actors/store/store.hpp"
#include "messages/system_config.hpp"
#include "model/base64.hpp"
#include "model/bootstrap_token.hpp"
#include "net/tls/pki.hpp"
#include "store/memory_journal.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <gtest/gtest.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;

struct deterministic_config : system_config {
  deterministic_config() { set("scheduler.policy", caf::atom("testing")); }
};

// The real API and store on a virtual clock, over a journal in memory.
class Controllers : public ::testing::Test {
 protected:
  Controllers() {
    store_options so;
    so.journal = std::make_shared<store::memory_journal>();
    so.cache = cache;
    so.detached = false;
    options.store = spawn_store(sys, so);
    sched.run();
    api_options ao;
    ao.cache = cache;
    ao.store = options.store;
    ao.clock = [this] { return now; };
    options.api = spawn_api(sys, ao);
    options.cache = cache;
    options.clock = [this] { return now; };
  }

  void TearDown() override {
    for (auto& c : running) caf::anon_send_exit(c, caf::exit_reason::user_shutdown);
    running.clear();
    sched.run();
    caf::anon_send_exit(options.api, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(options.store, caf::exit_reason::user_shutdown);
    options.api = nullptr;
    options.store = nullptr;
    pass(100s);
  }

  void pass(std::chrono::seconds time) {
    sched.run();
    for (auto t = 0ms; t < time; t += 500ms) {
      now += 500ms;
      sched.advance_time(500ms);
      sched.run();
    }
  }

  api_response ask(const std::string& method, const std::string& target, const json& body = {},
                   user_info user = {"admin", {"system:masters", "system:authenticated"}}) {
    api_request r;
    r.method = method;
    r.target = target;
    r.user = std::move(user);
    if (!body.is_null()) r.body = blob_ref(body.dump());
    auto got = std::make_shared<api_response>();
    got->code = 0;
    sys.spawn([this, r, got](caf::event_based_actor* self) {
      self->request(options.api, caf::infinite, request_atom::value, r)
          .then([got](const api_response& a) { *got = a; });
    });
    sched.run();
    return *got;
  }

  int code(const std::string& method, const std::string& target, const json& body = {}) {
    return ask(method, target, body).code;
  }

  deterministic_config cfg;
  caf::actor_system sys{cfg};
  caf::scheduler::test_coordinator& sched =
      dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  std::shared_ptr<store::cache> cache = std::make_shared<store::cache>();
  model::time_point now{std::chrono::seconds(1700000000)};
  controller_options options;
  std::vector<controller_actor> running;
};

json named(const char* kind, const std::string& name) {
  return {{"apiVersion", "v1"}, {"kind", kind}, {"metadata", {{"name", name}}}};
}

json pod_on(const std::string& name, const std::string& node) {
  auto out = named("Pod", name);
  out["spec"] = {{"nodeName", node},
                 {"containers", {{{"name", "c"}, {"image", "busybox"}}}},
                 {"terminationGracePeriodSeconds", 0}};
  return out;
}

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
  EXPECT_EQ(code("GET", "/api/v1/namespaces/team"), 200);
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

TEST_F(Controllers, PodsOfANodeThatIsGoneAreRemovedAfterTheQuarantine) {
  running.push_back(spawn_bootstrap_controller(sys, options, {}));
  running.push_back(spawn_pod_gc_controller(sys, options));
  sched.run();
  for (const char* node : {"n1", "n2"})
    ASSERT_EQ(code("POST", "/api/v1/nodes", named("Node", node)), 201);
  ASSERT_EQ(code("POST", "/api/v1/namespaces/default/pods", pod_on("a", "n1")), 201);
  ASSERT_EQ(code("POST", "/api/v1/namespaces/default/pods", pod_on("b", "n2")), 201);
  ASSERT_EQ(code("DELETE", "/api/v1/nodes/n1"), 200);
  pass(39s);
  EXPECT_EQ(cache->count("pods"), 2u);
  pass(3s);
  EXPECT_EQ(code("GET", "/api/v1/namespaces/default/pods/a"), 404);
  EXPECT_EQ(code("GET", "/api/v1/namespaces/default/pods/b"), 200);
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
