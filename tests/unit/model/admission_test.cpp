// floors: model
#include "model/admission.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

/// A cluster of two namespaces, one of them ending, and a priority class.
object_ptr found(const object_key& key) {
  auto made = [&](json document) {
    document["metadata"]["name"] = key.name;
    return seal(encode(key.resource, document), 1);
  };
  if (key.resource == "namespaces" && key.name == "live") return made(json::object());
  if (key.resource == "namespaces" && key.name == "ending")
    return made({{"metadata", {{"deletionTimestamp", "2026-01-01T00:00:00Z"}}}});
  if (key.resource == "priorityclasses.scheduling.k8s.io" && key.name == "high")
    return made({{"value", 1000}, {"preemptionPolicy", "Never"}});
  return nullptr;
}

std::optional<status> admit(const char* resource, json& object) {
  return admit_create(*schema::instance().by_resource(resource), object, found);
}

json pod(json spec) {
  return {{"metadata", {{"name", "p"}, {"namespace", "live"}}}, {"spec", std::move(spec)}};
}

TEST(Admission, NeedsANamespaceThatLives) {
  json object = {{"metadata", {{"name", "c"}, {"namespace", "live"}}}};
  EXPECT_FALSE(admit("configmaps", object));
  object["metadata"]["namespace"] = "absent";
  EXPECT_EQ(admit("configmaps", object)->message, "namespaces \"absent\" not found");
  object["metadata"]["namespace"] = "ending";
  const auto refused = admit("configmaps", object);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, 403);
  EXPECT_EQ(refused->message,
            "configmaps \"c\" is forbidden: unable to create new content in namespace ending "
            "because it is being terminated");
  EXPECT_EQ(refused->causes.at(0).reason, "NamespaceTerminating");
}

TEST(Admission, GivesPodsAccountPriorityAndTolerations) {
  json p = pod(json::object());
  ASSERT_FALSE(admit("pods", p));
  EXPECT_EQ(p["spec"], json::parse(R"({
    "serviceAccountName": "default", "serviceAccount": "default", "priority": 0,
    "preemptionPolicy": "PreemptLowerPriority", "tolerations": [
      {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute",
       "tolerationSeconds": 300},
      {"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute",
       "tolerationSeconds": 300}]})"));
}

TEST(Admission, AnUpdateDoesNotTakeTheTolerationsAway) {
  json p = {{"spec", {{"tolerations", {{{"key", "a"}, {"operator", "Exists"}}}}}}};
  const auto& pods = *schema::instance().by_resource("pods");
  admit_update_changes(pods, p);
  ASSERT_EQ(p["spec"]["tolerations"].size(), 3u);
  EXPECT_EQ(p["spec"]["tolerations"][0]["key"], "a");
  const json once = p;
  admit_update_changes(pods, p);
  EXPECT_EQ(p, once);
}

TEST(Admission, KeepsTolerationsThatCoverTheDefaults) {
  json p = pod({{"tolerations", {{{"operator", "Exists"}}}}});
  ASSERT_FALSE(admit("pods", p));
  EXPECT_EQ(p["spec"]["tolerations"].size(), 1u);
  p = pod({{"tolerations", {{{"key", "node.kubernetes.io/not-ready"}, {"effect", "NoExecute"}}}}});
  ASSERT_FALSE(admit("pods", p));
  EXPECT_EQ(p["spec"]["tolerations"].size(), 2u);
}

TEST(Admission, ResolvesPriorityClasses) {
  struct {
    const char* name;
    std::int64_t value;
    const char* preemption;
  } const cases[] = {
      {"high", 1000, "Never"},
      {"system-node-critical", 2'000'001'000, "PreemptLowerPriority"},
      {"system-cluster-critical", 2'000'000'000, "PreemptLowerPriority"},
  };
  for (const auto& c : cases) {
    json p = pod({{"priorityClassName", c.name}});
    ASSERT_FALSE(admit("pods", p)) << c.name;
    EXPECT_EQ(p["spec"]["priority"], c.value);
    EXPECT_EQ(p["spec"]["preemptionPolicy"], c.preemption);
  }
  json unknown = pod({{"priorityClassName", "none"}});
  EXPECT_EQ(admit("pods", unknown)->message,
            "pods \"p\" is forbidden: no PriorityClass with name none was found");
  json by_hand = pod({{"priority", 7}});
  EXPECT_EQ(admit("pods", by_hand)->code, 403);
}

TEST(Admission, KeepsTheNamespacesAndPrioritiesOfTheSystem) {
  for (const char* name : {"default", "kube-system", "kube-public"})
    EXPECT_EQ(admit_delete({"namespaces", "", name})->code, 403) << name;
  EXPECT_FALSE(admit_delete({"namespaces", "", "mine"}));
  EXPECT_EQ(
      admit_delete({"priorityclasses.scheduling.k8s.io", "", "system-node-critical"})->message,
      "priorityclasses.scheduling.k8s.io \"system-node-critical\" is forbidden: this is a "
      "system priority class and cannot be deleted");
  EXPECT_FALSE(admit_delete({"priorityclasses.scheduling.k8s.io", "", "mine"}));
  EXPECT_FALSE(admit_delete({"configmaps", "default", "default"}));
}

}  // namespace
}  // namespace troupe::model
