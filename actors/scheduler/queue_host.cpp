#include "actors/scheduler/cache_wake.hpp"
#include "actors/scheduler/pod_queue.hpp"
#include "actors/scheduler/pod_writes.hpp"
#include "actors/scheduler/scheduler.hpp"
#include "actors/scheduler/scheduling_metrics.hpp"
#include "messages/errors.hpp"
#include "model/pod_phase.hpp"
#include "model/random.hpp"
#include "model/scheduling/pod_group.hpp"
#include "model/scheduling/published_profile.hpp"
#include "model/scheduling/volume_book.hpp"
#include "model/selector.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

namespace troupe::scheduler {
namespace {

constexpr uint32_t election_timer = 0;
constexpr uint32_t backoff_timer = 1;
constexpr uint32_t hold_timer = 2;
constexpr uint32_t gang_timer = 3;
constexpr const char* leases = "leases.coordination.k8s.io";
// A store that is away answers nobody; then the lease has to run out.
constexpr std::chrono::seconds release_patience{1};

model::leader_election::options election_of(const queue_host_options& o) {
  return {"kube-system",    lease_name(o.scheduler_name),
          o.identity,       o.lease_duration,
          o.renew_deadline, o.retry_period};
}

class queue_host final : public queue_host_actor::base {
 public:
  queue_host(caf::actor_config& cfg, queue_host_options options)
      : queue_host_actor::base(cfg),
        options_(std::move(options)),
        election_(election_of(options_)),
        random_(options_.seed),
        metrics_(options_.metrics, options_.scheduler_name),
        queue_(queue_options()) {
    set_down_handler([this](const caf::down_msg& down) { on_down(down.source); });
  }

  const char* name() const override { return "queue_host"; }

  behavior_type make_behavior() override {
    monitor(options_.store);
    monitor(options_.registry);
    send(options_.registry, enlist_atom::value, options_.scheduler_name, queue_follower{this});
    spdlog::info("attempting to acquire leader lease {}...", lease_text());
    elect();
    return {
        [this](join_atom, const scheduler_actor& who, uint32_t capacity) { join(who, capacity); },
        [this](done_atom, const scheduler_actor& who, uint64_t,
               const std::vector<pod_result>& results) { finish(who, results); },
        [this](release_atom, uint64_t releases) {
          queue_.released(releases_ = releases, options_.clock());
          dispatch();
        },
        [this](queue_atom, const std::string&, const queue_actor& queue) { follow(queue); },
        [this](gone_atom, const std::string&, const queue_actor& queue) {
          if (holder_ && queue && queue.address() == holder_) holder_gone();
        },
        [this](changed_atom) {
          read_cache();
          dispatch();
        },
        [this](tick_atom, uint32_t timer) {
          if (timer == election_timer) return elect_again();
          if (timer == hold_timer) {
            --holds_;
            return dispatch();
          }
          if (timer == gang_timer) return tell_of_gangs();
          backoff_armed_ = false;
          queue_.advance(options_.clock());
          dispatch();
        },
        [this](stop_atom) { stop(); }};
  }

  void on_exit() override {
    wake_.drop();
    workers_.clear();
    options_.store = nullptr;
    options_.registry = nullptr;
    options_.recorder = nullptr;
  }

 private:
  struct worker {
    scheduler_actor handle;
    uint64_t id = 0;
    std::size_t capacity = 0;
    std::size_t held = 0;
  };

  pod_queue::options queue_options() const {
    return {options_.initial_backoff, options_.max_backoff, options_.unschedulable_limit,
            options_.profile};
  }
  std::string lease_text() const { return "kube-system/" + election_.settings().name; }

  // --- election

  void elect_again() {
    if (stopping_) return;
    if (election_.overdue(options_.clock())) step_down("failed to renew lease");
    elect();
  }

  void elect() {
    // An attempt under way answers, or times out, before the next one.
    if (!electing_)
      if (auto a = election_.next(options_.cache->get(lease_key()), options_.clock())) attempt(*a);
    if (queueing_ && !election_.leading()) step_down("lease taken over by " + election_.holder());
    const auto& holder = election_.holder();
    if (holder != told_holder_ && !holder.empty() && holder != options_.identity)
      spdlog::info("new leader elected: {}", holder);
    told_holder_ = holder;
    delayed_send(this, options_.retry_period, tick_atom::value, election_timer);
  }

  model::object_key lease_key() const { return {leases, "kube-system", election_.settings().name}; }

  write write_of(model::leader_election::attempt a) {
    write w;
    w.op = a.if_version ? write_op::update : write_op::create;
    const bool held = !model::string_at(a.lease, {"spec", "holderIdentity"}).empty();
    model::publish_profile(a.lease, held && options_.profile ? options_.profile->published : "");
    if (!a.if_version) {
      a.lease["metadata"]["uid"] = random_.uuid();
      a.lease["metadata"]["creationTimestamp"] = model::to_rfc3339(options_.clock());
    } else {
      w.if_version = *a.if_version;
    }
    w.resource = leases;
    w.ns = "kube-system";
    w.name = election_.settings().name;
    w.object = model::encode(leases, a.lease);
    return w;
  }

  void attempt(model::leader_election::attempt a) {
    electing_ = true;
    request(options_.store, options_.renew_deadline, write_atom::value, write_of(std::move(a)))
        .then(
            [this](const object_ref& written) {
              electing_ = false;
              election_.succeeded(written.get(), options_.clock());
              if (stopping_) return hand_on();
              if (!queueing_) lead(*written);
            },
            [this](const caf::error& e) {
              electing_ = false;
              spdlog::debug("lease {}: {}", lease_text(), to_status(e).message);
              if (stopping_) hand_on();
            });
  }

  void lead(const model::object& lease) {
    spdlog::info("successfully acquired lease {}", lease_text());
    queueing_ = true;
    if (options_.recorder) {
      model::event_note note;
      note.about = model::reference_to(lease, "Lease", "coordination.k8s.io/v1");
      note.reason = "LeaderElection";
      note.message = options_.identity + " became leader";
      note.component = options_.scheduler_name;
      send(options_.recorder, record_atom::value, std::move(note));
    }
    auto watched = model::volume_book::resources();
    watched.insert(watched.end(), {"pods", "nodes", model::pod_groups_resource});
    for (const auto& resource : watched)
      wake_.watch(*options_.cache, resource, queue_host_actor{this});
    load();
    send(options_.registry, queue_atom::value, options_.scheduler_name, queue_actor{this});
    dispatch();
  }

  void step_down(const std::string& why) {
    if (!queueing_) return;
    spdlog::error("stopped leading {}: {}", lease_text(), why);
    queueing_ = false;
    election_.step_down();
    wake_.drop();
    workers_.clear();
    queue_ = pod_queue(queue_options());
  }

  void follow(const queue_actor& queue) {
    // None: a queue of this process, which ended before the registry had heard so.
    if (!queue || queue.address() == address()) return;
    monitor(queue);
    holder_ = queue.address();
  }

  // Its Lease need not run out: every write to it names the version that was seen, and what the old
  // holder still gave out is judged by the nodes' proxies like anything else.
  void holder_gone() {
    holder_ = nullptr;
    spdlog::info("the holder of lease {} went down", lease_text());
    election_.holder_is_down();
    if (electing_ || stopping_) return;
    if (auto a = election_.next(options_.cache->get(lease_key()), options_.clock()))
      attempt(std::move(*a));
  }

  void on_down(const caf::actor_addr& who) {
    if ((options_.store && who == options_.store.address()) ||
        (options_.registry && who == options_.registry.address()))
      return quit(caf::exit_reason::unknown);
    if (who == holder_) holder_gone();
    if (const auto at = workers_.find(who); at != workers_.end()) {
      queue_.reclaim(at->second.id);
      if (at->second.id == keeper_of_company()) hold_company();
      workers_.erase(at);
      dispatch();
    }
  }

  // An attempt under way would make the release out of date.
  void stop() {
    stopping_ = true;
    if (!electing_) hand_on();
  }

  // Whoever starts next, perhaps in this process and at once, finds the lease free.
  void hand_on() {
    auto a = election_.release(options_.cache->get(lease_key()), options_.clock());
    if (!a) return quit();
    request(options_.store, release_patience, write_atom::value, write_of(std::move(*a)))
        .then([this](const object_ref&) { quit(); }, [this](const caf::error&) { quit(); });
  }

  void load() {
    queue_ = pod_queue(queue_options());
    const auto pods = options_.cache->list("pods");
    const auto nodes = options_.cache->list("nodes");
    pods_seen_ = pods.version;
    nodes_seen_ = nodes.version;
    for (const auto& resource : model::volume_book::resources())
      volumes_seen_[resource] = std::min(pods_seen_, nodes_seen_);
    queue_.starts_at(std::min(pods_seen_, nodes_seen_));
    const auto now = options_.clock();
    load_gangs();
    for (const auto& pod : pods.objects) {
      queue_.see(*pod, !model::has_ended(*pod));
      if (pending(*pod)) queue_.update(pod, now);
    }
    queue_.released(releases_, now);
    for (auto& [addr, w] : workers_) w.held = 0;
  }

  void load_gangs() {
    queue_.forget_gangs();
    const auto groups = options_.cache->list(model::pod_groups_resource);
    gangs_seen_ = groups.version;
    for (const auto& g : groups.objects) see_gang(*g, true);
  }

  void see_gang(const model::object& group, bool there) {
    queue_.define_gang(group.key().ns + "/" + group.key().name,
                       there ? std::optional(model::min_member_of(group)) : std::nullopt);
  }

  // Events that were not read yet; false when some are lost.
  template <class Each>
  bool read(std::string_view resource, uint64_t& seen, Each each) {
    for (;;) {
      const auto batch = options_.cache->events(resource, seen);
      if (batch.expired) return false;
      for (const auto& e : batch.events) each(e);
      seen = batch.version;
      if (batch.events.empty()) return true;
    }
  }

  // Pods that wait for the others of their gang: their users learn why.
  void tell_of_gangs() {
    telling_ = false;
    if (!queueing_) return;
    std::vector<write> writes;
    for (const auto& [pod, why] : queue_.news_of_gangs()) {
      if (options_.recorder)
        send(options_.recorder, record_atom::value,
             failure_of(*pod, why, options_.scheduler_name, options_.instance));
      if (auto w = unschedulable_write(*pod, why, std::nullopt, options_.clock()))
        writes.push_back(std::move(*w));
    }
    if (writes.empty()) return;
    request(options_.store, options_.renew_deadline, write_atom::value, std::move(writes))
        .then([](const std::vector<object_ref>&,
                 const std::vector<std::string>&) { /* a pod that changed is told of anew */ },
              [](const caf::error& e) {
                spdlog::debug("pods' conditions not written: {}", to_status(e).message);
              });
  }

  bool pending(const model::object& pod) const {
    const auto& h = pod.header();
    if (const auto* node = model::find(h.fields, "spec.nodeName"); node && !node->empty())
      return false;
    if (h.deleting) return false;
    // Said by the header alone: pods of other queues are not parsed.
    const auto* name = model::find(h.fields, "spec.schedulerName");
    const std::string_view whose = name ? std::string_view(*name) : "default-scheduler";
    return !model::has_ended(pod) && whose == options_.scheduler_name;
  }

  void read_cache() {
    wake_.taken();
    if (!queueing_) return;
    const auto now = options_.clock();
    const bool gangs_known = read(
        model::pod_groups_resource, gangs_seen_,
        [&](const store::event& e) { see_gang(*e.object, e.type != store::event::kind::deleted); });
    if (!gangs_known) load_gangs();
    std::vector<cluster_change> changes;
    const auto note = [&](cluster_change c) {
      if (c.helps != 0) changes.push_back(std::move(c));
    };
    bool all = read("nodes", nodes_seen_, [&](const store::event& e) {
      note(node_change(e.previous, now_of(e), e.version()));
    });
    all = all && read("pods", pods_seen_, [&](const store::event& e) {
            see_pod(e, now);
            note(pod_change_of(e.previous, now_of(e), e.version()));
          });
    for (auto& [resource, seen] : volumes_seen_)
      all = all && read(resource, seen, [&](const store::event& e) {
              note(volume_change(e.previous, now_of(e), e.version()));
            });
    if (!all) return load();
    if (!changes.empty()) queue_.wake(changes, now);
  }

  // Null: it is gone.
  static model::object_ptr now_of(const store::event& e) {
    return e.type == store::event::kind::deleted ? nullptr : e.object;
  }

  void see_pod(const store::event& e, model::time_point now) {
    const bool gone = e.type == store::event::kind::deleted;
    queue_.see(*e.object, !gone && !model::has_ended(*e.object));
    if (!gone && pending(*e.object))
      queue_.update(e.object, now);
    else
      leave_queue(*e.object, now);
  }

  // A binding may be seen before its scheduler tells of it.
  void leave_queue(const model::object& pod, model::time_point now) {
    const auto* node = model::find(pod.header().fields, "spec.nodeName");
    if (node && !node->empty()) count_bound(pod.header().uid, now);
    queue_.remove(pod.header().uid);
  }

  void count_bound(const std::string& uid, model::time_point now) {
    if (const auto h = queue_.history(uid))
      metrics_.bound(h->first, std::chrono::duration<double>(now - h->second).count());
  }

  void join(const scheduler_actor& who, uint32_t capacity) {
    if (!queueing_ || !who) return;
    auto [at, fresh] = workers_.try_emplace(who.address());
    at->second.handle = who;
    at->second.capacity = capacity;
    if (fresh) {
      at->second.id = ++worker_ids_;
      monitor(who);
      hold_company();  // it may have placed such pods for another queue
    }
    dispatch();
  }

  // Pods whose places depend on others wait until all reservations have ended that somebody else
  // made for such pods, and the cache shows how.
  void hold_company() {
    ++holds_;
    request(options_.registry, options_.renew_deadline, settle_atom::value)
        .then(
            [this](uint64_t version) {
              const auto wake = caf::actor_cast<caf::actor_addr>(this);
              options_.cache->when(version, [wake] {
                if (auto self = caf::actor_cast<caf::actor>(wake))
                  caf::anon_send(self, tick_atom::value, hold_timer);
              });
            },
            [this](const caf::error& e) {
              spdlog::debug("reservations under way: {}", to_status(e).message);
              --holds_;
              dispatch();
            });
  }

  // The one scheduler for them: the one that has been here longest.
  uint64_t keeper_of_company() const {
    uint64_t id = 0;
    for (const auto& [addr, w] : workers_)
      if (id == 0 || w.id < id) id = w.id;
    return id;
  }

  void finish(const scheduler_actor& who, const std::vector<pod_result>& results) {
    const auto at = workers_.find(who.address());
    if (at == workers_.end()) return;
    read_cache();  // so that a change is known before what it was too late for
    const auto now = options_.clock();
    at->second.held -= std::min(at->second.held, results.size());
    for (const auto& r : results)
      if (r.room) queue_.promise(*r.room, now);
    for (const auto& r : results) switch (r.outcome) {
        case pod_outcome::bound:
          count_bound(r.uid, now);
          queue_.bound(r.uid);
          break;
        case pod_outcome::obsolete:
        case pod_outcome::failed:
          queue_.failed(r.uid, now);
          break;
        case pod_outcome::unschedulable:
          queue_.unschedulable(r.uid, r.refused_by, {r.seen_version, r.seen_releases}, now);
          break;
      }
    dispatch();
  }

  void dispatch() {
    if (queueing_)
      for (bool given = true; given && queue_.active() > 0;) {
        given = false;
        const std::size_t share = queue_.active() / std::max<std::size_t>(1, workers_.size()) + 1;
        for (auto& [addr, w] : workers_) given = give(w, share) || given;
      }
    tell_metrics();
    arm_backoff();
    if (!queue_.has_news_of_gangs() || telling_) return;
    telling_ = true;  // most gangs are complete by then
    delayed_send(this, options_.initial_backoff, tick_atom::value, gang_timer);
  }

  void tell_metrics() {
    std::size_t leased = 0;
    for (const auto& [addr, w] : workers_) leased += w.held;
    metrics_.pending(queue_.active(), queue_.backing_off(), queue_.unschedulable_count(),
                     queue_.gated_count(), leased);
    metrics_.moved(queue_.take_tally());
  }

  bool give(worker& w, std::size_t share) {
    const std::size_t room = w.capacity > w.held ? w.capacity - w.held : 0;
    const bool keeper = holds_ == 0 && w.id == keeper_of_company();
    auto pods = queue_.lease(w.id, std::min({room, share, options_.batch}), keeper);
    if (pods.empty()) return false;
    w.held += pods.size();
    metrics_.leases.add();
    send(w.handle, place_atom::value, ++leases_given_,
         std::vector<object_ref>(pods.begin(), pods.end()),
         queue_.unseen_promises(pods, *options_.cache, options_.clock()));
    return true;
  }

  void arm_backoff() {
    const auto deadline = queue_.next_deadline();
    if (!deadline || backoff_armed_) return;
    // At most a second: an earlier deadline may come in the meantime.
    const auto wait = std::clamp<model::time_point::duration>(
        *deadline - options_.clock(), std::chrono::milliseconds(1), std::chrono::seconds(1));
    backoff_armed_ = true;
    delayed_send(this, wait, tick_atom::value, backoff_timer);
  }

  queue_host_options options_;
  model::leader_election election_;
  model::random_source random_;
  scheduling_metrics metrics_;
  pod_queue queue_;
  cache_wake wake_;
  std::map<caf::actor_addr, worker> workers_;
  caf::actor_addr holder_;
  std::string told_holder_;
  std::map<std::string, uint64_t> volumes_seen_;  // by resource
  uint64_t gangs_seen_ = 0;
  uint64_t pods_seen_ = 0;
  uint64_t nodes_seen_ = 0;
  uint64_t releases_ = 0;  // of reservations, as the registry counts
  uint64_t worker_ids_ = 0;
  uint64_t leases_given_ = 0;
  int holds_ = 0;  // of pods whose places depend on others
  bool stopping_ = false;
  bool queueing_ = false;  // the lease is ours and the queue runs
  bool electing_ = false;
  bool backoff_armed_ = false;
  bool telling_ = false;  // of gangs, soon
};

}  // namespace

std::string lease_name(const std::string& scheduler_name) {
  return scheduler_name == "default-scheduler" ? "kube-scheduler" : scheduler_name;
}

queue_host_actor spawn_queue_host(caf::actor_system& system, queue_host_options options) {
  return system.spawn<queue_host>(std::move(options));
}

}  // namespace troupe::scheduler
