#pragma once

#include "messages/api.hpp"
#include "messages/events.hpp"
#include "messages/store.hpp"
#include "model/time.hpp"

#include <caf/fwd.hpp>

#include <chrono>

namespace troupe::events {

struct recorder_options {
  // Where Events go; one of the two. A component of the control plane writes to the store, so that
  // it needs no API node; a kubelet has an API actor alone.
  store_actor store;
  api_actor api;
  user_info user;  ///< of requests to the API actor
  model::wall_clock clock = model::system_wall_clock();
  std::uint64_t seed = 0;
  std::size_t queue = 1000;  ///< as kube's broadcaster: what comes when it is full is dropped
  std::size_t batch = 32;    ///< written together
  std::chrono::milliseconds interval{50};    ///< between batches: events never crowd out real work
  std::chrono::milliseconds timeout{10000};  ///< of a write
};

/// Takes events with `record` and writes them, repeats of the same as one Event that counts.
recorder_actor spawn_recorder(caf::actor_system& system, recorder_options options);

}  // namespace troupe::events
