#pragma once

#include "model/json.hpp"
#include "model/object.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {

/// A volume in a pod's spec that pods on one node may have to leave to each other: a disk of GCE
/// or AWS, an iSCSI target, an image of Ceph.
struct pod_disk {
  enum class kind : std::uint8_t { gce, aws, iscsi, rbd };
  kind what = kind::gce;
  std::string id;                     ///< pdName, volumeID, iqn, or "POOL/IMAGE"
  std::vector<std::string> monitors;  ///< of Ceph
  bool read_only = false;
};
/// Whether two pods with these cannot be on the same node (kube-scheduler's VolumeRestrictions):
/// they are the same, and not both only read (of AWS: whatever they do).
bool conflict(const pod_disk& a, const pod_disk& b);

/// Whether any of these cannot be on a node with any of those.
bool conflict(const std::vector<pod_disk>& some, const std::vector<pod_disk>& others);

/// What of a pod's volumes decides about its places.
struct pod_volumes {
  std::vector<std::string> claims;  ///< names; those of ephemeral volumes included
  std::vector<pod_disk> disks;
  /// Volumes without a claim that a node counts (text_of(counted_volume)).
  std::vector<std::string> counted;
};
/// Of spec.volumes of the pod; null: nothing of it does.
std::shared_ptr<const pod_volumes> pod_volumes_of(const json& volumes, std::string_view pod);
/// Whether a pod may have claims, or any of it: its text says so.
bool may_have_claims(const object& pod);
bool may_have_volumes(const object& pod);

}  // namespace troupe::model
