#include "store/cache.hpp"

#include "model/custom/kinds.hpp"
#include "store/audience.hpp"
#include "store/collection.hpp"
#include "store/figures_board.hpp"
#include "store/line_cache.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <limits>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>

namespace troupe::store {
namespace {

// By which field objects are asked for: who looks after a node asks for its pods.
constexpr std::string_view indexed_field(std::string_view resource) {
  return resource == "pods" ? "spec.nodeName" : "";
}

// One resource: its objects, and its events later than `start`.
struct shard {
  explicit shard(std::string_view name, std::uint64_t start_at)
      : resource(name), objects(indexed_field(name)), start(start_at) {}

  const std::string resource;
  mutable std::shared_mutex mutex;  // guards what follows, down to the audience
  collection objects;
  std::deque<event> ring;
  std::uint64_t start;
  std::uint64_t last = 0;  // newest version applied here; ahead of the cache's within a batch
  topic_audience interested;
  listeners to_wake;  // of them
  audience waiting;

  // Everything there is, and the events that led to `version`. What was there before is left in
  // `replaced` and `old_ring`, to be freed after the lock.
  void assign(collection& replaced, std::deque<event>& old_ring, std::uint64_t start_at,
              std::uint64_t version) {
    std::swap(objects, replaced);
    ring.swap(old_ring);
    start = start_at;
    last = version;
    interested.mark_all(to_wake);
  }

  // What it lets go of ends up in `garbage`, to be freed after the lock.
  void apply(const event& e, std::size_t window, std::vector<object_ptr>& garbage) {
    interested.mark(e, to_wake);
    garbage.push_back(e.type == event::kind::deleted ? objects.take(key_view::of(*e.object))
                                                     : objects.put(e.object));
    last = e.version();
    remember(e, window, garbage);
  }

  void remember(const event& e, std::size_t window, std::vector<object_ptr>& garbage) {
    ring.push_back(e);
    if (ring.size() <= window) return;
    event& oldest = ring.front();
    start = oldest.version();
    garbage.push_back(std::move(oldest.object));
    garbage.push_back(std::move(oldest.previous));
    ring.pop_front();
  }

  // Whom the events since the last call concern.
  void wake() {
    listeners now;
    {
      const std::unique_lock guard(mutex);
      now.swap(to_wake);
    }
    for (const auto& l : now)
      if (!l->dropped.load(std::memory_order_acquire)) l->wake();
    waiting.wake();
  }

  // Appends the events in (since, until], at most `limit`; false when `since` is out of the window.
  bool read(std::uint64_t since, std::uint64_t until, std::size_t limit,
            std::vector<event>& out) const {
    if (since < start) return false;
    auto at = std::upper_bound(ring.begin(), ring.end(), since,
                               [](std::uint64_t v, const event& e) { return v < e.version(); });
    for (; at != ring.end() && limit > 0 && at->version() <= until; ++at, --limit)
      out.push_back(*at);
    return true;
  }
};

// Sorts after every name.
constexpr std::string_view past_names = "\xff";

// Keys are the names inside the shards.
using shard_map = std::unordered_map<std::string_view, shard*>;

}  // namespace

struct cache::impl {
  explicit impl(std::size_t window_size) : window(window_size) {
    maps.push_back(std::make_unique<shard_map>());
    shards.store(maps.back().get());
  }

  const std::size_t window;
  std::atomic<std::uint64_t> version = 0;
  std::atomic<std::uint64_t> base = 0;  // no event up to here is known

  // Readers go through the newest map without a lock; old maps stay (one a resource ever seen).
  std::atomic<const shard_map*> shards;
  std::mutex growing;
  std::vector<std::unique_ptr<shard_map>> maps;
  std::vector<std::unique_ptr<shard>> owned;

  audience anyone;
  line_cache lines;
  figures_board figures;

  std::atomic<std::shared_ptr<const model::custom_kinds>> kinds =
      std::make_shared<const model::custom_kinds>();

  std::mutex pending_mutex;
  std::multimap<std::uint64_t, wake_fn> pending;
  std::atomic<std::uint64_t> next_pending = std::numeric_limits<std::uint64_t>::max();

  shard* find(std::string_view resource) const {
    const auto& map = *shards.load(std::memory_order_acquire);
    const auto at = map.find(resource);
    return at == map.end() ? nullptr : at->second;
  }

  shard& find_or_add(std::string_view resource) {
    if (shard* known = find(resource)) return *known;
    const std::lock_guard guard(growing);
    if (shard* known = find(resource)) return *known;
    owned.push_back(std::make_unique<shard>(resource, base.load()));
    auto next = std::make_unique<shard_map>(*shards.load());
    next->emplace(owned.back()->resource, owned.back().get());
    shards.store(next.get(), std::memory_order_release);
    maps.push_back(std::move(next));
    return *owned.back();
  }

  // Of the definitions that are there now. Called by the applying thread alone.
  void read_kinds(const shard& definitions) {
    std::vector<object_ptr> all;
    {
      const std::shared_lock guard(definitions.mutex);
      const collection& there = definitions.objects;
      for (auto p = there.begin(); !there.at_end(p); there.advance(p)) all.push_back(there.at(p));
    }
    kinds.store(std::make_shared<const model::custom_kinds>(all, *kinds.load()));
  }

  // A resource on its own has changed.
  void changed(shard& s) {
    if (s.resource == model::definitions_resource) read_kinds(s);
    s.wake();
    anyone.wake();
  }

  void reach(std::uint64_t now) {
    version.store(now);
    if (next_pending.load() <= now) call_pending(now);
  }

  void call_pending(std::uint64_t now) {
    std::vector<wake_fn> reached;
    {
      const std::lock_guard guard(pending_mutex);
      const auto end = pending.upper_bound(now);
      for (auto at = pending.begin(); at != end; ++at) reached.push_back(std::move(at->second));
      pending.erase(pending.begin(), end);
      note_next_pending();
    }
    for (const auto& f : reached) f();
  }

  void note_next_pending() {
    next_pending.store(pending.empty() ? std::numeric_limits<std::uint64_t>::max()
                                       : pending.begin()->first);
  }

  // Of all resources; only whole batches show, so that the order is that of the versions.
  event_batch merged_events(std::uint64_t since, std::size_t limit) const {
    const std::uint64_t now = version.load();
    event_batch out;
    for (const auto& [name, s] : *shards.load(std::memory_order_acquire)) {
      const std::shared_lock guard(s->mutex);
      if (!s->read(since, now, limit, out.events)) return {{}, now, true};
    }
    if (since < base.load()) return {{}, now, true};
    std::sort(out.events.begin(), out.events.end(),
              [](const event& a, const event& b) { return a.version() < b.version(); });
    const bool cut = out.events.size() >= limit;
    if (cut) out.events.resize(limit);
    out.version = cut ? out.events.back().version() : std::max(since, now);
    return out;
  }
};

cache::cache(std::size_t window) : impl_(std::make_unique<impl>(window)) {}
cache::~cache() = default;

line_cache& cache::lines() const {
  return impl_->lines;
}

std::shared_ptr<const model::custom_kinds> cache::custom_kinds() const {
  return impl_->kinds.load();
}

figures_board& cache::figures() const {
  return impl_->figures;
}

std::uint64_t cache::version() const {
  return impl_->version.load();
}

object_ptr cache::get(const model::object_key& key) const {
  const shard* s = impl_->find(key.resource);
  if (!s) return nullptr;
  const std::shared_lock guard(s->mutex);
  const object_ptr* found = s->objects.find({key.ns, key.name});
  return found ? *found : nullptr;
}

listing cache::list(std::string_view resource, std::string_view ns, std::string_view after,
                    std::size_t limit) const {
  listing out;
  if (resource.empty()) {
    out.version = version();
    for (const auto& [name, s] : *impl_->shards.load()) {
      auto part = list(name, ns);
      out.objects.insert(out.objects.end(), part.objects.begin(), part.objects.end());
    }
    return out;
  }
  const shard* s = impl_->find(resource);
  if (!s) {
    out.version = version();
    return out;
  }
  const std::shared_lock guard(s->mutex);
  out.version = std::max(version(), s->last);
  const collection& all = s->objects;
  auto at = all.begin();
  if (!ns.empty()) at = all.lower_bound({ns, {}});
  if (!after.empty()) {
    const auto resumed = all.upper_bound(key_view::parse(after));
    if (all.rank(resumed) > all.rank(at)) at = resumed;
  }
  const auto first = all.rank(at);
  const auto end = ns.empty() ? all.size() : all.rank(all.lower_bound({ns, past_names}));
  const auto found = end > first ? end - first : 0;
  const auto taken = limit == 0 ? found : std::min(limit, found);
  out.remaining = found - taken;
  out.objects.reserve(taken);
  for (std::size_t n = 0; n < taken; ++n, all.advance(at)) out.objects.push_back(all.at(at));
  return out;
}

listing cache::list_one(const model::object_key& key) const {
  listing out;
  const shard* s = impl_->find(key.resource);
  if (!s) {
    out.version = version();
    return out;
  }
  const std::shared_lock guard(s->mutex);
  out.version = std::max(version(), s->last);
  if (const object_ptr* found = s->objects.find({key.ns, key.name})) out.objects.push_back(*found);
  return out;
}

std::vector<object_ptr> cache::pods_on(std::string_view node) const {
  const shard* s = impl_->find("pods");
  if (!s) return {};
  const std::shared_lock guard(s->mutex);
  return s->objects.with_value(node);
}

std::size_t cache::count(std::string_view resource) const {
  std::size_t total = 0;
  for (const auto& [name, s] : *impl_->shards.load()) {
    if (!resource.empty() && name != resource) continue;
    const std::shared_lock guard(s->mutex);
    total += s->objects.size();
  }
  return total;
}

event_batch cache::events(std::string_view resource, std::uint64_t since, std::size_t limit) const {
  if (resource.empty()) return impl_->merged_events(since, limit);
  const shard* s = impl_->find(resource);
  event_batch out;
  if (!s) {
    out.expired = since < impl_->base.load();
    out.version = std::max(since, version());
    return out;
  }
  const std::shared_lock guard(s->mutex);
  const std::uint64_t now = std::max(version(), s->last);
  out.expired = !s->read(since, std::numeric_limits<std::uint64_t>::max(), limit, out.events);
  const bool cut = !out.events.empty() && out.events.size() == limit;
  out.version = cut ? out.events.back().version() : std::max(since, now);
  return out;
}

cache::subscription cache::subscribe(std::string_view resource, wake_fn wake) {
  auto& whom = resource.empty() ? impl_->anyone : impl_->find_or_add(resource).waiting;
  auto one = std::make_shared<listener>();
  one->wake = std::move(wake);
  whom.add(one);
  // The handle may outlive neither the cache nor its shards: subscribers end before their cache.
  return {one.get(), [one, &whom](void*) {
            one->dropped.store(true, std::memory_order_release);
            whom.drop_ended();
          }};
}

cache::topic_subscription cache::subscribe(std::string_view resource, const topic& about,
                                           wake_fn wake) {
  shard& s = impl_->find_or_add(resource);
  auto one = std::make_shared<listener>();
  one->wake = std::move(wake);
  {
    const std::unique_lock guard(s.mutex);
    s.interested.add(about, one);
  }
  // The last handle ends the interest, not the listener, which a waking may still hold.
  return {one.get(), [one, about, &s](listener*) {
            one->dropped.store(true, std::memory_order_release);
            const std::unique_lock guard(s.mutex);
            s.interested.drop_ended(about);
          }};
}

std::uint64_t cache::skip(std::string_view resource, const topic_subscription& s,
                          std::uint64_t since) const {
  const shard& of = impl_->find_or_add(resource);
  const std::shared_lock guard(of.mutex);
  const std::uint64_t unread = s->unread.exchange(0);
  return std::max(since, unread != 0 ? unread - 1 : std::max(version(), of.last));
}

void cache::when(std::uint64_t wanted, wake_fn reached) {
  if (version() >= wanted) return reached();
  {
    const std::lock_guard guard(impl_->pending_mutex);
    impl_->pending.emplace(wanted, std::move(reached));
    impl_->note_next_pending();
  }
  // The applier may have passed between the check and the entry.
  if (const auto now = version(); now >= wanted) impl_->call_pending(now);
}

void cache::apply(const std::vector<event>& batch) {
  if (batch.empty()) return;
  std::vector<object_ptr> garbage;
  garbage.reserve(batch.size() * 3);
  std::vector<shard*> touched;
  for (auto at = batch.begin(); at != batch.end();) {
    shard& s = impl_->find_or_add(at->object->key().resource);
    if (std::find(touched.begin(), touched.end(), &s) == touched.end()) touched.push_back(&s);
    const std::unique_lock guard(s.mutex);
    do {
      s.apply(*at, impl_->window, garbage);
    } while (++at != batch.end() && at->object->key().resource == s.resource);
  }
  for (shard* s : touched)
    if (s->resource == model::definitions_resource) impl_->read_kinds(*s);
  impl_->reach(batch.back().version());
  for (shard* s : touched) s->wake();
  impl_->anyone.wake();
}

void cache::advance(std::uint64_t to) {
  if (to > version()) impl_->reach(to);
}

void cache::reset(std::vector<object_ptr> objects, std::uint64_t version,
                  std::vector<event> recent) {
  const std::uint64_t start = recent.empty() ? version : recent.front().version() - 1;
  impl_->base.store(start);
  std::map<shard*, std::vector<object_ptr>> fresh;
  std::map<shard*, std::vector<const event*>> events;
  for (auto& o : objects) {
    shard& s = impl_->find_or_add(o->key().resource);
    fresh[&s].push_back(std::move(o));
  }
  for (const auto& e : recent) events[&impl_->find_or_add(e.object->key().resource)].push_back(&e);
  const shard_map& all = *impl_->shards.load();
  std::vector<object_ptr> garbage;
  for (const auto& [name, s] : all) {
    std::deque<event> old_ring;
    collection replaced(indexed_field(name));
    replaced.assign(std::move(fresh[s]));
    const std::unique_lock guard(s->mutex);
    s->assign(replaced, old_ring, start, version);
    for (const event* e : events[s]) s->remember(*e, impl_->window, garbage);
  }
  if (const shard* definitions = impl_->find(model::definitions_resource))
    impl_->read_kinds(*definitions);
  impl_->reach(version);
  for (const auto& [name, s] : all) s->wake();
  impl_->anyone.wake();
}

void cache::apply_to(std::string_view resource, const std::vector<event>& batch) {
  if (batch.empty()) return;
  std::vector<object_ptr> garbage;
  garbage.reserve(batch.size() * 3);
  shard& s = impl_->find_or_add(resource);
  {
    const std::unique_lock guard(s.mutex);
    for (const auto& e : batch) s.apply(e, impl_->window, garbage);
  }
  impl_->changed(s);
}

void cache::reset_to(std::string_view resource, std::vector<object_ptr> objects,
                     std::uint64_t version) {
  shard& s = impl_->find_or_add(resource);
  std::deque<event> old_ring;
  collection replaced(indexed_field(resource));
  replaced.assign(std::move(objects));
  {
    const std::unique_lock guard(s.mutex);
    s.assign(replaced, old_ring, version, version);
  }
  impl_->changed(s);
}

}  // namespace troupe::store
