#pragma once

#include "model/scheduling/offer_table.hpp"
#include "model/scheduling/volume_demand.hpp"
#include "model/scheduling/workload_selectors.hpp"

#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::model {

/// What a scheduler knows of a cluster, made of the cluster's objects: for who asks what it would
/// decide.
class cluster_snapshot {
 public:
  /// `rules`: the profile of the scheduler that would decide.
  explicit cluster_snapshot(profile rules = {}) : rules_(std::move(rules)), table_(rules_) {}

  /// The resources that it is made of.
  static const std::vector<std::string>& resources();

  /// Takes an object in; each once.
  void put(const object_ptr& o);
  /// All objects are there: nodes show what their pods leave of them.
  void finish();

  offer_table& table() { return table_; }
  const volume_book& volumes() const { return volumes_; }
  const std::vector<disruption_limit>& budgets() const { return budgets_; }
  const workload_selectors& workloads() const { return workloads_; }

  /// What decides about a pod beside itself, as a scheduler that has read these objects finds it.
  struct situation {
    std::vector<spread_constraint> spread;
    volume_demand volumes;
    circumstances given() const { return {spread, volumes.empty() ? nullptr : &volumes}; }
  };
  situation situation_of(const object& pod, const pod_view& view) const;

 private:
  void put_pod(const object_ptr& pod);

  profile rules_;
  offer_table table_;
  workload_selectors workloads_;
  volume_book volumes_;
  std::vector<disruption_limit> budgets_;
  std::vector<object_ptr> nodes_;
  std::unordered_map<std::string, usage> used_;  // by node
};

}  // namespace troupe::model
