#include "actors/scheduler/scheduling_metrics.hpp"

namespace troupe::scheduler {
namespace {

std::shared_ptr<model::instruments> or_own(std::shared_ptr<model::instruments> all) {
  return all ? std::move(all) : std::make_shared<model::instruments>();
}

}  // namespace

scheduling_metrics::scheduling_metrics(std::shared_ptr<model::instruments> all,
                                       const std::string& profile)
    : all_(or_own(std::move(all))),
      profile_(profile),
      attempts_(all_->counters("scheduler_schedule_attempts_total",
                               "Attempts to place pods, by how they ended.",
                               {"result", "profile"})),
      attempt_seconds_(all_->histograms("scheduler_scheduling_attempt_duration_seconds",
                                        "From a pod's lease to its binding or refusal.",
                                        {"result", "profile"},
                                        model::exponential_bounds(0.001, 2, 15))),
      algorithm_seconds_(all_->histograms("scheduler_scheduling_algorithm_duration_seconds",
                                          "A pod's share of the pass that chose its node.", {},
                                          model::exponential_bounds(0.001, 2, 15))
                             .with()),
      pod_attempts_(all_->histograms("scheduler_pod_scheduling_attempts",
                                     "Attempts that a pod took that was placed.", {},
                                     model::exponential_bounds(1, 2, 5))
                        .with()),
      sli_seconds_(all_->histograms("scheduler_pod_scheduling_sli_duration_seconds",
                                    "From a pod's arrival in the queue to its binding.",
                                    {"attempts"}, model::exponential_bounds(0.01, 2, 20))),
      incoming_(all_->counters("scheduler_queue_incoming_pods_total",
                               "Pods that came into a part of the queue, by why.",
                               {"queue", "event"})),
      pending_(all_->gauges("scheduler_pending_pods", "Pods that wait in each part of the queue.",
                            {"queue"})),
      leased_pods_(all_->gauges("troupe_scheduler_leased_pods",
                                "Pods that schedulers have at the moment.", {})
                       .with()),
      preemptions(all_->counters("scheduler_preemption_attempts_total",
                                 "Attempts to make room for a pod.", {})
                      .with()),
      victims(all_->histograms("scheduler_preemption_victims",
                               "Pods that one attempt chose to end.", {},
                               model::exponential_bounds(1, 2, 7))
                  .with()),
      offers(all_->counters("troupe_scheduler_offers_total",
                            "Offers of nodes that schedulers have heard.", {})
                 .with()),
      declines(all_->counters("troupe_scheduler_declines_total",
                              "Reservations that nodes have refused.", {})
                   .with()),
      reservations(all_->counters("troupe_scheduler_reservations_total",
                                  "Reservations that nodes were asked for.", {})
                       .with()),
      leases(all_->counters("troupe_scheduler_leases_total",
                            "Batches of pods that queues have given to schedulers.", {})
                 .with()) {}

void scheduling_metrics::attempted(const char* result, double seconds, std::uint64_t n) {
  attempts_.with(result, profile_).add(n);
  attempt_seconds_.with(result, profile_).observe(seconds, n);
}

void scheduling_metrics::decided(std::size_t pods, double seconds) {
  if (pods > 0) algorithm_seconds_.observe(seconds / static_cast<double>(pods), pods);
}

void scheduling_metrics::bound(int attempts, double seconds) {
  pod_attempts_.observe(attempts);
  sli_seconds_.with(attempts >= 15 ? "15+" : std::to_string(attempts)).observe(seconds);
}

void scheduling_metrics::moved(const queue_tally& t) {
  for (std::size_t e = 0; e < t.came.size(); ++e)
    for (std::size_t p = 0; p < t.came[e].size(); ++p)
      if (t.came[e][p] > 0)
        incoming_.with(queue_tally::parts[p], queue_tally::events[e]).add(t.came[e][p]);
}

void scheduling_metrics::pending(std::size_t active, std::size_t backoff, std::size_t unschedulable,
                                 std::size_t gated, std::size_t leased) {
  const auto set = [&](const char* queue, std::size_t n) {
    pending_.with(queue).set(static_cast<std::int64_t>(n));
  };
  set("active", active);
  set("backoff", backoff);
  set("unschedulable", unschedulable);
  set("gated", gated);
  leased_pods_.set(static_cast<std::int64_t>(leased));
}

}  // namespace troupe::scheduler
