#pragma once

#include "messages/api.hpp"
#include "messages/events.hpp"
#include "messages/node.hpp"
#include "messages/store.hpp"
#include "model/cidr_set.hpp"
#include "model/time.hpp"
#include "store/cache.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

/// A controller's door: wakes only.
using controller_actor =
    caf::typed_actor<caf::reacts_to<changed_atom>, caf::reacts_to<tick_atom, uint64_t>>;

/// What the controllers of a control plane work with.
struct controller_options {
  api_actor api;
  store_actor store;  ///< null elsewhere than in the control plane: nothing goes past the API
  std::shared_ptr<store::cache> cache;
  node_registry_actor nodes{};  ///< null: no node can be asked anything
  model::wall_clock clock = model::system_wall_clock();
  uint64_t seed = 1;        ///< of the jitter of retries
  recorder_actor recorder;  ///< takes Events; none: they are dropped
};

/// A certificate request to sign: checked, and approved by somebody.
struct signing_request {
  std::string signer;       ///< spec.signerName
  std::string request;      ///< PEM
  std::string common_name;  ///< of its subject
  std::vector<std::string> organizations;
  std::chrono::seconds lifetime{0};  ///< spec.expirationSeconds; 0: as the signer likes
};

struct csr_options {
  /// Signs with the CA of the signer: the certificate (and what completes its chain), PEM. Throws
  /// when it will not; what() ends up in the request's condition Failed.
  std::function<std::string(const signing_request&)> sign;
  /// The signers that `sign` serves.
  std::vector<std::string> signers{"kubernetes.io/kube-apiserver-client",
                                   "kubernetes.io/kube-apiserver-client-kubelet", "troupe.io/peer"};
};

struct bootstrap_options {
  std::string ca;  ///< PEM, published as ConfigMap kube-root-ca.crt in each namespace; empty: not
  /// PEM, of the CA of the API server's client certificate before extension servers; published,
  /// with `ca`, as ConfigMap extension-apiserver-authentication in kube-system. Empty: not.
  std::string front_proxy_ca;
};

struct kubernetes_service_options {
  std::string address;          ///< at which others reach the API server
  std::uint16_t port;           ///< of HTTPS there
  std::string service_address;  ///< the first of the Services' range
};

struct event_ttl_options {
  std::chrono::seconds ttl{3600};
};

struct pod_gc_options {
  std::size_t ended_threshold = 12500;  ///< kube's --terminated-pod-gc-threshold
};

/// Empties namespaces that are being deleted, then lets them go.
controller_actor spawn_namespace_controller(caf::actor_system& sys, controller_options options);
/// Removes Events that nobody renewed for the time to live.
controller_actor spawn_event_ttl_controller(caf::actor_system& sys, controller_options options,
                                            event_ttl_options ttl = {});
/// Approves the certificate requests of joining and renewing kubelets (and of joining schedulers:
/// signer troupe.io/peer), and signs what is approved.
controller_actor spawn_csr_controller(caf::actor_system& sys, controller_options options,
                                      csr_options csr);
/// Removes pods whose node has been gone for a while, and ended ones past a number.
controller_actor spawn_pod_gc_controller(caf::actor_system& sys, controller_options options,
                                         pod_gc_options gc = {});
/// Removes pods from nodes with taints that they do not tolerate (any longer).
controller_actor spawn_taint_eviction_controller(caf::actor_system& sys,
                                                 controller_options options);
/// Marks the pods of nodes that are lost as not ready.
controller_actor spawn_node_lifecycle_controller(caf::actor_system& sys,
                                                 controller_options options);
/// Gives nodes ranges of addresses for their pods, one of each of the cluster's ranges.
controller_actor spawn_node_cidr_controller(caf::actor_system& sys, controller_options options,
                                            std::vector<model::cidr_set> ranges);
/// Fills the rules of ClusterRoles that collect those of others.
controller_actor spawn_cluster_role_aggregation_controller(caf::actor_system& sys,
                                                           controller_options options);
/// Keeps status.typeChecking of ValidatingAdmissionPolicies.
controller_actor spawn_policy_type_controller(caf::actor_system& sys, controller_options options);
/// Keeps Endpoints and EndpointSlices of the Services that have a selector.
controller_actor spawn_service_endpoints_controller(caf::actor_system& sys,
                                                    controller_options options);
/// Keeps the status of PodDisruptionBudgets.
controller_actor spawn_disruption_controller(caf::actor_system& sys, controller_options options);
/// Keeps the status of PodGroups, where they are defined.
controller_actor spawn_pod_group_controller(caf::actor_system& sys, controller_options options);
/// Binds claims to volumes.
controller_actor spawn_volume_binder(caf::actor_system& sys, controller_options options);
/// Has the volumes of CSI drivers attached to the nodes whose pods use them.
controller_actor spawn_attach_detach_controller(caf::actor_system& sys, controller_options options);
/// Grows the volumes of the host-path provisioner when their claims ask for more, and says of
/// others that somebody else has to.
controller_actor spawn_volume_expansion_controller(caf::actor_system& sys,
                                                   controller_options options);
/// Says on each node how long its kubelet may keep what it has read: node.alpha.kubernetes.io/ttl.
controller_actor spawn_node_ttl_controller(caf::actor_system& sys, controller_options options);
struct api_identity_options {
  std::string hostname;  ///< of the API server's machine
  std::string holder;    ///< of this start of it: a uuid
};

/// Keeps the Lease by which an API server says that it is there.
controller_actor spawn_api_identity_controller(caf::actor_system& sys, controller_options options,
                                               api_identity_options identity);
/// Removes the Leases of API servers that have ended.
controller_actor spawn_identity_lease_controller(caf::actor_system& sys,
                                                 controller_options options);
/// Makes volumes out of directories of nodes, for the StorageClass `standard` and its kin.
controller_actor spawn_host_path_provisioner(caf::actor_system& sys, controller_options options);
/// Makes the claims of pods' ephemeral volumes.
controller_actor spawn_ephemeral_volume_controller(caf::actor_system& sys,
                                                   controller_options options);
/// Keeps claims while pods have them.
controller_actor spawn_pvc_protection_controller(caf::actor_system& sys,
                                                 controller_options options);
/// Keeps volumes while claims are bound to them.
controller_actor spawn_pv_protection_controller(caf::actor_system& sys, controller_options options);
/// Counts what the namespaces with ResourceQuotas use.
controller_actor spawn_resource_quota_controller(caf::actor_system& sys,
                                                 controller_options options);
/// Keeps EndpointSlices of the Endpoints that others write for Services without a selector.
controller_actor spawn_endpoint_mirror_controller(caf::actor_system& sys,
                                                  controller_options options);
/// Deletes what has lost its owners, and ends foreground and orphaning deletions.
controller_actor spawn_garbage_collector(caf::actor_system& sys, controller_options options);
/// Makes the namespaces that every cluster has, and each namespace's ServiceAccount default.
controller_actor spawn_bootstrap_controller(caf::actor_system& sys, controller_options options,
                                            bootstrap_options bootstrap);
/// Keeps the APIServices of all groups and versions that are served here.
controller_actor spawn_api_service_controller(caf::actor_system& sys, controller_options options);
/// Says of FlowSchemas whether their priority levels are there.
controller_actor spawn_flow_schema_controller(caf::actor_system& sys, controller_options options);
/// Keeps Service "kubernetes" in namespace default, and where it leads.
controller_actor spawn_kubernetes_service_controller(caf::actor_system& sys,
                                                     controller_options options,
                                                     kubernetes_service_options service);
/// Keeps a pod of each DaemonSet on every node that is to have one.
controller_actor spawn_daemon_set_controller(caf::actor_system& sys, controller_options options);
/// Rolls Deployments out through their ReplicaSets.
controller_actor spawn_deployment_controller(caf::actor_system& sys, controller_options options);
/// Keeps as many pods as each ReplicaSet asks for.
controller_actor spawn_replica_set_controller(caf::actor_system& sys, controller_options options);
/// The same for ReplicationControllers.
controller_actor spawn_replication_controller(caf::actor_system& sys, controller_options options);

/// Keeps the pods of StatefulSets, each with its name and its claims, and rolls their updates out.
controller_actor spawn_stateful_set_controller(caf::actor_system& sys, controller_options options);
/// Runs the pods of Jobs until enough have succeeded, or too many have failed.
controller_actor spawn_job_controller(caf::actor_system& sys, controller_options options);
/// Deletes Jobs their ttlSecondsAfterFinished after they have ended.
controller_actor spawn_job_ttl_controller(caf::actor_system& sys, controller_options options);
/// Starts the Jobs of CronJobs when they are due, and keeps their history short.
controller_actor spawn_cron_job_controller(caf::actor_system& sys, controller_options options);
/// Sets the numbers of workloads' pods by what the pods use.
controller_actor spawn_autoscaler_controller(caf::actor_system& sys, controller_options options);

/// All of them.
std::vector<controller_actor> spawn_controllers(caf::actor_system& sys,
                                                const controller_options& options, csr_options csr,
                                                bootstrap_options bootstrap,
                                                kubernetes_service_options service);

}  // namespace troupe
