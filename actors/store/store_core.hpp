#pragma once

#include "actors/store/store.hpp"
#include "model/status.hpp"
#include "store/claim_table.hpp"
#include "store/quota_guard.hpp"

#include <deque>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe {

/// The single writer's mind: judges writes against the newest state, committed or on its way,
/// gives out versions, forms batches, and undoes what the journal did not take. Writes are answered
/// in the order in which they were taken.
class store_core {
 public:
  enum class phase : std::uint8_t { loading, serving, recovering, fenced };
  using events = std::vector<store::event>;
  using events_ptr = std::shared_ptr<const events>;
  using objects = std::vector<model::object_ptr>;

  store_core(store::cache& cache, store_limits limits,
             model::wall_clock clock = model::system_wall_clock())
      : cache_(cache),
        limits_(limits),
        quotas_([this](const std::string& ns) { return newest_in(ns); }, std::move(clock)) {}

  phase state() const { return phase_; }
  std::size_t queued() const { return queue_.size() + in_flight_.size(); }
  bool batch_under_way() const { return batch_ != nullptr; }
  /// Of the newest commit.
  std::uint64_t version() const { return cache_.version(); }

  /// Whether judging this write looks at a state that is not on disk yet: a refusal must then wait
  /// for its turn, too, or it would tell of something that may never have happened.
  bool ahead_of(const write& w) const { return ahead_.contains({w.resource, w.ns, w.name}); }

  /// Takes a write, or says why not.
  std::optional<model::status> submit(write& w);

  /// The batch to hand to the journal next; null when there is none or one is under way.
  events_ptr next_batch();

  /// The batch under way is on disk: it is published. Answers to its writes, in order.
  objects committed();
  /// The journal took nothing of the batch under way. Everything taken and not answered has failed
  /// with this status; further writes are welcome.
  model::status refused(const store::journal_result& why);
  /// Nobody knows what became of the batch under way, as refused(); no writes until recovered().
  model::status lost(const store::journal_result& why);
  /// The journal is back, and this is what it has that the cache has not.
  void recovered(const events& missed);
  void loaded(store::journal_state state);
  /// A newer writer has taken over.
  model::status fenced();

 private:
  struct pending {
    store::event change;  // without an object: the update changes nothing
    model::object_ptr answer;
    std::size_t bytes = 0;
  };
  // An object by its name; views into the object's own key.
  struct name_view {
    std::string_view resource, ns, name;
    bool operator==(const name_view&) const = default;
  };
  struct name_hash {
    std::size_t operator()(const name_view& n) const;
  };
  struct head {
    model::object_ptr object;  // the last state when removed
    bool removed = false;
  };

  static name_view name_of(const model::object_key& k) { return {k.resource, k.ns, k.name}; }
  std::optional<model::status> admission(const write& w) const;
  std::optional<model::status> precondition(const write& w, const model::object_ptr& now,
                                            const model::object_key& key) const;
  model::object_ptr newest(const model::object_key& key) const;
  objects newest_in(const std::string& ns) const;
  void reset_tables();
  void take(pending p);
  void forget_speculation();

  store::cache& cache_;
  const store_limits limits_;
  phase phase_ = phase::loading;
  std::uint64_t last_version_ = 0;  // given out
  std::deque<pending> queue_;
  std::size_t queue_bytes_ = 0;
  std::vector<pending> in_flight_;
  events_ptr batch_;                                      // the changes of in_flight_
  std::unordered_map<name_view, head, name_hash> ahead_;  // where we are ahead of the cache
  store::claim_table claims_;                             // of the newest state
  store::quota_guard quotas_;                             // likewise
};

}  // namespace troupe
