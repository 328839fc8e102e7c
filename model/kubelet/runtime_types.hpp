#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace troupe::model::kubelet {

// What a kubelet tells a container runtime and hears from it: the Container Runtime Interface's
// notions as plain values.

using string_map = std::map<std::string, std::string>;

/// Labels by which a kubelet finds its containers again.
inline constexpr const char* pod_name_label = "io.kubernetes.pod.name";
inline constexpr const char* pod_namespace_label = "io.kubernetes.pod.namespace";
inline constexpr const char* pod_uid_label = "io.kubernetes.pod.uid";
inline constexpr const char* container_name_label = "io.kubernetes.container.name";
inline constexpr const char* restart_count_annotation = "io.kubernetes.container.restartCount";
inline constexpr const char* definition_annotation = "io.kubernetes.container.hash";
inline constexpr const char* termination_path_annotation =
    "io.kubernetes.container.terminationMessagePath";

struct port_mapping {
  std::string protocol = "TCP";  ///< TCP UDP SCTP
  int container_port = 0;
  int host_port = 0;
  std::string host_ip;
};

struct sandbox_config {
  std::string ns, name, uid;
  std::uint32_t attempt = 0;
  std::string hostname;
  std::string log_directory;
  std::vector<std::string> dns_servers, dns_searches, dns_options;
  std::vector<port_mapping> ports;
  string_map labels, annotations, sysctls;
  std::string cgroup_parent;
  bool host_network = false, host_pid = false, host_ipc = false, share_processes = false;
  bool privileged = false;
};

struct mount {
  std::string container_path, host_path;
  bool read_only = false;
  std::string propagation;  ///< "", None, HostToContainer, Bidirectional
};

struct container_config {
  std::string name;
  std::uint32_t attempt = 0;
  std::string image;
  std::vector<std::string> command, args;
  std::string working_dir;
  std::vector<std::pair<std::string, std::string>> env;
  std::vector<mount> mounts;
  string_map labels, annotations;
  std::string log_path;  ///< below the sandbox's log directory
  std::string sees;      ///< id of a container whose processes it sees; empty: its own alone
  bool stdin_open = false, stdin_once = false, tty = false;

  std::int64_t cpu_shares = 0, cpu_quota = 0, cpu_period = 0;
  std::int64_t memory_limit = 0;  ///< bytes; 0: none
  std::int64_t oom_score_adj = 0;

  bool privileged = false, read_only_root = false, no_new_privs = false;
  std::optional<std::int64_t> run_as_user, run_as_group;
  std::vector<std::int64_t> supplemental_groups;
  std::vector<std::string> add_capabilities, drop_capabilities;
  bool unconfined = true;  ///< no seccomp profile
};

/// A sandbox as the runtime sees it.
struct sandbox_state {
  std::string id;
  std::string ns, name, uid;
  std::uint32_t attempt = 0;
  bool ready = false;
  std::int64_t created_at = 0;   ///< ns since the epoch
  std::vector<std::string> ips;  ///< empty with host networking
};

/// A container as the runtime sees it.
struct container_state {
  enum class phase : std::uint8_t { created, running, exited, unknown };
  std::string id, sandbox_id, name, pod_uid;
  std::uint32_t attempt = 0;  ///< how often the container had been restarted when this one was made
  phase state = phase::unknown;
  std::int64_t created_at = 0, started_at = 0, finished_at = 0;  ///< ns since the epoch
  int exit_code = 0;
  std::string reason, message;
  std::string image;       ///< as asked for
  std::string image_ref;   ///< what it resolved to
  std::string definition;  ///< of the container it was made of (definition_of); empty: not known
  std::string termination_message;
};

/// All that exists for one pod; both lists newest first.
struct pod_state {
  std::vector<sandbox_state> sandboxes;
  std::vector<container_state> containers;
};

/// One line of an overview of everything that runs: enough to see what changed.
struct brief_state {
  std::string id, ns, name, uid;
  int state = 0;                    ///< the runtime's number
  static constexpr int exited = 2;  ///< of a container; no sandbox is in such a state
  auto operator<=>(const brief_state&) const = default;
};

/// Who pulls an image.
struct registry_login {
  std::string username, password;
};

struct image_state {
  std::string id;
  std::vector<std::string> names;  ///< tags and digests
  std::uint64_t size = 0;          ///< bytes
  std::optional<std::int64_t> uid;
  std::string username;
  bool pinned = false;  ///< the runtime wants to keep it
};

struct runtime_version {
  std::string name, version;  ///< "containerd", "1.6.20"
};

struct runtime_condition {
  bool ready = false, network_ready = false;
  std::string message;  ///< why not
};

/// What one container uses.
struct container_usage {
  std::string id, ns, pod, name;
  std::optional<std::uint64_t> nano_cores;  ///< where the runtime knows the rate itself
  std::uint64_t core_ns = 0;                ///< of cpu time since its start
  std::int64_t at = 0;                      ///< when that was, ns since the epoch
  std::uint64_t memory = 0;                 ///< bytes of the working set
  std::uint64_t disk = 0, inodes = 0;       ///< of its writable layer
};

struct exec_result {
  int exit_code = 0;
  std::string output;  ///< standard output, then standard error
};

}  // namespace troupe::model::kubelet
