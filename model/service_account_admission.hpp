#pragma once

#include "model/admission.hpp"
#include "model/random.hpp"

namespace troupe::model {

/// The directory where a pod finds the token of its account.
inline constexpr const char* token_directory = "/var/run/secrets/kubernetes.io/serviceaccount";

/// Kubernetes' ServiceAccount admission of a pod: its account has to be there, lends its
/// imagePullSecrets, and its token is mounted into every container unless pod or account say
/// automountServiceAccountToken: false. Nothing, or the Status that refuses the pod.
std::optional<status> admit_service_account(const object_key& key, json& pod,
                                            const object_lookup& lookup, random_source& random);

}  // namespace troupe::model
