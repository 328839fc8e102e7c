#pragma once

#include "actors/kubelet/image_collector.hpp"
#include "actors/kubelet/node_eyes.hpp"
#include "actors/kubelet/node_keeper.hpp"

#include <map>
#include <set>

namespace troupe {

/// The actor behind spawn_node_keeper(). Private to this folder.
class node_keeper final : public node_keeper_actor::base {
 public:
  using told_function = std::function<void(model::kubelet::node_pressures)>;

  node_keeper(caf::actor_config& cfg, context_ptr context, told_function told);

  const char* name() const override { return "node_keeper"; }
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  struct pod_entry {
    object_ref pod;
    caf::actor worker;
  };
  using shares = std::map<std::string, model::kubelet::pod_share>;  // by uid

  /// One look at the node, and what follows from it.
  void look();
  void looked(const node_figures& figures);
  void make_room(const model::kubelet::eviction_threshold& due);
  /// Removes the containers of pods that have ended; their images are used by nobody then.
  void remove_dead(std::function<void()> then);
  void reclaim(const model::kubelet::eviction_threshold& due, const node_figures& figures);
  /// What the pods use: by what the runtime says, and of what it does not know only what the signal
  /// is about.
  void measure(model::kubelet::eviction_signal signal, std::function<void(shares)> f);
  shares shares_of(const std::vector<model::kubelet::container_usage>& usage) const;
  void evict_one(const model::kubelet::eviction_threshold& due, const node_figures& figures,
                 shares used);
  bool is_active(const std::string& uid, const model::object& pod) const;
  void rest() { busy_ = false; }

  void collect_images();
  void note(const std::string& reason, const std::string& message);

  /// Runs `work` where it may block.
  template <class Result>
  void aside(std::function<Result()> work, std::function<void(Result)> then) {
    if (helper_) return run_on<Result>(helper_, this, std::move(work), std::move(then));
    then(work());
  }
  template <class T, class F>
  model::kubelet::done<T> back(F f) {
    return [way = way_, f](model::kubelet::outcome<T> o) {
      way->post([f, o = std::move(o)] { f(o); });
    };
  }
  model::kubelet::runtime& rt() { return *context_->options.runtime; }

  context_ptr context_;
  told_function told_;
  std::shared_ptr<way_back> way_ = std::make_shared<way_back>();
  caf::actor helper_;  ///< detached; none: nothing blocks
  std::shared_ptr<node_eyes> eyes_;
  model::kubelet::eviction_watch watch_;
  std::shared_ptr<image_collector> images_;
  model::kubelet::node_pressures pressures_;
  std::map<std::string, pod_entry> pods_;
  std::set<std::string> evicted_;  ///< uids; until the pods are gone
  std::string leaving_;            ///< the pod that was evicted last
  model::time_point patience_{};   ///< with it
  bool busy_ = false, gc_failed_ = false;
};

}  // namespace troupe
