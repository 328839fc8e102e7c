#pragma once

#include "actors/scheduler/queue_tally.hpp"
#include "model/instruments/instruments.hpp"

#include <memory>
#include <string>

namespace troupe::scheduler {

/// What schedulers and queues count, under kube-scheduler's names where these mean the same, else
/// under troupe_scheduler_*. Null instruments: counted for nobody.
class scheduling_metrics {
 public:
  scheduling_metrics(std::shared_ptr<model::instruments> all, const std::string& profile);

  // A scheduler's.
  /// `n` attempts ended ("scheduled", "unschedulable" or "error").
  void attempted(const char* result, double seconds, std::uint64_t n = 1);
  /// `pods` like pods were placed in one pass.
  void decided(std::size_t pods, double seconds);

  // A queue's.
  void bound(int attempts, double seconds);
  /// What has come into the queue's parts since the last call.
  void moved(const queue_tally& t);
  void pending(std::size_t active, std::size_t backoff, std::size_t unschedulable,
               std::size_t gated, std::size_t leased);

 private:
  std::shared_ptr<model::instruments> all_;
  std::string profile_;
  model::series_table<model::counter>& attempts_;
  model::series_table<model::histogram>& attempt_seconds_;
  model::histogram& algorithm_seconds_;
  model::histogram& pod_attempts_;
  model::series_table<model::histogram>& sli_seconds_;
  model::series_table<model::counter>& incoming_;
  model::series_table<model::gauge>& pending_;
  model::gauge& leased_pods_;

 public:
  model::counter& preemptions;   ///< attempts to make room
  model::histogram& victims;     ///< of each that succeeded
  model::counter& offers;        ///< of nodes that were heard
  model::counter& declines;      ///< reservations that nodes refused
  model::counter& reservations;  ///< that nodes were asked for
  model::counter& leases;        ///< batches of pods that were given to schedulers
};

}  // namespace troupe::scheduler
