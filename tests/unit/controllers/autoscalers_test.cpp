// floors: actors/controllers actors/events actors/api actors/store
#include "store/figures_board.hpp"
#include "tests/unit/controllers/disturbance.hpp"

#include <gmock/gmock.h>

namespace troupe {
namespace {

using testing::Contains;

const std::string deployments = "/apis/apps/v1/namespaces/default/deployments";
const std::string autoscalers = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers";

json autoscaler(int least, int most) {
  return {
      {"apiVersion", "autoscaling/v2"},
      {"kind", "HorizontalPodAutoscaler"},
      {"metadata", {{"name", "web"}}},
      {"spec",
       {{"scaleTargetRef", {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", "web"}}},
        {"minReplicas", least},
        {"maxReplicas", most}}}};
}

json web(int replicas) {
  auto d = workload_of("Deployment", "web", replicas);
  d["spec"]["template"]["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "1";
  return d;
}

// What a kubelet would report of the pods: the load in millicores, spread evenly.
void load(virtual_cluster& c, std::int64_t cpu) {
  model::node_figures f;
  f.window = 15s;
  const auto pods = c.cache->list("pods", "default").objects;
  for (const auto& pod : pods)
    f.pods.push_back(
        {"default",
         pod->key().name,
         {{"c", {cpu * 1'000'000 / static_cast<std::int64_t>(pods.size()), 1 << 20}}}});
  c.cache->figures().put("n1", std::move(f), c.now);
}

void pass_under_load(virtual_cluster& c, std::chrono::seconds time, std::int64_t cpu) {
  for (auto t = 0s; t < time; t += 5s) {
    load(c, cpu);
    c.pass(5s);
  }
}

// Pods tell when they started, as kubelets do.
void start_pods(virtual_cluster& c) {
  for (auto& pod : items(c, "/api/v1/namespaces/default/pods")) {
    if (pod["status"].contains("startTime")) continue;
    pod["status"]["startTime"] = model::to_rfc3339(c.now);
    c.code(
        "PUT",
        "/api/v1/namespaces/default/pods/" + pod["metadata"]["name"].get<std::string>() + "/status",
        pod);
  }
}

class Autoscalers : public ::testing::Test, protected virtual_cluster {
 protected:
  void SetUp() override {
    make_default_namespace(*this);
    start_kubelet(*this);
    running.push_back(spawn_deployment_controller(sys, options));
    running.push_back(spawn_replica_set_controller(sys, options));
    running.push_back(spawn_autoscaler_controller(sys, options));
  }
  int replicas() { return get(*this, deployments + "/web")["spec"]["replicas"]; }
  json status() { return get(*this, autoscalers + "/web")["status"]; }
};

TEST_F(Autoscalers, FollowTheLoad) {
  ASSERT_EQ(code("POST", deployments, web(1)), 201);
  pass(5s);
  start_pods(*this);
  ASSERT_EQ(code("POST", autoscalers, autoscaler(1, 5)), 201);
  pass_under_load(*this, 60s, 500);
  EXPECT_EQ(replicas(), 1) << "62 % of the 80 % that are the default";
  pass_under_load(*this, 40s, 2400);
  start_pods(*this);
  EXPECT_EQ(replicas(), 3);
  pass_under_load(*this, 40s, 10000);
  start_pods(*this);
  EXPECT_EQ(replicas(), 5) << "the most there may be";
  EXPECT_EQ(status()["desiredReplicas"], 5);
  EXPECT_THAT(told(*this),
              Contains("SuccessfulRescale: New size: 3; reason: cpu resource utilization "
                       "(percentage of request) above target"));
  pass_under_load(*this, 240s, 100);
  EXPECT_EQ(replicas(), 5) << "the load of five minutes ago still counts";
  pass_under_load(*this, 120s, 100);
  EXPECT_EQ(replicas(), 1);
  EXPECT_THAT(told(*this),
              Contains("SuccessfulRescale: New size: 1; reason: All metrics below target"));
}

TEST_F(Autoscalers, SayWhatIsMissing) {
  ASSERT_EQ(code("POST", autoscalers, autoscaler(1, 5)), 201);
  pass(5s);
  EXPECT_EQ(status()["conditions"][0]["reason"], "FailedGetScale");
  EXPECT_EQ(status()["conditions"][0]["message"],
            "the HPA controller was unable to get the target's current scale: "
            "deployments.apps \"web\" not found");
  ASSERT_EQ(code("POST", deployments, web(2)), 201);
  pass(30s);
  EXPECT_EQ(status()["conditions"][0]["reason"], "SucceededGetScale");
  EXPECT_EQ(status()["conditions"][1]["reason"], "FailedGetResourceMetric");
  EXPECT_EQ(replicas(), 2);
}

TEST_F(Autoscalers, ForgetFiguresThatAreOld) {
  ASSERT_EQ(code("POST", deployments, web(1)), 201);
  pass(5s);
  start_pods(*this);
  ASSERT_EQ(code("POST", autoscalers, autoscaler(1, 5)), 201);
  pass(20s);
  load(*this, 5000);
  pass(300s);
  EXPECT_EQ(status()["conditions"][1]["reason"], "FailedGetResourceMetric");
}

// The API, and behind it a server that knows one measure.
api_actor with_measure(virtual_cluster& c, std::string target, std::shared_ptr<int> value) {
  return c.sys.spawn([=, &c](api_actor::pointer self) -> api_actor::behavior_type {
    return {[=, &c](request_atom, api_request& r) -> caf::result<api_response> {
              if (r.target == target) {
                api_response a;
                json list;
                list["items"] = json::array({{{"value", std::to_string(*value)}}});
                a.body = blob_ref(list.dump());
                return a;
              }
              auto promise = self->make_response_promise<api_response>();
              self->request(c.options.api, caf::infinite, request_atom::value, std::move(r))
                  .then([promise](const api_response& a) mutable { promise.deliver(a); });
              return promise;
            },
            [](open_atom, const api_request&, uint64_t, const stream_sink&) {
              return caf::result<api_response, stream_source>(caf::sec::unexpected_message);
            }};
  });
}

class MeasuredElsewhere : public ::testing::Test, protected virtual_cluster {};

TEST_F(MeasuredElsewhere, AnAutoscalerFollowsWhatAnAggregatedServerSays) {
  make_default_namespace(*this);
  start_kubelet(*this);
  const auto queued = std::make_shared<int>(50);
  auto own = options;
  own.api = with_measure(
      *this,
      "/apis/external.metrics.k8s.io/v1beta1/namespaces/default/jobs?labelSelector=queue%3Da",
      queued);
  running.push_back(spawn_deployment_controller(sys, options));
  running.push_back(spawn_replica_set_controller(sys, options));
  running.push_back(spawn_autoscaler_controller(sys, own));
  ASSERT_EQ(code("POST", deployments, web(1)), 201);
  auto a = autoscaler(1, 10);
  a["spec"]["metrics"] = json::parse(R"([{"type":"External","external":{
      "metric":{"name":"jobs","selector":{"matchLabels":{"queue":"a"}}},
      "target":{"type":"AverageValue","averageValue":"10"}}}])");
  ASSERT_EQ(code("POST", autoscalers, a), 201);
  pass(30s);
  const auto active = [&] { return get(*this, autoscalers + "/web")["status"]["conditions"][1]; };
  EXPECT_EQ(active()["reason"], "FailedGetExternalMetric") << "nobody serves the group";
  auto service = json::parse(R"({"apiVersion":"apiregistration.k8s.io/v1","kind":"APIService",
      "metadata":{"name":"v1beta1.external.metrics.k8s.io"},
      "spec":{"group":"external.metrics.k8s.io","version":"v1beta1","groupPriorityMinimum":100,
              "versionPriority":100,"insecureSkipTLSVerify":true,
              "service":{"namespace":"default","name":"adapter"}}})");
  ASSERT_EQ(code("POST", "/apis/apiregistration.k8s.io/v1/apiservices", service), 201);
  pass(60s);
  EXPECT_EQ(active()["reason"], "ValidMetricFound");
  EXPECT_EQ(get(*this, deployments + "/web")["spec"]["replicas"], 5);
  EXPECT_EQ(
      get(*this, autoscalers +
                     "/web")["status"]["currentMetrics"][0]["external"]["current"]["averageValue"],
      "10");
  caf::anon_send_exit(own.api, caf::exit_reason::user_shutdown);
}

disturbed_scenario scaled_up() {
  disturbed_scenario s;
  s.spawn = [](caf::actor_system& sys, const controller_options& o) {
    return std::vector<controller_actor>{spawn_autoscaler_controller(sys, o),
                                         spawn_replica_set_controller(sys, o),
                                         spawn_deployment_controller(sys, o)};
  };
  s.run = [](virtual_cluster& c) {
    c.code("POST", deployments, web(1));
    c.pass(10s);
    start_pods(c);
    c.code("POST", autoscalers, autoscaler(2, 3));
    pass_under_load(c, 90s, 900);
  };
  return s;
}

TEST(DisturbedAutoscalers, EndTheSame) {
  auto s = scaled_up();
  s.collections = {deployments};
  expect_undisturbed(s);
}

// An autoscaler took back what somebody had written of its status while it scaled.
TEST(DisturbedAutoscalers, KeepWhatOthersWriteOfTheirStatus) {
  auto s = scaled_up();
  s.collections = {autoscalers};
  s.company = {"horizontalpodautoscalers.autoscaling", "default", "web"};
  expect_company_kept(s);
}

}  // namespace
}  // namespace troupe
