// floors: actors/controllers actors/events actors/api actors/store
#include "tests/unit/controllers/fixture.hpp"

namespace troupe {
namespace {

constexpr const char* config_maps = "/api/v1/namespaces/default/configmaps";
constexpr const char* secrets = "/api/v1/namespaces/default/secrets";

// Owners are ConfigMaps, dependents Secrets: nothing else in a cluster cares for either.
class GarbageCollector : public Controllers {
 protected:
  GarbageCollector() {
    running.push_back(spawn_bootstrap_controller(sys, options, {}));
    sched.run();
    collect();
  }
  void collect() { running.push_back(spawn_garbage_collector(sys, options)); }

  json create(const std::string& collection, json object) {
    const auto made = ask("POST", collection, object);
    EXPECT_EQ(made.code, 201) << made.body.bytes();
    return json::parse(made.body.bytes());
  }
  json owner(const std::string& name) { return create(config_maps, named("ConfigMap", name)); }
  static json reference(const json& owner, bool blocks = false) {
    return {{"apiVersion", owner["apiVersion"]},
            {"kind", owner["kind"]},
            {"name", owner["metadata"]["name"]},
            {"uid", owner["metadata"]["uid"]},
            {"blockOwnerDeletion", blocks}};
  }
  json dependent(const std::string& name, std::initializer_list<json> references,
                 const std::string& collection = secrets) {
    auto object = named("Secret", name);
    object["metadata"]["ownerReferences"] = json::array();
    for (const json& r : references) object["metadata"]["ownerReferences"].push_back(r);
    return create(collection, object);
  }
  void remove(const std::string& target, const char* policy = "Background") {
    EXPECT_EQ(code("DELETE", target, {{"propagationPolicy", policy}}), 200);
    pass(2s);
  }
  bool exists(const std::string& target) { return code("GET", target) == 200; }
  json get(const std::string& target) { return json::parse(ask("GET", target).body.bytes()); }
  static std::string of(const std::string& collection, const std::string& name) {
    return collection + "/" + name;
  }
};

TEST_F(GarbageCollector, DependentsGoAfterTheirOwner) {
  const auto a = owner("a");
  const auto one = dependent("one", {reference(a)});
  dependent("two", {reference(a), reference(one)});
  dependent("free", {});
  pass(1s);
  EXPECT_TRUE(exists(of(secrets, "one")));
  remove(of(config_maps, "a"));
  EXPECT_FALSE(exists(of(secrets, "one")));
  EXPECT_FALSE(exists(of(secrets, "two")));
  EXPECT_TRUE(exists(of(secrets, "free")));
}

TEST_F(GarbageCollector, OneOwnerLeftIsEnough) {
  const auto a = owner("a");
  const auto b = owner("b");
  dependent("both", {reference(a), reference(b)});
  remove(of(config_maps, "a"));
  const auto kept = get(of(secrets, "both"));
  ASSERT_EQ(kept["metadata"]["ownerReferences"].size(), 1u);
  EXPECT_EQ(kept["metadata"]["ownerReferences"][0]["name"], "b");
  remove(of(config_maps, "b"));
  EXPECT_FALSE(exists(of(secrets, "both")));
}

TEST_F(GarbageCollector, AnObjectOfANameThatCameBackIsNotItsOwner) {
  const auto first = owner("a");
  remove(of(config_maps, "a"));
  const auto second = owner("a");
  dependent("stale", {reference(first)});
  dependent("fresh", {reference(second)});
  pass(1s);
  EXPECT_FALSE(exists(of(secrets, "stale")));
  EXPECT_TRUE(exists(of(secrets, "fresh")));
}

TEST_F(GarbageCollector, AForegroundDeletionWaitsForWhatBlocksIt) {
  const auto a = owner("a");
  auto blocking = named("Secret", "blocking");
  blocking["metadata"]["ownerReferences"] = json::array({reference(a, true)});
  blocking["metadata"]["finalizers"] = json::array({"example.com/hold"});
  create(secrets, blocking);
  dependent("other", {reference(a, false)});
  remove(of(config_maps, "a"), "Foreground");
  const auto waiting = get(of(config_maps, "a"));
  EXPECT_EQ(waiting["metadata"]["finalizers"], json::array({"foregroundDeletion"}));
  EXPECT_TRUE(waiting["metadata"].contains("deletionTimestamp"));
  EXPECT_FALSE(exists(of(secrets, "other")));
  auto held = get(of(secrets, "blocking"));
  EXPECT_TRUE(held["metadata"].contains("deletionTimestamp"));
  held["metadata"].erase("finalizers");
  EXPECT_EQ(code("PUT", of(secrets, "blocking"), held), 200);
  pass(2s);
  EXPECT_FALSE(exists(of(secrets, "blocking")));
  EXPECT_FALSE(exists(of(config_maps, "a")));
}

TEST_F(GarbageCollector, ADependentThatBlocksNoMoreEndsTheWait) {
  const auto a = owner("a");
  auto blocking = named("Secret", "blocking");
  blocking["metadata"]["ownerReferences"] = json::array({reference(a, true)});
  blocking["metadata"]["finalizers"] = json::array({"example.com/hold"});
  create(secrets, blocking);
  remove(of(config_maps, "a"), "Foreground");
  auto held = get(of(secrets, "blocking"));
  held["metadata"]["ownerReferences"][0]["blockOwnerDeletion"] = false;
  EXPECT_EQ(code("PUT", of(secrets, "blocking"), held), 200);
  pass(2s);
  EXPECT_FALSE(exists(of(config_maps, "a")));
  EXPECT_TRUE(exists(of(secrets, "blocking")));
}

TEST_F(GarbageCollector, AForegroundDeletionGoesDownTheTree) {
  const auto a = owner("a");
  const auto middle = dependent("middle", {reference(a, true)});
  dependent("leaf", {reference(middle, true)});
  remove(of(config_maps, "a"), "Foreground");
  pass(2s);
  for (const char* name : {"middle", "leaf"}) EXPECT_FALSE(exists(of(secrets, name))) << name;
  EXPECT_FALSE(exists(of(config_maps, "a")));
}

TEST_F(GarbageCollector, ACircleOfForegroundDeletionsEnds) {
  const auto a = owner("a");
  const auto b = dependent("b", {reference(a, true)});
  auto circle = get(of(config_maps, "a"));
  circle["metadata"]["ownerReferences"] = json::array({reference(b, true)});
  EXPECT_EQ(code("PUT", of(config_maps, "a"), circle), 200);
  remove(of(config_maps, "a"), "Foreground");
  pass(5s);
  EXPECT_FALSE(exists(of(config_maps, "a")));
  EXPECT_FALSE(exists(of(secrets, "b")));
}

TEST_F(GarbageCollector, OrphansLoseTheirReferenceBeforeTheOwnerGoes) {
  const auto a = owner("a");
  const auto b = owner("b");
  for (int i = 0; i < 150; ++i) dependent("s" + std::to_string(i), {reference(a), reference(b)});
  remove(of(config_maps, "a"), "Orphan");
  EXPECT_FALSE(exists(of(config_maps, "a")));
  for (int i = 0; i < 150; ++i) {
    const auto left = get(of(secrets, "s" + std::to_string(i)));
    ASSERT_EQ(left["metadata"]["ownerReferences"].size(), 1u);
    EXPECT_EQ(left["metadata"]["ownerReferences"][0]["name"], "b");
  }
}

TEST_F(GarbageCollector, AnOwnerInAnotherNamespaceIsNoneAndTold) {
  ASSERT_EQ(code("POST", "/api/v1/namespaces", named("Namespace", "other")), 201);
  const auto a = owner("a");
  dependent("right", {reference(a)});
  const std::string elsewhere = "/api/v1/namespaces/other/secrets";
  dependent("wrong", {reference(a)}, elsewhere);
  pass(2s);
  EXPECT_FALSE(exists(of(elsewhere, "wrong")));
  EXPECT_TRUE(exists(of(secrets, "right")));
  const auto events = get("/api/v1/namespaces/other/events")["items"];
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0]["reason"], "OwnerRefInvalidNamespace");
  EXPECT_EQ(events[0]["message"], "ownerRef [v1/ConfigMap, namespace: other, name: a, uid: " +
                                      a["metadata"]["uid"].get<std::string>() +
                                      "] does not exist in namespace \"other\"");
}

TEST_F(GarbageCollector, AClusterScopedObjectIsNotCollectedForANamespacedOwner) {
  const auto a = owner("a");
  auto node = named("Node", "n");
  node["metadata"]["ownerReferences"] = {reference(a)};
  create("/api/v1/nodes", node);
  pass(1s);
  EXPECT_TRUE(exists("/api/v1/nodes/n"));
  remove(of(config_maps, "a"));
  EXPECT_TRUE(exists("/api/v1/nodes/n"));
}

TEST_F(GarbageCollector, AnOwnerOfAKindNobodyServesIsNotTakenForGone) {
  dependent("kept", {{{"apiVersion", "example.com/v1"},
                      {"kind", "Thing"},
                      {"name", "t"},
                      {"uid", "4a2b4f3e-0000-4000-8000-000000000000"}}});
  pass(3s);
  EXPECT_TRUE(exists(of(secrets, "kept")));
}

TEST_F(GarbageCollector, WhatHappenedBeforeItStartedIsMadeUpFor) {
  for (auto& c : running) caf::anon_send_exit(c, caf::exit_reason::user_shutdown);
  running.clear();
  sched.run();
  const auto a = owner("a");
  const auto b = owner("b");
  dependent("orphaned", {reference(b)});
  dependent("lost", {reference(a)});
  EXPECT_EQ(code("DELETE", of(config_maps, "a")), 200);
  EXPECT_EQ(code("DELETE", of(config_maps, "b"), {{"propagationPolicy", "Orphan"}}), 200);
  collect();
  pass(2s);
  EXPECT_FALSE(exists(of(secrets, "lost")));
  EXPECT_TRUE(exists(of(secrets, "orphaned")));
  EXPECT_FALSE(exists(of(config_maps, "b")));
}

TEST_F(GarbageCollector, JobsLeaveTheirPodsUnlessTold) {
  const std::string jobs = "/apis/batch/v1/namespaces/default/jobs";
  auto job = named("Job", "j");
  job["apiVersion"] = "batch/v1";
  job["spec"] = json::parse(
      R"({"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}})");
  dependent("left", {reference(create(jobs, job))});
  const auto quiet = ask("DELETE", of(jobs, "j?dryRun=All"), {{"propagationPolicy", "Background"}});
  EXPECT_TRUE(quiet.warnings.empty());
  const auto warned = ask("DELETE", of(jobs, "j"));
  ASSERT_EQ(warned.warnings.size(), 1u);
  EXPECT_EQ(warned.warnings[0],
            "child pods are preserved by default when jobs are deleted; set "
            "propagationPolicy=Background to remove them or set propagationPolicy=Orphan to "
            "suppress this warning");
  pass(2s);
  EXPECT_FALSE(exists(of(jobs, "j")));
  EXPECT_FALSE(get(of(secrets, "left"))["metadata"].contains("ownerReferences"));
}

}  // namespace
}  // namespace troupe
