#pragma once

#include "model/scheduling/filters.hpp"
#include "model/scheduling/preemption.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {

// What a scheduler thinks of each node for one pod, in full: offer_table::explain(). A scheduler
// itself stops at a node's first refusal, and adds scores up.

/// "NodeResourcesFit": the name that kube-scheduler gives the plugin.
std::string_view plugin_name(plugin p);

/// One thing that keeps a pod off a node.
struct obstacle {
  plugin by = node_resources_fit;
  std::string reason;         ///< in kube-scheduler's words
  bool unresolvable = false;  ///< evicting pods would not help
  std::string figures;        ///< "wants cpu 2, node has 1.2 of 4 free"
  std::string remedy;         ///< "800m more cpu free on node2"
  std::string remedy_kind;    ///< the remedy without its node and amount: alike ones share it
  double shortfall = 0;       ///< how far it is from the remedy, among remedies of a kind
};

/// What one plugin gives a node: 0 to 100, times its weight.
struct plugin_score {
  std::string plugin;
  std::int64_t score = 0;
  std::int64_t weight = 1;
};

/// What a scheduler thinks of one node.
struct node_account {
  std::string node;
  std::vector<obstacle> obstacles;   ///< in the filters' order; none: the pod may go there
  std::vector<plugin_score> scores;  ///< of a node without obstacles
  std::int64_t total = 0;
  bool best = false;  ///< shares the highest score: one of these is chosen
};

/// Of a pod: every node, and what else decides.
struct explanation {
  std::string obstacle;             ///< why no node is looked at; empty: they are
  std::vector<node_account> nodes;  ///< those that it may go to, the best first; then the others
  std::size_t feasible = 0;         ///< how many it may go to
  diagnosis refusals;               ///< of the nodes, as FailedScheduling tells them
};

/// What would let the pod in: the remedies of the nodes that need the fewest, the easiest ones
/// first; alike ones once, for the node that comes closest. At most `limit`.
struct way_in {
  std::string node;                   ///< where
  std::vector<std::string> remedies;  ///< all of them are needed
  std::size_t nodes = 1;              ///< to how many nodes the same would open the way
};
std::vector<way_in> ways_in(const explanation& e, std::size_t limit);

/// What the filters that look at a node alone have against it, all of them; the first is what
/// filter() says.
std::vector<obstacle> obstacles_of(const pod_view& pod, const node_view& node, const usage& used,
                                   const filter_rules& rules = all_filters());

/// "1.2" for 1200 milli-CPUs, "1.5Gi" for bytes, "3" for others.
std::string amount_text(std::string_view resource, std::int64_t amount);

}  // namespace troupe::model
