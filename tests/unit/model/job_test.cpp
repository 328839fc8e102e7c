// floors: model
#include "model/workload/job.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::model {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const time_point now = *from_rfc3339("2026-03-02T10:00:00Z");
const char* const uncounted = "uncountedTerminatedPods";

object_ptr stored(const char* resource, const json& document) {
  return seal(encode(resource, document), 1);
}

json job_document(const json& spec = json::object(), const json& status = json::object()) {
  json out = {{"apiVersion", "batch/v1"},
              {"kind", "Job"},
              {"metadata", {{"name", "sum"}, {"namespace", "team"}, {"uid", "job-uid"}}},
              {"spec",
               {{"parallelism", 2},
                {"completions", 3},
                {"backoffLimit", 1},
                {"template",
                 {{"spec",
                   {{"restartPolicy", "Never"},
                    {"containers", json::array({{{"name", "c"}, {"image", "i"}}})}}}}}}},
              {"status", status}};
  out["spec"].update(spec);
  return out;
}

struct pod_state {
  const char* name;
  const char* phase = "Running";
  json metadata = json::object();
  int exit_code = 0;
  std::chrono::seconds ended_ago{0};
  bool tracked = true;
};

job_pod_entry pod(const pod_state& p) {
  json d = {{"apiVersion", "v1"},
            {"kind", "Pod"},
            {"metadata", {{"name", p.name}, {"namespace", "team"}, {"uid", p.name}}},
            {"spec", {{"containers", json::array({{{"name", "c"}}})}}},
            {"status", {{"phase", p.phase}}}};
  d["metadata"].update(p.metadata);
  if (p.tracked) d["metadata"]["finalizers"] = json::array({job_tracking_finalizer});
  json& status = d["status"];
  if (d["status"]["phase"] == "Running")
    status["conditions"] = json::array({{{"type", "Ready"}, {"status", "True"}}});
  if (d["status"]["phase"] == "Failed" || d["status"]["phase"] == "Succeeded")
    status["containerStatuses"] = json::array(
        {{{"name", "c"},
          {"state",
           {{"terminated",
             {{"exitCode", p.exit_code}, {"finishedAt", to_rfc3339(now - p.ended_ago)}}}}}}});
  auto o = stored("pods", d);
  job_pod facts(*o);
  return {std::move(o), std::move(facts)};
}

json at_index(int index, int failures = 0) {
  return {{"annotations",
           {{job_index_annotation, std::to_string(index)},
            {job_failures_annotation, std::to_string(failures)}}}};
}
json ending() {
  return {{"deletionTimestamp", to_rfc3339(now)}, {"deletionGracePeriodSeconds", 0}};
}

job_plan plan(const json& document, const job_pods& pods, const job_backoff& backoff = {}) {
  return plan_job(job_spec(*stored("jobs.batch", document)), pods, backoff, now);
}

std::vector<std::string> names(const std::vector<object_ptr>& objects) {
  std::vector<std::string> out;
  for (const auto& o : objects) out.push_back(o->key().name);
  return out;
}

// All steps: what the status is in the end, when every call goes well.
struct round {
  job_plan plan;
  job_tracking tracking;
  json status;
  bool ended = false;
};
round run(const json& document, const job_pods& pods, const job_backoff& backoff = {}) {
  const job_spec spec(*stored("jobs.batch", document));
  round r{plan_job(spec, pods, backoff, now), {}, {}};
  job_changes changes{r.plan.created, r.plan.removed.size(), 0, false};
  for (const auto& o : r.plan.removed) changes.removed_ready += job_pod(*o).ready ? 1 : 0;
  r.tracking = track_job(spec, pods, r.plan, changes, now);
  r.status = r.tracking.status;
  std::set<std::string> tracked;
  for (const auto& p : pods) tracked.insert(p.facts.uid);
  for (const auto& o : r.tracking.counted) tracked.erase(o->header().uid);
  r.ended = settle_job(r.status, tracked, r.tracking.end, now);
  return r;
}

std::string conditions(const json& status) {
  std::string out;
  for (const json& c : at(status, {"conditions"})) {
    if (!out.empty()) out += "; ";
    out += string_at(c, {"type"}) + "=" + string_at(c, {"status"}) + " " + string_at(c, {"reason"});
  }
  return out;
}

const json indexed = {{"completionMode", "Indexed"}};
const json per_index = {
    {"completionMode", "Indexed"}, {"backoffLimitPerIndex", 1}, {"backoffLimit", 0x7fffffff}};

TEST(Job, AsManyPodsAsAreWanted) {
  struct {
    const char* what;
    json spec;
    job_pods pods;
    std::size_t created;
    std::size_t removed;
  } const table[] = {
      {"none yet", json::object(), {}, 2, 0},
      {"one runs", json::object(), {pod({"a"})}, 1, 0},
      {"all run", json::object(), {pod({"a"}), pod({"b"})}, 0, 0},
      {"one is left to do",
       json::object(),
       {pod({"a", "Succeeded"}), pod({"b", "Succeeded"})},
       1,
       0},
      {"less parallel now", {{"parallelism", 1}}, {pod({"a"}), pod({"b", "Pending"})}, 0, 1},
      {"none parallel", {{"parallelism", 0}}, {pod({"a"})}, 0, 1},
      {"a queue of work", {{"completions", nullptr}}, {pod({"a"})}, 1, 0},
      {"a queue that is done", {{"completions", nullptr}}, {pod({"a", "Succeeded"})}, 0, 0},
      {"an ending pod has failed", json::object(), {pod({"a", "Running", ending()})}, 0, 0},
      {"an ending pod is waited for",
       {{"podReplacementPolicy", "Failed"}},
       {pod({"a", "Running", ending()})},
       1,
       0},
      {"suspended", {{"suspend", true}}, {pod({"a"}), pod({"b"})}, 0, 2}};
  for (const auto& t : table) {
    const auto p = plan(job_document(t.spec), t.pods);
    EXPECT_EQ(p.created, t.created) << t.what;
    EXPECT_EQ(p.removed.size(), t.removed) << t.what;
    EXPECT_EQ(p.release_removed, true) << t.what;
  }
}

TEST(Job, FailedPodsAreReplacedLaterAndLater) {
  const auto document = job_document({{"backoffLimit", 6}});
  const auto first = plan(document, {pod({"a", "Failed", json::object(), 1, 3s})});
  EXPECT_EQ(first.created, 0u);
  EXPECT_EQ(first.next, now - 3s + 10s);
  EXPECT_EQ(first.backoff.failures, 1);
  EXPECT_EQ(plan(document, {pod({"a", "Failed", json::object(), 1, 10s})}).created, 2u);
  const auto third = plan(document, {pod({"a", "Failed"})}, {2, now - 20s});
  EXPECT_EQ(third.next, now + 40s);
  EXPECT_EQ(job_backoff({20, now}).pause(), 600s);
  // A success in between makes it forget.
  const auto after =
      plan(document, {pod({"a", "Failed", json::object(), 1, 30s}), pod({"b", "Succeeded"})},
           {3, now - 60s});
  EXPECT_EQ(after.backoff.failures, 0);
  EXPECT_EQ(after.created, 2u);
}

TEST(Job, PodsAreCountedOnceInTwoSteps) {
  const auto r = run(job_document(), {pod({"a", "Succeeded"}), pod({"b", "Failed"}), pod({"c"})});
  const auto& first = r.tracking.status;
  EXPECT_EQ(first[uncounted], json({{"succeeded", {"a"}}, {"failed", {"b"}}}));
  EXPECT_FALSE(first.contains("succeeded"));
  EXPECT_EQ(first["startTime"], to_rfc3339(now));
  EXPECT_EQ(first["active"], 2);  // with the one that is made
  EXPECT_EQ(first["ready"], 1);
  EXPECT_THAT(names(r.tracking.counted), ElementsAre("a", "b"));
  EXPECT_EQ(r.status[uncounted], json::object());
  EXPECT_EQ(r.status["succeeded"], 1);
  EXPECT_EQ(r.status["failed"], 1);
  // As after a stop in between: the finalizers are gone, the counters do not say so yet.
  const auto again = run(job_document(json::object(), first),
                         {pod({"a", "Succeeded", json::object(), 0, 0s, false}), pod({"c"})});
  EXPECT_EQ(again.tracking.status["succeeded"], 1);
  EXPECT_EQ(again.tracking.status["failed"], 1);
  EXPECT_THAT(again.tracking.counted, IsEmpty());
  // And as after a stop before the finalizers went.
  const auto before =
      run(job_document(json::object(), first), {pod({"a", "Succeeded"}), pod({"b", "Failed"})});
  EXPECT_EQ(before.tracking.status[uncounted], first[uncounted]);
  EXPECT_EQ(before.status["succeeded"], 1);
}

TEST(Job, CompletesOnceEnoughHaveSucceeded) {
  const json so_far = {{"succeeded", 2}, {"startTime", to_rfc3339(now - 60s)}};
  const auto r = run(job_document(json::object(), so_far), {pod({"a", "Succeeded"})});
  EXPECT_EQ(conditions(r.tracking.status), "SuccessCriteriaMet=True CompletionsReached");
  EXPECT_TRUE(r.ended);
  EXPECT_EQ(conditions(r.status),
            "SuccessCriteriaMet=True CompletionsReached; Complete=True CompletionsReached");
  EXPECT_EQ(r.status["conditions"][1]["message"], "Reached expected number of succeeded pods");
  EXPECT_EQ(r.status["completionTime"], to_rfc3339(now));
  EXPECT_EQ(r.status["succeeded"], 3);
  const job_spec spec(*stored("jobs.batch", job_document()));
  const auto told = end_remarks(spec, r.status, r.tracking.end);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].reason + ": " + told[0].message, "Completed: Job completed");
}

TEST(Job, DoesNotEndBeforeItsPodsAreGone) {
  const json so_far = {{"succeeded", 3}, {"startTime", to_rfc3339(now - 60s)}};
  const auto r =
      run(job_document(json::object(), so_far), {pod({"a", "Running", ending(), 0, 0s, false})});
  EXPECT_FALSE(r.ended);
  EXPECT_EQ(conditions(r.status), "SuccessCriteriaMet=True CompletionsReached");
  EXPECT_EQ(r.status["terminating"], 1);
}

TEST(Job, WaysToFail) {
  const auto start = [](std::chrono::seconds ago) {
    return json{{"startTime", to_rfc3339(now - ago)}};
  };
  struct {
    const char* reason;
    json spec;
    json status;
    job_pods pods;
  } const table[] = {
      {"BackoffLimitExceeded", json::object(), {{"failed", 1}}, {pod({"a", "Failed"})}},
      {"BackoffLimitExceeded", {{"backoffLimit", 0}}, {}, {pod({"a", "Failed"})}},
      {"DeadlineExceeded", {{"activeDeadlineSeconds", 60}}, start(60s), {pod({"a"})}},
      {"PodFailurePolicy",
       {{"podFailurePolicy",
         {{"rules", json::array({{{"action", "FailJob"},
                                  {"onExitCodes", {{"operator", "In"}, {"values", {42}}}}}})}}}},
       {},
       {pod({"a", "Failed", json::object(), 42})}},
      {"MaxFailedIndexesExceeded",
       [] {
         json spec = per_index;
         spec["maxFailedIndexes"] = 0;
         return spec;
       }(),
       {},
       {pod({"a", "Failed", at_index(0, 1)})}},
      {"FailedIndexes",
       per_index,
       {{"completedIndexes", "1,2"}},
       {pod({"a", "Failed", at_index(0, 1)})}}};
  for (const auto& t : table) {
    auto status = t.status.is_object() ? t.status : json::object();
    status.emplace("startTime", to_rfc3339(now - 30s));
    auto pods = t.pods;
    pods.push_back(pod({"z", "Running", at_index(2)}));
    const auto r = run(job_document(t.spec, status), pods);
    EXPECT_EQ(conditions(r.status), std::string("FailureTarget=True ") + t.reason) << t.reason;
    EXPECT_FALSE(r.plan.release_removed) << t.reason;
    EXPECT_FALSE(r.ended) << t.reason;
    // Its pods have gone.
    const auto last = run(job_document(t.spec, r.status), {});
    EXPECT_TRUE(last.ended) << t.reason;
    EXPECT_EQ(conditions(last.status),
              std::string("FailureTarget=True ") + t.reason + "; Failed=True " + t.reason);
    EXPECT_FALSE(last.status.contains("completionTime"));
  }
}

TEST(Job, TheDeadlineIsWaitedFor) {
  const auto p =
      plan(job_document({{"activeDeadlineSeconds", 60}}, {{"startTime", to_rfc3339(now - 20s)}}),
           {pod({"a"}), pod({"b"})});
  EXPECT_EQ(p.next, now + 40s);
}

TEST(Job, TheEndOfTimeIsNoDeadline) {
  EXPECT_TRUE(plan(job_document({{"activeDeadlineSeconds", 9223372036854775807}},
                                {{"startTime", to_rfc3339(now - 20s)}}),
                   {pod({"a"})})
                  .target.is_null());
}

TEST(Job, ContainersThatRestartCountAsFailures) {
  json d = pod({"a"}).object->parse();
  d["status"]["containerStatuses"] = json::array({{{"name", "c"}, {"restartCount", 1}}});
  auto o = stored("pods", d);
  json document = job_document();
  document["spec"]["template"]["spec"]["restartPolicy"] = "OnFailure";
  EXPECT_EQ(conditions(run(document, {{o, job_pod(*o)}}).status),
            "FailureTarget=True BackoffLimitExceeded");
}

TEST(Job, APolicyJudgesFailures) {
  const json policy = {
      {"rules",
       json::array(
           {{{"action", "Ignore"},
             {"onPodConditions",
              json::array({{{"type", "DisruptionTarget"}, {"status", "True"}}})}},
            {{"action", "Count"}, {"onExitCodes", {{"operator", "In"}, {"values", {1, 2}}}}},
            {{"action", "FailJob"},
             {"onExitCodes", {{"containerName", "c"}, {"operator", "NotIn"}, {"values", {3}}}}}})}};
  const auto judge = [&](const job_pod_entry& p) {
    const auto j = judge_pod_failure(policy, *p.object);
    return j.action + (j.action == "FailJob" ? ": " + j.message : "");
  };
  EXPECT_EQ(judge(pod({"a", "Failed", json::object(), 1})), "Count");
  EXPECT_EQ(judge(pod({"a", "Failed", json::object(), 3})), "");
  EXPECT_EQ(judge(pod({"a", "Failed", json::object(), 9})),
            "FailJob: Container c for pod team/a failed with exit code 9 matching FailJob rule at "
            "index 2");
  json evicted = pod({"a", "Failed", json::object(), 9}).object->parse();
  evicted["status"]["conditions"] =
      json::array({{{"type", "DisruptionTarget"}, {"status", "True"}}});
  EXPECT_EQ(judge_pod_failure(policy, *stored("pods", evicted)).action, "Ignore");
  // What is ignored is replaced at no cost.
  const auto o = stored("pods", evicted);
  const auto r =
      run(job_document({{"podFailurePolicy", policy}, {"backoffLimit", 0}}), {{o, job_pod(*o)}});
  EXPECT_EQ(conditions(r.status), "");
  EXPECT_FALSE(r.status.contains("failed"));
  EXPECT_THAT(names(r.tracking.counted), ElementsAre("a"));
}

TEST(Job, IndexesThatAreMissingAreMade) {
  json spec = indexed;
  spec.update({{"completions", 6}, {"parallelism", 3}});
  const auto r = run(job_document(spec, {{"completedIndexes", "0,2"}, {"succeeded", 2}}),
                     {pod({"a", "Running", at_index(1)}), pod({"b", "Succeeded", at_index(3)})});
  EXPECT_THAT(r.plan.indexes, ElementsAre(4, 5));
  EXPECT_EQ(r.status["completedIndexes"], "0,2,3");
  EXPECT_EQ(r.status["succeeded"], 3);
  EXPECT_EQ(r.status[uncounted], json::object());
  EXPECT_EQ(r.status["active"], 3);
}

TEST(Job, PodsWithoutAPlaceOfTheirOwnGo) {
  json spec = indexed;
  spec.update({{"completions", 2}, {"parallelism", 2}});
  const auto p = plan(job_document(spec),
                      {pod({"a", "Running", at_index(0)}), pod({"twin", "Pending", at_index(0)}),
                       pod({"far", "Running", at_index(5)}), pod({"bare"})});
  EXPECT_THAT(names(p.removed), testing::UnorderedElementsAre("twin", "far", "bare"));
}

TEST(Job, AnIndexFailsOnItsOwn) {
  json spec = per_index;
  spec.update({{"completions", 3}, {"parallelism", 3}});
  const job_pods pods = {pod({"a", "Failed", at_index(0, 1)}),
                         pod({"b", "Failed", at_index(1), 1, 4s}),
                         pod({"c", "Running", at_index(2)})};
  const auto r = run(job_document(spec), pods);
  EXPECT_EQ(r.status["failedIndexes"], "0");
  // Pod b stays until its successor knows that it failed, and that one waits.
  EXPECT_THAT(names(r.tracking.counted), ElementsAre("a"));
  EXPECT_EQ(r.plan.created, 0u);
  EXPECT_EQ(r.plan.next, now - 4s + 10s);
  const auto later = plan_job(job_spec(*stored("jobs.batch", job_document(spec, r.status))),
                              {pods[1], pods[2]}, {}, now + 10s);
  EXPECT_THAT(later.indexes, ElementsAre(1));
  const auto owner = stored("jobs.batch", job_document(spec));
  const auto next = pod_of_job(job_spec(*owner), *owner, 1, later.replaced.at(1).get());
  EXPECT_EQ(next["metadata"]["annotations"][job_failures_annotation], "1");
  const auto replaced =
      run(job_document(spec, r.status), {pods[1], pods[2], pod({"d", "Running", at_index(1, 1)})});
  EXPECT_THAT(names(replaced.tracking.counted), ElementsAre("b"));
}

TEST(Job, ASuccessPolicyMayBeMetEarly) {
  const auto with = [](const json& rule) {
    json spec = indexed;
    spec.update({{"completions", 5}, {"parallelism", 2}});
    spec["successPolicy"]["rules"] = json::array({rule});
    return run(job_document(spec, {{"completedIndexes", "0,2"}, {"startTime", to_rfc3339(now)}}),
               {pod({"a", "Running", at_index(1)})});
  };
  const std::string met = "SuccessCriteriaMet=True SuccessPolicy";
  EXPECT_EQ(conditions(with({{"succeededIndexes", "0,2"}}).status), met);
  EXPECT_EQ(conditions(with({{"succeededCount", 2}}).status), met);
  EXPECT_EQ(conditions(with({{"succeededIndexes", "0-4"}, {"succeededCount", 2}}).status), met);
  EXPECT_EQ(conditions(with({{"succeededIndexes", "0,1"}}).status), "");
  EXPECT_EQ(conditions(with({{"succeededCount", 3}}).status), "");
  const auto r = with({{"succeededCount", 2}});
  EXPECT_EQ(r.status["conditions"][0]["message"], "Matched rules at index 0");
  EXPECT_THAT(names(r.plan.removed), ElementsAre("a"));
  EXPECT_FALSE(r.status.contains("failed"));  // what still ran is no failure
}

TEST(Job, SuspendedAndResumed) {
  const auto s =
      run(job_document({{"suspend", true}}, {{"startTime", to_rfc3339(now - 60s)}}), {pod({"a"})});
  EXPECT_EQ(conditions(s.status), "Suspended=True JobSuspended");
  EXPECT_EQ(s.status["startTime"], to_rfc3339(now - 60s));
  EXPECT_FALSE(s.status.contains("active"));
  ASSERT_EQ(s.tracking.remarks.size(), 1u);
  EXPECT_EQ(s.tracking.remarks[0].reason, "Suspended");
  EXPECT_TRUE(run(job_document({{"suspend", true}}, s.status), {}).tracking.remarks.empty());
  const auto r = run(job_document(json::object(), s.status), {});
  EXPECT_EQ(conditions(r.status), "Suspended=False JobResumed");
  EXPECT_EQ(r.status["startTime"], to_rfc3339(now));
  EXPECT_EQ(r.tracking.remarks[0].message, "Job resumed");
  EXPECT_EQ(r.plan.created, 2u);
  // One that was made suspended has not started.
  EXPECT_FALSE(run(job_document({{"suspend", true}}), {}).status.contains("startTime"));
}

TEST(Job, OneThatIsBeingDeletedLetsItsPodsGo) {
  auto document = job_document();
  document["metadata"]["deletionTimestamp"] = to_rfc3339(now);
  const auto r = run(document, {pod({"a"}), pod({"b", "Failed"})});
  EXPECT_EQ(r.plan.created, 0u);
  EXPECT_THAT(names(r.tracking.counted), ElementsAre("a", "b"));
  EXPECT_EQ(r.status["failed"], 1);
}

TEST(Job, WhatDidNotWorkIsNoEnd) {
  const job_spec spec(*stored("jobs.batch", job_document({{"backoffLimit", 0}})));
  const job_pods pods{pod({"a", "Failed"}), pod({"b"})};
  const auto p = plan_job(spec, pods, {}, now);
  const auto t = track_job(spec, pods, p, {0, 0, 0, true}, now);
  EXPECT_EQ(conditions(t.status), "");
  EXPECT_TRUE(t.end.is_null());
}

TEST(Job, ItsPods) {
  const auto owner = stored("jobs.batch", job_document(indexed));
  const auto p = pod_of_job(job_spec(*owner), *owner, 7, nullptr);
  EXPECT_EQ(p["metadata"]["generateName"], "sum-7-");
  EXPECT_EQ(p["metadata"]["labels"][job_index_annotation], "7");
  EXPECT_EQ(p["metadata"]["annotations"], json({{job_index_annotation, "7"}}));
  EXPECT_EQ(p["metadata"]["finalizers"], json::array({job_tracking_finalizer}));
  EXPECT_EQ(p["spec"]["hostname"], "sum-7");
  const auto& env = p["spec"]["containers"][0]["env"][0];
  EXPECT_EQ(env["name"], "JOB_COMPLETION_INDEX");
  EXPECT_EQ(env["valueFrom"]["fieldRef"]["fieldPath"],
            "metadata.labels['batch.kubernetes.io/job-completion-index']");
  const auto plain = stored("jobs.batch", job_document());
  const auto q = pod_of_job(job_spec(*plain), *plain, std::nullopt, nullptr);
  EXPECT_EQ(q["metadata"]["generateName"], "sum-");
  EXPECT_FALSE(q["spec"].contains("hostname"));
}

TEST(JobIndexes, AsText) {
  const auto text = [](const char* t, std::int64_t completions = 100) {
    return job_indexes::parse(t, completions).text();
  };
  EXPECT_EQ(text("1,3-5,7"), "1,3-5,7");
  EXPECT_EQ(text("1,2,3"), "1-3");
  EXPECT_EQ(text("1,2"), "1,2");
  EXPECT_EQ(text("1-9", 5), "1-4");
  EXPECT_EQ(text("x,4"), "4");
  const auto some = job_indexes::parse("0-2,5,9", 100);
  EXPECT_EQ(some.total(), 5);
  EXPECT_TRUE(some.has(2));
  EXPECT_FALSE(some.has(3));
  EXPECT_EQ(some.with(job_indexes::of({4, 3, 5})).text(), "0-5,9");
  EXPECT_EQ(some.common(job_indexes::parse("1-5", 100)), 3);
  EXPECT_THAT(some.missing(3, 100), ElementsAre(3, 4, 6));
  EXPECT_THAT(some.missing(9, 6), ElementsAre(3, 4));
}

}  // namespace
}  // namespace troupe::model
