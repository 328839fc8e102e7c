#include "cli/config/options.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace troupe::cli {
namespace {

using enum option_kind;
constexpr std::int64_t day = 24 * 3600 * 1000LL;

constexpr auto table = std::to_array<option>({
    // The process.
    {"roles", "", list, "", "what this process plays", 0, 0, role_names},
    {"dataDir", "--data-dir", string, "", "directory for the journal, keys and certificates"},
    {"threads", "--threads", integer, "0", "scheduler threads; 0: one a core", 0, 1024},
    {"logLevel", "--log-level", string, "info", "how much to log", 0, 0,
     "debug|info|warn|error|off"},
    {"shutdownTimeout", "", duration, "10s", "after this long, stop without waiting", 100, day},

    // The Kubernetes API.
    {"bindAddress", "--bind-address", string, "0.0.0.0", "address the HTTPS port listens on"},
    {"securePort", "--secure-port", integer, "6443", "HTTPS port; 0 picks a free one", 0, 65535},
    {"insecureBindAddress", "--insecure-bind-address", string, "",
     "address for plain HTTP without authentication; off unless given"},
    {"insecurePort", "--insecure-port", integer, "8080", "plain HTTP port; 0 picks a free one", 0,
     65535},
    {"advertiseAddress", "--advertise-address", string, "",
     "address that others reach this process at; default: the bind address, or the first of the "
     "host"},
    {"serviceClusterIPRange", "--service-cluster-ip-range", string, "10.96.0.0/12",
     "what Services get their cluster addresses from; the first is the API server's"},
    {"serviceNodePortRange", "--service-node-port-range", string, "30000-32767",
     "what Services get their node ports from"},
    {"authorizationMode", "--authorization-mode", list, "Node,RBAC",
     "what decides what users may do, in this order", 0, 0, "AlwaysAllow|AlwaysDeny|Node|RBAC"},
    {"tokenAuthFile", "--token-auth-file", string, "",
     "file of bearer tokens: lines of token,user,uid,\"group1,group2\""},
    {"audit.policyFile", "--audit-policy-file", string, "",
     "audit.k8s.io/v1 Policy that says which requests are written down"},
    {"audit.logPath", "--audit-log-path", string, "",
     "file that audit events are appended to; nothing is written without it and a policy"},
    {"maxRequestsInflight", "--max-requests-inflight", integer, "400",
     "requests that are served at a time, together with the next; both 0: no limit", 0, 1'000'000},
    {"maxMutatingRequestsInflight", "--max-mutating-requests-inflight", integer, "200",
     "added to the one before; the sum is shared out among the priority levels", 0, 1'000'000},
    {"serviceAccountIssuer", "--service-account-issuer", string,
     "https://kubernetes.default.svc.cluster.local",
     "who issues the tokens of service accounts, and whom they are for"},
    {"serviceAccountSigningKeyFile", "--service-account-signing-key-file", string, "",
     "private key (RSA or EC, PEM) that those tokens are signed with; default: pki/sa.key in the "
     "data directory"},
    {"serviceAccountKeyFile", "--service-account-key-file", list, "",
     "files of further keys (PEM, private or public) whose tokens are good, too"},
    {"clusterCIDR", "--cluster-cidr", list, "",
     "what nodes get the addresses of their pods from, a range of IPv4, IPv6 or both; default: "
     "none"},
    {"nodeCIDRMaskSize", "--node-cidr-mask-size", integer, "24",
     "prefix length of a node's IPv4 addresses (of IPv6: 64)", 1, 32},
    {"nodeMonitorGracePeriod", "--node-monitor-grace-period", duration, "40s",
     "how long nothing may be heard of a node before it is Unknown", 1000, day},
    {"certSANs", "", list, "", "further names and addresses for the serving certificate"},

    // The store.
    {"store.type", "--store", string, "redis", "where objects are kept", 0, 0, "redis|memory"},
    {"store.redis", "--redis", string, "",
     "unix:///path or host:port of a Redis to use; default: a private one in the data directory"},
    {"store.prefix", "", string, "troupe", "prefix of every key in Redis"},
    {"store.redisServer", "", string, "redis-server", "program to start the private Redis with"},

    // The controllers.
    {"controllers.plugins", "--controller-plugins", list, "",
     "shared objects with controllers of your own"},

    // Doors.
    {"edge.bindAddress", "", string, "", "address of the worker door; default: bindAddress"},
    {"edge.port", "--edge-port", integer, "6444",
     "worker door's port; default: the one after the HTTPS port; 0 picks a free one", 0, 65535},
    {"edge.maxSessions", "", integer, "6000", "sessions at a time", 1, 100000},
    {"peer.bindAddress", "", string, "", "address of the peer door; default: bindAddress"},
    {"peer.port", "", integer, "6445",
     "peer door's port; default: the second after the HTTPS port; 0 picks a free one", 0, 65535},

    // Joining a cluster.
    {"join.server", "--server", string, "", "URL of the Kubernetes API: https://host:6443"},
    {"join.token", "--token", string, "", "bootstrap token: xxxxxx.xxxxxxxxxxxxxxxx"},
    {"join.caCertHash", "--ca-cert-hash", string, "", "pin of the cluster's CA: sha256:<hex>"},

    // The kubelet.
    {"nodeName", "--node-name", string, "", "name of the node; default: the host's name"},
    {"nodeIP", "--node-ip", string, "", "the node's address; default: the host's first"},
    {"nodeLabels", "--node-labels", map, "", "labels of the node"},
    {"kubelet.runtime", "--runtime", string, "cri", "what runs containers", 0, 0, "cri|hollow"},
    {"kubelet.containerRuntimeEndpoint", "--container-runtime-endpoint", string,
     "unix:///run/containerd/containerd.sock", "the CRI runtime's socket"},
    {"kubelet.maxPods", "--max-pods", integer, "110", "pods on the node at most", 1, 100000},
    {"kubelet.clusterDNS", "--cluster-dns", list, "",
     "name servers for pods of dnsPolicy ClusterFirst"},
    {"kubelet.clusterDomain", "--cluster-domain", string, "cluster.local",
     "what pods' full names end with"},
    {"kubelet.syncFrequency", "--sync-frequency", duration, "1m",
     "how long volumes may show a ConfigMap or Secret as it was", 100, day},
    {"kubelet.allowedUnsafeSysctls", "--allowed-unsafe-sysctls", list, "",
     "sysctls that pods may set beside the safe ones: kernel.msg*"},
    {"kubelet.evictionHard", "--eviction-hard", map,
     "memory.available=100Mi,nodefs.available=10%,nodefs.inodesFree=5%,imagefs.available=15%,"
     "imagefs.inodesFree=5%",
     "below which amounts or percentages pods go at once; of what is not named none does"},
    {"kubelet.evictionSoft", "--eviction-soft", map, "",
     "the same, after evictionSoftGracePeriod and with evictionMaxPodGracePeriod to end"},
    {"kubelet.evictionSoftGracePeriod", "--eviction-soft-grace-period", map, "",
     "how long each threshold of evictionSoft may be passed: memory.available=1m30s"},
    {"kubelet.evictionMaxPodGracePeriod", "--eviction-max-pod-grace-period", integer, "0",
     "seconds that pods have at most that go for a soft threshold", 0, 86400},
    {"kubelet.evictionMinimumReclaim", "--eviction-minimum-reclaim", map, "",
     "how much more than the threshold has to be there again: nodefs.available=500Mi"},
    {"kubelet.evictionPressureTransitionPeriod", "--eviction-pressure-transition-period", duration,
     "5m", "how long the node's conditions outlast what caused them", 0, day},
    {"kubelet.imageGCHighThresholdPercent", "--image-gc-high-threshold", integer, "85",
     "of the images' disk in use: images that nobody uses go; 100: none does", 0, 100},
    {"kubelet.imageGCLowThresholdPercent", "--image-gc-low-threshold", integer, "80",
     "until no more than that is", 0, 100},
    {"kubelet.imageMinimumGCAge", "--minimum-image-ttl-duration", duration, "2m",
     "a younger image stays", 0, day},
    {"kubelet.imageMaximumGCAge", "", duration, "0s",
     "an image that nobody has used for so long goes; 0: none does", 0, 365 * day},
    {"kubelet.systemReserved", "--system-reserved", map, "",
     "what the system needs of cpu, memory and ephemeral-storage: pods do not get it"},
    {"kubelet.kubeReserved", "--kube-reserved", map, "", "the same for the kubelet and its kin"},

    // The scheduler.
    {"scheduler.name", "--scheduler-name", string, "default-scheduler",
     "spec.schedulerName of the pods to place"},
    {"scheduler.config", "--scheduler-config", string, "",
     "KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1) with profiles and plugins"},
    {"scheduler.plugins", "--scheduler-plugins", list, "",
     "shared objects with scheduling plugins of your own, for profiles of scheduler.config"},
    {"scheduler.count", "--schedulers", integer, "1", "scheduler actors", 1, 64},
    {"scheduler.metricsBindAddress", "--scheduler-metrics-bind-address", string, "",
     "loopback host:port at which a process that is only a scheduler serves /metrics; off unless "
     "given"},
    {"scheduler.leaseDuration", "", duration, "15s", "how long a leader's Lease holds", 1000, day},

    // `troupe up` alone.
    {"up.nodes", "--nodes", integer, "1", "nodes to run", 0, 100000},
});

// Levenshtein, two rows.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto above = row[j];
      const bool same = std::tolower(static_cast<unsigned char>(a[i - 1])) ==
                        std::tolower(static_cast<unsigned char>(b[j - 1]));
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (same ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::span<const option> options() {
  return table;
}

const option* find_option(std::string_view path) {
  const auto it =
      std::find_if(table.begin(), table.end(), [&](const option& o) { return o.path == path; });
  return it == table.end() ? nullptr : &*it;
}

std::string nearest(std::string_view typed, const std::vector<std::string>& known) {
  std::string best;
  auto least = std::max<std::size_t>(2, typed.size() / 3) + 1;
  for (const auto& name : known) {
    const auto d = distance(typed.substr(0, 64), name);
    if (d < least) {
      least = d;
      best = name;
    }
  }
  return best;
}

}  // namespace troupe::cli
