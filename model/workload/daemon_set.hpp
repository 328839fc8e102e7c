#pragma once

#include "model/node_view.hpp"
#include "model/pod_view.hpp"
#include "model/selector.hpp"
#include "model/workload/pod_facts.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace troupe::model {

/// On pods and ControllerRevisions: which version of the template they are of.
inline constexpr const char* revision_hash_label = "controller-revision-hash";

/// What is read of a DaemonSet: object::view<daemon_set_view>().
struct daemon_set_view {
  explicit daemon_set_view(const object& set);

  std::int64_t generation = 0;
  bool deleting = false;
  bool rolling = true;   ///< updateStrategy is RollingUpdate; else OnDelete
  json max_surge;        ///< a number or a percentage of the nodes
  json max_unavailable;  ///< the same
  std::chrono::seconds min_ready{0};
  std::int64_t history_limit = 10;
  std::string template_generation;  ///< annotation deprecated.daemonset.template.generation
  std::optional<label_selector> selector;
  json template_;  ///< with the tolerations that every daemon has
  json own_template;
  json annotations;
  json status;
  std::shared_ptr<const pod_view> pod;  ///< what decides about nodes
};

/// What is read of a pod of a DaemonSet.
struct daemon_pod : pod_facts {
  explicit daemon_pod(const object& pod);
  std::string target;  ///< the node it is on, or is meant for
  std::string hash;    ///< label controller-revision-hash
  std::string template_generation;

  bool is_of(const daemon_set_view& set, const std::string& revision_hash) const;
};

/// Whether a node gets a daemon, and whether one that is there may stay (kube's
/// NodeShouldRunDaemonPod).
struct daemon_place {
  bool runs = false;
  bool stays = false;
};
daemon_place place_of(const daemon_set_view& set, const node_view& node);

/// The pod for a node: bound to it by a node affinity for its name, which the scheduler heeds.
json daemon_for(const daemon_set_view& set, const object& stored, const std::string& node,
                const std::string& revision_hash);

}  // namespace troupe::model
