#pragma once

#include "model/json.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace troupe::model {

// kube-controller-manager's attach/detach controller, as far as CSI drivers have their volumes
// attached: which, where, until when, and what people are told.

/// The annotation of a node whose kubelet leaves attaching to the controller.
inline constexpr const char* controller_attaches =
    "volumes.kubernetes.io/controller-managed-attach-detach";
/// How long a kubelet that is not ready may keep a volume that nobody wants there any more.
inline constexpr std::chrono::minutes longest_unmount{6};
/// How long a driver's attacher has before people are told that it does not answer.
inline constexpr std::chrono::minutes longest_attach{2};

/// A PersistentVolume that has to be attached to a node before a kubelet mounts it.
struct attachable_volume {
  std::string name;  ///< of the PersistentVolume
  std::string driver;
  std::string handle;      ///< the driver's name of it
  bool exclusive = false;  ///< no access mode lets more than one node have it

  /// What it is called in a node's volumesAttached and volumesInUse.
  std::string reported() const;
  /// The text whose SHA-256 in hexadecimal names its VolumeAttachment for a node, after "csi-".
  std::string identity(const std::string& node) const { return handle + driver + node; }
};

/// Nothing: the volume is of no CSI driver, or of one that says that it attaches nothing. `driver`:
/// the CSIDriver of its name; null: there is none.
std::optional<attachable_volume> attachable(const json& volume, const json& driver);

/// Whether a VolumeAttachment's name is one that this controller gives.
bool is_attachment_name(std::string_view name);
json volume_attachment(const attachable_volume& volume, const std::string& node,
                       const std::string& name);

/// Whether the kubelet of the node leaves attaching to the controller.
bool leaves_attaching(const json& node);
/// Whether a pod on the node needs its volumes still.
bool holds_volumes(const json& pod, const json& node);

/// What counts of a node that was deleted: what it had mounted, and whether pods that have ended
/// keep volumes there. It is as good as one that is not ready.
json last_seen(const json& node);

/// How long a volume that nobody wants stays attached to the node, of which `waited` have passed: 0
/// when it may go. Nothing: until the kubelet has unmounted it. `node`: what is known of one that
/// is gone; null: nothing is. `reported`: the volume's name; one that ends with '^' means all
/// volumes of a driver.
std::optional<std::chrono::milliseconds> until_detach(const json& node, std::string_view reported,
                                                      std::chrono::milliseconds waited);

/// A pod as "namespace", "name".
using pod_name = std::pair<std::string, std::string>;

/// What a pod in `ns` is told of a volume that `users` on another node have.
std::string multi_attach_error(const std::string& volume, const std::string& ns,
                               const std::vector<pod_name>& users);
std::string attach_failure(const std::string& volume, const std::string& why);
std::string attach_success(const std::string& volume);

}  // namespace troupe::model
