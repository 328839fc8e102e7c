#pragma once

#include "model/object.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model::kubelet {

enum class container_kind : std::uint8_t { init, sidecar, main, ephemeral };

/// One container of a pod. Points into the pod's document.
struct container_spec {
  container_kind kind = container_kind::main;
  std::string name;
  const json* spec = nullptr;
};

/// Init containers and sidecars in their order, then the others, ephemeral ones last.
std::vector<container_spec> containers_of(const json& pod);

/// The container of that name; null spec when there is none.
container_spec container_named(const json& pod, std::string_view name);
container_spec container_named(const std::vector<container_spec>& all, std::string_view name);

/// Always, OnFailure or Never.
std::string restart_policy(const json& pod);

/// Whether a container that ended with `exit_code` is started again.
bool restarts(const json& pod, container_kind kind, int exit_code);

/// What of a container makes another one of it when it changes, as a short text: its name and image
/// (kubelet's HashContainer).
std::string definition_of(const json& container);

/// How long its containers may take to end: the deletion's grace period, else the pod's own; never
/// below a second.
std::chrono::seconds grace_period(const json& pod);

/// Whether the change of a pod means more to its kubelet than its own status come back: its spec,
/// labels or annotations changed, it is being deleted, or its status says when it began or gates
/// its readiness.
bool concerns_kubelet(const object& before, const object& after);

/// Whether its labels or annotations differ, which its volumes may show.
bool relabeled(const object& before, const object& after);

/// "web_default(3f5c...)": how kubelet's messages name a pod.
std::string pod_text(const json& pod);

/// The policy, with its default: Always for the tag latest or none, else IfNotPresent.
std::string image_pull_policy(const json& container);

}  // namespace troupe::model::kubelet
