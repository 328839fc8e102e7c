#pragma once

#include "model/json.hpp"

#include <string>
#include <vector>

namespace troupe::model::security {

// The single controls of the Pod Security Standards. For pod_security.cpp alone.

/// What a check finds: `privileged`, `container "c" must not set ...`.
struct finding {
  std::string reason;
  std::string detail;
};

/// A pod's spec, and its containers of all kinds.
struct pod_facts {
  pod_facts(const json& spec_of_pod, const json& annotations_of_pod, int minor_of_policy);

  const json& spec;
  const json& annotations;
  std::vector<const json*> containers;
  bool windows = false;
  int minor;  ///< of the Kubernetes version by whose standards it is judged
};

/// In Kubernetes' order: baseline, then restricted; a stricter check takes the place of the weaker.
std::vector<finding> findings(const pod_facts& pod, bool restricted);

}  // namespace troupe::model::security
