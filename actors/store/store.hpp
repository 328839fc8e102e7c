#pragma once

#include "messages/store.hpp"
#include "store/cache.hpp"
#include "store/journal.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>

namespace troupe {

/// The store's condition, for /readyz and metrics; any thread may look.
struct store_health {
  std::atomic<bool> loaded = false;      ///< the cache holds what the journal held
  std::atomic<bool> journal_ok = false;  ///< the last thing it was asked for worked
  std::atomic<bool> fenced = false;      ///< another store has taken over
  std::atomic<std::uint64_t> epoch = 0;
  bool ready() const { return loaded && journal_ok && !fenced; }
};

/// What the store takes at a time; past it writes get 429.
struct store_limits {
  std::size_t queue_writes = 65536;
  std::size_t queue_bytes = 256u << 20;
  std::size_t batch_writes = 1024;
  std::size_t batch_bytes = 4u << 20;
  std::size_t object_bytes = 3u << 19;  ///< 1.5 MiB, etcd's limit on a request; past it 413
};

struct store_options {
  std::shared_ptr<store::journal> journal;
  std::shared_ptr<store::cache> cache;  ///< this store is its only applier
  std::shared_ptr<store_health> health = std::make_shared<store_health>();
  store_limits limits;
  /// Called once when a newer epoch was found: the process may end or stand by.
  std::function<void()> stepped_down;
  std::uint64_t seed = 1;  ///< of the jitter between attempts to reach the journal
  bool detached = true;    ///< the journal has a thread; false under a test scheduler
};

/// Starts the store: opens the journal (again and again until that works), fills the cache, then
/// takes writes. An exit message ends it with its journal; what it owes gets 503.
store_actor spawn_store(caf::actor_system& sys, store_options options);

}  // namespace troupe
