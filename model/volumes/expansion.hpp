#pragma once

#include "model/volumes/volume.hpp"
#include "model/workload/remark.hpp"

#include <string>
#include <vector>

namespace troupe::model {

// Claims that ask for more than they have.

/// Why admission (PersistentVolumeClaimResize) refuses the claim; empty when it does not ask for
/// more or may. `storage_class`: the one that it names; null: there is none.
std::string refuse_growth(const json& old, const json& claim, const json& storage_class);

/// Whether a bound claim asks for more than its status says that it has.
bool wants_more(const json& claim);

/// The next write that gives it more.
struct expansion_step {
  json volume;                  ///< not null: the volume's new state
  json claim;                   ///< not null: the claim's, with its new status
  std::vector<remark> remarks;  ///< about the claim, once the write has succeeded
};
/// For a claim that wants_more(). The directories of the host-path provisioner have the room of
/// their disks, so that growing is a matter of saying so; of others there is a remark alone.
expansion_step next_expansion_step(const json& claim, const json& volume);

}  // namespace troupe::model
