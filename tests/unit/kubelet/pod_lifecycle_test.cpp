// floors: model

#include "model/kubelet/pod_lifecycle.hpp"

#include "model/kubelet/pod_status.hpp"

#include <gmock/gmock.h>

namespace troupe::model::kubelet {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using kind = action::kind;
using phase = container_state::phase;

const time_point ten = *from_rfc3339("2026-11-22T10:00:00Z");

object_ptr pod_of(json spec, json metadata = json::object(), json status = json::object()) {
  metadata.update({{"name", "web"}, {"namespace", "default"}, {"uid", "u"}});
  return seal(encode("pods", {{"apiVersion", "v1"},
                              {"kind", "Pod"},
                              {"metadata", metadata},
                              {"spec", spec},
                              {"status", status}}),
              1);
}

json one(const std::string& policy = "Always") {
  return {{"restartPolicy", policy}, {"containers", {{{"name", "c"}, {"image", "i:1"}}}}};
}

sandbox_state sandbox(const std::string& id = "s", bool ready = true) {
  sandbox_state s;
  s.id = id;
  s.ready = ready;
  s.ips = {"10.1.0.5"};
  return s;
}

container_state container(phase p, int code = 0, const std::string& name = "c") {
  container_state c;
  c.id = name + "-id";
  c.sandbox_id = "s";
  c.name = name;
  c.state = p;
  c.exit_code = code;
  c.finished_at =
      std::chrono::duration_cast<std::chrono::nanoseconds>(ten.time_since_epoch()).count();
  return c;
}

std::vector<kind> kinds(const std::vector<action>& actions) {
  std::vector<kind> out;
  for (const auto& a : actions) out.push_back(a.what);
  return out;
}

/// A pod whose volumes are there, with this state of the runtime.
struct life : pod_lifecycle {
  explicit life(object_ptr p, pod_state s = {}) : pod_lifecycle(std::move(p), {10s, 40s}) {
    observe({});
    step(ten);
    prepared({}, ten);
    observe(std::move(s));
  }
  json status(const json& last = json::object()) {
    return pod_status(*this, last, {ten, ten, {"10.0.0.1"}, "containerd"});
  }
};

TEST(PodLifecycle, GoesFromNothingToRunningStepByStep) {
  pod_lifecycle l(pod_of(one()), {10s, 40s});
  EXPECT_THAT(l.step(ten), IsEmpty()) << "nothing before the runtime was seen";
  l.observe({});
  EXPECT_THAT(kinds(l.step(ten)), ElementsAre(kind::prepare));
  EXPECT_THAT(l.step(ten), IsEmpty()) << "asked for once";
  l.prepared({}, ten);
  EXPECT_THAT(kinds(l.step(ten)), ElementsAre(kind::run_sandbox));
  l.observe({{sandbox()}, {}});
  l.sandbox_ran({}, ten);
  EXPECT_THAT(kinds(l.step(ten)), ElementsAre(kind::start_container));
  EXPECT_FALSE(l.settled());
  l.observe({{sandbox()}, {container(phase::running)}});
  l.container_started("c", {}, ten);
  EXPECT_THAT(l.step(ten), IsEmpty());
  EXPECT_TRUE(l.settled());
}

TEST(PodLifecycle, AdoptsWhatRuns) {
  life l(pod_of(one()), {{sandbox()}, {container(phase::running)}});
  EXPECT_THAT(l.step(ten), IsEmpty());
}

TEST(PodLifecycle, TriesVolumesAndSandboxesAgain) {
  pod_lifecycle l(pod_of(one()), {10s, 40s});
  l.observe({});
  l.step(ten);
  l.prepared("no such configmap", ten);
  EXPECT_THAT(l.step(ten), IsEmpty());
  ASSERT_TRUE(l.wake());
  EXPECT_THAT(kinds(l.step(*l.wake())), ElementsAre(kind::prepare));
  l.prepared({}, ten);
  l.step(ten);
  l.sandbox_ran("no network", ten);
  EXPECT_THAT(l.step(ten), IsEmpty());
  EXPECT_THAT(kinds(l.step(*l.wake())), ElementsAre(kind::run_sandbox));
}

TEST(PodLifecycle, EndsByItsPolicy) {
  struct row {
    const char* policy;
    int code;
    const char* ended;
  };
  for (const auto& r :
       {row{"Never", 0, "Succeeded"}, row{"Never", 3, "Failed"}, row{"OnFailure", 0, "Succeeded"},
        row{"OnFailure", 3, ""}, row{"Always", 0, ""}, row{"Always", 3, ""}}) {
    life l(pod_of(one(r.policy)), {{sandbox()}, {container(phase::exited, r.code)}});
    l.step(ten);
    EXPECT_EQ(l.ended(), r.ended) << r.policy << ' ' << r.code;
    if (*r.ended == 0) continue;
    const auto status = l.status();
    EXPECT_EQ(status["phase"], r.ended);
    EXPECT_EQ(status["containerStatuses"][0]["state"]["terminated"]["exitCode"], r.code);
  }
}

TEST(PodLifecycle, WaitsOutCrashes) {
  life l(pod_of(one()), {{sandbox()}, {container(phase::exited, 1)}});
  EXPECT_THAT(kinds(l.step(ten)), ElementsAre(kind::start_container)) << "the first at once";
  auto second = container(phase::exited, 1);
  second.id = "second";
  l.observe({{sandbox()}, {second, container(phase::exited, 1)}});
  l.container_started("c", {}, ten);
  EXPECT_THAT(kinds(l.step(ten)), ElementsAre(kind::note));
  EXPECT_EQ(l.waits("c")->reason, "CrashLoopBackOff");
  EXPECT_EQ(l.wake(), ten + 10s);
  EXPECT_THAT(kinds(l.step(ten + 10s)), ElementsAre(kind::start_container));
}

json image(const char* name, const char* policy = "Always") {
  auto spec = one(policy);
  spec["containers"][0]["image"] = name;
  return spec;
}

TEST(PodLifecycle, AContainerOfAnotherImageTakesThePlaceOfTheOneThatRuns) {
  for (const char* policy : {"Always", "OnFailure", "Never"}) {
    auto runs = container(phase::running);
    runs.definition = definition_of(image("i:1")["containers"][0]);
    life l(pod_of(image("i:1", policy)), {{sandbox()}, {runs}});
    EXPECT_THAT(l.step(ten), IsEmpty());
    l.update(pod_of(image("i:2", policy)));
    const auto stop = l.step(ten);
    ASSERT_THAT(kinds(stop), ElementsAre(kind::stop_container)) << policy;
    EXPECT_EQ(stop.front().message, "Container c definition changed, will be restarted");
    EXPECT_THAT(l.step(ten), IsEmpty()) << "asked for once";
    auto ended = runs;
    ended.state = phase::exited;
    ended.exit_code = 137;
    l.observe({{sandbox()}, {ended}});
    l.container_stopped("c-id");
    EXPECT_THAT(kinds(l.step(ten)), ElementsAre(kind::start_container)) << policy;
    EXPECT_EQ(l.ended(), "");
    EXPECT_FALSE(l.waits("c")) << "it did not crash";
    const auto status = l.status()["containerStatuses"][0];
    EXPECT_EQ(status["state"]["waiting"]["reason"], "ContainerCreating");
    EXPECT_EQ(status["lastState"]["terminated"]["exitCode"], 137);
  }
}

TEST(PodLifecycle, AnotherImageHasNothingToWaitOut) {
  life l(pod_of(image("none:1")), {{sandbox()}, {}});
  EXPECT_THAT(kinds(l.step(ten)), ElementsAre(kind::start_container));
  l.container_started("c", {"ErrImagePull", "not found"}, ten);
  EXPECT_THAT(l.step(ten + 1s), IsEmpty());
  l.update(pod_of(image("i:1")));
  EXPECT_THAT(kinds(l.step(ten + 1s)), ElementsAre(kind::start_container));

  life crashing(pod_of(one()), {{sandbox()}, {container(phase::exited, 1)}});
  crashing.step(ten);
  auto second = container(phase::exited, 1);
  second.id = "second";
  crashing.observe({{sandbox()}, {second}});
  crashing.container_started("c", {}, ten);
  EXPECT_THAT(kinds(crashing.step(ten)), ElementsAre(kind::note));
  crashing.update(pod_of(image("i:2")));
  EXPECT_THAT(kinds(crashing.step(ten)), ElementsAre(kind::start_container));
}

TEST(PodLifecycle, WhatLacksSomethingIsTriedAgainWhenThePodChanges) {
  life l(pod_of(one(), {{"annotations", {{"a", "1"}}}}), {{sandbox()}, {}});
  l.step(ten);
  l.container_started("c", {"CreateContainerConfigError", "missing value for A"}, ten);
  EXPECT_THAT(l.step(ten + 1s), IsEmpty());
  l.update(pod_of(one(), {{"annotations", {{"a", "2"}}}}));
  EXPECT_THAT(kinds(l.step(ten + 1s)), ElementsAre(kind::start_container));
  EXPECT_EQ(at(l.pod(), {"metadata", "annotations", "a"}), "2");
}

TEST(PodLifecycle, AProbeMayLeaveItsContainerLessTimeThanThePod) {
  auto spec = one();
  spec["terminationGracePeriodSeconds"] = 600;
  for (const auto& [grace, left] : {std::pair{std::optional(2s), 2s}, {std::nullopt, 600s}}) {
    life l(pod_of(spec), {{sandbox()}, {container(phase::running)}});
    l.condemn("c-id", "Container c failed liveness probe", grace);
    const auto stop = l.step(ten);
    ASSERT_THAT(kinds(stop), ElementsAre(kind::stop_container));
    EXPECT_EQ(stop.front().grace, left);
  }
}

TEST(PodLifecycle, RunsInitContainersFirstAndInOrder) {
  auto spec = one();
  spec["initContainers"] = {{{"name", "a"}, {"image", "i"}}, {{"name", "b"}, {"image", "i"}}};
  life l(pod_of(spec), {{sandbox()}, {}});
  auto started = [&] {
    const auto actions = l.step(ten);
    return actions.empty() ? "" : actions.front().container;
  };
  EXPECT_EQ(started(), "a");
  for (const char* list : {"initContainerStatuses", "containerStatuses"}) {
    const json statuses = l.status().at(list);
    for (const json& c : statuses)
      EXPECT_EQ(c["state"]["waiting"]["reason"], "PodInitializing") << c;
  }
  l.observe({{sandbox()}, {container(phase::exited, 0, "a")}});
  l.container_started("a", {}, ten);
  EXPECT_EQ(started(), "b");
  EXPECT_FALSE(l.initialized());
  l.observe({{sandbox()}, {container(phase::exited, 0, "b"), container(phase::exited, 0, "a")}});
  l.container_started("b", {}, ten);
  EXPECT_EQ(started(), "c");
  EXPECT_TRUE(l.initialized());
}

TEST(PodLifecycle, StopsEverythingBeforeItFinishes) {
  const json deleted{{"deletionTimestamp", "2026-11-22T10:00:00Z"},
                     {"deletionGracePeriodSeconds", 7}};
  life l(pod_of(one()), {{sandbox()}, {container(phase::running)}});
  l.update(pod_of(one(), deleted));
  const auto stop = l.step(ten);
  ASSERT_THAT(kinds(stop), ElementsAre(kind::stop_container));
  EXPECT_EQ(stop.front().grace, 7s);
  l.observe({{sandbox()}, {container(phase::exited, 143)}});
  l.container_stopped("c-id");
  EXPECT_THAT(kinds(l.step(ten)), ElementsAre(kind::stop_sandbox));
  l.observe({{sandbox("s", false)}, {container(phase::exited, 143)}});
  l.sandbox_stopped("s", true);
  EXPECT_THAT(kinds(l.step(ten)), ElementsAre(kind::finish));
  EXPECT_THAT(l.step(ten), IsEmpty());
}

TEST(PodLifecycle, SidecarsEndOneAfterTheOtherTheLastFirst) {
  auto spec = one();
  spec["terminationGracePeriodSeconds"] = 10;
  spec["initContainers"] = {{{"name", "a"}, {"image", "i"}, {"restartPolicy", "Always"}},
                            {{"name", "b"}, {"image", "i"}, {"restartPolicy", "Always"}}};
  std::vector<container_state> all{container(phase::running, 0, "a"),
                                   container(phase::running, 0, "b"), container(phase::running)};
  life l(pod_of(spec), {{sandbox()}, all});
  l.update(pod_of(spec, {{"deletionTimestamp", "2026-11-22T10:00:00Z"}}));
  const std::pair<const char*, std::chrono::seconds> turns[] = {{"c", 10s}, {"b", 6s}, {"a", 2s}};
  auto now = ten;
  for (const auto& [name, left] : turns) {
    const auto stop = l.step(now);
    ASSERT_THAT(kinds(stop), ElementsAre(kind::stop_container)) << name;
    EXPECT_EQ(stop.front().container, name);
    EXPECT_EQ(stop.front().grace, left) << name << ": of the time that all have together";
    now += 4s;
    EXPECT_THAT(l.step(now), IsEmpty());
    for (auto& c : all)
      if (c.name == name) c.state = phase::exited;
    l.observe({{sandbox()}, all});
    l.container_stopped(std::string(name) + "-id");
    if (now == ten + 8s) now += 20s;
  }
  EXPECT_THAT(kinds(l.step(now)), ElementsAre(kind::stop_sandbox));
}

TEST(PodLifecycle, FailsAtItsDeadline) {
  auto spec = one();
  spec["activeDeadlineSeconds"] = 60;
  life l(pod_of(spec, {}, {{"startTime", "2026-11-22T10:00:00Z"}}),
         {{sandbox()}, {container(phase::running)}});
  l.step(ten);
  EXPECT_EQ(l.wake(), ten + 60s);
  EXPECT_THAT(kinds(l.step(ten + 60s)), ElementsAre(kind::stop_container));
  EXPECT_EQ(l.reason(), "DeadlineExceeded");
  EXPECT_EQ(l.ended(), "Failed");
}

TEST(PodLifecycle, AnEvictedPodHasFailedAndHasLittleTimeToEnd) {
  auto spec = one();
  spec["terminationGracePeriodSeconds"] = 600;
  life l(pod_of(spec), {{sandbox()}, {container(phase::running)}});
  l.step(ten);
  l.evict("The node was low on resource: memory. ", 1s);
  const auto stop = l.step(ten);
  ASSERT_THAT(kinds(stop), ElementsAre(kind::stop_container));
  EXPECT_EQ(stop.front().grace, 1s);
  const auto status = l.status();
  EXPECT_EQ(status["phase"], "Failed");
  EXPECT_EQ(status["reason"], "Evicted");
  EXPECT_EQ(status["message"], "The node was low on resource: memory. ");
  const json& last = status["conditions"].back();
  EXPECT_EQ(last["type"], "DisruptionTarget");
  EXPECT_EQ(last["status"], "True");
  EXPECT_EQ(last["reason"], "TerminationByKubelet");
  EXPECT_EQ(last["message"], status["message"]);
  l.observe({{sandbox()}, {container(phase::exited, 137)}});
  l.container_stopped("c-id");
  EXPECT_THAT(kinds(l.step(ten)), ElementsAre(kind::stop_sandbox));
  l.evict("again", 5s);
  EXPECT_EQ(l.message(), status["message"]) << "it has failed already";
}

TEST(PodLifecycle, DeadSandboxesGoWhenTheirContainersHave) {
  auto old = container(phase::exited, 1);
  old.id = "old-id";
  old.sandbox_id = "old";
  const std::vector<sandbox_state> both{sandbox(), sandbox("old", false)};
  life l(pod_of(one()), {both, {container(phase::running), old}});
  EXPECT_THAT(l.step(ten), IsEmpty()) << "its container's log is there";
  l.observe({both, {container(phase::running)}});
  const auto actions = l.step(ten);
  ASSERT_THAT(kinds(actions), ElementsAre(kind::remove_sandbox));
  EXPECT_EQ(actions.front().id, "old");
  EXPECT_THAT(l.step(ten), IsEmpty()) << "asked for once";
  l.observe({{sandbox("s", false)}, {container(phase::exited, 1)}});
  l.removed("old");
  EXPECT_THAT(kinds(l.step(ten)), testing::Not(testing::Contains(kind::remove_sandbox)))
      << "the newest stays";
}

TEST(PodLifecycle, AForcedDeletionCutsAGracefulOneShort) {
  auto spec = one();
  spec["terminationGracePeriodSeconds"] = 600;
  life l(pod_of(spec), {{sandbox()}, {container(phase::running)}});
  l.update(pod_of(
      spec, {{"deletionTimestamp", "2026-11-22T10:10:00Z"}, {"deletionGracePeriodSeconds", 600}}));
  auto stops = [&] {
    std::vector<std::chrono::seconds> out;
    for (const auto& a : l.step(ten))
      if (a.what == kind::stop_container) out.push_back(a.grace);
    return out;
  };
  EXPECT_THAT(stops(), ElementsAre(600s));
  EXPECT_THAT(stops(), IsEmpty());
  l.unassign();
  EXPECT_THAT(stops(), ElementsAre(1s));
}

TEST(PodStatus, OfAPodThatEndedAlwaysSaysHowItsContainersDid) {
  life l(pod_of(one("Never"), {}, {{"phase", "Failed"}}));
  const json creating{
      {"containerStatuses", {{{"name", "c"}, {"state", {{"waiting", {{"reason", "x"}}}}}}}}};
  for (const auto& last : {json::object(), creating}) {
    const auto status = l.status(last);
    const auto& state = status["containerStatuses"][0]["state"];
    EXPECT_EQ(state["terminated"]["reason"], "ContainerStatusUnknown") << status.dump(1);
    EXPECT_EQ(state["terminated"]["exitCode"], 137);
  }
}

TEST(PodStatus, OfAPodWhoseInitContainerFailedSaysWhatNeverBegan) {
  json spec = one("Never");
  spec["initContainers"] = {{{"name", "fails"}, {"image", "i"}},
                            {{"name", "next"}, {"image", "i"}}};
  life l(pod_of(spec, {}, {{"phase", "Failed"}}));
  const json last{{"initContainerStatuses",
                   {{{"name", "fails"}, {"state", {{"terminated", {{"exitCode", 4}}}}}}}}};
  const auto status = l.status(last);
  EXPECT_EQ(status["initContainerStatuses"][0]["state"]["terminated"]["exitCode"], 4);
  EXPECT_EQ(status["initContainerStatuses"][1]["state"]["waiting"]["reason"], "PodInitializing");
  EXPECT_EQ(status["containerStatuses"][0]["state"]["waiting"]["reason"], "PodInitializing");
}

TEST(PodStatus, KeepsTransitionTimesAndPatchesOnlyWhatChanged) {
  life l(pod_of(one()), {{sandbox()}, {}});
  const auto before = l.status({{"conditions",
                                 {{{"type", "PodScheduled"},
                                   {"status", "True"},
                                   {"lastTransitionTime", "2026-11-22T09:00:00Z"}}}}});
  EXPECT_THAT(status_patch(before, before), IsEmpty());
  const auto first = digest_of(l);
  l.observe({{sandbox()}, {container(phase::running)}});
  EXPECT_NE(digest_of(l).urgent, first.urgent);
  const auto after = l.status(before);
  const auto patch = status_patch(before, after);
  EXPECT_EQ(patch["phase"], "Running");
  EXPECT_EQ(patch["containerStatuses"], after["containerStatuses"]);
  std::vector<std::string> types;
  for (const auto& c : patch["conditions"]) types.push_back(c["type"]);
  EXPECT_THAT(types, ElementsAre("Ready", "ContainersReady"));
  // Why it was not ready is taken back.
  EXPECT_EQ(patch["conditions"][0].at("reason"), nullptr);
  EXPECT_EQ(patch["conditions"][0].at("message"), nullptr);
  for (const char* same : {"podIP", "podIPs", "hostIP", "qosClass", "startTime"})
    EXPECT_FALSE(patch.contains(same)) << same;
  EXPECT_EQ(after["conditions"][4]["lastTransitionTime"], "2026-11-22T09:00:00Z");
}

TEST(PodStatus, AddressesReplaceTheOldOnesAndWaitForOtherNews) {
  life l(pod_of(one()), {});
  const auto before = l.status();
  const auto first = digest_of(l);
  l.observe({{sandbox()}, {}});
  EXPECT_EQ(digest_of(l).urgent, first.urgent);
  EXPECT_NE(digest_of(l), first);
  auto last = before;
  last["podIPs"] = json::array({{{"ip", "10.9.9.9"}}});
  const auto patch = status_patch(last, l.status(last));
  EXPECT_EQ(patch["podIPs"], json::parse(R"([{"$patch":"replace"},{"ip":"10.1.0.5"}])"));
}

TEST(PodLifecycle, AnEphemeralContainerRunsOnceAndCountsForNothing) {
  json spec = one();
  spec["ephemeralContainers"] = {{{"name", "debugger"}, {"image", "i:1"}}};
  life l(pod_of(spec), {{sandbox()}, {container(phase::running)}});
  const auto begun = l.step(ten);
  ASSERT_THAT(kinds(begun), ElementsAre(kind::start_container));
  EXPECT_EQ(begun[0].container, "debugger");
  l.container_started("debugger", {}, ten);
  l.observe({{sandbox()}, {container(phase::exited, 3, "debugger"), container(phase::running)}});
  EXPECT_THAT(l.step(ten), IsEmpty()) << "it is not started again";
  const auto status = l.status();
  EXPECT_EQ(status["phase"], "Running");
  EXPECT_EQ(status["containerStatuses"].size(), 1u);
  EXPECT_EQ(status["ephemeralContainerStatuses"][0]["state"]["terminated"]["exitCode"], 3);
  for (const auto& c : status["conditions"])
    if (c["type"] == "Ready") {
      EXPECT_EQ(c["status"], "True");
    }
}

}  // namespace
}  // namespace troupe::model::kubelet
