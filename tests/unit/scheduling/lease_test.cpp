// floors: model
#include "model/lease.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

using namespace std::chrono_literals;

struct LeaderElection : testing::Test {
  time_point now = *from_rfc3339("2026-11-22T10:00:00Z");
  object_ptr lease;
  std::uint64_t version = 0;

  static leader_election candidate(const std::string& identity) {
    return leader_election({"kube-system", "kube-scheduler", identity, 15s, 10s, 2s});
  }
  /// One retry period's try; true when it wrote.
  bool attempt(leader_election& e) {
    auto a = e.next(lease, now);
    if (!a) return false;
    EXPECT_EQ(a->if_version, lease ? std::optional(lease->version()) : std::nullopt);
    lease = seal(encode("leases.coordination.k8s.io", a->lease), ++version);
    e.succeeded(lease, now);
    return true;
  }
  lease_record record() const { return lease_record::of(lease->parse()); }
};

TEST_F(LeaderElection, TheFirstCreatesAndKeepsTheLease) {
  auto a = candidate("a");
  EXPECT_TRUE(attempt(a));
  EXPECT_TRUE(a.leading());
  const auto first = record();
  EXPECT_EQ(first.holder, "a");
  EXPECT_EQ(first.transitions, 0);
  now += 2s;
  EXPECT_TRUE(attempt(a));
  EXPECT_EQ(record().acquired, first.acquired);
  EXPECT_NE(record().renewed, first.renewed);
}

TEST_F(LeaderElection, AStandbyWaitsUntilTheLeaseHasNotChangedForItsDuration) {
  auto a = candidate("a");
  auto b = candidate("b");
  attempt(a);
  EXPECT_FALSE(attempt(b));
  now += 14s;
  attempt(a);
  now += 14s;
  EXPECT_FALSE(attempt(b));  // sees the renewal
  now += 14s;
  EXPECT_FALSE(attempt(b));
  now += 1s;
  EXPECT_TRUE(attempt(b));
  EXPECT_EQ(record().holder, "b");
  EXPECT_EQ(record().transitions, 1);
  EXPECT_FALSE(attempt(a));
  EXPECT_FALSE(a.leading());
}

TEST_F(LeaderElection, AStandbyNeedNotWaitForADeadHolder) {
  auto a = candidate("a");
  auto b = candidate("b");
  attempt(a);
  EXPECT_FALSE(attempt(b));
  b.holder_is_down();
  EXPECT_TRUE(attempt(b));
}

TEST_F(LeaderElection, AHolderThatCannotRenewMustStepDown) {
  auto a = candidate("a");
  attempt(a);
  now += 10s;
  EXPECT_FALSE(a.overdue(now));
  now += 1ms;
  EXPECT_TRUE(a.overdue(now));
}

TEST_F(LeaderElection, AReleasedLeaseIsFreeAtOnce) {
  auto a = candidate("a");
  auto b = candidate("b");
  attempt(a);
  auto released = a.release(lease, now);
  ASSERT_TRUE(released);
  lease = seal(encode("leases.coordination.k8s.io", released->lease), ++version);
  EXPECT_EQ(record().holder, "");
  EXPECT_FALSE(a.leading());
  EXPECT_TRUE(attempt(b));
}

TEST(LeaderElectionOptions, KeepTheDistanceThatMakesThemSafe) {
  const auto fault = [](std::chrono::milliseconds lease, std::chrono::milliseconds renew,
                        std::chrono::milliseconds retry) {
    return leader_election::fault_of({"ns", "name", "id", lease, renew, retry});
  };
  EXPECT_EQ(fault(15s, 10s, 2s), "");
  EXPECT_EQ(fault(10s, 10s, 2s), "leaseDuration must be greater than renewDeadline");
  EXPECT_EQ(fault(15s, 12s, 10s), "renewDeadline must be greater than retryPeriod*JitterFactor");
  EXPECT_EQ(fault(900ms, 800ms, 100ms), "leaseDuration must be at least 1s");
  EXPECT_EQ(fault(15s, 10s, 0s), "retryPeriod must be greater than zero");
}

}  // namespace
}  // namespace troupe::model
