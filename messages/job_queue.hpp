#pragma once

#include <caf/fwd.hpp>
#include <caf/policy/unprofiled.hpp>

#include <condition_variable>
#include <deque>
#include <mutex>

namespace troupe {

/// The queue of jobs that the workers of an actor system share: CAF's work_sharing with fewer
/// system calls. A worker is woken after the lock was let go, and only one at a time: it wakes the
/// next when it has left jobs behind.
class job_queue : public caf::policy::unprofiled {
 public:
  struct coordinator_data {
    explicit coordinator_data(caf::scheduler::abstract_coordinator*) {}

    std::mutex lock;
    std::condition_variable woken;
    std::deque<caf::resumable*> jobs;
    std::size_t asleep = 0;
    bool waking = false;  ///< one was woken and is not up yet

    /// Whether to wake one of them now; under the lock.
    bool wakes() {
      if (jobs.empty() || asleep == 0 || waking) return false;
      return waking = true;
    }
  };

  struct worker_data {
    explicit worker_data(caf::scheduler::abstract_coordinator*) {}
  };

  template <class Coordinator>
  void central_enqueue(Coordinator* self, caf::resumable* job) {
    auto& q = d(self);
    std::unique_lock guard(q.lock);
    q.jobs.push_back(job);
    const bool wakes = q.wakes();
    guard.unlock();
    if (wakes) q.woken.notify_one();
  }

  template <class Worker>
  void external_enqueue(Worker* self, caf::resumable* job) {
    central_enqueue(self->parent(), job);
  }

  template <class Worker>
  void internal_enqueue(Worker* self, caf::resumable* job) {
    central_enqueue(self->parent(), job);
  }

  /// Of a job that has let others run first.
  template <class Worker>
  void resume_job_later(Worker* self, caf::resumable* job) {
    central_enqueue(self->parent(), job);
  }

  template <class Worker>
  caf::resumable* dequeue(Worker* self) {
    auto& q = d(self->parent());
    std::unique_lock guard(q.lock);
    while (q.jobs.empty()) {
      ++q.asleep;
      q.woken.wait(guard);
      --q.asleep;
      q.waking = false;
    }
    auto* job = q.jobs.front();
    q.jobs.pop_front();
    const bool wakes = q.wakes();
    guard.unlock();
    if (wakes) q.woken.notify_one();
    return job;
  }

  template <class Worker, class Function>
  void foreach_resumable(Worker*, Function) {}

  template <class Coordinator, class Function>
  void foreach_central_resumable(Coordinator* self, Function f) {
    auto& q = d(self);
    const std::lock_guard guard(q.lock);
    for (auto* job : q.jobs) f(job);
    q.jobs.clear();
  }
};

}  // namespace troupe
