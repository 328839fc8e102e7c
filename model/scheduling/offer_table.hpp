#pragma once

#include "model/random.hpp"
#include "model/scheduling/filters.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe::model {

using pod_view_ptr = std::shared_ptr<const pod_view>;
using node_view_ptr = std::shared_ptr<const node_view>;

/// A scheduler's picture of all nodes: what each offered last, and what the scheduler has placed
/// there since (assumed). In columns, so that a pass over thousands of nodes stays in the caches.
class offer_table {
 public:
  std::size_t size() const { return names_.size(); }

  /// A node is new or changed. `view` may be null when the node itself is known and unchanged.
  void set(const std::string& node, node_view_ptr view, usage used);
  void remove(const std::string& node);
  void clear();

  /// Places pods that share a signature, one after the other, each where kube-scheduler would
  /// (ties: to the node with the fewest pods, then at random), and assumes them there. One name a
  /// pod; empty from the first pod on that fits nowhere.
  std::vector<std::string> place(std::span<const pod_view_ptr> pods, random_source& random);

  /// The nodes that share the highest score for the pod: kube-scheduler's tie set.
  std::vector<std::string> best(const pod_view& pod) const;

  /// Why the pod fits nowhere now.
  diagnosis diagnose(const pod_view& pod) const;

  /// The fate of an assumed pod is known: the node's own offer counts it, or it is not there.
  void forget(const std::string& uid);
  bool assumes(const std::string& uid) const { return assumed_.contains(uid); }
  std::size_t assumed() const { return assumed_.size(); }

 private:
  struct assumption {
    std::string node;
    pod_view_ptr pod;
  };
  struct candidate {
    std::int64_t score;
    std::int64_t pods;
    std::uint64_t tie;
    std::size_t row;
    bool operator<(const candidate& o) const;  // the lesser is chosen later
  };
  struct raw_scores;

  void assume(std::size_t row, pod_view_ptr pod);
  void refresh(std::size_t row);
  bool fits(std::size_t row, const pod_view& pod) const;
  std::int64_t score(std::size_t row, const pod_view& pod, const raw_scores& raw) const;
  raw_scores judge(const pod_view& pod) const;

  std::unordered_map<std::string, std::size_t> rows_;
  std::unordered_map<std::string, assumption> assumed_;  // by uid

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
  std::unordered_map<std::string, std::vector<std::string>> assumed_on_;  // node to uids
};

}  // namespace troupe::model
