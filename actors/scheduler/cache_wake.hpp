#pragma once

#include "messages/common.hpp"
#include "store/cache.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <memory>

namespace troupe::scheduler {

/// Sends an actor one `changed` for any number of commits until it calls taken(). Holds the actor
/// weakly.
class cache_wake {
 public:
  template <class Handle>
  void watch(store::cache& cache, std::string_view resource, const Handle& self) {
    const auto addr = caf::actor_cast<caf::actor_addr>(self);
    subscriptions_.push_back(cache.subscribe(resource, [addr, posted = posted_] {
      if (posted->exchange(true)) return;
      if (auto actor = caf::actor_cast<caf::actor>(addr))
        caf::anon_send(actor, changed_atom::value);
    }));
  }
  /// Before the cursor is read: what comes now wakes again.
  void taken() { posted_->store(false); }
  void drop() { subscriptions_.clear(); }

 private:
  std::shared_ptr<std::atomic<bool>> posted_ = std::make_shared<std::atomic<bool>>(false);
  std::vector<store::cache::subscription> subscriptions_;
};

}  // namespace troupe::scheduler
