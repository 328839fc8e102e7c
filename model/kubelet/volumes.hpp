#pragma once

#include "model/kubelet/container_config.hpp"

#include <chrono>

namespace troupe::model::kubelet {

/// A file to be written for a volume; the path is absolute.
struct volume_file {
  std::string path, content;
  int mode = 0644;
  std::int64_t group = -1;  ///< who owns it beside root; -1: root's
};

/// What the disk must hold before a pod starts.
struct volume_plan {
  struct directory {
    std::string path;
    int mode = 0755;
    bool memory = false;    ///< a tmpfs of its own
    std::int64_t size = 0;  ///< of the tmpfs in bytes; 0: unlimited
    std::int64_t group = -1;
    bool ours = false;  ///< it holds the plan's files, and nothing else
  };
  struct expectation {
    std::string volume, path, type;  ///< hostPath and its type
  };
  std::vector<directory> directories;
  std::vector<volume_file> files;
  std::vector<expectation> host_paths;
  volume_map volumes;
  std::string error;  ///< the message of FailedMount
};

/// A token of the pod's service account that its projected volumes ask for.
struct token_request {
  std::string name;  ///< under which plan_volumes() looks its answer up, as one of `token_answers`
  json body;         ///< a TokenRequest
  std::chrono::seconds lifetime{0};
};
inline constexpr const char* token_answers = "serviceaccounts/token";

std::vector<token_request> token_requests(const json& pod);

/// ConfigMaps, Secrets and claims that a pod's volumes speak of. Without a disk those with a token
/// are left out: nobody reads them, and each pod has one.
std::vector<data_reference> volume_references(const json& pod, bool on_disk = true);
/// The PersistentVolumes that the pod's claims are bound to.
std::vector<data_reference> bound_volumes(const json& pod, const object_lookup& claims);

/// Whether some of its volumes show objects or fields that may change.
bool follows_objects(const json& pod);

/// Plans the pod's volumes below `pod_dir`.
volume_plan plan_volumes(const json& pod, const std::string& pod_dir, const pod_facts& facts,
                         const object_lookup& objects, bool on_disk = true);

}  // namespace troupe::model::kubelet
