#include "actors/controllers/pulse.hpp"

#include "messages/common.hpp"

#include <caf/all.hpp>

#include <utility>

namespace troupe {

pulse::pulse(caf::actor_system& system)
    : clock_(system.clock()),
      heart_(
          system.spawn<caf::hidden>([late = late_](caf::event_based_actor* self) -> caf::behavior {
            return {[self](changed_atom) { self->delayed_send(self, interval, tick_atom::value); },
                    [late](tick_atom) {
                      std::vector<std::shared_ptr<seat>> now;
                      {
                        std::lock_guard lock(late->guard);
                        now.swap(late->seats);
                      }
                      for (const auto& s : now)
                        if (s->late_.exchange(false)) s->wake();
                    }};
          })) {}

void pulse::wake(const std::shared_ptr<seat>& s) {
  if (s->posted_.load()) return;
  const auto since = clock_.now().time_since_epoch().count() - s->looked_.load();
  if (since >= time::duration(interval).count()) return s->wake();
  if (s->late_.exchange(true)) return;
  bool first = false;
  {
    std::lock_guard lock(late_->guard);
    first = late_->seats.empty();
    late_->seats.push_back(s);
  }
  if (first) caf::anon_send(heart_, changed_atom::value);
}

}  // namespace troupe
