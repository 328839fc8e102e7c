#pragma once

#include "model/object.hpp"
#include "model/pod_view.hpp"
#include "model/quantity.hpp"

#include <optional>
#include <string>
#include <vector>

namespace troupe::model {

// Annotations of volumes and claims (component-helpers/storage/volume).
inline constexpr const char* bind_completed = "pv.kubernetes.io/bind-completed";
inline constexpr const char* bound_by_controller = "pv.kubernetes.io/bound-by-controller";
inline constexpr const char* provisioned_by = "pv.kubernetes.io/provisioned-by";
inline constexpr const char* selected_node = "volume.kubernetes.io/selected-node";
inline constexpr const char* storage_provisioner = "volume.kubernetes.io/storage-provisioner";

/// What is read of a PersistentVolume to choose it for a claim.
struct volume_facts {
  explicit volume_facts(const object& volume) : volume_facts(volume.parse()) {}
  explicit volume_facts(const json& volume);

  std::string name;
  std::string storage_class;
  std::string phase;
  std::string mode;  ///< Filesystem or Block
  quantity capacity;
  std::vector<std::string> access_modes;
  string_pairs labels;
  std::optional<std::vector<node_selector_term>> nodes;  ///< that reach it; none: all
  std::string claim;                                     ///< "ns/name" of its claimRef
  std::string claim_uid;                                 ///< of the claimRef; may be empty
  bool deleting = false;

  bool reaches(const node_view& node) const;
};

std::string class_of_claim(const json& claim);
bool has_annotation(const json& object, const char* name);

/// Whether the volume's claimRef means the claim: with its uid, or without any.
bool is_bound_to(const volume_facts& volume, const json& claim);

/// The volume for a claim: the one that is bound to it already, else of those that are available
/// the one with the fewest further access modes, and of these the smallest. `node`: it has to be
/// reached from there. Null when there is none.
const volume_facts* find_match(const json& claim, const std::vector<const volume_facts*>& volumes,
                               const node_view* node);

/// Why the volume is none for the claim that asks for it by name; empty when it is one.
std::string mismatch(const volume_facts& volume, const json& claim);

}  // namespace troupe::model
