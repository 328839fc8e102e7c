#include "actors/store/mirror.hpp"

#include "actors/store/mirror_feed.hpp"
#include "model/random.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;

// How often a mirror hears that the version moved on without it.
constexpr auto idle_period = 250ms;

using source_interface =
    mirror_source::extend<caf::reacts_to<changed_atom>, caf::reacts_to<tick_atom>>;

struct source_impl : source_interface::base {
  struct subscriber {
    mirror_sink sink;
    mirror_feed feed;
    uint32_t credit;
  };

  source_impl(caf::actor_config& cfg, std::shared_ptr<store::cache> cache, uint64_t incarnation)
      : source_interface::base(cfg),
        cache_(std::move(cache)),
        incarnation_(incarnation),
        posted_(std::make_shared<std::atomic<bool>>(false)) {
    set_down_handler([this](caf::down_msg& down) {
      std::erase_if(subscribers_, [&](const auto& s) { return s.second.sink == down.source; });
      if (subscribers_.empty()) wake_.reset();
    });
  }

  const char* name() const override { return "mirror_source"; }

  behavior_type make_behavior() override {
    return {[this](subscribe_atom, uint64_t id, mirror_wish& wish, mirror_sink& sink) {
              subscribe(id, std::move(wish), std::move(sink));
            },
            [this](credit_atom, uint64_t id, uint32_t more) {
              const auto at = subscribers_.find(id);
              if (at == subscribers_.end()) return;
              at->second.credit += more;
              pump(id, at->second, false);
            },
            [this](cancel_atom, uint64_t id) { cancel(id); },
            [this](changed_atom) {
              posted_->store(false);
              for (auto& [id, s] : subscribers_) pump(id, s, false);
            },
            [this](tick_atom) {
              ticking_ = false;
              for (auto& [id, s] : subscribers_) pump(id, s, true);
              tick_later();
            }};
  }

  void on_exit() override {
    wake_.reset();
    subscribers_.clear();
  }

  void subscribe(uint64_t id, mirror_wish wish, mirror_sink sink) {
    if (wish.resources.empty() || !sink) return;
    cancel(id);
    monitor(sink);
    const uint64_t from = wish.source == incarnation_ ? wish.version : 0;
    auto& s =
        subscribers_
            .emplace(id,
                     subscriber{std::move(sink),
                                mirror_feed(cache_, std::move(wish.resources), incarnation_, from),
                                wish.credit})
            .first->second;
    if (!wake_) watch_cache();
    pump(id, s, true);
    tick_later();
  }

  void cancel(uint64_t id) {
    const auto at = subscribers_.find(id);
    if (at == subscribers_.end()) return;
    demonitor(at->second.sink.address());
    subscribers_.erase(at);
    if (subscribers_.empty()) wake_.reset();
  }

  // However many commits, one message is under way at most.
  void watch_cache() {
    auto self = caf::actor_cast<caf::actor>(this);
    wake_ = cache_->subscribe({}, [self, posted = posted_] {
      if (!posted->exchange(true)) caf::anon_send(self, changed_atom::value);
    });
  }

  void pump(uint64_t id, subscriber& s, bool idle) {
    while (s.credit > 0) {
      auto part = s.feed.next(idle);
      if (!part) return;
      --s.credit;
      send(s.sink, mirror_atom::value, id, std::move(*part));
    }
  }

  void tick_later() {
    if (ticking_ || subscribers_.empty()) return;
    ticking_ = true;
    delayed_send(this, idle_period, tick_atom::value);
  }

  const std::shared_ptr<store::cache> cache_;
  const uint64_t incarnation_;
  std::map<uint64_t, subscriber> subscribers_;
  std::shared_ptr<std::atomic<bool>> posted_;
  store::cache::subscription wake_;
  bool ticking_ = false;
};

struct mirror_impl : mirror_actor::base {
  mirror_impl(caf::actor_config& cfg, mirror_options options)
      : mirror_actor::base(cfg),
        options_(std::move(options)),
        fill_(*options_.cache),
        random_(options_.seed) {
    set_down_handler([this](caf::down_msg& down) {
      if (!source_ || !(source_ == down.source)) return;
      source_ = nullptr;
      id_ = 0;
      options_.health->attached = false;
      spdlog::warn("the mirror's source is down; at version {}", fill_.version());
      if (options_.lost) options_.lost();
    });
  }

  const char* name() const override { return "mirror"; }

  behavior_type make_behavior() override {
    return {[this](mirror_atom, uint64_t id, const mirror_part& part) {
              if (id != id_) return;  // of a source that was left
              fill_.take(part);
              if (fill_.source() != 0) options_.health->filled = true;
              send(source_, credit_atom::value, id_, uint32_t{1});
            },
            [this](subscribe_atom, mirror_source& source) { follow(std::move(source)); }};
  }

  void on_exit() override {
    if (source_) send(source_, cancel_atom::value, id_);
    source_ = nullptr;
    options_.health->attached = false;
  }

  void follow(mirror_source source) {
    if (source_) {
      demonitor(source_.address());
      send(source_, cancel_atom::value, id_);
    }
    source_ = std::move(source);
    monitor(source_);
    id_ = random_.next();
    options_.health->attached = true;
    mirror_wish wish;
    wish.resources = options_.resources;
    wish.source = fill_.source();
    wish.version = fill_.version();
    send(source_, subscribe_atom::value, id_, std::move(wish), mirror_sink(this));
  }

  mirror_options options_;
  mirror_fill fill_;
  model::random_source random_;
  mirror_source source_;
  uint64_t id_ = 0;
};

}  // namespace

mirror_source spawn_mirror_source(caf::actor_system& sys, std::shared_ptr<store::cache> cache,
                                  uint64_t incarnation) {
  return sys.spawn<source_impl>(std::move(cache), incarnation);
}

mirror_actor spawn_mirror(caf::actor_system& sys, mirror_options options) {
  return sys.spawn<mirror_impl>(std::move(options));
}

}  // namespace troupe
