// floors: actors/scheduler actors/store
// What schedulers and queues count, over the whole conversation.
#include "tests/unit/scheduling/scheduling_fixture.hpp"

namespace troupe::scheduler {
namespace {

class SchedulingMetrics : public Scheduling {
 protected:
  void SetUp() override {
    Scheduling::SetUp();
    metrics_ = std::make_shared<model::instruments>();
    queue("a");
    scheduler();
  }
};

TEST_F(SchedulingMetrics, FollowPodsThroughTheQueue) {
  create("nodes", node_json("n1"));
  settle();
  create("pods", pod_json("a"));
  create("pods", pod_json("huge", "100"));
  json gated = pod_json("gated");
  gated["spec"]["schedulingGates"] = {{{"name", "later"}}};
  create("pods", gated);
  settle();
  ASSERT_EQ(node_of("a"), "n1");
  EXPECT_EQ(
      value(R"(scheduler_schedule_attempts_total{result="scheduled",profile="default-scheduler"})"),
      1);
  EXPECT_EQ(
      value(
          R"(scheduler_schedule_attempts_total{result="unschedulable",profile="default-scheduler"})"),
      1);
  EXPECT_EQ(value("scheduler_pod_scheduling_attempts_count"), 1);
  EXPECT_EQ(value(R"(scheduler_pod_scheduling_sli_duration_seconds_count{attempts="1"})"), 1);
  EXPECT_EQ(value(R"(scheduler_pending_pods{queue="unschedulable"})"), 1);
  EXPECT_EQ(value(R"(scheduler_pending_pods{queue="gated"})"), 1);
  EXPECT_EQ(value(R"(scheduler_pending_pods{queue="active"})"), 0);
  EXPECT_EQ(value(R"(scheduler_queue_incoming_pods_total{queue="active",event="PodAdd"})"), 2);
  EXPECT_EQ(value(R"(scheduler_queue_incoming_pods_total{queue="gated",event="PodAdd"})"), 1);
  EXPECT_EQ(
      value(
          R"(scheduler_queue_incoming_pods_total{queue="unschedulable",event="ScheduleAttemptFailure"})"),
      1);
  EXPECT_EQ(value("scheduler_preemption_attempts_total"), 1);
  EXPECT_EQ(value("scheduler_preemption_victims_count"), 0);
  EXPECT_GE(value("troupe_scheduler_leases_total"), 1);
  EXPECT_GE(value("troupe_scheduler_offers_total"), 1);
  EXPECT_EQ(value("troupe_scheduler_reservations_total"), 1);
  EXPECT_EQ(value("troupe_scheduler_declines_total"), 0);
  EXPECT_EQ(value("troupe_scheduler_leased_pods"), 0);

  // A node that is large enough wakes the pod, once its backoff is over.
  create("nodes", node_json("n2", "128"));
  settle();
  EXPECT_EQ(value(R"(scheduler_queue_incoming_pods_total{queue="backoff",event="ClusterChange"})"),
            1);
  advance(2s);
  EXPECT_EQ(node_of("huge"), "n2");
  EXPECT_EQ(value(R"(scheduler_queue_incoming_pods_total{queue="active",event="BackoffComplete"})"),
            1);
  EXPECT_EQ(value(R"(scheduler_pod_scheduling_sli_duration_seconds_count{attempts="2"})"), 1);
  EXPECT_GE(value(R"(scheduler_pod_scheduling_sli_duration_seconds_sum{attempts="2"})"), 0.9);
  EXPECT_EQ(value(R"(scheduler_pending_pods{queue="unschedulable"})"), 0);
}

TEST_F(SchedulingMetrics, CountVictims) {
  create("nodes", node_json("n1"));
  create("pods", pod_json("low", "3"));
  settle();
  json vip = pod_json("vip", "3");
  vip["spec"]["priority"] = 10;
  create("pods", vip);
  settle();
  EXPECT_EQ(value("scheduler_preemption_victims_count"), 1);
  EXPECT_EQ(value("scheduler_preemption_victims_sum"), 1);
}

}  // namespace
}  // namespace troupe::scheduler
