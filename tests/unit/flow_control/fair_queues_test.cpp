// floors: model
#include "model/flow_control/fair_queues.hpp"

#include <gmock/gmock.h>

#include <map>
#include <set>

namespace troupe::model {
namespace {

flow_level level(unsigned seats, unsigned queues = 64, unsigned hand = 6, unsigned length = 50) {
  flow_level l;
  l.seats = seats;
  l.queues_requests = queues > 0;
  l.queues = queues;
  l.hand = hand;
  l.length = length;
  return l;
}

using queues = fair_queues<std::string>;
using enum queues::verdict;

// Hashes of three flows.
constexpr std::uint64_t one = 0x9e3779b97f4a7c15u, two = 0xbf58476d1ce4e5b9u,
                        three = 0x94d049bb133111ebu;

TEST(DealHand, IsOfDifferentQueuesAndOfAllOfThem) {
  std::set<unsigned> seen;
  std::uint64_t x = 1;
  for (int i = 0; i < 1000; ++i) {
    x = x * 6364136223846793005u + 1442695040888963407u;
    const auto hand = deal_hand(x, 16, 4);
    EXPECT_EQ(std::set<unsigned>(hand.begin(), hand.end()).size(), 4u);
    seen.insert(hand.begin(), hand.end());
  }
  EXPECT_EQ(seen.size(), 16u);
  EXPECT_EQ(*seen.rbegin(), 15u);
  EXPECT_EQ(deal_hand(7, 2, 8).size(), 2u) << "no more than there are";
}

TEST(FairQueues, RunsWhileThereAreSeats) {
  queues q(level(2));
  EXPECT_EQ(q.arrive(1, "a").what, run);
  const auto b = q.arrive(1, "b");
  EXPECT_EQ(b.what, run);
  EXPECT_EQ(q.arrive(1, "c").what, wait);
  EXPECT_FALSE(q.next());
  q.finished(b.queue, 0.1);
  EXPECT_EQ(q.next()->item, "c");
  EXPECT_FALSE(q.next());
}

TEST(FairQueues, ALevelThatDoesNotQueueRefuses) {
  queues q(level(1, 0));
  const auto a = q.arrive(1, "a");
  EXPECT_EQ(a.what, run);
  EXPECT_EQ(q.arrive(2, "b").what, refuse);
  q.finished(a.queue, 1);
  EXPECT_EQ(q.arrive(2, "b").what, run);
}

TEST(FairQueues, AFlowFillsItsHandAndNoMore) {
  queues q(level(1, 64, 6, 10));
  int waiting = 0;
  for (int i = 0; i < 1000; ++i) waiting += q.arrive(one, "greedy").what == wait;
  EXPECT_EQ(waiting, 60);
  EXPECT_EQ(q.waiting(), 60u);
  // Another one has a queue that is not among them, and is next but for what had waited already.
  EXPECT_EQ(q.arrive(three, "modest").what, wait);
}

// What two flows get of a server that one of them keeps full.
TEST(FairQueues, AModestFlowIsServedInSpiteOfAGreedyOne) {
  queues q(level(4, 128, 6, 50));
  std::map<std::string, int> served;
  std::deque<unsigned> running;
  const auto take = [&](const queues::arrival& a, const std::string& who) {
    if (a.what != run) return;
    running.push_back(a.queue);
    ++served[who];
  };
  int modest_waits = 0, longest = 0;
  bool modest_in = false;
  for (int tick = 0; tick < 2000; ++tick) {
    for (int i = 0; i < 20; ++i) take(q.arrive(one, "greedy"), "greedy");
    if (!modest_in) {
      const auto a = q.arrive(two, "modest");
      ASSERT_NE(a.what, refuse);
      take(a, "modest");
      modest_in = a.what == wait;
      modest_waits = 0;
    }
    if (!running.empty()) {
      q.finished(running.front(), 0.01);
      running.pop_front();
    }
    while (auto next = q.next()) {
      running.push_back(next->queue);
      ++served[next->item];
      if (next->item == "modest") modest_in = false;
    }
    longest = std::max(longest, ++modest_waits);
  }
  // It never has more than one request in: each gets the next seat but few.
  EXPECT_LE(longest, 12);
  EXPECT_GT(served["modest"], 200);
  EXPECT_GT(served["greedy"], 500);
}

// Long service counts: who takes ten times as long is served a tenth as often.
TEST(FairQueues, ShareTheServiceNotTheNumberOfRequests) {
  queues q(level(1, 64, 1, 50));
  std::map<std::string, double> given;
  std::optional<std::pair<std::string, unsigned>> running;
  for (int i = 0; i < 5000; ++i) {
    for (const auto& [flow, name] : {std::pair{one, "short"}, std::pair{two, "long"}})
      if (const auto a = q.arrive(flow, name); a.what == run) running = {name, a.queue};
    const double took = running->first == "long" ? 0.1 : 0.01;
    given[running->first] += took;
    q.finished(running->second, took);
    auto next = q.next();
    running = {next->item, next->queue};
  }
  EXPECT_NEAR(given["long"] / given["short"], 1, 0.1);
}

// Who was served much while nobody else was there is not made to wait for it later.
TEST(FairQueues, ThePastOfAnIdleServerIsForgotten) {
  queues q(level(1, 64, 1, 50));
  for (int i = 0; i < 1000; ++i) q.finished(q.arrive(one, "old").queue, 0.01);
  const auto first = q.arrive(two, "new");
  for (int i = 0; i < 5; ++i) {
    q.arrive(one, "old");
    q.arrive(two, "new");
  }
  q.finished(first.queue, 0.01);
  int old = 0;
  for (int i = 0; i < 6; ++i) {
    const auto next = q.next();
    old += next->item == "old";
    q.finished(next->queue, 0.01);
  }
  EXPECT_GE(old, 2);
}

}  // namespace
}  // namespace troupe::model
