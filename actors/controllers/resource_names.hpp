#pragma once

namespace troupe::resources {

// Names of what controllers follow and write, as GroupResource texts.

inline constexpr const char* api_services = "apiservices.apiregistration.k8s.io";
inline constexpr const char* attachments = "volumeattachments.storage.k8s.io";
inline constexpr const char* autoscalers = "horizontalpodautoscalers.autoscaling";
inline constexpr const char* budgets = "poddisruptionbudgets.policy";
inline constexpr const char* claims = "persistentvolumeclaims";
inline constexpr const char* classes = "storageclasses.storage.k8s.io";
inline constexpr const char* cluster_roles = "clusterroles.rbac.authorization.k8s.io";
inline constexpr const char* cron_jobs = "cronjobs.batch";
inline constexpr const char* csi_drivers = "csidrivers.storage.k8s.io";
inline constexpr const char* daemon_sets = "daemonsets.apps";
inline constexpr const char* deployments = "deployments.apps";
inline constexpr const char* endpoints = "endpoints";
inline constexpr const char* flow_schemas = "flowschemas.flowcontrol.apiserver.k8s.io";
inline constexpr const char* jobs = "jobs.batch";
inline constexpr const char* leases = "leases.coordination.k8s.io";
inline constexpr const char* priorities = "priorityclasses.scheduling.k8s.io";
inline constexpr const char* priority_levels =
    "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io";
inline constexpr const char* quotas = "resourcequotas";
inline constexpr const char* replica_sets = "replicasets.apps";
inline constexpr const char* revisions = "controllerrevisions.apps";
inline constexpr const char* services = "services";
inline constexpr const char* slices = "endpointslices.discovery.k8s.io";
inline constexpr const char* stateful_sets = "statefulsets.apps";
inline constexpr const char* volumes = "persistentvolumes";

}  // namespace troupe::resources
