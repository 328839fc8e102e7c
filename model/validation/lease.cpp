#include "model/validation/kinds.hpp"

namespace troupe::model {

void validate_lease(const json& lease, faults& out) {
  const field_path path("spec");
  const json& spec = value_of(lease, "spec");
  // strategy and preferredHolder belong to coordinated leader election, which 1.32 has off.
  if (const json& seconds = value_of(spec, "leaseDurationSeconds");
      seconds.is_number_integer() && seconds.get<std::int64_t>() <= 0)
    out.invalid(path.child("leaseDurationSeconds"), seconds, "must be greater than 0");
  if (const json& turns = value_of(spec, "leaseTransitions");
      turns.is_number_integer() && turns.get<std::int64_t>() < 0)
    out.invalid(path.child("leaseTransitions"), turns, "must be greater than or equal to 0");
}

}  // namespace troupe::model
