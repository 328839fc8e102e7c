#pragma once

#include "model/scheduling/filters.hpp"
#include "model/scheduling/neighbourhood.hpp"
#include "model/scheduling/volume_book.hpp"
#include "model/volumes/pod_volumes.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace troupe::model {

/// What a pod's volumes ask of a node: VolumeRestrictions, NodeVolumeLimits, VolumeBinding and
/// VolumeZone. Good until the book that it is made of changes.
class volume_demand {
 public:
  volume_demand() = default;
  volume_demand(const object& pod, const volume_book& book);

  bool empty() const { return !volumes_; }
  /// Why no node at all can be looked at, in kube-scheduler's words; empty: they can.
  const std::string& obstacle() const { return obstacle_; }
  /// The claims ("NAMESPACE/NAME") that one pod alone may have, wherever it is (access mode
  /// ReadWriteOncePod).
  const std::vector<std::string>& exclusive() const { return exclusive_; }

  /// What other pods have of volumes.
  struct occupancy {
    std::span<const neighbourhood::entry* const> pods;  ///< those on the node
    std::span<const neighbourhood::claim_use> claims;   ///< ... and theirs
    bool taken = false;                                 ///< a pod, anywhere, has one of exclusive()
  };
  /// What a node lacks.
  std::optional<refusal> refusal_of(const node_view& node, const occupancy& there,
                                    const filter_rules& rules = all_filters()) const;

  /// What has to be written before the pod goes to the node, so that its claims are bound for
  /// there: volumes that are chosen for claims, and claims that are to be provisioned, as they will
  /// be.
  std::vector<std::pair<object_ptr, json>> reservations(const node_view& node) const;

 private:
  struct waiting {
    object_ptr claim;
    json document;
    json storage_class;
    quantity size;
    std::string selected;                         // the node that it is provisioned for
    bool provisions = false;                      // there is somebody who could
    std::vector<const volume_facts*> candidates;  // the best first
    // Their numbers: those of each host alone, by kubernetes.io/hostname, and those of others.
    std::unordered_map<std::string_view, std::vector<std::size_t>> of_host;
    std::vector<std::size_t> of_more;
  };
  struct choice {
    const waiting* claim = nullptr;
    const volume_facts* volume = nullptr;  // null: to be provisioned
  };

  std::string take_claims(const object& pod);
  void wait_for(const volume_book::claim& claim, json storage_class);
  void count_attachments();
  std::optional<refusal> binding_refusal(const node_view& node) const;
  static void sort_by_host(waiting& w);
  static const volume_facts* match(const waiting& w, const node_view& node,
                                   const std::vector<choice>& earlier);
  std::optional<std::vector<choice>> choose(const node_view& node) const;
  bool meets_its_disks(std::span<const neighbourhood::entry* const> there) const;
  bool has_room(const node_view& node, std::span<const neighbourhood::claim_use> there) const;
  std::set<std::string_view> attached(const std::string& node, std::string_view driver,
                                      std::span<const neighbourhood::claim_use> there) const;

  const volume_book* book_ = nullptr;
  std::string ns_;
  std::shared_ptr<const pod_volumes> volumes_;  // null: none
  std::vector<std::string> exclusive_;
  std::string obstacle_;
  std::vector<const volume_book::volume*> bound_;  // null: there is none
  std::vector<waiting> waiting_;                   // the largest first
  // What attaching its claims takes, by driver; those alone that some node limits.
  struct handle {
    std::string_view text;
    bool where_migrated = false;
  };
  std::map<std::string_view, std::vector<handle>> attaches_;
  std::int64_t least_room_ = 0;  // a node that has no more claims than that takes them for sure
};

}  // namespace troupe::model
