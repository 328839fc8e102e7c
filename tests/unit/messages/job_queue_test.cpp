// floors: messages
#include "messages/job_queue.hpp"

#include "messages/common.hpp"
#include "messages/system_config.hpp"

#include <caf/all.hpp>
#include <gtest/gtest.h>

namespace troupe {
namespace {

using next_atom = caf::atom_constant<caf::atom("next")>;

// Passes a number on to the next of a ring until it is 0, and then says so.
caf::behavior passer(caf::event_based_actor* self, std::shared_ptr<std::atomic<int>> ended) {
  auto next = std::make_shared<caf::actor>();
  return {[next](next_atom, const caf::actor& a) { *next = a; },
          [self, next, ended](int left) {
            if (left == 0)
              ++*ended;
            else
              self->send(*next, left - 1);
          },
          [next](stop_atom) { *next = nullptr; }};
}

class JobQueue : public ::testing::TestWithParam<std::size_t> {};

// Each hop is a job that wakes, or does not wake, a worker: one lost wake-up and the ring stands.
TEST_P(JobQueue, EveryJobIsDoneWhoeverSleeps) {
  system_config config(GetParam());
  caf::actor_system system(config);
  auto ended = std::make_shared<std::atomic<int>>(0);
  std::vector<caf::actor> ring;
  for (int i = 0; i < 16; ++i) ring.push_back(system.spawn(passer, ended));
  for (std::size_t i = 0; i < ring.size(); ++i)
    caf::anon_send(ring[i], next_atom::value, ring[(i + 1) % ring.size()]);
  int asked = 0;
  caf::scoped_actor self{system};
  for (const int at_a_time : {1, 2, 5, 16, 1, 1, 3}) {
    for (int i = 0; i < at_a_time; ++i) caf::anon_send(ring[static_cast<std::size_t>(i)], 2000);
    asked += at_a_time;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (*ended < asked && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    ASSERT_EQ(*ended, asked);
  }
  for (const auto& a : ring) caf::anon_send(a, stop_atom::value);
}

INSTANTIATE_TEST_SUITE_P(Workers, JobQueue, ::testing::Values(1, 2, 4));

}  // namespace
}  // namespace troupe
