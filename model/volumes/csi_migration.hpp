#pragma once

#include "model/json.hpp"
#include "model/pod_view.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace troupe::model {

/// A volume as the node that it is attached to counts it: by its CSI driver. Volumes of plugins in
/// Kubernetes' tree that 1.32 has migrated count as their driver's (NodeVolumeLimits: AWS EBS, GCE
/// PD, Azure Disk, Cinder, and Portworx; those of others do not count).
struct counted_volume {
  std::string driver;
  std::string handle;
  /// Only on nodes whose CSINode says that the plugin is migrated.
  bool where_migrated = false;
};

/// A volume of a pod's spec that is no claim; none: it is not counted.
std::optional<counted_volume> counted_inline(const json& volume);
/// A persistent volume, of a CSI driver or of a migrated plugin.
std::optional<counted_volume> counted_persistent(const json& spec, const string_pairs& labels);
/// What a claim that is to be provisioned is going to count as: the driver, and `where_migrated`.
counted_volume counted_provisioned(std::string_view provisioner);

/// A counted volume of a pod as one text, which no claim ("NAMESPACE/NAME") is, and back; the
/// parts of `text`.
std::string text_of(const counted_volume& v);
struct counted_text {
  std::string_view driver, handle;
  bool where_migrated = false;
};
std::optional<counted_text> counted_of(std::string_view text);

/// Whether the CSINode says that Portworx is migrated on its node.
bool migrates_portworx(const json& csi_node);

}  // namespace troupe::model
