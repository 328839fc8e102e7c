#pragma once

#include "model/kubelet/volumes.hpp"

namespace troupe {

/// Makes a pod's directories, files and memory volumes as planned, and checks its host paths. What
/// is there already stays. Empty when all went well, else the message of FailedMount.
std::string write_volumes(const model::kubelet::volume_plan& plan);

/// Writes a file with the directories it needs; empty or what failed.
std::string write_file(const model::kubelet::volume_file& file);

/// Unmounts and removes a pod's directory and its logs; empty or what failed.
std::string remove_pod(const std::string& pod_dir, const std::string& log_dir);

/// Removes the directory of a volume with all that is in it, without following symbolic links;
/// empty or what failed. One that is not there is no failure.
std::string remove_volume(const std::string& directory);

}  // namespace troupe
