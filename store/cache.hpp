#pragma once

#include "model/object.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {
class custom_kinds;
}

namespace troupe::store {

using model::object_ptr;

/// One commit. `object` of a removal is the last state under the version of the removal, as a watch
/// shows it.
struct event {
  enum class kind : std::uint8_t { added, modified, deleted };
  kind type = kind::added;
  object_ptr object;
  /// Null for added. Also null when a change before a restart is resumed from and the state before
  /// it is no longer known: a filtered watch then answers as if it had matched (MODIFIED or
  /// DELETED).
  object_ptr previous;

  std::uint64_t version() const { return object->version(); }
};

/// Part of a collection at one version, ordered by namespace and name.
struct listing {
  std::vector<object_ptr> objects;
  std::uint64_t version = 0;
  std::uint64_t remaining = 0;  ///< how many came after the limit, before filtering
};

/// What a cursor found.
struct event_batch {
  std::vector<event> events;
  std::uint64_t version = 0;  ///< read from here on next
  bool expired =
      false;  ///< the cursor fell behind the window: answer 410 and start over from a list
};

/// Which changes of a resource somebody wants to hear of: those of one object (`name`), of objects
/// one of whose selectable fields has a value (`field`, `value`), or of a namespace (`ns`).
struct topic {
  std::string ns;
  std::string name;   ///< in `ns`, or of a cluster-scoped object
  std::string field;  ///< e.g. spec.nodeName
  std::string value;
};

class line_cache;
class figures_board;
struct listener;

/// All objects of a process in memory, and a window of recent events. One thread applies, any
/// number read; readers hold no lock while they use what they got.
class cache {
 public:
  /// `window`: how many events a resource keeps for cursors.
  explicit cache(std::size_t window = 16384);
  ~cache();
  cache(const cache&) = delete;
  cache& operator=(const cache&) = delete;

  // Reading.
  /// Version of the newest commit applied.
  std::uint64_t version() const;
  object_ptr get(const model::object_key& key) const;
  /// Objects of `resource`, in `ns` or everywhere when it is empty, after the key `after`
  /// ("ns/name"; "/name" or "name" without a namespace), at most `limit` (0: all). An empty
  /// `resource` lists every resource, one after the other and without `after` and `limit`: then
  /// objects may be newer than the version, and events from it on repeat their changes.
  listing list(std::string_view resource, std::string_view ns = {}, std::string_view after = {},
               std::size_t limit = 0) const;
  /// The listing of one key: its object, if there is one.
  listing list_one(const model::object_key& key) const;
  /// The pods that are bound to a node, in no order.
  std::vector<object_ptr> pods_on(std::string_view node) const;
  std::size_t count(std::string_view resource) const;
  /// Events of `resource` (empty: of all) later than `since`, oldest first, at most `limit`.
  event_batch events(std::string_view resource, std::uint64_t since,
                     std::size_t limit = 1024) const;
  /// What watchers have made of recent events.
  line_cache& lines() const;
  /// The kinds of the CustomResourceDefinitions in here, those established. Made anew where one has
  /// changed, before any object that follows it shows.
  std::shared_ptr<const model::custom_kinds> custom_kinds() const;
  /// What the nodes use at the moment, as their kubelets told this process.
  figures_board& figures() const;

  // Waking.
  /// Calls `wake` (on the applying thread; it may only post) after each applied batch that touches
  /// `resource` (empty: any), until the subscription is dropped; a call already under way then may
  /// still end after it.
  using wake_fn = std::function<void()>;
  using subscription = std::shared_ptr<void>;
  [[nodiscard]] subscription subscribe(std::string_view resource, wake_fn wake);
  /// A subscription to a topic of `resource`: woken once, at the first event since the last skip().
  using topic_subscription = std::shared_ptr<listener>;
  [[nodiscard]] topic_subscription subscribe(std::string_view resource, const topic& about,
                                             wake_fn wake);
  /// From where a cursor goes on that has read everything of its topic up to `since`: what the
  /// topic does not concern is left out, also what has left the window by now.
  std::uint64_t skip(std::string_view resource, const topic_subscription& s,
                     std::uint64_t since) const;
  /// Calls `reached` once, when version() >= `version` (perhaps at once, in the caller's thread).
  void when(std::uint64_t version, wake_fn reached);

  // Applying: the store of this process, or the mirror of a remote one.
  /// `batch` is in the order of versions, and later than all before it.
  void apply(const std::vector<event>& batch);
  /// Nothing changed up to `version`: what a mirror of some resources hears of the others' commits.
  void advance(std::uint64_t version);
  /// Replaces everything, as at start-up or after a mirror fell out of the window. Cursors from
  /// before expire, except that `recent` (oldest first) is the window to resume from.
  void reset(std::vector<object_ptr> objects, std::uint64_t version,
             std::vector<event> recent = {});

  // Applying, where each resource comes by a watch of its own: versions are in order within a
  // resource alone, so that cursors of one resource work, and version() stays 0.
  /// All of `batch` is of `resource`.
  void apply_to(std::string_view resource, const std::vector<event>& batch);
  /// Replaces what there is of `resource`. Its cursors from before expire.
  void reset_to(std::string_view resource, std::vector<object_ptr> objects, std::uint64_t version);

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace troupe::store
