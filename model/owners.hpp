#pragma once

#include "model/admission.hpp"
#include "model/object.hpp"

#include <optional>
#include <string>
#include <vector>

namespace troupe::model {

// metadata.ownerReferences, and what the garbage collector makes of them.

struct owner_reference {
  std::string api_version;
  std::string kind;
  std::string name;
  std::string uid;
  bool blocks = false;      ///< blockOwnerDeletion
  bool controller = false;  ///< at most one of an object's owners
};

std::vector<owner_reference> owner_references(const json& object);

/// The owner that manages the object (metav1.GetControllerOf).
std::optional<owner_reference> controller_of(const object& o);

/// Whether `object` keeps the owner with this uid from a foreground deletion.
bool blocks_deletion(const json& object, std::string_view owner_uid);

/// An owner as a dependent sees it.
enum class owner_state : std::uint8_t {
  solid,       ///< it is there
  waiting,     ///< it is being deleted, and waits until its dependents are gone
  absent,      ///< there is no such object
  unserved,    ///< nobody can tell: its kind is not served
  unreachable  ///< the reference cannot be meant so: from a cluster-scoped object into a namespace
};
owner_state judge_owner(const owner_reference& owner, const object_key& dependent,
                        const object_lookup& lookup);

/// The key that a reference from `dependent` means; the resource is empty for an unserved kind.
object_key owner_key(const owner_reference& owner, const object_key& dependent);

/// What becomes of an object with owners.
struct collection {
  enum class action : std::uint8_t {
    keep,
    wait,     ///< look again later: a kind is not served now
    release,  ///< take the references to `absent` and waiting owners away: others hold it
    remove    ///< delete it as `policy` says
  };
  action what = action::keep;
  std::string policy;                   ///< Background, Foreground, Orphan
  std::vector<std::string> released;    ///< uids
  std::vector<owner_reference> absent;  ///< owners that were not found where they had to be
};

/// Decides as kube-controller-manager's garbage collector. `owns`: whether other objects depend on
/// this one.
collection decide_collection(const json& object, const object_key& key, bool owns,
                             const object_lookup& lookup);

/// The object without the references to these owners.
json without_owners(const json& object, const std::vector<std::string>& uids);
/// The object with references that block nothing.
json unblocked(json object);
/// The object without a finalizer.
json without_finalizer(json object, std::string_view name);

}  // namespace troupe::model
