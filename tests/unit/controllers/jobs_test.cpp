// floors: actors/controllers actors/events actors/api actors/store
#include "tests/unit/controllers/disturbance.hpp"

#include <gmock/gmock.h>

namespace troupe {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string pods = "/api/v1/namespaces/default/pods";
const std::string jobs = "/apis/batch/v1/namespaces/default/jobs";
const std::string sum = jobs + "/sum";

json job(const json& spec = json::object()) {
  json out = {{"apiVersion", "batch/v1"},
              {"kind", "Job"},
              {"metadata", {{"name", "sum"}}},
              {"spec", {{"template", template_of("sum")}}}};
  out["spec"]["template"]["spec"]["restartPolicy"] = "Never";
  out["spec"].update(spec);
  return out;
}

// Pods end with the code that their image is called after; others run on.
std::optional<int> code_of_image(const json& pod) {
  const std::string image = pod["spec"]["containers"][0]["image"];
  if (image == "0" || image == "1") return image == "0" ? 0 : 1;
  return std::nullopt;
}

json with_image(json job, const char* image) {
  job["spec"]["template"]["spec"]["containers"][0]["image"] = image;
  return job;
}

kubelet_options ending_kubelet() {
  kubelet_options o;
  o.ends = code_of_image;
  return o;
}

std::string conditions(const json& status) {
  std::string out;
  for (const json& c : model::at(status, {"conditions"}))
    out += model::string_at(c, {"type"}) + "=" + model::string_at(c, {"status"}) + " ";
  return out;
}

class Jobs : public Controllers {
 protected:
  void SetUp() override {
    make_default_namespace(*this);
    start();
  }
  void start() {
    running.push_back(spawn_job_controller(sys, options));
    sched.run();
  }
  void create(const json& document) {
    const auto r = ask("POST", jobs, document);
    ASSERT_EQ(r.code, 201) << r.body.bytes();
    pass(1s);
  }
  json status() { return get(*this, sum)["status"]; }
  std::vector<json> all_pods() { return items(*this, pods); }
  static std::string path(const json& pod) {
    return pods + "/" + pod["metadata"]["name"].get<std::string>();
  }
  bool tracked() {
    for (const auto& p : all_pods())
      if (p["metadata"].contains("finalizers")) return true;
    return false;
  }
};

TEST_F(Jobs, RunsToItsCompletion) {
  start_kubelet(*this, ending_kubelet());
  create(with_image(job({{"completions", 5}, {"parallelism", 2}}), "0"));
  pass(2s);
  const auto s = status();
  EXPECT_EQ(s["succeeded"], 5);
  EXPECT_EQ(conditions(s), "SuccessCriteriaMet=True Complete=True ");
  EXPECT_EQ(s["ready"], 0);
  EXPECT_EQ(s["terminating"], 0);
  EXPECT_EQ(s["uncountedTerminatedPods"], json::object());
  EXPECT_FALSE(s.contains("active"));
  EXPECT_TRUE(s.contains("completionTime"));
  EXPECT_THAT(all_pods(), SizeIs(5));
  EXPECT_FALSE(tracked());
  EXPECT_THAT(told(*this), Contains("Completed: Job completed").Times(1));
  EXPECT_THAT(told(*this), Contains(HasSubstr("SuccessfulCreate: Created pod: sum-")).Times(5));
}

TEST_F(Jobs, FailsPastItsBackoffLimit) {
  start_kubelet(*this, ending_kubelet());
  create(with_image(job({{"backoffLimit", 2}}), "1"));
  EXPECT_THAT(all_pods(), SizeIs(1));
  EXPECT_EQ(status()["failed"], 1);
  pass(10s);
  EXPECT_THAT(all_pods(), SizeIs(2));
  pass(18s);
  EXPECT_THAT(all_pods(), SizeIs(2));
  EXPECT_EQ(conditions(status()), "");
  pass(4s);
  EXPECT_THAT(all_pods(), SizeIs(3));
  EXPECT_EQ(status()["failed"], 3);
  EXPECT_EQ(conditions(status()), "FailureTarget=True Failed=True ");
  EXPECT_THAT(told(*this),
              Contains("BackoffLimitExceeded: Job has reached the specified backoff limit"));
}

TEST_F(Jobs, IsOverAtItsDeadline) {
  start_kubelet(*this);
  create(job({{"activeDeadlineSeconds", 20}}));
  EXPECT_EQ(status()["active"], 1);
  EXPECT_EQ(status()["ready"], 1);
  pass(18s);
  EXPECT_EQ(conditions(status()), "");
  pass(3s);
  EXPECT_EQ(conditions(status()), "FailureTarget=True Failed=True ");
  EXPECT_EQ(status()["failed"], 1);
  EXPECT_THAT(all_pods(), IsEmpty());
  EXPECT_THAT(told(*this),
              Contains("DeadlineExceeded: Job was active longer than specified deadline"));
}

TEST_F(Jobs, EndsWhenTheLastPodIsGone) {
  auto slow = ending_kubelet();
  slow.stop = 30s;
  start_kubelet(*this, slow);
  create(job({{"activeDeadlineSeconds", 5}}));
  pass(6s);
  EXPECT_EQ(conditions(status()), "FailureTarget=True ");
  EXPECT_EQ(status()["terminating"], 1);
  pass(30s);
  EXPECT_EQ(conditions(status()), "FailureTarget=True Failed=True ");
}

TEST_F(Jobs, EveryIndexOnce) {
  start_kubelet(*this, ending_kubelet());
  create(with_image(job({{"completionMode", "Indexed"}, {"completions", 4}, {"parallelism", 2}}),
                    "0"));
  pass(2s);
  EXPECT_EQ(status()["completedIndexes"], "0-3");
  EXPECT_EQ(status()["succeeded"], 4);
  EXPECT_EQ(conditions(status()), "SuccessCriteriaMet=True Complete=True ");
  std::set<std::string> hosts;
  for (const auto& p : all_pods()) hosts.insert(p["spec"]["hostname"].get<std::string>());
  EXPECT_EQ(hosts, (std::set<std::string>{"sum-0", "sum-1", "sum-2", "sum-3"}));
}

TEST_F(Jobs, IndexesFailOnTheirOwn) {
  kubelet_options o;
  o.ends = [](const json& pod) { return pod["spec"]["hostname"] == "sum-1" ? 1 : 0; };
  start_kubelet(*this, o);
  create(job({{"completionMode", "Indexed"},
              {"completions", 3},
              {"parallelism", 3},
              {"backoffLimitPerIndex", 1}}));
  EXPECT_EQ(status()["completedIndexes"], "0,2");
  EXPECT_EQ(status()["failedIndexes"], "");
  EXPECT_EQ(conditions(status()), "");
  pass(12s);
  EXPECT_EQ(status()["failedIndexes"], "1");
  EXPECT_EQ(status()["failed"], 2);
  EXPECT_EQ(conditions(status()), "FailureTarget=True Failed=True ");
  EXPECT_THAT(told(*this), Contains("FailedIndexes: Job has failed indexes"));
  EXPECT_FALSE(tracked());
}

TEST_F(Jobs, SuspendedAndResumed) {
  start_kubelet(*this);
  create(job({{"suspend", true}}));
  EXPECT_THAT(all_pods(), IsEmpty());
  EXPECT_EQ(conditions(status()), "Suspended=True ");
  const auto suspend = [&](bool on) {
    ASSERT_EQ(edit(*this, sum, [&](json& o) { o["spec"]["suspend"] = on; }), 200);
    pass(1s);
  };
  suspend(false);
  EXPECT_THAT(all_pods(), SizeIs(1));
  EXPECT_EQ(conditions(status()), "Suspended=False ");
  const auto started = status()["startTime"];
  suspend(true);
  EXPECT_THAT(all_pods(), IsEmpty());
  EXPECT_EQ(status()["startTime"], started);
  EXPECT_FALSE(status().contains("failed"));
  suspend(false);
  EXPECT_NE(status()["startTime"], started);
  EXPECT_THAT(all_pods(), SizeIs(1));
  EXPECT_THAT(told(*this), Contains("Suspended: Job suspended"));
  EXPECT_THAT(told(*this), Contains("Resumed: Job resumed"));
}

TEST_F(Jobs, APodThatIsDeletedHasFailed) {
  start_kubelet(*this);
  create(job());
  ASSERT_EQ(code("DELETE", path(all_pods()[0])), 200);
  pass(12s);
  EXPECT_EQ(status()["failed"], 1);
  EXPECT_EQ(status()["active"], 1);
  EXPECT_THAT(all_pods(), SizeIs(1));
}

TEST_F(Jobs, ItsPodsLoseTheirFinalizerWithIt) {
  create(job({{"parallelism", 3}}));
  EXPECT_TRUE(tracked());
  ASSERT_EQ(code("DELETE", sum, {{"propagationPolicy", "Background"}}), 200);
  pass(1s);
  EXPECT_FALSE(tracked());
  EXPECT_THAT(all_pods(), SizeIs(3));  // the garbage collector's
}

TEST_F(Jobs, AForegroundDeletionGetsThrough) {
  running.push_back(spawn_garbage_collector(sys, options));
  start_kubelet(*this);
  create(job({{"parallelism", 3}}));
  ASSERT_EQ(code("DELETE", sum, {{"propagationPolicy", "Foreground"}}), 200);
  pass(5s);
  EXPECT_EQ(code("GET", sum), 404);
  EXPECT_THAT(all_pods(), IsEmpty());
}

TEST_F(Jobs, APodOfAJobThatWentUnseenIsLetGo) {
  create(job());
  stop_controllers();
  ASSERT_EQ(code("DELETE", sum, {{"propagationPolicy", "Orphan"}}), 200);
  auto gone = get(*this, sum);
  gone["metadata"].erase("finalizers");
  ASSERT_EQ(code("PUT", sum, gone), 200);
  ASSERT_EQ(code("GET", sum), 404);
  start();
  EXPECT_FALSE(tracked());
}

TEST_F(Jobs, AnothersJobIsLeftAlone) {
  create(job({{"managedBy", "example.com/kueue"}}));
  EXPECT_THAT(all_pods(), IsEmpty());
  EXPECT_FALSE(get(*this, sum).contains("status") && status().contains("startTime"));
}

TEST_F(Jobs, AdoptsWithTheFinalizer) {
  auto stray = pod_on("stray", "n1");
  stray["metadata"]["labels"] = {{"mine", "yes"}};
  ASSERT_EQ(code("POST", pods, stray), 201);
  auto own = job({{"manualSelector", true}, {"selector", {{"matchLabels", {{"mine", "yes"}}}}}});
  own["spec"]["template"]["metadata"]["labels"] = {{"mine", "yes"}};
  create(own);
  EXPECT_THAT(all_pods(), SizeIs(1));
  EXPECT_EQ(all_pods()[0]["metadata"]["ownerReferences"][0]["name"], "sum");
  EXPECT_TRUE(tracked());
}

TEST_F(Jobs, TellsWhyPodsCannotBeMade) {
  auto bad = job();
  bad["spec"]["template"]["spec"]["priorityClassName"] = "none";
  create(bad);
  EXPECT_THAT(told(*this), Contains(HasSubstr("FailedCreate: Error creating: ")));
  EXPECT_TRUE(status().contains("startTime"));
}

TEST_F(Jobs, OnesThatHaveEndedGoAfterTheirTime) {
  running.push_back(spawn_job_ttl_controller(sys, options));
  running.push_back(spawn_garbage_collector(sys, options));
  start_kubelet(*this, ending_kubelet());
  auto kept = with_image(job(), "0");
  kept["metadata"]["name"] = "kept";
  create(kept);
  create(with_image(job({{"ttlSecondsAfterFinished", 30}}), "0"));
  pass(28s);
  EXPECT_EQ(code("GET", sum), 200);
  pass(5s);
  EXPECT_EQ(code("GET", sum), 404);
  EXPECT_THAT(all_pods(), SizeIs(1));
  // One that has ended, and is given a time only then.
  ASSERT_EQ(edit(*this, jobs + "/kept", [](json& o) { o["spec"]["ttlSecondsAfterFinished"] = 60; }),
            200);
  pass(22s);
  EXPECT_EQ(code("GET", jobs + "/kept"), 200);
  pass(10s);
  EXPECT_THAT(all_pods(), IsEmpty());
}

// A Job to its end.
void expect_undisturbed_end(const json& document, std::chrono::seconds time,
                            const std::string& expected) {
  expect_undisturbed({[](caf::actor_system& sys, const controller_options& o) {
                        return std::vector{spawn_job_controller(sys, o)};
                      },
                      [&](virtual_cluster& c) {
                        c.code("POST", jobs, document);
                        c.pass(time);
                        EXPECT_EQ(conditions(get(c, sum)["status"]), expected);
                      },
                      {pods, jobs},
                      ending_kubelet()});
}

TEST(JobsDisturbed, CountEveryPodOnce) {
  expect_undisturbed_end(with_image(job({{"completions", 4}, {"parallelism", 2}}), "0"), 20s,
                         "SuccessCriteriaMet=True Complete=True ");
}

TEST(JobsDisturbed, CountEveryFailureOnce) {
  expect_undisturbed_end(with_image(job({{"backoffLimit", 2}}), "1"), 60s,
                         "FailureTarget=True Failed=True ");
}

// A Job took back what somebody had written of its status while its pods were made.
TEST(JobsDisturbed, KeepWhatOthersWriteOfTheirStatus) {
  expect_company_kept({[](caf::actor_system& sys, const controller_options& o) {
                         return std::vector{spawn_job_controller(sys, o)};
                       },
                       [&](virtual_cluster& c) {
                         c.code("POST", jobs, with_image(job({{"completions", 2}}), "0"));
                         c.pass(20s);
                       },
                       {jobs},
                       ending_kubelet(),
                       {"jobs.batch", "default", "sum"}});
}

// One pod at a time: what an old controller still has under way comes as a second pod of its index.
TEST(JobsDisturbed, CountEveryIndexOnce) {
  auto document = with_image(job({{"completionMode", "Indexed"},
                                  {"completions", 2},
                                  {"parallelism", 1},
                                  {"backoffLimitPerIndex", 1}}),
                             "1");
  expect_undisturbed_end(document, 60s, "FailureTarget=True Failed=True ");
  document = with_image(document, "0");
  expect_undisturbed_end(document, 20s, "SuccessCriteriaMet=True Complete=True ");
}

}  // namespace
}  // namespace troupe
