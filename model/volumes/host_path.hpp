#pragma once

#include "model/volumes/volume.hpp"

#include <set>

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
/// a volume that is not one node's (binding mode Immediate): each node that it is used on has a
/// directory.
json host_path_volume(const json& claim, const json& storage_class, const std::string& node);

/// The annotation of a volume that is not one node's: the hosts that it was used on, by their
/// labels, with commas between them.
inline constexpr const char* host_path_hosts = "troupe.io/host-path-hosts";
/// The annotation with these added; nothing when they are in it, or the volume is one node's or
/// somebody else's.
std::optional<std::string> with_host_path_users(const json& volume,
                                                const std::set<std::string>& hostnames);

/// Keeps the volume until its directory is gone.
inline constexpr const char* host_path_finalizer = "troupe.io/host-path-directory";

/// Whether the volume is this provisioner's to delete: released, and not to be kept.
bool is_spent_host_path(const json& volume);

/// Whether a path is that of a directory which this provisioner has made: absolute, without "." and
/// ".." and empty parts, and last "pvc-" and a uid.
bool is_host_path_directory(std::string_view path);

/// What is left of a volume that is being deleted and no claim's any more.
struct host_path_remains {
  std::string directory;            ///< to be removed; empty: it stays (reclaim policy Retain)
  std::set<std::string> hostnames;  ///< where; of a volume that nobody has used, nowhere
};
/// Nothing when the volume is not this provisioner's, is not being deleted, is in use or holds no
/// finalizer of ours. `roots`: below which directories are ours.
std::optional<host_path_remains> remains_of_host_path(const json& volume,
                                                      const std::vector<std::string>& roots);

}  // namespace troupe::model
