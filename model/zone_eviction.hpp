#pragma once

#include "model/time.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>

namespace troupe::model {

// How fast pods may leave nodes that are not ready, by the state of the nodes' zone
// (kube-controller-manager's node lifecycle controller): when much is down at once it is rather the
// network than the nodes, and moving everything would do more harm.

enum class zone_state : std::uint8_t {
  normal,
  partial,  ///< more than two nodes and at least 55 % (--unhealthy-zone-threshold) are not ready
  full      ///< none is ready
};

/// Nodes of a zone.
struct zone_count {
  std::size_t ready = 0, not_ready = 0;
  zone_state state() const;
};

/// Nodes a second whose pods may begin to leave: 0.1 (--node-eviction-rate); in a partly disrupted
/// zone of more than 50 nodes (--large-cluster-size-threshold) 0.01, of a smaller one none; none at
/// all while every zone is fully disrupted.
double eviction_rate(const std::map<std::string, zone_count>& zones, const std::string& zone);

/// Gives out turns at a rate that may change: one at once, later ones spaced.
class eviction_pace {
 public:
  /// Whether a node's turn is now; if so it is used up.
  bool take(double rate, time_point now);
  /// When the next turn will be at this rate; nothing at rate 0.
  std::optional<time_point> next(double rate, time_point now) const;

 private:
  std::optional<time_point> last_;  // turn
};

}  // namespace troupe::model
