#pragma once

#include "model/object.hpp"
#include "model/pod_view.hpp"
#include "store/cache.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace troupe::scheduler {

/// Who has which claim, on whatever node: pods that are on nodes, and pods that are being bound.
/// The truth by which a claim that one pod alone may have (access mode ReadWriteOncePod) is given
/// away.
class exclusive_claims {
 public:
  /// A pod as committed; `gone`: the store has it no more. It has its claims while it is on a node
  /// and has not run to its end.
  void see(const model::object& pod, bool gone);
  /// Forgets the pods that are on nodes, before all are shown again.
  void clear_committed();

  /// The pod has its claims until the job ends. Unless somebody else has one of them that one pod
  /// alone may have: then its "NAMESPACE/NAME". `judged`: false asks for no such thing, for pods of
  /// profiles that do not look at it.
  std::optional<std::string> hold(std::uint64_t job, const model::object& pod,
                                  const store::cache& cache, bool judged);
  /// Whether the pod holds any claim: if not, there is nothing to release.
  bool holds(const std::string& uid) const { return claims_of_.contains(uid); }
  /// The pod is not being bound by this job any more. One that the cache shows on a node keeps what
  /// it has.
  void release(std::uint64_t job, const std::string& uid, const model::object_ptr& as_it_is);

 private:
  // The job of a pod that is on a node.
  static constexpr std::uint64_t committed = UINT64_MAX;

  void take(std::uint64_t job, const std::string& uid, const std::vector<std::string>& claims);
  void drop(std::uint64_t job, const std::string& uid);

  using holder = std::pair<std::string, std::uint64_t>;                  // uid, job
  std::unordered_map<std::string, std::set<holder>> holders_;            // by claim
  std::unordered_map<std::string, std::vector<std::string>> claims_of_;  // by uid
};

}  // namespace troupe::scheduler
