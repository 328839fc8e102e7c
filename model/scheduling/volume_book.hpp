#pragma once

#include "model/scheduling/filters.hpp"
#include "model/scheduling/neighbourhood.hpp"
#include "model/volumes/pod_volumes.hpp"
#include "model/volumes/volume.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::model {

/// Whether one pod alone may have the claim, wherever it is (access mode ReadWriteOncePod).
bool is_for_one_pod(const json& claim);

/// What a scheduler knows of claims, volumes, storage classes and CSINodes.
class volume_book {
 public:
  /// The resources that it is made of.
  static const std::vector<std::string>& resources();

  void put(const object_ptr& o);
  void remove(const object& o);
  /// Forgets all of one resource.
  void clear(std::string_view resource);

 private:
  friend class volume_demand;
  struct volume {
    object_ptr object;
    volume_facts facts;
  };
  struct csi_node {
    object_ptr object;
    std::map<std::string, std::int64_t> limits;  // by driver
  };
  const object_ptr* claim(const std::string& ns, const std::string& name) const;
  json storage_class(const std::string& name) const;
  /// "driver/handle" of what attaching the claim takes of a node; empty: nothing that is counted.
  std::pair<std::string, std::string> attachment(const std::string& ns,
                                                 const std::string& claim) const;

  std::unordered_map<std::string, object_ptr> claims_;  // "ns/name"
  std::map<std::string, volume> volumes_;
  std::map<std::string, object_ptr> classes_;
  std::unordered_map<std::string, csi_node> csi_nodes_;
};

/// What a pod's volumes ask of a node: VolumeRestrictions, NodeVolumeLimits, VolumeBinding and
/// VolumeZone.
class volume_demand {
 public:
  volume_demand() = default;
  volume_demand(const object& pod, const volume_book& book);

  bool empty() const { return names_.empty() && disks_.empty(); }
  /// Why no node at all can be looked at, in kube-scheduler's words; empty: they can.
  const std::string& obstacle() const { return obstacle_; }
  /// The claims ("NAMESPACE/NAME") that one pod alone may have, wherever it is (access mode
  /// ReadWriteOncePod).
  const std::vector<std::string>& exclusive() const { return exclusive_; }
  /// What a node lacks. `there`: the pods on it; `taken`: a pod, anywhere, has one of exclusive().
  std::optional<refusal> refusal_of(const node_view& node,
                                    std::span<const neighbourhood::entry* const> there, bool taken,
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
    std::vector<const volume_facts*> candidates;
  };
  struct choice {
    const waiting* claim = nullptr;
    const volume_facts* volume = nullptr;  // null: to be provisioned
  };
  std::optional<refusal> binding_refusal(const node_view& node) const;
  std::optional<std::vector<choice>> choose(const node_view& node) const;
  bool meets_its_disks(std::span<const neighbourhood::entry* const> there) const;
  bool has_room(const node_view& node, std::span<const neighbourhood::entry* const> there) const;

  const volume_book* book_ = nullptr;
  std::string ns_;
  std::vector<std::string> names_;
  std::vector<pod_disk> disks_;
  std::vector<std::string> exclusive_;
  std::string obstacle_;
  std::vector<std::string> bound_;  // names of volumes
  std::vector<waiting> waiting_;    // the largest first
};

}  // namespace troupe::model
