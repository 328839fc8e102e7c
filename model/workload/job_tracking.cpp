#include "model/workload/job.hpp"
#include "model/workload/job_conditions.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr std::size_t most_uncounted = 500;

/// Zero counters are left out, as Go leaves them out.
void set_count(json& status, const char* name, std::int64_t value) {
  if (value == 0)
    status.erase(name);
  else
    status[name] = value;
}

bool settles(const json& condition, std::string_view type) {
  return string_at(condition, {"type"}) == type;
}

class tracker {
 public:
  tracker(const job_spec& job, const job_pods& pods, const job_plan& plan,
          const job_changes& changes, time_point now)
      : job_(job), pods_(pods), plan_(plan), changes_(changes), now_(now) {
    out_.status = job.status;
  }

  job_tracking run() {
    json& status = out_.status;
    if (at(status, {"startTime"}).is_null() && !job_.suspended)
      status["startTime"] = to_rfc3339(now_);
    count_pods();
    json end = plan_.target;
    if (!end.is_null() && changes_.failed) end = nullptr;
    if (end.is_null() && plan_.target.is_null()) end = completion();
    if (end.is_null() && plan_.managed) follow_suspension();
    settle();
    count_ended(end);
    if (job_.indexed) write_indexes();
    finish(end);
    return std::move(out_);
  }

 private:
  void count_pods() {
    std::int64_t active = 0;
    std::int64_t ready = 0;
    std::int64_t terminating = 0;
    for (const auto& pod : pods_) {
      active += pod.facts.active() ? 1 : 0;
      ready += pod.facts.active() && pod.facts.ready ? 1 : 0;
      terminating += pod.facts.terminating() ? 1 : 0;
    }
    const auto removed = static_cast<std::int64_t>(changes_.removed);
    active_ = active + static_cast<std::int64_t>(changes_.created) - removed;
    set_count(out_.status, "active", active_);
    out_.status["ready"] = ready - static_cast<std::int64_t>(changes_.removed_ready);
    out_.status["terminating"] = terminating + removed;
  }

  json completion() const {
    const bool enough =
        job_.completions ? plan_.succeeded >= *job_.completions : plan_.succeeded > 0;
    if (!enough || active_ != 0) return nullptr;
    return job_condition("SuccessCriteriaMet", true, "CompletionsReached",
                         "Reached expected number of succeeded pods", now_);
  }

  void follow_suspension() {
    const auto condition =
        job_.suspended ? job_condition("Suspended", true, "JobSuspended", "Job suspended", now_)
                       : job_condition("Suspended", false, "JobResumed", "Job resumed", now_);
    if (!set_job_condition(out_.status, condition)) return;
    if (job_.suspended) {
      out_.remarks.push_back({"Suspended", "Job suspended"});
    } else {
      // The time that it may be active begins anew.
      out_.status["startTime"] = to_rfc3339(now_);
      out_.remarks.push_back({"Resumed", "Job resumed"});
    }
  }

  // Moves what lost its finalizer in an earlier round from the uncounted to the counters.
  void settle() {
    std::set<std::string> tracked;
    for (const auto& pod : pods_)
      if (pod.facts.tracked) tracked.insert(pod.facts.uid);
    settle_job(out_.status, tracked, nullptr, now_);
  }

  bool may_lose_finalizer(const job_pod_entry& pod, const json& end) const {
    if (job_.deleting || !end.is_null() || pod.facts.succeeded()) return true;
    if (!job_.failed(pod.facts)) return false;
    if (!pod.facts.index) return true;
    const auto kept = plan_.replaced.find(*pod.facts.index);
    return kept == plan_.replaced.end() || kept->second->header().uid != pod.facts.uid;
  }

  void count_ended(const json& end) {
    json& uncounted = out_.status["uncountedTerminatedPods"];
    if (!uncounted.is_object()) uncounted = json::object();
    auto succeeded = uids_in(at(uncounted, {"succeeded"}));
    auto failed = uids_in(at(uncounted, {"failed"}));
    std::vector<const job_pod_entry*> pods;
    for (const auto& pod : pods_)
      if (pod.facts.tracked) pods.push_back(&pod);
    std::ranges::stable_sort(pods, {}, [](const auto* p) { return p->facts.index.value_or(-1); });
    for (const auto* pod : pods) {
      if (!may_lose_finalizer(*pod, end)) continue;
      out_.counted.push_back(pod->object);
      if (pod->facts.succeeded() && !failed.contains(pod->facts.uid)) {
        if (job_.indexed) {
          // That the index is completed keeps it from being counted twice.
          if (job_.has_place_for(pod->facts) && !plan_.counted_indexes.has(*pod->facts.index))
            completed_.push_back(*pod->facts.index);
        } else if (succeeded.insert(pod->facts.uid).second) {
          uncounted["succeeded"].push_back(pod->facts.uid);
        }
      } else if (counts_as_failed(*pod, end) && failed.insert(pod->facts.uid).second) {
        uncounted["failed"].push_back(pod->facts.uid);
      }
      if (completed_.size() + at(uncounted, {"succeeded"}).size() +
              at(uncounted, {"failed"}).size() >=
          most_uncounted) {
        full_ = true;
        break;
      }
    }
  }

  // Once it is decided that the Job fails, what has not ended counts as failed.
  bool counts_as_failed(const job_pod_entry& pod, const json& end) const {
    const bool over =
        job_.failed(pod.facts) || (!end.is_null() && !settles(end, "SuccessCriteriaMet"));
    return over && job_.has_place_for(pod.facts) &&
           judge_pod_failure(job_.failure_policy, *pod.object).counts();
  }

  void write_indexes() {
    const auto completed = plan_.counted_indexes.with(job_indexes::of(completed_));
    set_count(out_.status, "succeeded", completed.total());
    if (completed.empty())
      out_.status.erase("completedIndexes");
    else
      out_.status["completedIndexes"] = completed.text();
    if (plan_.failed_indexes)
      out_.status["failedIndexes"] = plan_.failed_indexes->text();
    else
      out_.status.erase("failedIndexes");
  }

  void finish(const json& end) {
    if (end.is_null()) return;
    set_job_condition(out_.status, end);
    if (full_) return;
    out_.end = job_condition(settles(end, "FailureTarget") ? "Failed" : "Complete", true,
                             string_at(end, {"reason"}), string_at(end, {"message"}), now_);
  }

  const job_spec& job_;
  const job_pods& pods_;
  const job_plan& plan_;
  const job_changes& changes_;
  const time_point now_;
  job_tracking out_;
  std::int64_t active_ = 0;
  std::vector<std::int64_t> completed_;  // indexes
  bool full_ = false;
};

}  // namespace

std::set<std::string> uids_in(const json& list) {
  std::set<std::string> out;
  for (const json& uid : list)
    if (uid.is_string()) out.insert(uid.get<std::string>());
  return out;
}

job_tracking track_job(const job_spec& job, const job_pods& pods, const job_plan& plan,
                       const job_changes& changes, time_point now) {
  return tracker(job, pods, plan, changes, now).run();
}

bool settle_job(json& status, const std::set<std::string>& tracked, const json& end,
                time_point now) {
  bool open = false;
  const auto uncounted = status.find("uncountedTerminatedPods");
  if (uncounted != status.end() && uncounted->is_object())
    for (const char* list : {"succeeded", "failed"}) {
      json left = json::array();
      std::int64_t counted = 0;
      for (const json& uid : at(*uncounted, {list})) {
        if (uid.is_string() && tracked.contains(uid.get<std::string>()))
          left.push_back(uid);
        else
          ++counted;
      }
      open = open || !left.empty();
      if (left.empty())
        uncounted->erase(list);
      else
        (*uncounted)[list] = std::move(left);
      set_count(status, list, int_at(status, {list}) + counted);
    }
  if (end.is_null() || open || int_at(status, {"terminating"}) > 0) return false;
  set_job_condition(status, end);
  if (settles(end, "Complete")) status["completionTime"] = to_rfc3339(now);
  return true;
}

std::vector<remark> end_remarks(const job_spec& job, const json& status, const json& end) {
  if (settles(end, "Failed"))
    return {{string_at(end, {"reason"}), string_at(end, {"message"}), true}};
  std::vector<remark> out;
  if (job.completions && int_at(status, {"succeeded"}) > *job.completions)
    out.push_back({"TooManySucceededPods",
                   "Too many succeeded pods running after completion count reached", true});
  out.push_back({"Completed", "Job completed"});
  return out;
}

}  // namespace troupe::model
