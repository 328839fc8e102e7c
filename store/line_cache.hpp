#pragma once

#include "model/time.hpp"
#include "store/cache.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace troupe::store {

/// Lines of recent events that had to be made for their watchers (tables, metadata, protobuf), so
/// that each is made once and not once a watcher. Any thread.
class line_cache {
 public:
  using line = std::shared_ptr<const std::string>;

  /// The line of this object in this form, made by `make` when nobody has just made it. Lines hold
  /// ages, so they are good for about a second.
  template <class Make>
  line get(const object_ptr& object, std::uint64_t form, model::time_point now, Make make) {
    slot& s = slots_[(std::hash<const void*>{}(object.get()) / 64 * 31 + form) % slots_.size()];
    const std::lock_guard guard(s.mutex);
    if (s.object != object || s.form != form || now - s.made > std::chrono::seconds(1)) {
      s.text = std::make_shared<const std::string>(make());
      s.object = object;
      s.form = form;
      s.made = now;
    }
    return s.text;
  }

 private:
  struct slot {
    std::mutex mutex;
    object_ptr object;
    std::uint64_t form = 0;
    model::time_point made;
    line text;
  };
  std::array<slot, 256> slots_;
};

}  // namespace troupe::store
