#pragma once

#include <cstdint>
#include <string_view>

namespace troupe::model {

/// Words that most pods' texts do not have: where one is, more of the pod has to be read. As they
/// stand in quotes.
enum class word : std::uint8_t {
  persistent_volume_claim,  ///< persistentVolumeClaim
  ephemeral,
  pod_affinity,         ///< podAffinity
  pod_anti_affinity,    ///< podAntiAffinity
  nominated_node_name,  ///< nominatedNodeName
  disruption_target,    ///< DisruptionTarget
  job_tracking,         ///< batch.kubernetes.io/job-tracking
  readiness_gates,      ///< readinessGates
  active_deadline,      ///< activeDeadlineSeconds
  /// A volume that decides about a pod's places without a claim: awsElasticBlockStore, azureDisk,
  /// cinder, gcePersistentDisk, iscsi, portworxVolume, rbd.
  disk,
};

/// The set of the words that a text has, as bits: found in one pass.
std::uint32_t words_in(std::string_view text);

constexpr std::uint32_t bit_of(word w) {
  return 1U << static_cast<unsigned>(w);
}

}  // namespace troupe::model
