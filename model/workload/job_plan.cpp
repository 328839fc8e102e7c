#include "model/workload/deletion_order.hpp"
#include "model/workload/job.hpp"
#include "model/workload/job_conditions.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

using std::chrono::seconds;

constexpr seconds first_pause{10};
constexpr seconds longest_pause{600};
constexpr std::size_t most_changes = 500;  ///< pods made or removed at once

seconds pause_after(std::int64_t failures) {
  if (failures <= 0) return seconds(0);
  return std::min(longest_pause, first_pause * (1 << std::min<std::int64_t>(failures - 1, 10)));
}

class job_planner {
 public:
  job_planner(const job_spec& job, const job_pods& pods, time_point now)
      : job_(job), pods_(pods), now_(now) {}

  job_plan run(const job_backoff& backoff) {
    count();
    plan_.backoff = backoff_after(backoff);
    if (job_.indexed) count_indexes();
    decide_end();
    if (!plan_.target.is_null())
      for (const auto* pod : active_) plan_.removed.push_back(pod->object);
    else if (!job_.deleting)
      manage();
    return std::move(plan_);
  }

 private:
  void wake(time_point t) { plan_.next = std::min(plan_.next.value_or(t), t); }

  void count() {
    const json& uncounted = at(job_.status, {"uncountedTerminatedPods"});
    const auto succeeded = uids_in(at(uncounted, {"succeeded"}));
    const auto failed = uids_in(at(uncounted, {"failed"}));
    for (const auto& pod : pods_) {
      if (pod.facts.active()) active_.push_back(&pod);
      if (pod.facts.terminating()) terminating_.push_back(&pod);
      if (!pod.facts.tracked) continue;
      if (job_.failed(pod.facts)) over_.push_back(&pod);
      if (!job_.has_place_for(pod.facts)) continue;
      if (pod.facts.succeeded() && !succeeded.contains(pod.facts.uid))
        new_succeeded_.push_back(&pod);
      if (job_.failed(pod.facts) && !failed.contains(pod.facts.uid)) new_failed_.push_back(&pod);
    }
    plan_.succeeded = int_at(job_.status, {"succeeded"}) +
                      static_cast<std::int64_t>(new_succeeded_.size() + succeeded.size());
    const auto counting = std::ranges::count_if(new_failed_, [&](const auto* pod) {
      return judge_pod_failure(job_.failure_policy, *pod->object).counts();
    });
    failed_ = int_at(job_.status, {"failed"}) + counting + static_cast<std::int64_t>(failed.size());
  }

  // Failures since the last success.
  job_backoff backoff_after(job_backoff b) const {
    const auto end = [](const auto* pod) { return pod->facts.finished; };
    std::optional<time_point> success;
    if (!new_succeeded_.empty()) {
      success = end(*std::ranges::max_element(new_succeeded_, {}, end));
      b = {};
    }
    for (const auto* pod : new_failed_) {
      if (success && end(pod) <= *success) continue;
      b.last = b.failures == 0 ? end(pod) : std::max(b.last, end(pod));
      ++b.failures;
    }
    return b;
  }

  void count_indexes() {
    const auto completions = job_.completions.value_or(0);
    plan_.counted_indexes =
        job_indexes::parse(string_at(job_.status, {"completedIndexes"}), completions);
    std::vector<std::int64_t> fresh;
    for (const auto& pod : pods_)
      if (pod.facts.tracked && pod.facts.succeeded() && job_.has_place_for(pod.facts))
        fresh.push_back(*pod.facts.index);
    plan_.succeeded_indexes = plan_.counted_indexes.with(job_indexes::of(fresh));
    plan_.succeeded = plan_.succeeded_indexes.total();
    if (!job_.backoff_limit_per_index) return;
    fresh.clear();
    for (const auto* pod : over_)
      if (job_.has_place_for(pod->facts) && fails_index(*pod)) fresh.push_back(*pod->facts.index);
    plan_.failed_indexes =
        job_indexes::parse(string_at(job_.status, {"failedIndexes"}), completions)
            .with(job_indexes::of(fresh));
    find_replaced();
  }

  bool fails_index(const job_pod_entry& pod) const {
    const auto judged = judge_pod_failure(job_.failure_policy, *pod.object);
    if (judged.action == "FailIndex") return true;
    return judged.counts() && pod.facts.failures >= *job_.backoff_limit_per_index;
  }

  // The last failed pod of an index tells its successor how often the index has failed: it stays
  // until that one is there.
  void find_replaced() {
    const auto running = indexes_of(active_);
    std::map<std::int64_t, const job_pod_entry*> last;
    for (const auto* pod : over_) {
      if (!job_.has_place_for(pod->facts)) continue;
      const auto index = *pod->facts.index;
      if (plan_.succeeded_indexes.has(index) || plan_.failed_indexes->has(index) ||
          running.has(index))
        continue;
      auto& kept = last[index];
      const auto rank = [](const job_pod_entry& p) {
        return p.facts.failures + p.facts.ignored_failures;
      };
      if (!kept || (rank(*kept) <= rank(*pod) && kept->facts.finished <= pod->facts.finished))
        kept = pod;
    }
    for (const auto& [index, pod] : last) {
      plan_.replaced.emplace(index, pod->object);
      pauses_[index] =
          pod->facts.finished + pause_after(pod->facts.failures + pod->facts.ignored_failures + 1);
    }
  }

  static job_indexes indexes_of(const std::vector<const job_pod_entry*>& pods) {
    std::vector<std::int64_t> out;
    for (const auto* pod : pods)
      if (pod->facts.index) out.push_back(*pod->facts.index);
    return job_indexes::of(std::move(out));
  }

  void fail(std::string_view reason, std::string_view message) {
    plan_.target = job_condition("FailureTarget", true, reason, message, now_);
  }

  void decide_end() {
    plan_.target = true_condition_in("SuccessCriteriaMet");
    if (plan_.target.is_null()) plan_.target = true_condition_in("FailureTarget");
    if (!plan_.target.is_null()) return;
    for (const auto* pod : over_)
      if (const auto judged = judge_pod_failure(job_.failure_policy, *pod->object);
          judged.action == "FailJob")
        return fail("PodFailurePolicy", judged.message);
    if (failed_ > job_.backoff_limit || restarted_too_often())
      return fail("BackoffLimitExceeded", "Job has reached the specified backoff limit");
    if (past_deadline())
      return fail("DeadlineExceeded", "Job was active longer than specified deadline");
    if (plan_.failed_indexes) decide_end_by_indexes();
    if (plan_.target.is_null()) decide_success();
  }

  json true_condition_in(std::string_view type) const {
    return true_condition({{"status", job_.status}}, type);
  }

  bool restarted_too_often() const {
    if (!job_.restarts_containers) return false;
    std::int64_t restarts = 0;
    for (const auto& pod : pods_)
      if (pod.facts.phase == "Running" || pod.facts.phase == "Pending")
        restarts += pod.facts.all_restarts;
    return job_.backoff_limit == 0 ? restarts > 0 : restarts >= job_.backoff_limit;
  }

  bool past_deadline() {
    const auto start = from_rfc3339(string_at(job_.status, {"startTime"}));
    if (!job_.active_deadline || job_.suspended) return false;
    const auto end = start.value_or(now_) + *job_.active_deadline;
    if (start && end <= now_) return true;
    wake(end);
    return false;
  }

  void decide_end_by_indexes() {
    const auto failed = plan_.failed_indexes->total();
    if (job_.max_failed_indexes && failed > *job_.max_failed_indexes)
      fail("MaxFailedIndexesExceeded",
           "Job has exceeded the specified maximal number of failed indexes");
    else if (failed > 0 && failed + plan_.succeeded_indexes.total() >= job_.completions.value_or(0))
      fail("FailedIndexes", "Job has failed indexes");
  }

  void decide_success() {
    if (!job_.indexed || plan_.succeeded_indexes.empty()) return;
    std::size_t number = 0;
    for (const json& rule : at(job_.success_policy, {"rules"})) {
      if (meets(rule)) {
        plan_.target = job_condition("SuccessCriteriaMet", true, "SuccessPolicy",
                                     "Matched rules at index " + std::to_string(number), now_);
        return;
      }
      ++number;
    }
  }

  bool meets(const json& rule) const {
    const json& count = at(rule, {"succeededCount"});
    const auto enough = [&](std::int64_t n) {
      return count.is_number_integer() && n >= count.get<std::int64_t>();
    };
    const json& wanted = at(rule, {"succeededIndexes"});
    if (wanted.is_null()) return enough(plan_.succeeded_indexes.total());
    const auto needed =
        job_indexes::parse(string_at(rule, {"succeededIndexes"}), job_.completions.value_or(0));
    const auto common = needed.common(plan_.succeeded_indexes);
    return !needed.empty() && (common == needed.total() || enough(common));
  }

  // As many pods as are wanted: too many go, or missing ones are made.
  void manage() {
    plan_.managed = true;
    const auto active = static_cast<std::int64_t>(active_.size());
    const auto wanted = wanted_pods(active);
    remove(static_cast<std::size_t>(std::max<std::int64_t>(active - wanted, 0)));
    if (!plan_.removed.empty() || job_.suspended) return;
    auto missing = wanted - active;
    if (job_.replaces_failed_only) missing -= static_cast<std::int64_t>(terminating_.size());
    if (missing > 0) create(std::min(most_changes, static_cast<std::size_t>(missing)));
  }

  std::int64_t wanted_pods(std::int64_t active) const {
    if (job_.suspended) return 0;
    if (!job_.completions) return plan_.succeeded > 0 ? active : job_.parallelism;
    return std::clamp<std::int64_t>(*job_.completions - plan_.succeeded, 0, job_.parallelism);
  }

  void remove(std::size_t at_least) {
    std::vector<const job_pod_entry*> left = active_;
    std::vector<const job_pod_entry*> going;
    if (job_.indexed) take_misplaced(left, going);
    if (going.size() < at_least) {
      in_deletion_order(left);
      going.insert(going.end(), left.begin(),
                   left.begin() + static_cast<std::ptrdiff_t>(at_least - going.size()));
    }
    if (!job_.suspended) going.resize(std::min(going.size(), most_changes));
    for (const auto* pod : going) plan_.removed.push_back(pod->object);
    plan_.release_removed = true;
  }

  // Pods without a place, and all but one of those that share one.
  void take_misplaced(std::vector<const job_pod_entry*>& left,
                      std::vector<const job_pod_entry*>& going) const {
    in_deletion_order(left);
    std::set<std::int64_t> taken;
    std::vector<const job_pod_entry*> kept;
    for (auto pod = left.rbegin(); pod != left.rend(); ++pod) {
      const bool stays =
          job_.has_place_for((*pod)->facts) && taken.insert(*(*pod)->facts.index).second;
      (stays ? kept : going).push_back(*pod);
    }
    left = std::move(kept);
  }

  void in_deletion_order(std::vector<const job_pod_entry*>& pods) const {
    std::vector<deletion_candidate> candidates;
    for (const auto* pod : pods) candidates.push_back({candidates.size(), &pod->facts, 0});
    sort_for_deletion(candidates, now_);
    const auto before = pods;
    for (std::size_t i = 0; i < pods.size(); ++i) pods[i] = before[candidates[i].index];
  }

  void create(std::size_t missing) {
    if (!job_.backoff_limit_per_index) {
      const auto at = plan_.backoff.last + plan_.backoff.pause();
      if (plan_.backoff.failures > 0 && at > now_) return wake(at);
    }
    plan_.created = missing;
    if (!job_.indexed) return;
    auto taken = plan_.succeeded_indexes.with(indexes_of(active_));
    if (job_.replaces_failed_only) taken = taken.with(indexes_of(terminating_));
    if (plan_.failed_indexes) taken = taken.with(*plan_.failed_indexes);
    plan_.indexes = taken.missing(missing, job_.completions.value_or(0));
    std::erase_if(plan_.indexes, [&](std::int64_t index) {
      const auto at = pauses_.find(index);
      if (at == pauses_.end() || at->second <= now_) return false;
      wake(at->second);
      return true;
    });
    plan_.created = plan_.indexes.size();
  }

  const job_spec& job_;
  const job_pods& pods_;
  const time_point now_;
  job_plan plan_;
  std::vector<const job_pod_entry*> active_;
  std::vector<const job_pod_entry*> terminating_;
  std::vector<const job_pod_entry*> over_;  // failed, and not counted yet
  std::vector<const job_pod_entry*> new_succeeded_;
  std::vector<const job_pod_entry*> new_failed_;
  std::map<std::int64_t, time_point> pauses_;  // per index: when it may begin again
  std::int64_t failed_ = 0;
};

}  // namespace

seconds job_backoff::pause() const {
  return pause_after(failures);
}

job_plan plan_job(const job_spec& job, const job_pods& pods, const job_backoff& backoff,
                  time_point now) {
  return job_planner(job, pods, now).run(backoff);
}

}  // namespace troupe::model
