#pragma once

#include "model/scheduling/cluster_snapshot.hpp"
#include "model/scheduling/explanation.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace troupe::model {

/// Pods that are alike, to be placed one after the other.
struct simulated_pods {
  std::string name;  ///< "deployment/web", "pod/db": who would make them
  std::string ns;
  std::string base;  ///< their names are this, or this and a number
  json pod;          ///< a whole Pod, as the API would store it, but for name and uid
  std::size_t count = 1;
  std::vector<json> claims;  ///< PersistentVolumeClaims of which each gets its own: "NAME-POD"
  /// What differs from pod to pod, e.g. the node of a daemon; null: nothing.
  std::function<void(json& pod, std::size_t index)> vary;
};

/// What became of them.
struct simulated_fate {
  static constexpr std::uint32_t nowhere = UINT32_MAX;
  std::vector<std::uint32_t> nodes;  ///< by pod: an index into simulation::nodes()
  std::size_t placed = 0;
  std::string message;       ///< of the first that fits nowhere: FailedScheduling's
  std::vector<way_in> ways;  ///< and what would let it in
};

/// How full nodes are.
struct utilisation {
  struct share {
    std::int64_t used = 0;
    std::int64_t of = 0;
    double fraction() const {
      return of > 0 ? static_cast<double>(used) / static_cast<double>(of) : 0;
    }
  };
  share cpu, memory, pods;  ///< of all nodes: milli-CPUs, bytes, pods
  /// Nodes by how much of their CPU is asked for, in tenths.
  std::array<std::size_t, 10> nodes_by_cpu{};
};

/// Places pods on a snapshot as a scheduler with nothing else to do would: those of a higher
/// priority first, then in the order that they come in. Nothing of the cluster changes.
class simulation {
 public:
  simulation(cluster_snapshot& cluster, std::uint64_t seed);

  const std::vector<std::string>& nodes() const { return nodes_; }
  utilisation now() const;
  /// `progress` is called now and then with the number of pods that are decided.
  std::vector<simulated_fate> place(const std::vector<simulated_pods>& all,
                                    const std::function<void(std::size_t)>& progress = {});

 private:
  void place_group(const simulated_pods& g, simulated_fate& fate);
  void place_alike(const simulated_pods& g, simulated_fate& fate);
  void place_each(const simulated_pods& g, simulated_fate& fate);
  void settle(const pod_view& pod, const std::string& node, simulated_fate& fate);
  void explain(const pod_view& pod, const circumstances& given, simulated_fate& fate);
  std::string next_uid();

  cluster_snapshot& cluster_;
  random_source random_;
  std::vector<std::string> nodes_;
  std::unordered_map<std::string, std::uint32_t> index_;
  bool remembers_ = true;  // some pod's place depends on the pods that are there
  std::uint64_t pods_ = 0;
  std::size_t decided_ = 0;
  std::function<void(std::size_t)> progress_;
};

}  // namespace troupe::model
