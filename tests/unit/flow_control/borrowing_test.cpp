// floors: model
#include "model/flow_control/borrowing.hpp"

#include "model/flow_control/dangling.hpp"
#include "model/flow_control/defaults.hpp"
#include "model/flow_control/fair_queues.hpp"
#include "model/flow_control/flow_table.hpp"

#include <gmock/gmock.h>

#include <numeric>

namespace troupe::model {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;

TEST(DemandMeter, WeighsByTime) {
  demand_meter m(100);
  m.set(10, 100);
  m.set(0, 105);
  const auto first = m.take(110);
  EXPECT_DOUBLE_EQ(first.average, 5);
  EXPECT_DOUBLE_EQ(first.deviation, 5);
  EXPECT_DOUBLE_EQ(first.highest, 10);
  const auto second = m.take(120);
  EXPECT_DOUBLE_EQ(second.average, 0);
  EXPECT_DOUBLE_EQ(second.highest, 0) << "the last period's is forgotten";
  m.set(3, 120);
  EXPECT_DOUBLE_EQ(m.take(120).average, 0) << "no time has passed";
  EXPECT_DOUBLE_EQ(m.take(130).average, 3) << "it goes on";
}

TEST(SmoothedDemand, RisesAtOnceAndFallsSlowly) {
  EXPECT_DOUBLE_EQ(smoothed_demand(2, {10, 4, 20}), 14);
  double d = 100;
  d = smoothed_demand(d, {});
  EXPECT_NEAR(d, 97.7, 1e-9);
  for (int i = 0; i < 29; ++i) d = smoothed_demand(d, {});
  EXPECT_NEAR(d, 49.8, 0.1) << "half of it after five minutes";
}

TEST(ShareSeats, GoesByWhatIsWantedWithinBounds) {
  EXPECT_THAT(share_seats(100, {{0, 1000, 30}, {0, 1000, 10}}), ElementsAre(75u, 25u));
  EXPECT_THAT(share_seats(100, {{40, 1000, 40}, {0, 1000, 1000}}), ElementsAre(40u, 60u))
      << "one keeps what it does not lend";
  EXPECT_THAT(share_seats(100, {{0, 20, 90}, {0, 1000, 10}}), ElementsAre(20u, 80u))
      << "one borrows no more than it may";
  EXPECT_THAT(share_seats(100, {{60, 60, 60}, {40, 40, 40}}), ElementsAre(60u, 40u));
  EXPECT_THAT(share_seats(100, {{10, 20, 10}, {10, 20, 10}}), ElementsAre(20u, 20u))
      << "what nobody may have stays";
  EXPECT_THAT(share_seats(100, {}), ElementsAre());
}

/// What a server of 600 seats with the default levels does under a load.
class Lending : public testing::Test {
 protected:
  Lending() {
    for (const json& o : default_flow_objects())
      if (o["kind"] == "PriorityLevelConfiguration") levels_.push_back(o);
  }
  std::map<std::string, unsigned> shared(const std::map<std::string, double>& demand) const {
    const flow_table table({}, levels_, 600);
    std::vector<lending_level> all;
    for (const auto& l : table.levels()) {
      const auto found = demand.find(l->name);
      const double d = found == demand.end() ? 0 : found->second;
      all.push_back({l->exempt, l->seats, l->least, l->most, d, d});
    }
    const auto seats = lend_seats(all);
    std::map<std::string, unsigned> out;
    for (std::size_t i = 0; i < seats.size(); ++i) out[table.levels()[i]->name] = seats[i];
    return out;
  }
  std::vector<json> levels_;
};

TEST_F(Lending, BoundsAreThoseOfTheConfiguration) {
  const flow_table table({}, levels_, 600);
  std::map<std::string, std::pair<unsigned, unsigned>> bounds;
  for (const auto& l : table.levels()) bounds[l->name] = {l->least, l->most};
  EXPECT_EQ(bounds["workload-low"], std::pair(24u, 845u));
  EXPECT_EQ(bounds["workload-high"], std::pair(49u, 698u));
  EXPECT_EQ(bounds["leader-election"], std::pair(25u, 625u)) << "lends nothing";
  levels_.back()["spec"]["limited"]["borrowingLimitPercent"] = 50;
  const flow_table limited({}, levels_, 600);
  EXPECT_EQ(limited.levels().back()->most, 49u + 25u);
}

TEST_F(Lending, ALevelUnderLoadGetsWhatOthersDoNotUse) {
  const auto busy = shared({{"workload-low", 2000}});
  EXPECT_GT(busy.at("workload-low"), 350u) << "its own are 245";
  EXPECT_EQ(busy.at("leader-election"), 25u);
  EXPECT_EQ(busy.at("workload-high"), 49u);
  EXPECT_EQ(std::accumulate(busy.begin(), busy.end(), 0u,
                            [](unsigned n, const auto& one) { return n + one.second; }),
            602u)
      << "the sum stays that of the levels' own seats";
}

TEST_F(Lending, WhoUsesItsSeatsKeepsThem) {
  const auto both = shared({{"workload-low", 2000}, {"workload-high", 98}});
  EXPECT_GE(both.at("workload-high"), 98u);
  const auto flood = shared({{"workload-low", 100000}, {"global-default", 49}});
  EXPECT_GE(flood.at("global-default"), 49u);
}

TEST_F(Lending, ExemptRequestsTakeTheirSeatsFromTheOthers) {
  const auto sum_of_limited = [](const std::map<std::string, unsigned>& all) {
    unsigned out = 0;
    for (const auto& [name, seats] : all) out += name == "exempt" ? 0 : seats;
    return out;
  };
  auto all = shared({{"exempt", 100}, {"workload-low", 2000}});
  EXPECT_EQ(all["exempt"], 100u);
  EXPECT_NEAR(sum_of_limited(all), 602 - 100, 2) << "rounded";
  // A part of its own that it does not lend is kept for it, used or not.
  for (json& l : levels_)
    if (l["metadata"]["name"] == "exempt")
      l["spec"]["exempt"] = {{"nominalConcurrencyShares", 49}, {"lendablePercent", 50}};
  all = shared({{"workload-low", 2000}});
  EXPECT_EQ(all["exempt"], 50u) << "49 of 294 shares of 600 seats are 100, half of which it lends";
  // However busy it is, the others keep what they do not lend.
  all = shared({{"exempt", 5000}, {"workload-low", 2000}});
  EXPECT_EQ(all["exempt"], 5000u);
  const flow_table table({}, levels_, 600);
  for (const auto& l : table.levels()) {
    if (l->exempt) continue;
    EXPECT_EQ(all[l->name], l->least) << l->name;
  }
}

TEST(LendSeats, ComeNearerToTheLeastAsExemptRequestsTakeMore) {
  // Two levels keep 10 each, and use 50 and 30 of their 50; what is left for them is 40.
  const lending_level exempt{true, 0, 0, 0, 60, 0}, one{false, 50, 10, 100, 50, 50},
      other{false, 50, 10, 100, 30, 30};
  EXPECT_THAT(lend_seats({exempt, one, other}), ElementsAre(60u, 23u, 17u));
}

TEST(FairQueuesOfASize, MoreSeatsLetThoseWhoWaitIn) {
  flow_level l;
  l.seats = 1;
  l.queues_requests = true;
  l.queues = 4, l.hand = 2, l.length = 10;
  fair_queues<std::string> q(l);
  q.arrive(1, "a");
  q.arrive(1, "b");
  q.arrive(1, "c");
  EXPECT_FALSE(q.next());
  q.set_seats(2);
  EXPECT_EQ(q.next()->item, "b");
  EXPECT_FALSE(q.next());
  q.set_seats(0);
  EXPECT_EQ(q.running(), 2u) << "nobody is sent away";
  q.finished(0, 1);
  EXPECT_FALSE(q.next());
}

TEST(Dangling, SaysWhetherTheLevelIsThere) {
  json schema = {{"spec", {{"priorityLevelConfiguration", {{"name", "gold"}}}}}};
  const time_point t{std::chrono::seconds(1'000'000'000)};
  EXPECT_TRUE(set_dangling(schema, false, t));
  EXPECT_EQ(schema["status"]["conditions"][0],
            json::parse(R"({"type":"Dangling","status":"True","reason":"NotFound",
                            "lastTransitionTime":"2001-09-09T01:46:40Z",
                            "message":"This FlowSchema references the PriorityLevelConfiguration object named \"gold\" but there is no such object"})"));
  EXPECT_FALSE(set_dangling(schema, false, t));
  EXPECT_TRUE(set_dangling(schema, true, t));
  EXPECT_EQ(schema["status"]["conditions"][0]["reason"], "Found");
  EXPECT_EQ(schema["status"]["conditions"].size(), 1u);
}

}  // namespace
}  // namespace troupe::model
