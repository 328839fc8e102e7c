#pragma once

#include "model/object.hpp"
#include "model/workload/job_indexes.hpp"
#include "model/workload/job_spec.hpp"
#include "model/workload/remark.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace troupe::model {

// A Job's controller, in steps: plan_job() says which pods to make or to remove; what came of that
// goes into track_job(), which says what to write into the status and which pods are then counted;
// once those have lost their finalizer, settle_job() counts them and ends the Job. A controller
// that stops in between starts over with the first step.

/// The uids in a list of `status.uncountedTerminatedPods`.
std::set<std::string> uids_in(const json& list);

/// How often and when a Job's pods failed since one succeeded last: it is not stored, and begins
/// anew with the controller.
struct job_backoff {
  std::int64_t failures = 0;
  time_point last;
  /// How long after `last` the next pod may be made: 10 s, twice as long each time, 10 min at most.
  std::chrono::seconds pause() const;
};

/// A pod that matters: tracked, running or ending. Pods that are counted and over do not.
struct job_pod_entry {
  object_ptr object;
  job_pod facts;
  bool matters() const { return facts.tracked || !facts.ended(); }
};
using job_pods = std::vector<job_pod_entry>;

struct job_plan {
  std::vector<object_ptr> removed;              ///< pods to delete
  bool release_removed = false;                 ///< before that, take the finalizer off them
  std::size_t created = 0;                      ///< how many pods to make
  std::vector<std::int64_t> indexes;            ///< of Indexed Jobs: which
  std::map<std::int64_t, object_ptr> replaced;  ///< the pods that failed before, per index
  std::optional<time_point> next;               ///< when to look again though nothing happens
  job_backoff backoff;                          ///< to be kept once the status is written

  // What track_job() goes on with.
  bool managed = false;  ///< the number of pods was looked at
  json target;           ///< the condition that decides how the Job ends; null
  std::int64_t succeeded = 0;
  job_indexes succeeded_indexes;
  job_indexes counted_indexes;  ///< those in the status
  std::optional<job_indexes> failed_indexes;
};
/// `backoff` is what the last plan said, as far as it was carried through.
job_plan plan_job(const job_spec& job, const job_pods& pods, const job_backoff& backoff,
                  time_point now);

/// What came of a plan.
struct job_changes {
  std::size_t created = 0;
  std::size_t removed = 0;
  std::size_t removed_ready = 0;
  bool failed = false;  ///< something did not work
};

struct job_tracking {
  json status;                      ///< to write first
  std::vector<object_ptr> counted;  ///< then these lose their finalizer
  json end;                         ///< then the Job gets this condition; null
  std::vector<remark> remarks;
};
job_tracking track_job(const job_spec& job, const job_pods& pods, const job_plan& plan,
                       const job_changes& changes, time_point now);

/// The status once only the pods with these uids are tracked any more: the others are counted. When
/// none is left to count or to wait for, the Job ends with `end`; true then.
bool settle_job(json& status, const std::set<std::string>& tracked, const json& end,
                time_point now);

/// What to tell when a Job has ended with this condition.
std::vector<remark> end_remarks(const job_spec& job, const json& status, const json& end);

}  // namespace troupe::model
