// floors: model
#include "model/workload/stateful_set.hpp"

#include "model/workload/controller_revisions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::model {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const time_point now = *from_rfc3339("2026-03-02T10:00:00Z");
const set_revisions one_revision{"web-a", "web-a", json::object()};
const set_revisions two_revisions{"web-a", "web-b", {{"spec", {{"containers", "old"}}}}};

object_ptr stored(const char* resource, const json& document) {
  return seal(encode(resource, document), 1);
}

object_ptr web(const json& spec = json::object(), const json& status = json::object()) {
  json d = {
      {"apiVersion", "apps/v1"},
      {"kind", "StatefulSet"},
      {"metadata", {{"name", "web"}, {"namespace", "team"}, {"uid", "set-uid"}, {"generation", 4}}},
      {"spec",
       {{"replicas", 3},
        {"serviceName", "all"},
        {"selector", {{"matchLabels", {{"app", "web"}}}}},
        {"updateStrategy", {{"type", "RollingUpdate"}}},
        {"template",
         {{"metadata", {{"labels", {{"app", "web"}}}}},
          {"spec", {{"containers", json::array({{{"name", "c"}}})}}}}}}},
      {"status", status}};
  d["spec"].update(spec);
  return stored("statefulsets.apps", d);
}

enum class is : std::uint8_t { ready, running, pending, ending, failed, succeeded };

set_pod_entry pod(int ordinal, is state = is::ready, const char* revision = "web-a",
                  std::chrono::seconds ready_for = 60s) {
  const auto name = "web-" + std::to_string(ordinal);
  json d = {{"apiVersion", "v1"},
            {"kind", "Pod"},
            {"metadata",
             {{"name", name},
              {"namespace", "team"},
              {"uid", "uid-" + name},
              {"labels",
               {{"app", "web"},
                {"statefulset.kubernetes.io/pod-name", name},
                {"controller-revision-hash", revision}}}}},
            {"status",
             {{"phase", state == is::pending     ? "Pending"
                        : state == is::failed    ? "Failed"
                        : state == is::succeeded ? "Succeeded"
                                                 : "Running"}}}};
  if (state == is::ending) d["metadata"]["deletionTimestamp"] = to_rfc3339(now);
  if (state == is::ready || state == is::ending)
    d["status"]["conditions"] =
        json::array({{{"type", "Ready"},
                      {"status", "True"},
                      {"lastTransitionTime", to_rfc3339(now - ready_for)}}});
  auto o = stored("pods", d);
  set_pod facts(*o);
  return {std::move(o), std::move(facts)};
}

set_plan plan(const object_ptr& set, const std::vector<set_pod_entry>& pods,
              const set_revisions& revisions = one_revision,
              const std::vector<object_ptr>& claims = {}) {
  const object_lookup lookup = [&](const object_key& key) -> object_ptr {
    for (const auto& c : claims)
      if (c->key() == key) return c;
    return nullptr;
  };
  return plan_stateful_set(*set, pods, revisions, lookup, now);
}

// "+web-0" is made, "-web-0" goes, "=web-0" is labelled, "claim web-0".
std::string steps(const set_plan& p) {
  std::string out;
  for (const auto& s : p.steps) {
    static const std::map<set_step::kind, std::string> marks = {{set_step::kind::create, "+"},
                                                                {set_step::kind::remove, "-"},
                                                                {set_step::kind::label, "="},
                                                                {set_step::kind::claim, "claim "}};
    if (!out.empty()) out += " ";
    out += marks.at(s.what) + s.name;
  }
  return out;
}

TEST(StatefulSet, PodsComeAndGoInOrder) {
  const json scaled = {{"replicas", 1}};
  const struct {
    const char* what;
    json spec;
    std::vector<set_pod_entry> pods;
    const char* steps;
  } table[] = {
      {"the first", json::object(), {}, "+web-0"},
      {"the first is awaited", json::object(), {pod(0, is::pending)}, ""},
      {"running is not ready", json::object(), {pod(0, is::running)}, ""},
      {"the second", json::object(), {pod(0)}, "+web-1"},
      {"a gap", json::object(), {pod(0), pod(2)}, "+web-1"},
      {"all", json::object(), {pod(0), pod(1), pod(2)}, ""},
      {"one that ends is awaited", json::object(), {pod(0), pod(1, is::ending)}, ""},
      {"the last goes first", scaled, {pod(0), pod(1), pod(2)}, "-web-2"},
      {"one at a time", scaled, {pod(0), pod(1), pod(2, is::ending)}, ""},
      {"those below have to be ready", scaled, {pod(0, is::running), pod(1)}, ""},
      {"what is not ready above is awaited",
       scaled,
       {pod(0), pod(1, is::running), pod(2)},
       "-web-2"},
      {"the first that is not ready may go",
       scaled,
       {pod(0), pod(1), pod(2, is::running)},
       "-web-2"},
      {"ordinals start elsewhere", {{"ordinals", {{"start", 5}}}}, {pod(5), pod(1)}, "+web-6"},
      {"those below the start go",
       {{"ordinals", {{"start", 5}}}, {"replicas", 1}},
       {pod(5), pod(1)},
       "-web-1"},
      {"a failed one is replaced", json::object(), {pod(0, is::failed), pod(1)}, "-web-0"},
      {"one that ended, too", json::object(), {pod(0, is::succeeded)}, "-web-0"},
      {"all at once",
       {{"podManagementPolicy", "Parallel"}},
       {pod(1, is::pending)},
       "+web-0 +web-2"},
      {"all at once down",
       {{"podManagementPolicy", "Parallel"}, {"replicas", 0}},
       {pod(0, is::pending), pod(1), pod(2, is::ending)},
       "-web-1 -web-0"}};
  for (const auto& t : table) EXPECT_EQ(steps(plan(web(t.spec), t.pods)), t.steps) << t.what;
}

TEST(StatefulSet, AMillionReplicasComeInPortions) {
  const json many = {{"replicas", 2147483647}, {"podManagementPolicy", "Parallel"}};
  EXPECT_EQ(plan(web(many), {pod(1)}).steps.size(), 500u);
  EXPECT_EQ(steps(plan(web({{"replicas", 2147483647}}), {pod(0)})), "+web-1");
}

TEST(StatefulSet, UpdatesRollDownwards) {
  const auto old = [](int n) { return pod(n); };
  const auto fresh = [](int n, is state = is::ready) { return pod(n, state, "web-b"); };
  const auto by = [](const json& strategy) { return json{{"updateStrategy", strategy}}; };
  const json rolling = {{"type", "RollingUpdate"}};
  const json partitioned = {{"type", "RollingUpdate"}, {"rollingUpdate", {{"partition", 2}}}};
  const struct {
    const char* what;
    json strategy;
    std::vector<set_pod_entry> pods;
    const char* steps;
  } table[] = {{"the last first", rolling, {old(0), old(1), old(2)}, "-web-2"},
               {"then the next", rolling, {old(0), old(1), fresh(2)}, "-web-1"},
               {"not while one is not ready", rolling, {old(0), old(1), fresh(2, is::running)}, ""},
               {"down to the partition", partitioned, {old(0), old(1), fresh(2)}, ""},
               {"by hand", {{"type", "OnDelete"}}, {old(0), old(1), old(2)}, ""}};
  for (const auto& t : table)
    EXPECT_EQ(steps(plan(web(by(t.strategy)), t.pods, two_revisions)), t.steps) << t.what;
  // What is made below the partition is of the current revision.
  const auto kept = plan(web(by(partitioned)), {old(0)}, two_revisions);
  EXPECT_EQ(kept.steps[0].body["metadata"]["labels"]["controller-revision-hash"], "web-a");
  EXPECT_EQ(kept.steps[0].body["spec"]["containers"], "old");
  const auto above = plan(web(by(partitioned)), {old(0), old(1)}, two_revisions);
  EXPECT_EQ(above.steps[0].body["metadata"]["labels"]["controller-revision-hash"], "web-b");
}

TEST(StatefulSet, WaitsUntilAPodIsAvailable) {
  const auto set = web({{"minReadySeconds", 30}});
  const auto early = plan(set, {pod(0, is::ready, "web-a", 10s)});
  EXPECT_EQ(steps(early), "");
  EXPECT_EQ(early.next, now + 20s);
  EXPECT_EQ(early.status["readyReplicas"], 1);
  EXPECT_EQ(early.status["availableReplicas"], 0);
  EXPECT_EQ(steps(plan(set, {pod(0, is::ready, "web-a", 30s)})), "+web-1");
}

TEST(StatefulSet, StatusCounts) {
  const auto p =
      plan(web(), {pod(0), pod(1, is::running), pod(2, is::ready, "web-b")}, two_revisions);
  EXPECT_EQ(p.status, json({{"replicas", 3},
                            {"readyReplicas", 2},
                            {"availableReplicas", 2},
                            {"currentReplicas", 2},
                            {"updatedReplicas", 1},
                            {"currentRevision", "web-a"},
                            {"updateRevision", "web-b"},
                            {"collisionCount", 0},
                            {"observedGeneration", 4}}));
  std::vector<set_pod_entry> all;
  for (int i = 0; i < 3; ++i) all.push_back(pod(i, is::ready, "web-b"));
  const auto done = plan(web(), all, two_revisions);
  EXPECT_EQ(done.status["currentRevision"], "web-b");
  EXPECT_EQ(done.status["currentReplicas"], 3);
}

TEST(StatefulSet, OneThatIsBeingDeletedOnlyCounts) {
  json d = web()->parse();
  d["metadata"]["deletionTimestamp"] = to_rfc3339(now);
  const auto p = plan(stored("statefulsets.apps", d), {pod(0)});
  EXPECT_THAT(p.steps, IsEmpty());
  EXPECT_EQ(p.status["replicas"], 1);
}

TEST(StatefulSet, TellsWhatItReplaces) {
  const auto told = plan(web(), {pod(0, is::failed)}).remarks;
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].reason + ": " + told[0].message,
            "RecreatingFailedPod: StatefulSet team/web is recreating failed Pod web-0");
  EXPECT_TRUE(told[0].warning);
}

TEST(StatefulSet, PodsHaveAnIdentity) {
  const auto set = web();
  const auto p = pod_of_set(*set, set->view<stateful_set_view>()->template_, "web-a", 2);
  EXPECT_EQ(p["metadata"]["name"], "web-2");
  EXPECT_EQ(p["metadata"]["labels"], json({{"app", "web"},
                                           {"statefulset.kubernetes.io/pod-name", "web-2"},
                                           {"apps.kubernetes.io/pod-index", "2"},
                                           {"controller-revision-hash", "web-a"}}));
  EXPECT_EQ(p["spec"]["hostname"], "web-2");
  EXPECT_EQ(p["spec"]["subdomain"], "all");
  const auto view = set->view<stateful_set_view>();
  EXPECT_EQ(view->ordinal_of("web-12"), 12);
  for (const char* other : {"web", "web-", "web-x", "web-1x", "web2-1", "we-1"})
    EXPECT_EQ(view->ordinal_of(other), std::nullopt) << other;
  json bare = pod(0).object->parse();
  bare["metadata"]["labels"].erase("statefulset.kubernetes.io/pod-name");
  const auto o = stored("pods", bare);
  EXPECT_EQ(steps(plan(web({{"replicas", 1}}), {{o, set_pod(*o)}})), "=web-0");
}

json claims(const json& policy = json::object()) {
  return {
      {"replicas", 1},
      {"persistentVolumeClaimRetentionPolicy", policy},
      {"volumeClaimTemplates",
       json::array({{{"metadata", {{"name", "data"}}}, {"spec", {{"storageClassName", "s"}}}}})}};
}

object_ptr claim(const std::string& name, const json& owners = json::array()) {
  json d = {{"apiVersion", "v1"},
            {"kind", "PersistentVolumeClaim"},
            {"metadata", {{"name", name}, {"namespace", "team"}, {"uid", "uid-" + name}}}};
  if (!owners.empty()) d["metadata"]["ownerReferences"] = owners;
  return stored("persistentvolumeclaims", d);
}

TEST(StatefulSet, ClaimsComeWithThePod) {
  const auto p = plan(web(claims()), {});
  ASSERT_EQ(steps(p), "+web-0");
  ASSERT_EQ(p.steps[0].claims.size(), 1u);
  const auto& c = p.steps[0].claims[0];
  EXPECT_EQ(c["metadata"],
            json({{"name", "data-web-0"}, {"namespace", "team"}, {"labels", {{"app", "web"}}}}));
  EXPECT_EQ(c["spec"]["storageClassName"], "s");
  EXPECT_EQ(p.steps[0].body["spec"]["volumes"][0],
            json({{"name", "data"}, {"persistentVolumeClaim", {{"claimName", "data-web-0"}}}}));
  EXPECT_THAT(plan(web(claims()), {}, one_revision, {claim("data-web-0")}).steps[0].claims,
              IsEmpty());
  EXPECT_EQ(steps(plan(web(claims()), {pod(0, is::pending)})), "claim web-0");
}

TEST(StatefulSet, AClaimOfAnEarlierPodHasToGoFirst) {
  const json owner = {{"kind", "Pod"}, {"name", "web-0"}, {"uid", "another"}};
  const auto p = plan(web(claims()), {}, one_revision, {claim("data-web-0", json::array({owner}))});
  EXPECT_EQ(steps(p), "");
  EXPECT_THAT(p.waits_for, ElementsAre("data-web-0"));
}

TEST(StatefulSet, WhoOwnsAClaim) {
  const auto owners = [](const json& policy, int ordinal, const json& before = json::array()) {
    const auto set = web(claims(policy));
    const auto name = "data-web-" + std::to_string(ordinal);
    const auto o = claim_owners(*set, *pod(ordinal).object, *claim(name, before));
    if (!o) return std::string("as it is");
    std::string out;
    for (const auto& owner : *o) out += string_at(owner, {"kind"}) + " ";
    return out;
  };
  const json deleted = {{"whenDeleted", "Delete"}, {"whenScaled", "Retain"}};
  const json scaled = {{"whenDeleted", "Retain"}, {"whenScaled", "Delete"}};
  const json both = {{"whenDeleted", "Delete"}, {"whenScaled", "Delete"}};
  const json of_set = json::array({{{"kind", "StatefulSet"}, {"uid", "set-uid"}}});
  const json of_pod = json::array({{{"kind", "Pod"}, {"uid", "uid-web-0"}}});
  EXPECT_EQ(owners(json::object(), 0), "as it is");
  EXPECT_EQ(owners(json::object(), 0, of_set), "");
  EXPECT_EQ(owners(deleted, 0), "StatefulSet ");
  EXPECT_EQ(owners(deleted, 0, of_set), "as it is");
  EXPECT_EQ(owners(deleted, 1), "StatefulSet ");
  EXPECT_EQ(owners(scaled, 0), "as it is");
  EXPECT_EQ(owners(scaled, 1), "Pod ");
  EXPECT_EQ(owners(scaled, 0, of_pod), "");
  EXPECT_EQ(owners(both, 0), "StatefulSet ");
  EXPECT_EQ(owners(both, 1, of_set), "Pod ");
}

object_ptr revision(const json& document, const std::string& name, int number) {
  json d = document;
  d["metadata"]["name"] = name;
  d["revision"] = number;
  return stored("controllerrevisions.apps", d);
}

TEST(StatefulSet, Revisions) {
  const auto first = plan_revisions(*web(), {});
  EXPECT_EQ(first.created["revision"], 1);
  EXPECT_EQ(first.created["data"]["spec"]["template"]["$patch"], "replace");
  EXPECT_EQ(first.created["metadata"]["labels"]["app"], "web");
  const std::string hash = first.created["metadata"]["labels"]["controller.kubernetes.io/hash"];
  EXPECT_EQ(first.created["metadata"]["name"], "web-" + hash);

  const auto a = revision(first.created, "web-a", 1);
  const auto same = plan_revisions(*web(json::object(), {{"currentRevision", "web-a"}}), {a});
  EXPECT_TRUE(same.created.is_null());
  EXPECT_EQ(same.revisions.update, "web-a");

  const json changed = {
      {"template", {{"metadata", {{"labels", {{"app", "web"}}}}}, {"spec", {{"nodeName", "n1"}}}}}};
  const auto second = plan_revisions(*web(changed), {a});
  EXPECT_EQ(second.created["revision"], 2);
  EXPECT_NE(second.created["metadata"]["name"], first.created["metadata"]["name"]);
  const auto b = revision(second.created, "web-b", 2);
  const auto rolling = plan_revisions(*web(changed, {{"currentRevision", "web-a"}}), {a, b});
  EXPECT_EQ(rolling.revisions.current, "web-a");
  EXPECT_EQ(rolling.revisions.update, "web-b");
  EXPECT_FALSE(rolling.revisions.current_template.contains("$patch"));
  EXPECT_TRUE(rolling.revisions.current_template["spec"].contains("containers"));

  // Back to the first: it becomes the newest.
  const auto back = plan_revisions(*web(), {a, b});
  EXPECT_EQ(back.renumbered, "web-a");
  EXPECT_EQ(back.number, 3);
  // A name that was taken is not tried again.
  const auto other = plan_revisions(*web(json::object(), {{"collisionCount", 1}}), {});
  EXPECT_NE(other.created["metadata"]["name"], first.created["metadata"]["name"]);

  const auto c = revision(second.created, "web-c", 3);
  const auto gone = beyond_history(*web({{"revisionHistoryLimit", 1}}), {c, b, a}, {"web-c"});
  ASSERT_EQ(gone.size(), 1u);
  EXPECT_EQ(gone[0]->key().name, "web-a");
}

}  // namespace
}  // namespace troupe::model
