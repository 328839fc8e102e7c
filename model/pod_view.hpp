#pragma once

#include "model/node_view.hpp"
#include "model/object.hpp"
#include "model/scheduling/placement_rules.hpp"
#include "model/scheduling/resources.hpp"
#include "model/selector.hpp"
#include "model/time.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe::model {

struct pod_volumes;

struct toleration {
  std::string key;      ///< empty with Exists: every key
  bool exists = false;  ///< operator Exists; else Equal
  std::string value;
  std::string effect;                   ///< empty: every effect
  std::optional<std::int64_t> seconds;  ///< tolerationSeconds: how long; none: for ever
  bool tolerates(const taint& t) const;
};

/// One term of a node affinity: all of its requirements. Without any it matches nothing.
struct node_selector_term {
  std::vector<requirement> labels;
  std::vector<requirement> fields;  ///< metadata.name alone
  bool matches(const node_view& node) const;
};

/// The terms of a v1.NodeSelector.
std::vector<node_selector_term> node_selector_terms(const json& selector);

struct preferred_term {
  std::int32_t weight = 0;
  node_selector_term preference;
};

/// What a pod's spec asks of a node, apart from other pods: the same for all pods of one template.
struct pod_needs {
  pod_needs() = default;
  explicit pod_needs(const json& spec);

  std::string scheduler_name;
  bool gated = false;  ///< has scheduling gates
  std::int32_t priority = 0;
  std::string preemption_policy;

  resources requests;  ///< of the whole pod, as kube-scheduler counts; pods is 1
  std::int64_t nonzero_cpu = 0;
  std::int64_t nonzero_memory = 0;
  std::vector<host_port> ports;

  string_pairs node_selector;
  std::optional<std::vector<node_selector_term>> required;  ///< one of them must match
  std::vector<preferred_term> preferred;
  std::vector<toleration> tolerations;
  std::vector<std::string> images;  ///< of all containers, with their tags

  /// All that filters and scores read of the pod but its namespace and labels, as text: such pods
  /// have the same places where no pod's rules speak of them.
  std::string signature;
};

/// What is read of a Pod: object::view<pod_view>().
struct pod_view : pod_needs {
  explicit pod_view(const object& pod);
  explicit pod_view(const json& document);

  std::string uid;
  std::string ns;
  std::string name;
  string_pairs labels;  ///< sorted by key
  std::string node_name;
  std::string phase;
  std::string nominated_node;  ///< status.nominatedNodeName
  bool deleting = false;
  std::shared_ptr<const pod_volumes> volumes;  ///< that decide about its places; null: none
  time_point created;
  std::shared_ptr<const placement_rules> rules;  ///< about other pods; null: none

  /// Has run to its end: takes nothing of its node any more.
  bool terminal() const { return phase == "Succeeded" || phase == "Failed"; }

 private:
  void read_rules(const json& spec);
};

}  // namespace troupe::model
