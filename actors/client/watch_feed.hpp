#pragma once

#include "model/status.hpp"
#include "store/cache.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::client {

/// One resource of a cluster elsewhere, by watches that follow one another: the first begins with
/// all that there is, the next go on where the one before ended. No actor.
class watch_feed {
 public:
  watch_feed(std::string resource, std::shared_ptr<store::cache> cache)
      : resource_(std::move(resource)), cache_(std::move(cache)) {}

  const std::string& resource() const { return resource_; }
  /// The query of the next watch.
  std::string query() const;
  /// Takes the next bytes of the watch. A Status when it cannot go on; the watch is over then.
  std::optional<model::status> take(std::string_view bytes);
  /// The watch is over. `why`: the Status that it ended with, if it did; after one that says the
  /// history is no longer there, the next begins with all that there is.
  void ended(const std::optional<model::status>& why = std::nullopt);

  /// Whether all that there was has come at some time.
  bool filled() const { return filled_; }
  /// The newest version that the cache has seen of the resource.
  std::uint64_t version() const { return version_; }

 private:
  std::optional<model::status> take_line(std::string_view line, std::vector<store::event>& batch);
  std::optional<model::status> take_bookmark(std::string_view object);
  store::object_ptr before(const store::object_ptr& o,
                           const std::vector<store::event>& batch) const;

  const std::string resource_;
  const std::shared_ptr<store::cache> cache_;
  std::string rest_;     // the beginning of a line
  bool listing_ = true;  // what comes is what there is, up to a bookmark
  bool filled_ = false;
  std::vector<store::object_ptr> listed_;
  std::uint64_t version_ = 0;
};

}  // namespace troupe::client
