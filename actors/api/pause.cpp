#include "actors/api/pause.hpp"

#include "actors/api/call.hpp"
#include "messages/common.hpp"

#include <caf/all.hpp>

#include <deque>

namespace troupe::api {

caf::actor spawn_pause(caf::actor_system& system) {
  struct state {
    std::deque<caf::typed_response_promise<caf::unit_t>> waiting;
  };
  return system.spawn([](caf::stateful_actor<state>* self) -> caf::behavior {
    return {[self](caf::unit_t) -> caf::result<caf::unit_t> {
              self->delayed_send(self, wait_step, tick_atom::value);
              self->state.waiting.push_back(self->make_response_promise<caf::unit_t>());
              return self->state.waiting.back();
            },
            [self](tick_atom) {
              self->state.waiting.front().deliver(caf::unit);
              self->state.waiting.pop_front();
            }};
  });
}

}  // namespace troupe::api
