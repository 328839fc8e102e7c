#pragma once

#include "model/random.hpp"
#include "model/scheduling/filters.hpp"
#include "model/scheduling/image_table.hpp"
#include "model/scheduling/neighbourhood.hpp"
#include "model/scheduling/preemption.hpp"
#include "model/scheduling/profile.hpp"
#include "model/scheduling/surroundings.hpp"
#include "model/scheduling/topology.hpp"
#include "model/scheduling/volume_demand.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace troupe::model {

struct resource_use;

struct explanation;
using pod_view_ptr = std::shared_ptr<const pod_view>;
using node_view_ptr = std::shared_ptr<const node_view>;

/// What decides about a pod's places beside the pod, the nodes and the pods on them.
struct circumstances {
  /// The constraints that it goes by if it has none of its own (PodTopologySpread's defaults for
  /// the workload that it belongs to).
  std::span<const spread_constraint> spread;
  const volume_demand* volumes = nullptr;  ///< of its claims; null: it has none
};

/// A scheduler's picture of all nodes: what each offered last, what the scheduler has placed there
/// since (assumed), and the pods on them. In columns, so that a pass over thousands of nodes stays
/// in the caches.
class offer_table {
 public:
  explicit offer_table(profile rules = {});

  std::size_t size() const { return names_.size(); }

  /// A node as it was last shown; null when there is none of this name.
  const node_view* node(const std::string& name) const;

  /// Each node, and what pods take of it, those included that are assumed to be there.
  void each(const std::function<void(const node_view&, const usage&)>& f) const;

  /// The pods on the nodes; what is committed there is for the caller to put.
  neighbourhood& pods() { return pods_; }
  /// Whether the pod's place depends on other pods: it has rules about them, or they about it.
  bool is_ruled(const pod_view& pod) const;

  /// A node is new or changed. `view` may be null when the node itself is known and unchanged.
  void set(const std::string& node, node_view_ptr view, usage used);
  void remove(const std::string& node);
  void clear();

  /// Places pods that share a signature (and namespace and labels, when they are ruled or have a
  /// default spread; a pod with claims, or for plugins of others, comes alone), one after the
  /// other, each where kube-scheduler would (ties: to the node with the fewest pods, then at
  /// random), and assumes them there. One name a pod; empty from the first pod on that fits
  /// nowhere.
  std::vector<std::string> place(std::span<const pod_view_ptr> pods, random_source& random,
                                 const circumstances& given = {});

  /// The nodes that share the highest score for the pod: kube-scheduler's tie set.
  std::vector<std::string> best(const pod_view& pod, const circumstances& given = {});

  /// All nodes that may take the pod, with their scores.
  std::vector<std::pair<std::string, std::int64_t>> ranked(const pod_view& pod,
                                                           const circumstances& given = {});
  /// Assumes the pod on this very node, if that may take it.
  bool place_on(const pod_view_ptr& pod, const std::string& node, const circumstances& given = {});

  /// Why the pod fits nowhere now.
  diagnosis diagnose(const pod_view& pod, const circumstances& given = {});
  /// What each node has against the pod or, where it may go, scores; a pod that is placed already
  /// is not in the table when it is asked about.
  explanation explain(const pod_view& pod, const circumstances& given = {});

  /// Which pods would have to go, and from where, for a pod that fits nowhere: DefaultPreemption.
  /// `all`: for others who choose among the candidates.
  preemption preempt(const pod_view& pod, const std::vector<disruption_limit>& budgets,
                     random_source& random, const circumstances& given = {}, bool all = false);
  /// The same for pods that are placed together, so many of them at least: nodes where they would
  /// be if others went. No pod of theirs (by their pod-group label) has to go for another.
  struct member {
    pod_view_ptr pod;
    circumstances given;
  };
  joint_preemption preempt_together(std::span<const member> pods, std::size_t least,
                                    const std::vector<disruption_limit>& budgets,
                                    random_source& random);
  /// The room that the pod has been promised is still to come: pods that were sent away for it are
  /// there, or the node's offer counts them.
  bool awaits_room(const pod_view& pod) const;
  /// The pod has been told to go for another one: it counts as going from now on, before the store
  /// shows that, until forget_sent_away(). False: it did already.
  bool send_away(const std::string& uid) { return sent_away_.insert(uid).second; }
  void forget_sent_away(const std::string& uid) { sent_away_.erase(uid); }
  /// The pod has been promised room on the node, which pods of lower and of the same priority leave
  /// to it, until it is assumed to be somewhere.
  void nominate(const pod_view_ptr& pod, const std::string& node);
  void forget_nomination(const std::string& uid);
  void forget_nominations();
  /// The pods of a lower priority that have been promised room there.
  std::vector<pod_view_ptr> nominated_below(const std::string& node, std::int32_t priority) const;

  /// An assumed pod is not going to be there.
  void forget(const std::string& uid);
  /// The node's own offer counts an assumed pod.
  void settle(const std::string& uid);
  /// An assumed pod is there for good, although no offer will ever count it.
  void keep(const std::string& uid);
  bool assumes(const std::string& uid) const { return assumed_.contains(uid); }
  std::size_t assumed() const { return assumed_.size(); }
  /// Assumptions are numbered from 1 on: the number of the oldest one whose fate is not known yet
  /// (none: beyond the last).
  std::uint64_t oldest_assumption();
  /// A pod that took room on the node has left it, as of this version of the store: until all
  /// offers reflect that, the node's may count it.
  void left(const std::string& node, std::uint64_t version);
  void offers_reflect(std::uint64_t version);
  /// Nothing is under way on the node: what is known of it is exact.
  bool is_exact(const std::string& node) const {
    return !assumed_on_.contains(node) && !left_.contains(node);
  }
  /// ... on any node.
  bool is_exact() const { return assumed_.empty() && left_.empty(); }
  /// What is under way at a time, and whether all of that has ended.
  struct moment {
    std::uint64_t assumption = 0;
    std::uint64_t version = 0;
  };
  moment now() const;
  bool has_passed(const moment& m) {
    return m.assumption < oldest_assumption() && m.version <= reflected_;
  }

 private:
  struct assumption {
    std::string node;
    pod_view_ptr pod;
    std::uint64_t number = 0;
  };
  struct candidate {
    std::int64_t score;
    std::int64_t pods;
    std::uint64_t tie;
    std::size_t row;
    bool operator<(const candidate& o) const;  // the lesser is chosen later
  };
  struct raw_scores;
  class order;
  class ruled_pass;

  /// Any node without taints will do: it has no selector.
  bool asks_nothing_of_nodes(const pod_view& pod) const;
  /// NodeAffinity and ImageLocality have something to score.
  bool prefers_nodes(const pod_view& pod) const;
  bool prefers_images(const pod_view& pod) const;
  /// Raw scores that NodeAffinity and TaintToleration give the row.
  std::int64_t preference(std::size_t row, const pod_view& pod) const;
  std::int64_t taints_of(std::size_t row, const pod_view& pod) const;
  /// NodeResourcesFit's and NodeResourcesBalancedAllocation's, without weights.
  std::int64_t fit_of(std::size_t row, const pod_view& pod) const;
  std::int64_t balance_of(std::size_t row, const pod_view& pod) const;
  std::vector<resource_use> uses_of(std::size_t row, const pod_view& pod,
                                    const std::vector<scored_resource>& list, bool estimated) const;
  std::int64_t resource_score(std::size_t row, const pod_view& pod) const;
  std::optional<std::set<std::string>> named_nodes(const pod_view& pod) const;
  /// What plugins of others say.
  std::optional<refusal> custom_refusal(std::size_t row, const pod_view& pod,
                                        const usage& used) const;
  std::int64_t custom_score(std::size_t row, const pod_view& pod) const;
  std::optional<refusal> custom_refusal(std::size_t row, const pod_view& pod) const;
  /// Where the pod has been promised room; null: nowhere that is known.
  const std::string* promised_node(const pod_view& pod) const;
  void assume(std::size_t row, pod_view_ptr pod);
  assumption drop_assumption(std::unordered_map<std::string, assumption>::iterator at);
  void refresh(std::size_t row);
  void changed(std::size_t row);
  /// Whether what is known of all nodes for pods like this one holds until the nodes change.
  bool may_last(const pod_view& pod, const circumstances& given) const;
  order& order_of(const pod_view& pod);
  bool fits(std::size_t row, const pod_view& pod) const;
  bool usage_permits(std::size_t row, const pod_view& pod) const;
  std::int64_t own_score(std::size_t row, const pod_view& pod, const raw_scores& raw) const;
  std::int64_t score(std::size_t row, const pod_view& pod, const raw_scores& raw) const;
  raw_scores judge(const pod_view& pod, const circumstances& given) const;
  /// Whether a pod, anywhere, has a claim that the pod at hand may have only alone.
  bool is_taken(const circumstances& given) const;
  /// `taken`: what is_taken() says, which is asked once for all nodes.
  std::optional<refusal> volume_refusal(std::size_t row, const circumstances& given,
                                        bool taken) const;
  std::vector<std::string> place_ruled(std::span<const pod_view_ptr> pods, random_source& random,
                                       const circumstances& given);
  surroundings surroundings_of(const pod_view& pod, const circumstances& given);
  usage with_nominated(std::size_t row, const pod_view& pod) const;
  class victim_search;
  struct victim_memory;
  victim_memory& memory_of(const pod_view& pod, const std::vector<disruption_limit>& budgets);
  bool may_be_helped(std::size_t row, const pod_view& pod, const circumstances& given, bool taken,
                     const surroundings& around) const;
  void count_victim(const victim& v, bool there);
  void promises_changed(const std::string& node);
  /// Grows with whatever changes on the row's node.
  std::uint64_t stamp_of(std::size_t row) const {
    return stamps_[row] + pods_.changes_on(ids_[row]);
  }
  class account;

  profile rules_;
  bool fit_filters_ = true;  // of rules_
  bool plain_resources_ = true;
  std::unordered_map<std::string, std::size_t> rows_;
  std::unordered_map<std::string, assumption> assumed_;                 // by uid
  std::deque<std::pair<std::uint64_t, std::string>> assumed_in_order_;  // some are known by now
  std::uint64_t assumptions_ = 0;

  // One entry a node each; `used_` includes what is assumed.
  std::vector<std::string> names_;
  std::vector<node_view_ptr> views_;
  std::vector<usage> used_;
  struct amounts {
    std::int64_t cpu, memory, ephemeral, pods;
  };
  std::vector<amounts> allocatable_;
  std::vector<amounts> taken_;
  struct nonzero {
    std::int64_t cpu, memory;
  };
  std::vector<nonzero> nonzero_;
  std::vector<bool> open_;  // no taint and not cordoned: most nodes
  std::vector<neighbourhood::node_id> ids_;
  std::vector<std::uint64_t> stamps_;                     // of changes, those of pods_ apart
  std::vector<std::size_t> changes_;                      // rows, as their stamps grew
  std::uint64_t changes_before_ = 0;                      // how many are forgotten
  std::vector<std::shared_ptr<victim_memory>> memories_;  // the latest used last
  std::vector<std::shared_ptr<order>> orders_;            // the latest used last
  neighbourhood pods_;
  topology domains_;
  image_table images_;
  std::map<std::string, std::vector<pod_view_ptr>> nominated_;            // by node
  std::unordered_map<std::string, std::string> nominations_;              // uid to node
  std::unordered_map<std::string, std::vector<std::string>> assumed_on_;  // node to uids
  std::unordered_map<std::string, std::uint64_t> left_;  // node to what its offer has to reflect
  std::uint64_t reflected_ = 0;                          // by all offers
  std::unordered_set<std::string> sent_away_;            // uids
};

}  // namespace troupe::model
