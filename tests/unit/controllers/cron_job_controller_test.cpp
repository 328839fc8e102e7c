// floors: actors/controllers actors/api actors/store actors/events
#include "tests/unit/controllers/disturbance.hpp"

namespace troupe {
namespace {

const std::string team = "/namespaces/team/";
const std::string cron_jobs = "/apis/batch/v1" + team + "cronjobs";
const std::string jobs = "/apis/batch/v1" + team + "jobs";

json template_of_pods() {
  return {{"spec",
           {{"restartPolicy", "Never"},
            {"containers", json::array({{{"name", "c"}, {"image", "busybox"}}})}}}};
}

json cron_job(const json& spec = json::object()) {
  json out = {{"apiVersion", "batch/v1"},
              {"kind", "CronJob"},
              {"metadata", {{"name", "tidy"}}},
              {"spec",
               {{"schedule", "* * * * *"},
                {"jobTemplate", {{"spec", {{"template", template_of_pods()}}}}}}}};
  out["spec"].update(spec);
  return out;
}

class CronJobs : public Controllers {
 protected:
  CronJobs() {
    now = *model::from_rfc3339("2026-03-02T09:00:10Z");
    json account = named("ServiceAccount", "default");
    EXPECT_EQ(code("POST", "/api/v1/namespaces", named("Namespace", "team")), 201);
    EXPECT_EQ(code("POST", "/api/v1" + team + "serviceaccounts", account), 201);
    start();
  }

  void start() {
    running.push_back(spawn_cron_job_controller(sys, options));
    sched.run();
  }

  void restart() {
    caf::anon_send_exit(running.back(), caf::exit_reason::user_shutdown);
    running.pop_back();
    sched.run();
    start();
  }

  std::vector<std::string> names() {
    std::vector<std::string> out;
    for (const auto& o : cache->list("jobs.batch").objects) out.push_back(o->key().name);
    return out;
  }

  void finish(const std::string& name) {
    auto job = get(*this, jobs + "/" + name);
    const auto time = model::to_rfc3339(now);
    json& status = job["status"];
    status["startTime"] = time;
    status["completionTime"] = time;
    status["conditions"] = json::array();
    for (const char* type : {"SuccessCriteriaMet", "Complete"})
      status["conditions"].push_back({{"type", type},
                                      {"status", "True"},
                                      {"lastProbeTime", time},
                                      {"lastTransitionTime", time}});
    ASSERT_EQ(code("PUT", jobs + "/" + name + "/status", job), 200);
  }

  std::vector<std::string> events() {
    std::vector<std::string> out;
    for (const auto& o : cache->list("events", "team").objects) {
      const auto e = o->parse();
      out.push_back(model::string_at(e, {"reason"}) + ": " + model::string_at(e, {"message"}));
    }
    return out;
  }
};

TEST_F(CronJobs, AJobAMinute) {
  ASSERT_EQ(code("POST", cron_jobs, cron_job({{"successfulJobsHistoryLimit", 1}})), 201);
  pass(49s);
  EXPECT_TRUE(names().empty());
  pass(2s);
  EXPECT_EQ(names(), std::vector<std::string>{"tidy-29540701"});
  const auto first = get(*this, jobs + "/tidy-29540701");
  auto status = get(*this, cron_jobs + "/tidy")["status"];
  EXPECT_EQ(status["active"][0]["name"], "tidy-29540701");
  EXPECT_EQ(status["active"][0]["uid"], first["metadata"]["uid"]);
  EXPECT_EQ(status["lastScheduleTime"], "2026-03-02T09:01:00Z");
  finish("tidy-29540701");
  pass(60s);
  status = get(*this, cron_jobs + "/tidy")["status"];
  EXPECT_EQ(status["active"].size(), 1u);
  EXPECT_EQ(status["active"][0]["name"], "tidy-29540702");
  EXPECT_EQ(status["lastSuccessfulTime"], "2026-03-02T09:01:01Z");
  finish("tidy-29540702");
  pass(5s);
  EXPECT_EQ(names(), std::vector<std::string>{"tidy-29540702"});
  const auto told = events();
  for (const char* one : {"SuccessfulCreate: Created job tidy-29540701",
                          "SawCompletedJob: Saw completed job: tidy-29540701, condition: Complete",
                          "SuccessfulDelete: Deleted job tidy-29540701"})
    EXPECT_EQ(std::count(told.begin(), told.end(), one), 1) << one;
}

TEST_F(CronJobs, ARestartStartsNothingTwice) {
  ASSERT_EQ(code("POST", cron_jobs, cron_job()), 201);
  pass(51s);
  restart();
  EXPECT_EQ(names().size(), 1u);
  // As if the status had not been written any more.
  auto cron = get(*this, cron_jobs + "/tidy");
  cron["status"] = json::object();
  ASSERT_EQ(code("PUT", cron_jobs + "/tidy/status", cron), 200);
  restart();
  EXPECT_EQ(names().size(), 1u);
  const auto status = get(*this, cron_jobs + "/tidy")["status"];
  EXPECT_EQ(status["lastScheduleTime"], "2026-03-02T09:01:00Z");
  EXPECT_EQ(status["active"].size(), 1u);
}

TEST_F(CronJobs, ForbidWaitsAndReplaceDoesNot) {
  ASSERT_EQ(code("POST", cron_jobs, cron_job({{"concurrencyPolicy", "Forbid"}})), 201);
  pass(111s);
  EXPECT_EQ(names(), std::vector<std::string>{"tidy-29540701"});
  auto cron = get(*this, cron_jobs + "/tidy");
  cron["spec"]["concurrencyPolicy"] = "Replace";
  ASSERT_EQ(code("PUT", cron_jobs + "/tidy", cron), 200);
  pass(2s);
  EXPECT_EQ(names(), std::vector<std::string>{"tidy-29540702"});
  EXPECT_EQ(get(*this, cron_jobs + "/tidy")["status"]["active"].size(), 1u);
}

TEST_F(CronJobs, SuspendedItSleepsAndResumedItMakesUpForTheLastStart) {
  ASSERT_EQ(code("POST", cron_jobs, cron_job({{"suspend", true}})), 201);
  pass(300s);
  EXPECT_TRUE(names().empty());
  auto cron = get(*this, cron_jobs + "/tidy");
  cron["spec"]["suspend"] = false;
  ASSERT_EQ(code("PUT", cron_jobs + "/tidy", cron), 200);
  sched.run();
  EXPECT_EQ(names(), std::vector<std::string>{"tidy-29540705"});
}

TEST_F(CronJobs, AnotherScheduleBeginsWithItsNextTime) {
  ASSERT_EQ(code("POST", cron_jobs, cron_job({{"schedule", "0 0 1 1 *"}})), 201);
  pass(600s);
  auto cron = get(*this, cron_jobs + "/tidy");
  cron["spec"]["schedule"] = "*/5 * * * *";
  ASSERT_EQ(code("PUT", cron_jobs + "/tidy", cron), 200);
  sched.run();
  EXPECT_TRUE(names().empty());  // 09:05 and 09:10 were no times of it
  pass(295s);
  EXPECT_EQ(names(), std::vector<std::string>{"tidy-29540715"});
  // The same minute of the day is another time elsewhere.
  cron = get(*this, cron_jobs + "/tidy");
  cron["spec"]["schedule"] = "20 18 * * *";
  cron["spec"]["timeZone"] = "Asia/Tokyo";
  ASSERT_EQ(code("PUT", cron_jobs + "/tidy", cron), 200);
  pass(300s);
  EXPECT_EQ(names(), (std::vector<std::string>{"tidy-29540715", "tidy-29540720"}));
}

TEST_F(CronJobs, WhatIsNotKeptIsNotToldOfAsCompleted) {
  ASSERT_EQ(code("POST", cron_jobs, cron_job({{"successfulJobsHistoryLimit", 0}})), 201);
  pass(51s);
  finish("tidy-29540701");
  pass(1s);
  EXPECT_TRUE(names().empty());
  const auto status = get(*this, cron_jobs + "/tidy")["status"];
  EXPECT_FALSE(status.contains("active"));
  EXPECT_EQ(status["lastSuccessfulTime"], "2026-03-02T09:01:01Z");
  EXPECT_EQ(events(), (std::vector<std::string>{"SuccessfulCreate: Created job tidy-29540701",
                                                "SuccessfulDelete: Deleted job tidy-29540701"}));
}

TEST_F(CronJobs, WhereTheNamespaceEndsNothingIsToldOf) {
  ASSERT_EQ(code("POST", cron_jobs, cron_job()), 201);
  ASSERT_EQ(code("DELETE", "/api/v1/namespaces/team", nullptr), 200);
  pass(60s);
  EXPECT_TRUE(names().empty());
  EXPECT_TRUE(events().empty());
}

TEST(CronJobsDisturbed, EndAsIfNothingHadHappened) {
  kubelet_options kubelet;
  kubelet.ends = [](const json&) { return 0; };
  const std::string path = "/apis/batch/v1/namespaces/default/";
  expect_undisturbed(
      {[](caf::actor_system& sys, const controller_options& o) {
         return std::vector{spawn_cron_job_controller(sys, o)};
       },
       [&](virtual_cluster& c) {
         c.running.push_back(spawn_job_controller(c.sys, c.options));
         c.running.push_back(spawn_garbage_collector(c.sys, c.options));
         c.code("POST", path + "cronjobs", cron_job({{"successfulJobsHistoryLimit", 2}}));
         c.pass(230s);
         EXPECT_EQ(items(c, path + "jobs").size(), 2u);
       },
       {path + "jobs", path + "cronjobs"},
       kubelet});
}

}  // namespace
}  // namespace troupe
