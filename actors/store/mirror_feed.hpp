#pragma once

#include "messages/mirror.hpp"
#include "store/cache.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// What one mirror gets next.
class mirror_feed {
 public:
  static constexpr std::size_t part_bytes = 256u << 10;

  /// Resumes from `version` when that is in the window, or starts with a snapshot (0).
  mirror_feed(std::shared_ptr<const store::cache> cache, std::vector<std::string> resources,
              uint64_t source, uint64_t version);

  /// The next part; nothing when the mirror has all. A part without objects only moves the version
  /// on: these come when `idle` asks for them.
  std::optional<mirror_part> next(bool idle);

 private:
  void take_snapshot();
  mirror_part snapshot_part();
  std::optional<mirror_part> changes_part(bool idle);

  const std::shared_ptr<const store::cache> cache_;
  const uint64_t source_;
  uint64_t version_ = 0;                   // the mirror's
  std::map<std::string, uint64_t> since_;  // of each resource
  std::vector<store::object_ptr> snapshot_;
  std::size_t sent_ = 0;  // of snapshot_
  bool in_snapshot_ = false;
};

/// The mirror's end: parts into a cache.
class mirror_fill {
 public:
  explicit mirror_fill(store::cache& cache) : cache_(cache) {}

  void take(const mirror_part& part);
  uint64_t source() const { return source_; }  ///< of the last complete snapshot; 0: none yet
  uint64_t version() const { return version_; }

 private:
  store::cache& cache_;
  std::vector<store::object_ptr> snapshot_;
  uint64_t source_ = 0;
  uint64_t version_ = 0;
};

}  // namespace troupe
