#pragma once

#include "model/object.hpp"
#include "model/selector.hpp"
#include "model/time.hpp"
#include "model/workload/pod_facts.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace troupe::model {

/// What is read of a ReplicaSet or a ReplicationController: object::view<replica_set_view>().
struct replica_set_view {
  explicit replica_set_view(const object& set);

  std::int64_t replicas = 1;
  std::chrono::seconds min_ready{0};
  std::int64_t generation = 0;
  std::optional<label_selector> selector;  ///< nothing when it is empty or invalid
  json template_;                          ///< PodTemplateSpec
  string_pairs template_labels;
  json status;

  bool fully_labels(const string_pairs& labels) const;
};

/// The active pods of a set, counted.
struct replica_counts {
  std::int64_t replicas = 0;
  std::int64_t fully_labeled = 0;
  std::int64_t ready = 0;
  std::int64_t available = 0;
  std::optional<time_point> next;  ///< when the next pod becomes available

  /// `labeled`: the pod has all labels of the template.
  void add(const pod_facts& pod, bool labeled, std::chrono::seconds min_ready, time_point now);
};

/// What went wrong when pods were made (FailedCreate) or removed (FailedDelete).
struct replica_failure {
  std::string reason;
  std::string message;
};

/// The status that follows (kube's calculateStatus): counts, observedGeneration and the condition
/// ReplicaFailure, which stays as it was first set until nothing fails any more.
json replica_set_status(const replica_set_view& set, const replica_counts& counts,
                        const std::optional<replica_failure>& failure, time_point now);

}  // namespace troupe::model
