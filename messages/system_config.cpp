#include "messages/system_config.hpp"

#include "messages/api.hpp"
#include "messages/common.hpp"
#include "messages/edge.hpp"
#include "messages/events.hpp"
#include "messages/job_queue.hpp"
#include "messages/mirror.hpp"
#include "messages/node.hpp"
#include "messages/peers.hpp"
#include "messages/scheduling.hpp"
#include "messages/store.hpp"
#include "messages/stream.hpp"
#include "messages/tunnel.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/coordinator.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <algorithm>
#include <thread>

namespace troupe {

system_config::system_config(std::size_t threads) {
  add_message_types<caf::id_block::troupe_common>();
  add_message_types<caf::id_block::troupe_store>();
  add_message_types<caf::id_block::troupe_stream>();
  add_message_types<caf::id_block::troupe_api>();
  add_message_types<caf::id_block::troupe_node>();
  add_message_types<caf::id_block::troupe_mirror>();
  add_message_types<caf::id_block::troupe_events>();
  add_message_types<caf::id_block::troupe_edge>();
  add_message_types<caf::id_block::troupe_peers>();
  add_message_types<caf::id_block::troupe_scheduling>();
  add_message_types<caf::id_block::troupe_tunnel>();
  add_error_category(caf::atom("k8s"), [](uint8_t, caf::atom_value, const caf::message& context) {
    return to_string(context);
  });
  if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
  set("scheduler.max-threads", threads);
  module_factories.emplace_back([](caf::actor_system& system) -> caf::actor_system::module* {
    if (get_or(system.config(), "scheduler.policy", caf::atom("")) == caf::atom("testing"))
      return new caf::scheduler::test_coordinator(system);
    return new caf::scheduler::coordinator<job_queue>(system);
  });
  set("middleman.workers", std::size_t{0});
}

}  // namespace troupe
