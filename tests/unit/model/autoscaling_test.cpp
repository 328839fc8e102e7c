// floors: model
#include "model/autoscaling/autoscaler.hpp"
#include "model/autoscaling/measures.hpp"
#include "model/autoscaling/served_measures.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::model {
namespace {

using namespace std::chrono_literals;

const time_point now{std::chrono::seconds(1700000000)};

// A pod that has run and been ready for an hour, asks for a core, and uses `cpu` millicores.
measured_pod pod_using(const std::string& name, std::int64_t cpu) {
  measured_pod p;
  p.pod.name = name;
  p.pod.phase = "Running";
  p.pod.started = now - 1h;
  p.pod.ready = "True";
  p.pod.ready_since = now - 50min;
  p.pod.requests = {{"c", {{"cpu", 1000}, {"memory", 1000}}}};
  p.figures = pod_figures{"ns", name, {{"c", {cpu * 1'000'000, 1 << 20}}}};
  p.at = now;
  p.window = 15s;
  return p;
}

measured_pods pods_using(std::initializer_list<int> cpu) {
  measured_pods out;
  for (const int c : cpu) out.push_back(pod_using("p" + std::to_string(out.size()), c));
  return out;
}

std::int64_t proposed(const measured_pods& pods, std::int64_t current, std::int64_t percent) {
  const auto answer = replicas_by_utilization(pods, "ns", current, percent, "cpu", "", now);
  if (const auto* bad = std::get_if<std::string>(&answer)) ADD_FAILURE() << *bad;
  return std::get<replica_proposal>(answer).replicas;
}

std::string refused(const measured_pods& pods, const char* resource = "cpu",
                    const char* container = "") {
  const auto answer = replicas_by_utilization(pods, "ns", 1, 50, resource, container, now);
  return std::holds_alternative<std::string>(answer) ? std::get<std::string>(answer) : "";
}

TEST(Replicas, KeepUtilizationAtItsTarget) {
  const struct {
    std::initializer_list<int> cpu;
    std::int64_t percent;
    std::int64_t expected;
  } cases[] = {{{500, 500, 500}, 50, 3},  // there
               {{900, 900, 900}, 30, 9},  // three times too much
               {{300, 300, 300}, 90, 1},  // a third
               {{540, 540}, 50, 2},       // within a tenth
               {{560, 560}, 50, 3},       // beyond it
               {{0, 0, 0}, 50, 0},        // nothing is used
               {{1000, 0}, 50, 2},        // the average counts
               {{100, 500, 900, 1300}, 50, 6}};
  for (const auto& c : cases)
    EXPECT_EQ(proposed(pods_using(c.cpu), static_cast<std::int64_t>(c.cpu.size()), c.percent),
              c.expected);
}

TEST(Replicas, TakePodsThatWereNotMeasuredForTheCarefulValue) {
  auto pods = pods_using({900, 900, 0});
  pods[2].figures.reset();
  // Two at 90 % of 50 % ask for four; one at 0 more makes (180/3)/50: 3.6.
  EXPECT_EQ(proposed(pods, 3, 50), 4);
  pods = pods_using({100, 100, 0});
  pods[2].figures.reset();
  // 10 % of 50 % is a fifth, with one at 100 %: 40/50, of three pods.
  EXPECT_EQ(proposed(pods, 3, 50), 3);
}

TEST(Replicas, CountUnreadyPodsAsIdleWhenTheOthersAskForMore) {
  auto pods = pods_using({900, 900, 900});
  pods[2].pod.phase = "Pending";
  EXPECT_EQ(proposed(pods, 3, 50), 4);
  pods[2].pod.phase = "Failed";  // no longer of the set
  EXPECT_EQ(proposed(pods, 3, 50), 4);
  pods[1].pod.deleting = true;
  EXPECT_EQ(proposed(pods, 3, 50), 2);
}

TEST(Replicas, DoNotTrustTheCpuOfAPodThatJustStarted) {
  auto pods = pods_using({400, 2000});
  auto& young = pods[1].pod;
  young.started = now - 1min;
  young.ready_since = now - 10s;  // less than a window ago
  EXPECT_EQ(proposed(pods, 2, 40), 2) << "the other one alone counts, and is at its target";
  young.ready_since = now - 30s;
  EXPECT_EQ(proposed(pods, 2, 40), 6);
  young.ready = "False";
  EXPECT_EQ(proposed(pods, 2, 40), 2);
  young.started = now - 10min;  // old, and has never been ready
  young.ready_since = now - 10min + 10s;
  EXPECT_EQ(proposed(pods, 2, 40), 2);
  young.ready_since = now - 1min;  // old, was ready once
  EXPECT_EQ(proposed(pods, 2, 40), 6);
}

TEST(Replicas, SayWhyThereAreNone) {
  EXPECT_EQ(refused({}),
            "unable to get metrics for resource cpu: no metrics returned from resource metrics "
            "API");
  auto pods = pods_using({500});
  EXPECT_EQ(refused(pods, "cpu", "x"),
            "unable to get metrics for resource cpu: container x not present in metrics for pod "
            "ns/p0");
  pods[0].pod.requests[0].second.erase("cpu");
  EXPECT_EQ(refused(pods), "missing request for cpu in container c of Pod p0");
  pods[0].pod.phase = "Pending";
  EXPECT_EQ(refused(pods), "did not receive metrics for targeted pods (pods might be unready)");
}

TEST(Replicas, KeepAnAverageValue) {
  const auto answer = replicas_by_value(pods_using({300, 500}), "ns", 2, 100, "cpu", "c", now);
  EXPECT_EQ(std::get<replica_proposal>(answer).replicas, 8);
  EXPECT_EQ(std::get<replica_proposal>(answer).average, 400);
}

TEST(Measures, OfOtherApisAreNotAvailable) {
  const auto why = [](const char* text) {
    const auto a = judge_measure(json::parse(text), {"ns", 1, 1, {}, now});
    EXPECT_EQ(a.status, json({{"type", ""}}));
    return a.reason + ": " + a.error;
  };
  const std::string custom =
      "unable to fetch metrics from custom metrics API: no custom metrics API "
      "(custom.metrics.k8s.io) registered";
  EXPECT_EQ(
      why(R"({"type":"Pods","pods":{"metric":{"name":"m"}}})"),
      "FailedGetPodsMetric: failed to get pods metric value: unable to get metric m: " + custom);
  EXPECT_EQ(why(R"({"type":"Object","object":{"metric":{"name":"m"},
                    "describedObject":{"kind":"Service","name":"web"}}})"),
            "FailedGetObjectMetric: failed to get object metric value: unable to get metric m: "
            "Service on ns web/" +
                custom);
  EXPECT_EQ(why(R"({"type":"External","external":{"metric":{"name":"m",
                    "selector":{"matchLabels":{"q":"a"}}}}})"),
            "FailedGetExternalMetric: failed to get m external metric value: unable to get "
            "external metric ns/m/&LabelSelector{MatchLabels:map[string]string{q: a,},"
            "MatchExpressions:[]LabelSelectorRequirement{},}: unable to fetch metrics from "
            "external metrics API: the server could not find the requested resource (get "
            "m.external.metrics.k8s.io)");
}

TEST(Measures, OfOtherApisAreAskedByPath) {
  const measure_request r{"v1beta2", "ns", "app=web", "ingresses.networking.k8s.io"};
  struct {
    const char* metric;
    const char* target;
  } const cases[] = {
      {R"({"type":"Pods","pods":{"metric":{"name":"m","selector":{"matchLabels":{"q":"a"}}}}})",
       "/apis/custom.metrics.k8s.io/v1beta2/namespaces/ns/pods/*/m?labelSelector=app%3Dweb"
       "&metricLabelSelector=q%3Da"},
      {R"({"type":"Object","object":{"metric":{"name":"m"},
           "describedObject":{"kind":"Ingress","name":"web"}}})",
       "/apis/custom.metrics.k8s.io/v1beta2/namespaces/ns/ingresses.networking.k8s.io/web/m"},
      {R"({"type":"External","external":{"metric":{"name":"a/b","selector":{"matchLabels":{"q":"a"}}}}})",
       "/apis/external.metrics.k8s.io/v1beta2/namespaces/ns/a%2Fb?labelSelector=q%3Da"},
  };
  for (const auto& c : cases) EXPECT_EQ(measure_target(json::parse(c.metric), r), c.target);
  EXPECT_EQ(measure_target(json::parse(R"({"type":"Object","object":{"metric":{"name":"m"}}})"),
                           {"v1beta1", "ns", "", "namespaces"}),
            "/apis/custom.metrics.k8s.io/v1beta1/namespaces/ns/metrics/m");
}

TEST(Measures, OfOtherApisAreJudgedByTheirTargets) {
  auto pods = pods_using({0, 0, 0, 0});
  for (auto& p : pods) p.figures.reset();
  struct {
    const char* metric;
    const char* items;
    std::int64_t replicas;
    const char* status;
    const char* name;
  } const cases[] = {
      {R"({"type":"Pods","pods":{"metric":{"name":"m"},"target":{"averageValue":"10"}}})",
       R"([{"describedObject":{"name":"p0"},"value":"30"},{"describedObject":{"name":"p1"},"value":"10"},
           {"describedObject":{"name":"p2"},"value":"20"},{"describedObject":{"name":"p3"},"value":"20"}])",
       8, R"({"type":"Pods","pods":{"metric":{"name":"m"},"current":{"averageValue":"20"}}})",
       "pods metric m"},
      {R"({"type":"Object","object":{"metric":{"name":"m"},"target":{"value":"100"},
           "describedObject":{"kind":"Service","name":"web"}}})",
       R"([{"value":"150"}])", 6,
       R"({"type":"Object","object":{"metric":{"name":"m"},"current":{"value":"150"},
           "describedObject":{"kind":"Service","name":"web"}}})",
       "Service metric m"},
      {R"({"type":"Object","object":{"metric":{"name":"m"},"target":{"value":"100"},
           "describedObject":{"kind":"Service","name":"web"}}})",
       R"([{"value":"109"}])", 4,
       R"({"type":"Object","object":{"metric":{"name":"m"},"current":{"value":"109"},
           "describedObject":{"kind":"Service","name":"web"}}})",
       "Service metric m"},
      {R"({"type":"External","external":{"metric":{"name":"m"},"target":{"averageValue":"10"}}})",
       R"([{"value":"50"},{"value":"20500m"}])", 8,
       R"({"type":"External","external":{"metric":{"name":"m"},"current":{"averageValue":"17625m"}}})",
       "external metric m(nil)"},
      {R"({"type":"External","external":{"metric":{"name":"m"},"target":{"value":"10"}}})",
       R"([{"value":"5"}])", 2,
       R"({"type":"External","external":{"metric":{"name":"m"},"current":{"value":"5"}}})",
       "external metric m(nil)"},
  };
  for (const auto& c : cases) {
    measure_reply reply;
    reply.list["items"] = json::parse(c.items);
    const auto a = judge_measure(json::parse(c.metric), {"ns", 4, 4, pods, now}, &reply);
    EXPECT_EQ(a.reason, "") << a.error;
    EXPECT_EQ(a.replicas, c.replicas) << c.metric;
    EXPECT_EQ(a.status, json::parse(c.status));
    EXPECT_EQ(a.name, c.name);
  }
}

TEST(Measures, OfOtherApisSayWhatWentWrongThere) {
  const json metric = json::parse(
      R"({"type":"External","external":{"metric":{"name":"m"},"target":{"value":"10"}}})");
  const auto why = [&](const measure_reply& reply) {
    return judge_measure(metric, {"ns", 1, 1, {}, now}, &reply).why;
  };
  EXPECT_EQ(why({{}, "the server is on fire"}),
            "unable to get external metric ns/m/nil: unable to fetch metrics from external metrics "
            "API: the server is on fire");
  EXPECT_EQ(
      why({json::parse(R"({"items":[]})"), {}}),
      "unable to get external metric ns/m/nil: no metrics returned from external metrics API");
}

// --- pace

std::int64_t bounded(const json& behavior, std::int64_t current, std::int64_t wanted,
                     autoscaler_memory& memory, time_point at = now, std::int64_t most = 100) {
  return bound_replicas(behavior, {1, most, current}, wanted, memory, at).replicas;
}

TEST(Pace, DoublesAtMostWithoutABehavior) {
  const struct {
    std::int64_t current, wanted, most, expected;
    const char* reason;
  } cases[] = {{1, 3, 100, 3, "DesiredWithinRange"},
               {1, 10, 100, 4, "ScaleUpLimit"},
               {5, 20, 100, 10, "ScaleUpLimit"},
               {5, 20, 8, 8, "TooManyReplicas"},
               {5, 0, 8, 1, "TooFewReplicas"}};
  for (const auto& c : cases) {
    autoscaler_memory memory;
    const auto b = bound_replicas(nullptr, {1, c.most, c.current}, c.wanted, memory, now);
    EXPECT_EQ(b.replicas, c.expected);
    EXPECT_EQ(b.limited.reason, c.reason);
    EXPECT_EQ(b.limited.holds, c.expected != c.wanted);
  }
}

TEST(Pace, HoldsAScaleDownBackForFiveMinutes) {
  autoscaler_memory memory;
  memory.begin(10, now);
  const auto held = bound_replicas(nullptr, {1, 100, 10}, 2, memory, now + 1min);
  EXPECT_EQ(held.replicas, 10);
  EXPECT_EQ(held.able.reason, "ScaleDownStabilized");
  EXPECT_EQ(bounded(nullptr, 10, 2, memory, now + 5min + 1s), 2);
}

TEST(Pace, FollowsPolicies) {
  const json up = json::parse(R"({"scaleUp":{"stabilizationWindowSeconds":0,"selectPolicy":"Max",
    "policies":[{"type":"Pods","value":4,"periodSeconds":60},
                {"type":"Percent","value":10,"periodSeconds":60}]},
    "scaleDown":{"stabilizationWindowSeconds":0,"selectPolicy":"Min",
    "policies":[{"type":"Pods","value":5,"periodSeconds":60},
                {"type":"Percent","value":10,"periodSeconds":60}]}})");
  autoscaler_memory memory;
  EXPECT_EQ(bounded(up, 10, 50, memory), 14);
  memory.changed(up, 10, 14, now);
  EXPECT_EQ(bounded(up, 14, 50, memory, now + 30s), 14) << "the period's allowance is used up";
  EXPECT_EQ(bounded(up, 14, 50, memory, now + 61s), 18);
  EXPECT_EQ(bounded(up, 80, 95, memory, now + 3min), 88) << "a tenth is more than four";
  autoscaler_memory other;
  EXPECT_EQ(bounded(up, 40, 1, other), 36) << "Min: the policy that changes least";
  json off = up;
  off["scaleDown"]["selectPolicy"] = "Disabled";
  EXPECT_EQ(bounded(off, 40, 1, other), 40);
}

TEST(Pace, WaitsForAStableRise) {
  const json slow = json::parse(R"({"scaleUp":{"stabilizationWindowSeconds":60,
    "selectPolicy":"Max","policies":[{"type":"Percent","value":900,"periodSeconds":15}]},
    "scaleDown":{"selectPolicy":"Max","policies":[{"type":"Percent","value":100,
    "periodSeconds":15}]}})");
  autoscaler_memory memory;
  memory.begin(2, now);
  const auto held = bound_replicas(slow, {1, 100, 2}, 9, memory, now + 30s);
  EXPECT_EQ(held.replicas, 2);
  EXPECT_EQ(held.able.reason, "ScaleUpStabilized");
  EXPECT_EQ(bounded(slow, 2, 7, memory, now + 80s), 7) << "the lowest of the last minute";
}

// --- all of it

json autoscaler_of(int least, int most) {
  json a = json::parse(R"({"metadata":{"name":"a","namespace":"ns"},"spec":{"metrics":[
    {"type":"Resource","resource":{"name":"cpu",
     "target":{"type":"Utilization","averageUtilization":50}}}]}})");
  a["spec"]["minReplicas"] = least;
  a["spec"]["maxReplicas"] = most;
  return a;
}

scale_target target_of(int replicas, measured_pods pods) {
  scale_target t;
  t.scale = {{"metadata", {{"namespace", "ns"}}},
             {"spec", {{"replicas", replicas}}},
             {"status", {{"replicas", replicas}, {"selector", "app=web"}}}};
  t.pods = std::move(pods);
  t.rivals = {"a"};
  return t;
}

json condition(const json& status, const char* type) {
  for (const json& c : status["conditions"])
    if (c["type"] == type) return c;
  return {};
}

TEST(Autoscaler, ScalesAndTellsOfIt) {
  autoscaler_memory memory;
  const json a = autoscaler_of(1, 10);
  auto d = autoscale(a, target_of(2, pods_using({1000, 1000})), memory, now);
  ASSERT_EQ(d.rescale, 4);
  rescaled(d, a, "", memory, now);
  EXPECT_EQ(d.status["desiredReplicas"], 4);
  EXPECT_EQ(d.status["currentReplicas"], 2);
  EXPECT_EQ(d.status["lastScaleTime"], to_rfc3339(now));
  EXPECT_EQ(d.status["currentMetrics"],
            json::parse(R"([{"type":"Resource","resource":{"name":"cpu","current":
                            {"averageUtilization":100,"averageValue":"1"}}}])"));
  EXPECT_EQ(condition(d.status, "AbleToScale")["reason"], "SucceededRescale");
  EXPECT_EQ(condition(d.status, "ScalingActive")["message"],
            "the HPA was able to successfully calculate a replica count from cpu resource "
            "utilization (percentage of request)");
  EXPECT_EQ(condition(d.status, "ScalingLimited")["reason"], "DesiredWithinRange");
  ASSERT_EQ(d.remarks.size(), 1u);
  EXPECT_EQ(d.remarks[0].message,
            "New size: 4; reason: cpu resource utilization (percentage of request) above target");
}

TEST(Autoscaler, BringsATargetBetweenItsBounds) {
  autoscaler_memory memory;
  auto d = autoscale(autoscaler_of(3, 10), target_of(1, {}), memory, now);
  EXPECT_EQ(d.rescale, 3);
  EXPECT_EQ(d.reason, "Current number of replicas below Spec.MinReplicas");
  d = autoscale(autoscaler_of(1, 2), target_of(5, {}), memory, now);
  EXPECT_EQ(d.rescale, 2);
  EXPECT_EQ(d.reason, "Current number of replicas above Spec.MaxReplicas");
  d = autoscale(autoscaler_of(1, 2), target_of(0, {}), memory, now);
  EXPECT_FALSE(d.rescale);
  EXPECT_EQ(condition(d.status, "ScalingActive")["reason"], "ScalingDisabled");
}

TEST(Autoscaler, TellsWhatItLacks) {
  autoscaler_memory memory;
  auto d = autoscale(autoscaler_of(1, 10), target_of(2, {}), memory, now);
  EXPECT_FALSE(d.rescale);
  const auto c = condition(d.status, "ScalingActive");
  EXPECT_EQ(c["status"], "False");
  EXPECT_EQ(c["reason"], "FailedGetResourceMetric");
  EXPECT_EQ(c["message"],
            "the HPA was unable to compute the replica count: failed to get cpu utilization: "
            "unable to get metrics for resource cpu: no metrics returned from resource metrics "
            "API");
  ASSERT_EQ(d.remarks.size(), 2u);
  EXPECT_EQ(d.remarks[1].reason, "FailedComputeMetricsReplicas");
  EXPECT_EQ(d.remarks[1].message,
            "invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource "
            "metric value: failed to get cpu utilization: unable to get metrics for resource cpu: "
            "no metrics returned from resource metrics API");
  scale_target gone;
  gone.failure = "deployments.apps \"web\" not found";
  d = autoscale(autoscaler_of(1, 10), gone, memory, now);
  EXPECT_EQ(condition(d.status, "AbleToScale")["reason"], "FailedGetScale");
  auto torn = target_of(2, pods_using({1000, 1000}));
  torn.rivals = {"a", "b"};
  d = autoscale(autoscaler_of(1, 10), torn, memory, now);
  EXPECT_FALSE(d.rescale);
  EXPECT_EQ(condition(d.status, "ScalingActive")["message"],
            "pods by selector app=web are controlled by multiple HPAs: [{a ns} {b ns}]");
}

TEST(Autoscaler, ScalesUpButNotDownWhileAMeasureIsMissing) {
  autoscaler_memory memory;
  json a = autoscaler_of(1, 10);
  a["spec"]["metrics"].push_back({{"type", "Pods"}, {"pods", {{"metric", {{"name", "m"}}}}}});
  auto d = autoscale(a, target_of(2, pods_using({1000, 1000})), memory, now);
  EXPECT_EQ(d.rescale, 4);
  d = autoscale(a, target_of(2, pods_using({10, 10})), memory, now);
  EXPECT_FALSE(d.rescale);
  EXPECT_EQ(condition(d.status, "ScalingActive")["reason"], "FailedGetPodsMetric");
}

}  // namespace
}  // namespace troupe::model
