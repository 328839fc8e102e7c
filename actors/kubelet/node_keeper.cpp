#include "actors/kubelet/node_keeper.hpp"

#include "actors/kubelet/keeper.hpp"
#include "model/pod_phase.hpp"

#include <spdlog/spdlog.h>

namespace troupe {

using namespace model::kubelet;
using model::json;
using model::string_at;
using std::chrono::seconds;

namespace {

enum class keeper_timer : uint64_t { look, images };

// How long a pod that was evicted is waited for before the next one goes.
constexpr seconds patience_with_evicted{30};

bool of_disk(eviction_signal s) {
  return s != eviction_signal::memory_available && s != eviction_signal::pid_available;
}

bool of_images(eviction_signal s) {
  return s == eviction_signal::imagefs_available || s == eviction_signal::imagefs_inodes_free;
}

}  // namespace

node_keeper::node_keeper(caf::actor_config& cfg, context_ptr context, told_function told)
    : node_keeper_actor::base(cfg),
      context_(std::move(context)),
      told_(std::move(told)),
      eyes_(context_->options.eyes),
      watch_(context_->options.eviction.thresholds, context_->options.eviction.transition),
      images_(std::make_shared<image_collector>(
          context_, [way = way_](std::function<void()> f) { way->post(std::move(f)); })) {
  if (context_->on_disk()) helper_ = spawn_helper(home_system());
}

node_keeper::behavior_type node_keeper::make_behavior() {
  way_->open(caf::actor_cast<caf::actor>(caf::strong_actor_ptr{ctrl()}));
  const auto again = [this](keeper_timer t, std::chrono::milliseconds pause) {
    delayed_send(this, pause, tick_atom::value, static_cast<uint64_t>(t));
  };
  const auto& gc = context_->options.image_gc;
  const bool collects = gc.high_percent < 100 || gc.most_age.count() > 0;
  again(keeper_timer::look, context_->options.eviction.interval);
  if (collects) collect_images();
  if (collects) again(keeper_timer::images, context_->options.image_gc_interval);
  return {[this](assign_atom, const object_ref& pod, const caf::actor& worker) {
            pods_[pod->header().uid] = {pod, worker};
          },
          [this](gone_atom, const std::string& uid) {
            pods_.erase(uid);
            evicted_.erase(uid);
          },
          [this, again](tick_atom, uint64_t which) {
            const bool is_look = static_cast<keeper_timer>(which) == keeper_timer::look;
            again(static_cast<keeper_timer>(which), is_look ? context_->options.eviction.interval
                                                            : context_->options.image_gc_interval);
            is_look ? look() : collect_images();
          },
          [](const task& t) { t.run(); }};
}

void node_keeper::on_exit() {
  way_->close();
  if (helper_) anon_send_exit(helper_, caf::exit_reason::user_shutdown);
  helper_ = nullptr;
  images_ = nullptr;
  pods_.clear();
  context_ = nullptr;
  told_ = nullptr;
}

void node_keeper::note(const std::string& reason, const std::string& message) {
  model::event_note n;
  n.about.kind = "Node";
  n.about.name = n.about.uid = context_->options.node_name;
  n.type = "Warning";
  n.reason = reason;
  n.message = message;
  n.component = "kubelet";
  n.host = context_->options.node_name;
  send(context_->events, record_atom::value, std::move(n));
}

// --- eviction

void node_keeper::look() {
  if (busy_) return;
  busy_ = true;
  rt().image_directory(back<std::string>([this](const outcome<std::string>& images) {
    aside<node_figures>([eyes = eyes_, path = images.value] { return eyes->look(path); },
                        [this](const node_figures& figures) { looked(figures); });
  }));
}

void node_keeper::looked(const node_figures& figures) {
  const auto now = context_->now();
  const auto due = watch_.look(figures.seen, now);
  if (watch_.pressures() != pressures_) {
    pressures_ = watch_.pressures();
    context_->pressures->set(pressures_);
    told_(pressures_);
  }
  const bool waits = !leaving_.empty() && pods_.contains(leaving_) && now < patience_;
  if (!due || waits) return rest();
  spdlog::warn("kubelet {}: {} is below its threshold", context_->options.node_name,
               to_text(due->signal));
  note("EvictionThresholdMet", std::string("Attempting to reclaim ") + resource_of(due->signal));
  // Images lie on the disk of the pods' files, unless they have one of their own.
  if (!of_disk(due->signal) || (figures.image_disk && !of_images(due->signal)))
    return reclaim(*due, figures);
  make_room(*due);
}

// What nobody needs goes before pods do.
void node_keeper::make_room(const eviction_threshold& due) {
  const auto look_again = [this, due](const outcome<std::string>& images) {
    aside<node_figures>([eyes = eyes_, path = images.value] { return eyes->look(path); },
                        [this, due](const node_figures& after) {
                          if (watch_.relieved(after.seen)) return rest();
                          reclaim(due, after);
                        });
  };
  remove_dead([this, look_again] {
    images_->remove_unused([this, look_again](const image_collector::result& r) {
      if (!r.error.empty()) spdlog::warn("kubelet: {}", r.error);
      rt().image_directory(back<std::string>(look_again));
    });
  });
}

void node_keeper::remove_dead(std::function<void()> then) {
  rt().overview(
      back<std::vector<brief_state>>([this, then](const outcome<std::vector<brief_state>>& all) {
        std::vector<std::string> dead;
        for (const auto& one : all.value) {
          const auto at = pods_.find(one.uid);
          if (one.state == brief_state::exited && at != pods_.end() &&
              model::has_ended(*at->second.pod))
            dead.push_back(one.id);
        }
        auto open = std::make_shared<std::size_t>(dead.size());
        if (dead.empty()) return then();
        for (const auto& id : dead)
          rt().remove_container(id, back<nothing>([then, open](const outcome<nothing>&) {
                                  if (--*open == 0) then();
                                }));
      }));
}

void node_keeper::reclaim(const eviction_threshold& due, const node_figures& figures) {
  measure(due.signal,
          [this, due, figures](shares used) { evict_one(due, figures, std::move(used)); });
}

void node_keeper::measure(eviction_signal signal, std::function<void(shares)> f) {
  rt().usage(back<std::vector<container_usage>>(
      [this, signal, f](const outcome<std::vector<container_usage>>& usage) {
        std::map<std::string, pod_place> places;
        std::map<std::string, std::vector<std::string>> containers;
        for (const auto& [uid, p] : pods_) {
          const auto& key = p.pod->key();
          places[uid] = {context_->pod_dir(uid),
                         log_directory(context_->node.log_root, p.pod->content())};
          for (const auto& c : usage.value)
            if (c.ns == key.ns && c.pod == key.name) containers[uid].push_back(c.id);
        }
        aside<shares>(
            [eyes = eyes_, signal, places, containers, used = shares_of(usage.value)]() mutable {
              for (auto& [uid, share] : used) {
                if (of_disk(signal)) eyes->measure(places[uid], share);
                if (signal == eviction_signal::pid_available)
                  for (const auto& id : containers[uid]) share.processes += eyes->processes_of(id);
              }
              return used;
            },
            f);
      }));
}

node_keeper::shares node_keeper::shares_of(const std::vector<container_usage>& usage) const {
  shares out;
  for (const auto& [uid, p] : pods_)
    for (const auto& c : usage) {
      if (c.ns != p.pod->key().ns || c.pod != p.pod->key().name) continue;
      auto& share = out[uid];
      share.memory += static_cast<std::int64_t>(c.memory);
      share.layers.bytes += static_cast<std::int64_t>(c.disk);
      share.layers.inodes += static_cast<std::int64_t>(c.inodes);
      share.containers.push_back(
          {c.name, static_cast<std::int64_t>(c.memory), static_cast<std::int64_t>(c.disk)});
    }
  return out;
}

bool node_keeper::is_active(const std::string& uid, const model::object& pod) const {
  return !model::has_ended(pod) && !evicted_.contains(uid);
}

// One pod at a time: what it leaves may be enough.
void node_keeper::evict_one(const eviction_threshold& due, const node_figures& figures,
                            shares used) {
  rest();
  std::vector<eviction_candidate> pods;
  for (const auto& [uid, p] : pods_) {
    if (!is_active(uid, *p.pod)) continue;
    pods.emplace_back(std::make_shared<const json>(p.pod->content()));
    if (auto share = used.find(uid); share != used.end()) pods.back().share = share->second;
  }
  rank_for_eviction(due.signal, figures.image_disk, pods);
  for (const auto& p : pods) {
    if (is_critical(*p.pod)) continue;
    const auto uid = string_at(*p.pod, {"metadata", "uid"});
    const auto message = eviction_message(due.signal, p, watch_.due(), figures.seen);
    const auto grace = eviction_grace(due, context_->options.eviction.most_grace, *p.pod);
    spdlog::warn("kubelet {}: evicting {}", context_->options.node_name, pod_text(*p.pod));
    anon_send(pods_[uid].worker, evict_atom::value, message, static_cast<uint64_t>(grace.count()));
    evicted_.insert(uid);
    leaving_ = uid;
    patience_ = context_->now() + patience_with_evicted;
    return;
  }
}

// --- images

void node_keeper::collect_images() {
  const auto ended = [this](const std::string& error) {
    // The first time something may not have been ready yet.
    if (!error.empty() && gc_failed_) note("ImageGCFailed", error);
    if (!error.empty()) spdlog::warn("kubelet: image garbage collection: {}", error);
    gc_failed_ = !error.empty();
  };
  const auto make_room = [this, ended](const node_figures& figures) {
    if (figures.images.capacity <= 0) {
      const std::string error = "invalid capacity 0 on image filesystem";
      note("InvalidDiskCapacity", error);
      return ended(error);
    }
    const auto wanted = bytes_to_free(context_->options.image_gc, figures.images.available,
                                      figures.images.capacity);
    if (!wanted) return ended({});
    images_->free(*wanted, [this, ended, wanted](const image_collector::result& r) {
      if (!r.error.empty() || r.freed >= *wanted) return ended(r.error);
      const auto error = "Failed to garbage collect required amount of images. Attempted to free " +
                         std::to_string(*wanted) + " bytes, but only found " +
                         std::to_string(r.freed) + " bytes eligible to free.";
      note("FreeDiskSpaceFailed", error);
      ended(error);
    });
  };
  images_->see([this, ended, make_room](const std::string& error) {
    if (!error.empty()) return ended(error);
    images_->remove_expired([this, ended, make_room](const image_collector::result& r) {
      if (!r.error.empty()) return ended(r.error);
      rt().image_directory(back<std::string>([this, make_room](const outcome<std::string>& path) {
        aside<node_figures>([eyes = eyes_, where = path.value] { return eyes->look(where); },
                            make_room);
      }));
    });
  });
}

node_keeper_actor spawn_node_keeper(caf::actor_system& system, context_ptr context,
                                    std::function<void(node_pressures)> told) {
  return system.spawn<node_keeper>(std::move(context), std::move(told));
}

}  // namespace troupe
