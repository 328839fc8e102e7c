#pragma once

#include "model/volumes/volume.hpp"

namespace troupe::model {

// Volumes that are made when a claim asks for one: a directory of the node that needs it.

inline constexpr const char* host_path_provisioner = "troupe.io/host-path";
/// Below it each volume has a directory, called as the volume; parameter `path` of a class.
inline constexpr const char* host_path_root = "/var/lib/troupe/volumes";

/// The StorageClass `standard`, the default one: it waits for the first consumer, whose node has
/// the volume.
json standard_storage_class();

/// Whether the claim waits for this provisioner.
bool awaits_host_path(const json& claim);

/// The volume for the claim. `node`: the value of its label kubernetes.io/hostname, or empty for
/// a volume that is not one node's.
json host_path_volume(const json& claim, const json& storage_class, const std::string& node);

/// Whether the volume is this provisioner's to delete.
bool is_spent_host_path(const json& volume);

}  // namespace troupe::model
