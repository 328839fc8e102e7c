#pragma once

#include "model/object.hpp"
#include "model/selector.hpp"
#include "model/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe::model {

inline constexpr const char* pod_template_hash_label = "pod-template-hash";
inline constexpr const char* revision_annotation = "deployment.kubernetes.io/revision";
inline constexpr const char* revision_history_annotation =
    "deployment.kubernetes.io/revision-history";
inline constexpr const char* desired_replicas_annotation =
    "deployment.kubernetes.io/desired-replicas";
inline constexpr const char* max_replicas_annotation = "deployment.kubernetes.io/max-replicas";

/// What is read of a Deployment.
struct deployment_view {
  explicit deployment_view(const object& deployment);

  std::string name;
  std::string ns;
  std::string uid;
  bool deleting = false;
  std::int64_t generation = 0;
  std::int64_t replicas = 1;
  std::int64_t min_ready = 0;  ///< seconds
  bool paused = false;
  bool recreate = false;             ///< strategy Recreate; else RollingUpdate
  std::int64_t max_surge = 0;        ///< pods; 0 of Recreate
  std::int64_t max_unavailable = 0;  ///< pods; 0 of Recreate, at most `replicas`
  std::optional<std::chrono::seconds> progress_deadline;
  std::optional<std::int64_t> history_limit;
  std::optional<label_selector> selector;  ///< nothing when it is empty or invalid
  json selector_json;
  json template_;
  json annotations;  ///< an object
  json status;       ///< an object
};

/// What a Deployment reads of a ReplicaSet.
struct rollout_set {
  rollout_set() = default;
  explicit rollout_set(const object& set);

  std::string name;
  std::string uid;
  bool deleting = false;
  std::optional<time_point> created;
  std::int64_t generation = 0;
  std::int64_t observed_generation = 0;
  std::int64_t replicas = 0;   ///< wanted
  std::int64_t min_ready = 0;  ///< seconds
  std::int64_t actual = 0;     ///< status.replicas
  std::int64_t ready = 0;
  std::int64_t available = 0;
  json annotations;  ///< an object
  json template_;    ///< without the label pod-template-hash
  json failure;      ///< its condition ReplicaFailure, or null

  std::int64_t revision() const;  ///< 0 when it has none
};
using rollout_sets = std::vector<rollout_set>;

/// The template without the label pod-template-hash: those of a Deployment and its ReplicaSet are
/// the same then (kube's EqualIgnoreHash).
json without_hash(json template_);

/// A number in an annotation.
std::optional<std::int64_t> number_in(const json& annotations, const char* name);

/// Older ones first; of the same age, by name.
void sort_by_age(rollout_sets& sets);

/// Sum of spec.replicas.
std::int64_t wanted_replicas(const rollout_sets& sets);

}  // namespace troupe::model
