#pragma once

#include "actors/scheduler/apart_terms.hpp"
#include "actors/scheduler/gangs.hpp"
#include "actors/scheduler/queue_tally.hpp"
#include "actors/scheduler/queueing_hints.hpp"
#include "messages/scheduling.hpp"
#include "model/pod_view.hpp"
#include "model/scheduling/filters.hpp"
#include "model/scheduling/profile.hpp"
#include "model/time.hpp"
#include "store/cache.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace troupe::scheduler {

/// The pending pods of one scheduler name: active (by priority, then age), backing off,
/// unschedulable until something changes, gated, and leased to schedulers.
///
/// Pods whose places depend on other pods (they have rules about others, or others want to be apart
/// from them) are given to one scheduler alone, so that two cannot both be right alone and wrong
/// together.
///
/// Pods of a PodGroup are held until enough of them are there, and then given out in one lease;
/// once enough are on nodes, further ones come alone.
class pod_queue {
 public:
  struct options {
    std::chrono::milliseconds initial_backoff{1000};
    std::chrono::milliseconds max_backoff{10000};
    /// A pod that waited so long is tried again whatever happened (kube's flush).
    std::chrono::milliseconds unschedulable_limit{300000};
    std::shared_ptr<const model::profile> profile;  ///< null: the default one
    /// Victims that nobody has seen go by then could not be told.
    std::chrono::milliseconds promise_limit{30000};
  };

  explicit pod_queue(options o)
      : options_(std::move(o)),
        profile_(options_.profile ? options_.profile : std::make_shared<const model::profile>()) {}

  /// A pending pod is new or changed.
  void update(model::object_ptr pod, model::time_point now);
  /// It is bound, gone, being deleted or not ours any more.
  void remove(const std::string& uid);

  /// Any pod is there, on a node or pending, of whatever scheduler; or gone, or has ended: what it
  /// wants to be apart from.
  void see(const model::object& pod, bool there);

  /// A PodGroup wants so many members; nothing: there is no such PodGroup.
  void define_gang(const std::string& gang, std::optional<std::size_t> least);
  /// There are no PodGroups, before they are defined anew.
  void forget_gangs();
  /// Pods that wait for others of their gang, with the reason, unless that has been told.
  std::vector<std::pair<model::object_ptr, std::string>> news_of_gangs();
  /// Whether there may be such news.
  bool has_news_of_gangs() const { return news_; }

  /// The next pods, at most `limit` (but a gang comes whole), given to `worker`; `all`: it is the
  /// one for pods whose places depend on others. These wait until nobody else has what was given
  /// out before it was known that some pod wants to be apart from it.
  std::vector<model::object_ptr> lease(std::uint64_t worker, std::size_t limit, bool all = true);
  /// Fates of leased pods.
  void bound(const std::string& uid);
  /// How often a leased pod was tried (this time included), and since when it waits; nothing of one
  /// that is not leased.
  std::optional<std::pair<int, model::time_point>> history(const std::string& uid) const;
  void failed(const std::string& uid, model::time_point now);
  /// What the scheduler's offers reflected: commits up to a version, and a number of releases.
  struct seen {
    std::uint64_t version = 0;
    std::uint64_t releases = 0;
  };
  void unschedulable(const std::string& uid, std::uint32_t refused_by, seen by,
                     model::time_point now);
  /// A pod has been promised room, which is being written; on no node: nothing any more.
  void promise(promised_room room, model::time_point now);
  /// What these pods have been promised that is not seen yet, at the pods themselves or at their
  /// victims: whoever has them next has to know.
  std::vector<promised_room> unseen_promises(const std::vector<model::object_ptr>& pods,
                                             const store::cache& cache, model::time_point now);
  /// Gives back all that a worker had; they are active again at once.
  void reclaim(std::uint64_t worker);

  /// Something changed: pods that it may help are tried again (after their backoff).
  void wake(const std::vector<cluster_change>& changes, model::time_point now);
  /// The queue starts from the cluster as of this version: what was judged by older offers may have
  /// missed anything.
  void starts_at(std::uint64_t version);
  /// Reservations were released, so many in all: pods that lacked room are tried again.
  void released(std::uint64_t releases, model::time_point now);
  /// Moves on what has waited long enough.
  void advance(model::time_point now);
  /// When advance() has something to do next.
  std::optional<model::time_point> next_deadline() const;

  std::size_t active() const { return active_.size() + company_.size() + ready_gangs_.size(); }
  std::size_t size() const { return pods_.size(); }
  std::size_t unschedulable_count() const { return unschedulable_.size(); }
  std::size_t backing_off() const { return waiting_.size() - unschedulable_.size(); }
  std::size_t gated_count() const { return gated_.size(); }
  /// What has come into its parts since the last call.
  queue_tally take_tally() { return std::exchange(tally_, {tally_.now, {}}); }

 private:
  enum class state : std::uint8_t { active, backoff, unschedulable, gated, held, leased, bound };
  struct order {
    std::int32_t priority;
    model::time_point created;
    std::uint64_t number;
    std::string uid;
    bool operator<(const order& o) const;
  };
  struct entry {
    model::object_ptr pod;
    std::shared_ptr<const model::pod_view> view;
    state at = state::active;
    std::uint64_t number = 0;
    std::uint64_t worker = 0;
    std::uint64_t lease = 0;
    bool in_company = false;  // its place depends on other pods
    int attempts = 0;
    std::uint32_t refused_by = 0;
    model::time_point until;  // backoff: end; unschedulable: limit
    model::time_point tried;
    std::optional<model::time_point> since;  // when it could first be tried
    bool changed = false;                    // while leased
    std::string gang;                        // its PodGroup; empty: none
    std::string told;                        // why it was held, when that was last told
    std::optional<promised_room> room;       // as long as not all of it is seen
    bool room_seen = false;                  // the pod has said so
    model::time_point room_until;            // victims are waited for until then
  };
  using deadlines = std::set<std::pair<model::time_point, std::string>>;

  order order_of(const entry& e) const;
  void leave(entry& e);
  bool may_lease_company(std::uint64_t worker);
  void activate(entry& e);
  void reconsider(const std::string& gang);
  void grant(entry& e, std::uint64_t worker);
  void back_off(entry& e, model::time_point now);
  model::time_point backoff_end(const entry& e) const;
  bool helped(const entry& e, const cluster_change& c) const;

  options options_;
  std::shared_ptr<const model::profile> profile_;
  std::unordered_map<std::string, entry> pods_;  // by uid
  std::set<order> active_;
  std::set<order> company_;  // active, too: those whose places depend on others
  gangs gangs_;
  std::map<order, std::string> ready_gangs_;         // complete ones, by their first pod
  std::unordered_map<std::string, order> first_of_;  // those in ready_gangs_
  bool news_ = false;
  apart_terms apart_;
  std::uint64_t leases_ = 0;
  std::uint64_t newest_term_ =
      0;               // leases that had been given when a term appeared; 0: all are back
  deadlines waiting_;  // backoff and unschedulable, by the end of it
  std::set<std::string> unschedulable_;
  std::set<std::string> gated_;
  queue_tally tally_;
  std::map<std::uint64_t, std::set<std::string>> leased_;
  std::uint64_t numbers_ = 0;
  std::uint64_t releases_ = 0;
  std::map<std::uint32_t, std::uint64_t> changed_at_;  // plugin bit to version of the last change
};

}  // namespace troupe::scheduler
