#pragma once

#include "model/admission/cluster_view.hpp"
#include "model/random.hpp"
#include "model/schema.hpp"
#include "model/status.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace troupe::model {

/// A creation on its way through admission.
struct admission_request {
  const kind_info& kind;
  object_key key;
  const cluster_view& cluster;
  bool accounts = true;  ///< pods need a service account and get its token
};

/// What admission says besides yes or no.
struct admission_notes {
  std::vector<std::string> warnings;
  std::map<std::string, std::string> audit_annotations;
};

/// Kubernetes' compiled-in plug-ins that change a new object, in their order: NamespaceLifecycle,
/// LimitRanger, ServiceAccount, Priority, DefaultTolerationSeconds, DefaultStorageClass,
/// StorageObjectInUseProtection, RuntimeClass, DefaultIngressClass. Nothing, or a refusal.
std::optional<status> admit_changes(const admission_request& r, json& object,
                                    random_source& random);

/// Those that only judge it, once it is valid: LimitRanger, Priority (of a second default class),
/// PodSecurity. (ResourceQuota is the store's to keep.)
std::optional<status> admit_valid(const admission_request& r, const json& object,
                                  admission_notes& notes);

/// What they say to an update, also of ephemeral containers: PersistentVolumeClaimResize, Priority,
/// the labels of PodSecurity on a namespace, its judgement of a pod that gets other images or
/// containers, and its warnings about the template of a workload.
std::optional<status> admit_update(const admission_request& r, const json& old, const json& object,
                                   admission_notes& notes);

}  // namespace troupe::model
