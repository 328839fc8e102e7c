#pragma once

#include "messages/scheduling.hpp"
#include "model/time.hpp"
#include "store/cache.hpp"

#include <caf/fwd.hpp>

#include <chrono>
#include <string>

namespace troupe::scheduler {

struct node_proxy_options {
  std::string node;
  std::shared_ptr<const store::cache> cache;
  store_actor store;
  model::wall_clock clock;
  std::chrono::milliseconds retry{1000};  ///< of a Node that could not be written
};

node_proxy_actor spawn_node_proxy(caf::actor_system& system, node_proxy_options options);

}  // namespace troupe::scheduler
