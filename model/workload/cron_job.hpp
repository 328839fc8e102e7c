#pragma once

#include "model/json.hpp"
#include "model/time.hpp"
#include "model/workload/remark.hpp"

#include <optional>
#include <string>
#include <vector>

namespace troupe::model {

/// What is to be done about a CronJob now.
struct cron_decision {
  json status;  ///< what its status is to be before anything is done
  std::vector<remark> remarks;
  std::vector<std::string> replaced;  ///< Jobs to delete first: without that nothing is started
  json job;                           ///< to create; null
  time_point scheduled;               ///< when that Job was due
};

/// Which of the Jobs that the CronJob controls are past its history limits, the oldest first. They
/// are deleted before anything is decided: nobody is told that a Job has ended which goes at once.
std::vector<std::string> outdated_cron_jobs(const json& cron_job, const std::vector<json>& jobs);

/// Decides as kube's CronJob controller v2. `jobs` are those that the CronJob controls, also those
/// that were just deleted as outdated.
cron_decision decide_cron_job(const json& cron_job, const std::vector<json>& jobs, time_point now);

/// When to look at a CronJob again, with the status that it has now; nothing: when it changes.
std::optional<time_point> next_cron_visit(const json& cron_job, time_point now);

/// Whether a change makes other times of a CronJob's: then it starts with the next of them, and
/// does not make up for one that had been before.
bool schedule_differs(const json& before, const json& after);

/// The status once this Job was created for that time.
void add_started_job(json& status, const json& job, time_point scheduled);
/// The status once a Job was deleted.
void drop_active_job(json& status, std::string_view job_uid);

}  // namespace troupe::model
