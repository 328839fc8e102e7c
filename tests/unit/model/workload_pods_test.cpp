// floors: model
#include "model/workload/claim.hpp"
#include "model/workload/deletion_order.hpp"
#include "model/workload/pod_facts.hpp"
#include "model/workload/pod_template.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

const time_point noon = *from_rfc3339("2026-01-01T12:00:00Z");

object_ptr stored(const std::string& resource, const std::string& name,
                  const json& more = json::object()) {
  json document = {{"metadata", {{"name", name}, {"namespace", "d"}, {"uid", name + "-uid"}}}};
  document.merge_patch(more);
  return seal(encode(resource, document), 7);
}

json ready_since(time_point t) {
  json scheduled = {{"type", "PodScheduled"}, {"status", "True"}};
  json ready = {{"type", "Ready"}, {"status", "True"}, {"lastTransitionTime", to_rfc3339(t)}};
  return {{"status",
           {{"phase", "Running"}, {"conditions", json::array({scheduled, std::move(ready)})}}}};
}

TEST(PodFacts, AreReadFromThePodsText) {
  json pod = ready_since(noon);
  pod["metadata"] = {{"creationTimestamp", "2026-01-01T11:00:00Z"},
                     {"annotations", {{"controller.kubernetes.io/pod-deletion-cost", "-5"}}}};
  pod["spec"] = {{"nodeName", "n1"}};
  pod["status"]["containerStatuses"] = {{{"restartCount", 2}}, {{"restartCount", 4}}};
  pod["status"]["initContainerStatuses"] = json::array({{{"restartCount", 1}}});
  const pod_facts f(*stored("pods", "p", pod));
  EXPECT_EQ(f.uid, "p-uid");
  EXPECT_EQ(f.phase, "Running");
  EXPECT_EQ(f.node, "n1");
  EXPECT_TRUE(f.ready);
  EXPECT_EQ(f.ready_since, noon);
  EXPECT_EQ(f.created, noon - 1h);
  EXPECT_EQ(f.deletion_cost, -5);
  EXPECT_EQ(f.restarts, 4);
  EXPECT_EQ(f.sidecar_restarts, 1);
  EXPECT_FALSE(f.deleting);
}

TEST(PodFacts, OfANewPodSayNothing) {
  const pod_facts f(*stored("pods", "p"));
  EXPECT_TRUE(f.active());
  EXPECT_FALSE(f.ready);
  EXPECT_FALSE(f.available(0s, noon));
  EXPECT_FALSE(f.available_at(0s));
}

TEST(PodFacts, ActiveIsNeitherEndedNorBeingDeleted) {
  const json deletion = {{"deletionTimestamp", "2026-01-01T12:00:00Z"}};
  struct row {
    const char* phase;
    bool deleting;
    bool active;
    bool terminating;
  };
  for (const row& r : {row{"Pending", false, true, false}, row{"Running", false, true, false},
                       row{"Succeeded", false, false, false}, row{"Failed", false, false, false},
                       row{"Running", true, false, true}, row{"Failed", true, false, false}}) {
    json more = {{"status", {{"phase", r.phase}}}};
    if (r.deleting) more["metadata"] = deletion;
    const pod_facts f(*stored("pods", "p", more));
    EXPECT_EQ(f.active(), r.active) << r.phase << r.deleting;
    EXPECT_EQ(f.terminating(), r.terminating) << r.phase << r.deleting;
  }
}

TEST(PodFacts, AvailableIsReadyForLongEnough) {
  const pod_facts f(*stored("pods", "p", ready_since(noon)));
  EXPECT_TRUE(f.available(0s, noon));
  EXPECT_FALSE(f.available(10s, noon + 9s));
  EXPECT_TRUE(f.available(10s, noon + 10s));
  EXPECT_EQ(f.available_at(10s), noon + 10s);
}

TEST(PodTemplate, MakesAPodOfItsOwner) {
  const auto set = stored("replicasets.apps", "web");
  const json template_ = {
      {"metadata", {{"labels", {{"app", "web"}}}, {"annotations", {{"a", "b"}}}, {"name", "no"}}},
      {"spec", {{"containers", json::array({{{"name", "c"}, {"image", "i"}}})}}}};
  const json pod =
      pod_from_template(template_, *set, controller_reference("apps/v1", "ReplicaSet", *set));
  EXPECT_EQ(pod, (json{{"apiVersion", "v1"},
                       {"kind", "Pod"},
                       {"metadata",
                        {{"namespace", "d"},
                         {"generateName", "web-"},
                         {"labels", {{"app", "web"}}},
                         {"annotations", {{"a", "b"}}},
                         {"ownerReferences", json::array({{{"apiVersion", "apps/v1"},
                                                           {"kind", "ReplicaSet"},
                                                           {"name", "web"},
                                                           {"uid", "web-uid"},
                                                           {"controller", true},
                                                           {"blockOwnerDeletion", true}}})}}},
                       {"spec", template_["spec"]}}));
}

TEST(PodTemplate, HashesTellTemplatesApart) {
  const json a = {{"spec", {{"image", "a"}}}};
  const json b = {{"spec", {{"image", "b"}}}};
  // Names of ReplicaSets hang on this: it may never change.
  EXPECT_EQ(template_hash(a), "6c64f9dc58");
  EXPECT_NE(template_hash(a), template_hash(b));
  EXPECT_NE(template_hash(a), template_hash(a, 1));
  EXPECT_EQ(template_hash(a).find_first_not_of("bcdfghjklmnpqrstvwxz2456789"), std::string::npos);
}

TEST(Claim, GoesBySelectorAndControllerReference) {
  struct row {
    const char* what;
    const char* owner;  // uid of the dependent's controller
    const char* app;    // its label
    bool controller_ends;
    bool dependent_ends;
    claim expected;
  };
  std::string error;
  const auto selector = *label_selector::from_json({{"matchLabels", {{"app", "web"}}}}, error);
  const json ending = {{"deletionTimestamp", "2026-01-01T12:00:00Z"}};
  for (const row& r : {
           row{"its own", "web-uid", "web", false, false, claim::keep},
           row{"its own, going", "web-uid", "web", false, true, claim::keep},
           row{"no longer selected", "web-uid", "other", false, false, claim::release},
           row{"not released at the end", "web-uid", "other", true, false, claim::leave},
           row{"somebody else's", "x-uid", "web", false, false, claim::leave},
           row{"an orphan", "", "web", false, false, claim::adopt},
           row{"an orphan that is going", "", "web", false, true, claim::leave},
           row{"an orphan at the end", "", "web", true, false, claim::leave},
           row{"an orphan of others", "", "other", false, false, claim::leave},
       }) {
    json pod = {{"metadata", {{"labels", {{"app", r.app}}}}}};
    if (*r.owner)
      pod["metadata"]["ownerReferences"] =
          json::array({{{"uid", r.owner}, {"kind", "ReplicaSet"}, {"controller", true}}});
    if (r.dependent_ends) pod["metadata"].update(ending);
    json set = json::object();
    if (r.controller_ends) set["metadata"] = ending;
    EXPECT_EQ(
        claim_of(*stored("replicasets.apps", "web", set), selector, *stored("pods", "p", pod)),
        r.expected)
        << r.what;
  }
}

TEST(Claim, PatchesNameTheUid) {
  const auto set = stored("replicasets.apps", "web");
  const auto pod = stored("pods", "p");
  const json reference = controller_reference("apps/v1", "ReplicaSet", *set);
  EXPECT_EQ(
      adoption_patch(reference, *pod),
      (json{{"metadata", {{"uid", "p-uid"}, {"ownerReferences", json::array({reference})}}}}));
  const json gone = {{"$patch", "delete"}, {"uid", "web-uid"}};
  EXPECT_EQ(release_patch(*set, *pod),
            (json{{"metadata", {{"uid", "p-uid"}, {"ownerReferences", json::array({gone})}}}}));
}

pod_facts running(const char* uid) {
  pod_facts f;
  f.uid = uid;
  f.phase = "Running";
  f.node = "n";
  f.ready = true;
  f.ready_since = noon - 60min;
  f.created = noon - 61min;
  return f;
}

TEST(DeletionOrder, IsKubes) {
  // Each goes before the next, by one reason a step.
  std::vector<std::pair<pod_facts, std::size_t>> pods;
  auto add = [&](auto change, std::size_t neighbours = 1) {
    pod_facts f = running(std::to_string(pods.size()).c_str());
    change(f);
    pods.emplace_back(f, neighbours);
  };
  add([](auto& f) { f.node.clear(); });
  add([](auto& f) { f.phase = "Pending"; });
  add([](auto& f) { f.phase = "Unknown"; });
  add([](auto& f) { f.ready = false; });
  add([](auto& f) { f.deletion_cost = -1; });
  add([](auto&) {}, 3);
  add([](auto&) {}, 2);
  add([](auto& f) { f.ready_since.reset(); });
  add([](auto& f) { f.ready_since = noon - 1s; });
  add([](auto& f) { f.restarts = 2; });
  add([](auto& f) { f.sidecar_restarts = 1; });
  add([](auto& f) { f.created = noon - 1s; });
  add([](auto&) {});
  add([](auto& f) { f.deletion_cost = 1; });
  std::vector<deletion_candidate> candidates;
  std::vector<std::size_t> expected;
  for (auto& [facts, neighbours] : pods) {
    expected.push_back(candidates.size());
    candidates.push_back({candidates.size(), &facts, neighbours});
  }
  std::reverse(candidates.begin(), candidates.end());
  sort_for_deletion(candidates, noon);
  std::vector<std::size_t> sorted;
  for (const auto& c : candidates) sorted.push_back(c.index);
  EXPECT_EQ(sorted, expected);
}

TEST(DeletionOrder, TimesOfTheSameMagnitudeAreTheSame) {
  auto a = running("b");
  a.ready_since = noon - 60min;
  auto b = running("a");
  b.ready_since = noon - 62min;
  std::vector<deletion_candidate> candidates{{0, &a, 1}, {1, &b, 1}};
  sort_for_deletion(candidates, noon);
  EXPECT_EQ(candidates.front().index, 1u);  // by uid
}

}  // namespace
}  // namespace troupe::model
