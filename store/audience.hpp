#pragma once

#include "store/cache.hpp"

#include <atomic>
#include <mutex>
#include <unordered_map>

namespace troupe::store {

struct listener {
  cache::wake_fn wake;
  std::atomic<bool> dropped = false;
  /// Of a listener to a topic: the version of the oldest event of it since skip(); 0: none.
  std::atomic<std::uint64_t> unread = 0;
};
using listeners = std::vector<std::shared_ptr<listener>>;

/// Who wants to be woken. Waking takes a snapshot of the list, so that a wake may subscribe or
/// drop.
class audience {
 public:
  void add(std::shared_ptr<listener> one);
  void drop_ended();
  void wake();

 private:
  std::atomic<bool> any_ = false;
  std::mutex mutex_;
  std::shared_ptr<const listeners> list_;
};

/// Who wants to hear of a topic only. Not thread-safe: a shard's lock guards it, so that nobody
/// sees an event whose listeners have not been marked.
class topic_audience {
 public:
  void add(const topic& about, std::shared_ptr<listener> one);
  void drop_ended(const topic& about);
  /// Marks those whom the event concerns; appends the ones that had read all until then.
  void mark(const event& e, listeners& to_wake);
  /// Marks all of them, as if everything had changed.
  void mark_all(listeners& to_wake);

 private:
  void mark(const std::string& name, std::uint64_t version, listeners& to_wake);

  std::unordered_map<std::string, listeners> by_topic_;
  std::string name_;  ///< scratch
};

}  // namespace troupe::store
