#pragma once

#include "model/json.hpp"
#include "model/kubelet/eviction_settings.hpp"
#include "model/time.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace troupe::model::kubelet {

/// How much of something there is, and could be.
struct eviction_observation {
  std::int64_t available = 0, capacity = 0;
};
using eviction_observations = std::map<eviction_signal, eviction_observation>;

/// Kubernetes' node conditions of want, in the order in which they are named.
enum class node_pressure : std::uint8_t { disk, memory, pid };
using node_pressures = std::set<node_pressure>;

/// What a kubelet remembers between its looks at what there is.
class eviction_watch {
 public:
  explicit eviction_watch(std::vector<eviction_threshold> thresholds,
                          std::chrono::milliseconds transition)
      : thresholds_(std::move(thresholds)), transition_(transition) {}

  /// A new look. What is to be reclaimed now, if anything: of the thresholds that have been crossed
  /// for as long as each lets it pass, that of memory before the others.
  std::optional<eviction_threshold> look(const eviction_observations& seen, time_point now);
  /// The node's conditions since then.
  const node_pressures& pressures() const { return pressures_; }
  /// The thresholds that look() chose from.
  const std::vector<eviction_threshold>& due() const { return due_; }
  /// Whether there is enough of everything, with what has to be there beyond thresholds.
  bool relieved(const eviction_observations& seen) const;

 private:
  using threshold_key = std::pair<eviction_signal, bool>;  // hard or soft

  std::vector<eviction_threshold> thresholds_;
  std::chrono::milliseconds transition_;
  std::map<threshold_key, time_point> met_since_;
  std::map<node_pressure, time_point> last_seen_;
  node_pressures pressures_;
  std::vector<eviction_threshold> due_;
};

/// What a container uses, as far as it is known.
struct container_share {
  std::string name;
  std::int64_t memory = 0;  ///< bytes of its working set
  std::int64_t disk = 0;    ///< bytes of its own layer and its logs
};
/// What a pod uses.
struct pod_share {
  std::int64_t memory = 0, processes = 0;
  struct of_disk {
    std::int64_t bytes = 0, inodes = 0;
  };
  of_disk layers, logs, volumes;
  std::vector<container_share> containers;
};

/// A pod that may have to go.
struct eviction_candidate {
  explicit eviction_candidate(std::shared_ptr<const json> pod);

  std::shared_ptr<const json> pod;
  std::int32_t priority = 0;
  std::int64_t memory_request = 0, disk_request = 0;
  std::optional<pod_share> share;  ///< none: nobody knows
};

/// Who has to go first comes first. `image_disk`: images and containers' layers have a file system
/// of their own.
void rank_for_eviction(eviction_signal signal, bool image_disk,
                       std::vector<eviction_candidate>& pods);
/// Why the pod goes, as its status and its event say it.
std::string eviction_message(eviction_signal signal, const eviction_candidate& pod,
                             const std::vector<eviction_threshold>& due,
                             const eviction_observations& seen);
/// How long the pod may take.
std::chrono::seconds eviction_grace(const eviction_threshold& threshold, std::chrono::seconds most,
                                    const json& pod);

/// Pods that the system cannot do without: they are never evicted, and always admitted.
bool is_critical(const json& pod);
/// Why the pod is not let onto a node in this condition; empty: it is.
std::string eviction_objection(const node_pressures& pressures, const json& pod);

}  // namespace troupe::model::kubelet
