#pragma once

#include "model/node_view.hpp"
#include "model/pod_view.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {

/// kube-scheduler's filter plugins, as bits: what refused a pod.
enum plugin : std::uint32_t {
  node_unschedulable = 1,
  node_name = 2,
  taint_toleration = 4,
  node_affinity = 8,
  node_ports = 16,
  node_resources_fit = 32,
  pod_topology_spread = 64,
  inter_pod_affinity = 128,
  node_volume_limits = 256,
  volume_binding = 512,
  volume_zone = 1024,
  custom_plugin = 2048,  ///< one of a shared object
  extender = 4096,       ///< an HTTP service
  volume_restrictions = 8192
};
inline constexpr std::uint32_t all_plugins = 16383;

/// Which filters there are, and what a profile tells them.
struct filter_rules {
  std::uint32_t enabled = all_plugins;
  std::vector<std::string> ignored_resources;  ///< extended ones that NodeResourcesFit leaves alone
  std::vector<std::string> ignored_groups;     ///< ... by their domains
  /// Terms of which one must match for every pod; none: no such thing (NodeAffinityArgs).
  std::optional<std::vector<node_selector_term>> added_affinity;

  bool has(plugin p) const { return (enabled & p) != 0; }
  bool ignores(std::string_view resource) const;
};
/// Those of kube-scheduler without a configuration.
const filter_rules& all_filters();

/// Why one node does not take one pod.
struct refusal {
  plugin by = node_resources_fit;
  std::vector<std::string> reasons;  ///< in kube-scheduler's words
  bool unresolvable = false;         ///< evicting pods would not help
};

/// Whether the pod's nodeSelector and required node affinity select the node.
bool selected_by_affinity(const pod_view& pod, const node_view& node);
/// What a cordoned node counts as having.
taint cordon_taint();
/// Whether one of the terms selects the node.
bool matches_any(const std::vector<node_selector_term>& terms, const node_view& node);
/// The first taint that keeps the pod off the node (NoSchedule or NoExecute); null: none does.
const taint* untolerated_taint(const pod_view& pod, const node_view& node);

/// The nodes that a required node affinity allows by name (matchFields of metadata.name in every
/// term); none: any name will do. NodeAffinity's PreFilter: other nodes are not looked at.
std::optional<std::set<std::string>> allowed_names(const pod_view& pod);

/// The filters that look at the node alone, in kube-scheduler's order.
std::optional<refusal> static_filter(const pod_view& pod, const node_view& node,
                                     const filter_rules& rules = all_filters());
/// NodePorts and NodeResourcesFit.
std::optional<refusal> usage_filter(const pod_view& pod, const node_view& node, const usage& used,
                                    const filter_rules& rules = all_filters());
/// All of them; the first that refuses is the answer.
std::optional<refusal> filter(const pod_view& pod, const node_view& node, const usage& used,
                              const filter_rules& rules = all_filters());

/// Why no node takes a pod: counts of what the nodes said.
struct diagnosis {
  std::size_t nodes = 0;
  std::map<std::string, std::size_t> reasons;
  std::string obstacle;  ///< why no node was looked at (a PreFilter's message); empty: they were
  std::size_t unresolvable = 0;  ///< nodes where evicting would not help
  std::uint32_t refused_by = 0;  ///< plugin bits

  void add(const refusal& r);
  /// The message of FailedScheduling, with what preemption had to say (none: it found victims):
  /// "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable. preemption: ...".
  std::string message(const std::string& preemption) const;
};

/// "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable."
std::string no_nodes_message(std::size_t nodes, const std::map<std::string, std::size_t>& reasons);

}  // namespace troupe::model
