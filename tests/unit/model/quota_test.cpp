// floors: model
#include "model/quota/ledger.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const time_point now = *from_rfc3339("2026-01-01T00:00:00Z");

quota_usage usage(const char* resource, const char* document) {
  return quota_usage_of(resource, json::parse(document), now);
}

TEST(QuotaUsage, IsWhatAnObjectOfItsKindCounts) {
  struct {
    const char* resource;
    const char* document;
    const char* used;
  } const cases[] = {
      {"deployments.apps", "{}", R"({"count/deployments.apps":"1"})"},
      {"secrets", "{}", R"({"count/secrets":"1","secrets":"1"})"},
      {"services", R"({"spec":{"type":"NodePort","ports":[{},{}]}})",
       R"({"count/services":"1","services":"1","services.nodeports":"2"})"},
      {"services",
       R"({"spec":{"type":"LoadBalancer","allocateLoadBalancerNodePorts":false,
           "ports":[{"nodePort":30000},{}]}})",
       R"({"count/services":"1","services":"1","services.loadbalancers":"1",
           "services.nodeports":"1"})"},
      {"persistentvolumeclaims",
       R"({"spec":{"storageClassName":"fast","resources":{"requests":{"storage":"2Gi"}}}})",
       R"({"count/persistentvolumeclaims":"1","persistentvolumeclaims":"1",
           "requests.storage":"2Gi","fast.storageclass.storage.k8s.io/requests.storage":"2Gi",
           "fast.storageclass.storage.k8s.io/persistentvolumeclaims":"1"})"},
      {"pods",
       R"({"spec":{"containers":[{"resources":{"requests":{"cpu":"100m","example.com/gpu":"2"},
                                               "limits":{"cpu":"1","memory":"1Gi"}}},
                                 {"resources":{"requests":{"cpu":"200m"}}}]}})",
       R"({"count/pods":"1","pods":"1","cpu":"300m","requests.cpu":"300m","limits.cpu":"1",
           "limits.memory":"1Gi","requests.example.com/gpu":"2"})"},
      {"pods", R"({"status":{"phase":"Succeeded"}})", R"({"count/pods":"1"})"},
      {"pods",  // stuck: its grace is over
       R"({"metadata":{"deletionTimestamp":"2025-12-31T23:59:00Z",
                       "deletionGracePeriodSeconds":30}})",
       R"({"count/pods":"1"})"},
  };
  for (const auto& c : cases)
    EXPECT_EQ(to_json(usage(c.resource, c.document).used), json::parse(c.used)) << c.document;
}

TEST(QuotaScopes, ChoosePods) {
  const auto best_effort = usage("pods", R"({"spec":{"priorityClassName":"high"}})");
  const auto ending = usage("pods", R"({"spec":{"activeDeadlineSeconds":5,"containers":[
      {"resources":{"requests":{"cpu":"1"}}}],"affinity":{"podAffinity":{
      "requiredDuringSchedulingIgnoredDuringExecution":[{"namespaces":["x"]}]}}}})");
  struct {
    const char* spec;
    bool best_effort, ending;
  } const cases[] = {
      {R"({})", true, true},
      {R"({"scopes":["BestEffort"]})", true, false},
      {R"({"scopes":["NotBestEffort","Terminating"]})", false, true},
      {R"({"scopes":["NotTerminating"]})", true, false},
      {R"({"scopes":["CrossNamespacePodAffinity"]})", false, true},
      {R"({"scopeSelector":{"matchExpressions":[
          {"scopeName":"PriorityClass","operator":"In","values":["high","low"]}]}})",
       true, false},
      {R"({"scopeSelector":{"matchExpressions":[
          {"scopeName":"PriorityClass","operator":"NotIn","values":["high"]}]}})",
       false, true},
      {R"({"scopeSelector":{"matchExpressions":[
          {"scopeName":"PriorityClass","operator":"Exists"}]}})",
       true, false},
      {R"({"scopeSelector":{"matchExpressions":[
          {"scopeName":"PriorityClass","operator":"DoesNotExist"}]}})",
       false, true},
  };
  for (const auto& c : cases) {
    const quota_scopes scopes(json::parse(c.spec));
    EXPECT_EQ(scopes.match(best_effort), c.best_effort) << c.spec;
    EXPECT_EQ(scopes.match(ending), c.ending) << c.spec;
  }
  EXPECT_FALSE(
      quota_scopes(json::parse(R"({"scopes":["BestEffort"]})")).match(usage("secrets", "{}")));
}

TEST(QuotaLedger, AddsUpWhatQuotasCount) {
  quota_ledger ledger;
  EXPECT_TRUE(ledger.set("d", "q", json::parse(R"({"hard":{"pods":"5","requests.cpu":"1"}})")));
  EXPECT_TRUE(ledger.counts("d", "pods"));
  EXPECT_FALSE(ledger.counts("d", "secrets"));
  EXPECT_FALSE(ledger.counts("e", "pods"));
  const auto pod = [](const char* cpu) {
    return usage("pods", (R"({"spec":{"containers":[{"resources":{"requests":{"cpu":")" +
                          std::string(cpu) + R"("}}}]}})")
                             .c_str());
  };
  EXPECT_THAT(ledger.put("d", "a", pod("100m")), ElementsAre("q"));
  EXPECT_THAT(ledger.put("d", "a", pod("100m")), IsEmpty());
  ledger.put("d", "b", pod("300m"));
  ledger.put("d", "b", pod("200m"));
  EXPECT_EQ(to_json(ledger.used("d", "q")), json::parse(R"({"pods":"2","requests.cpu":"300m"})"));
  EXPECT_THAT(ledger.remove("d", "a"), ElementsAre("q"));
  EXPECT_EQ(to_json(ledger.used("d", "q")), json::parse(R"({"pods":"1","requests.cpu":"200m"})"));
  EXPECT_FALSE(ledger.set("d", "q", json::parse(R"({"hard":{"pods":"5","requests.cpu":"1"}})")));
  EXPECT_TRUE(ledger.set("d", "q", json::parse(R"({"hard":{"pods":"7"}})")));
  EXPECT_EQ(to_json(ledger.used("d", "q")), json::parse(R"({"pods":"0"})"));
}

TEST(QuotaStatus, IsWrittenWhenItSaysSomethingElse) {
  const auto status = [](const char* before, const resource_amounts& used) {
    json quota;
    quota["spec"]["hard"] = {{"pods", "5"}, {"count/widgets.example.com", "1"}};
    quota["status"] = json::parse(before);
    return quota_status(quota, used);
  };
  const resource_amounts two{{"pods", quantity::of(2)}};
  EXPECT_EQ(status("{}", two)->at("used"), json::parse(R"({"pods":"2"})"));
  const char* now_there = R"({"hard":{"pods":"5","count/widgets.example.com":"1"},
                              "used":{"pods":"2","count/widgets.example.com":"7"}})";
  EXPECT_FALSE(status(now_there, two));
  EXPECT_EQ(status(now_there, {{"pods", quantity::of(3)}})->at("used"),
            json::parse(R"({"pods":"3","count/widgets.example.com":"7"})"));
}

TEST(PodAmounts, AreThoseOfContainersOrOfTheStart) {
  const auto cpu = [](const char* spec) {
    json pod;
    pod["spec"] = json::parse(spec);
    return pod_amounts(pod, "requests")["cpu"].text();
  };
  const std::string main =
      R"("containers":[{"resources":{"requests":{"cpu":"1"}}}],"initContainers":[)";
  const std::string sidecar =
      R"({"restartPolicy":"Always","resources":{"requests":{"cpu":"500m"}}})";
  const std::string step = R"({"resources":{"requests":{"cpu":"2"}}})";
  EXPECT_EQ(cpu(("{" + main + sidecar + "]}").c_str()), "1500m");
  EXPECT_EQ(cpu(("{" + main + step + "]}").c_str()), "2");
  EXPECT_EQ(cpu(("{" + main + step + "," + sidecar + "]}").c_str()), "2");
  EXPECT_EQ(cpu(("{" + main + sidecar + "," + step + "]}").c_str()), "2500m");
  EXPECT_EQ(cpu(("{" + main + R"(],"overhead":{"cpu":"10m"}})").c_str()), "1010m");
}

TEST(QuotaLedger, CountsCustomKindsByTheirNames) {
  EXPECT_EQ(counted_resource("count/widgets.example.com"), "widgets.example.com");
  EXPECT_EQ(counted_resource("count/nodes"), "") << "in no namespace";
  EXPECT_EQ(counted_resource("count/widgets"), "");
  quota_ledger l;
  l.set("ns", "q", json::parse(R"({"hard":{"count/widgets.example.com":"1"}})"));
  EXPECT_TRUE(l.counts("ns", "widgets.example.com"));
  const auto widget = usage("widgets.example.com", "{}");
  EXPECT_EQ(l.excess("ns", "widgets.example.com/ns/a", widget), "");
  l.put("ns", "widgets.example.com/ns/a", widget);
  EXPECT_THAT(l.excess("ns", "widgets.example.com/ns/b", widget),
              testing::HasSubstr("exceeded quota: q, requested: count/widgets.example.com=1"));
}

}  // namespace
}  // namespace troupe::model
