#pragma once

#include "model/schema.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace troupe::model {

// What becomes of an object's dependents when it is deleted: the garbage collector reads it from
// the finalizers that the API puts on the object.

/// The object stays until its dependents have lost their references to it.
inline constexpr std::string_view orphan_finalizer = "orphan";
/// The object stays until the dependents that block its deletion are gone.
inline constexpr std::string_view foreground_finalizer = "foregroundDeletion";

bool has_finalizer(const json& object, std::string_view name);

/// The dependents' fate that a delete asks for.
struct propagation {
  std::string policy;          ///< Foreground, Background, Orphan; empty: as the kind likes
  std::optional<bool> orphan;  ///< orphanDependents, the older way to say it
  bool unsaid() const { return policy.empty() && !orphan; }
};

/// Sets or removes the two finalizers as apiserver does: what is asked, else the finalizers that
/// are there, else the kind's default. True when they changed.
bool set_dependents_finalizers(const kind_info& kind, json& object, const propagation& asked);

/// The same for kinds that only heed what is asked (namespaces).
bool set_asked_finalizers(json& object, const propagation& asked);

/// Whether a delete of an object without finalizers leaves its dependents to the garbage collector,
/// and needs no finalizer for it.
bool leaves_dependents(const kind_info& kind, const propagation& asked);

/// Whether this kind's dependents live on unless the delete says otherwise.
bool orphans_by_default(const kind_info& kind);

}  // namespace troupe::model
