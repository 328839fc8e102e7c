#include "model/label_names.hpp"
#include "model/validation/kinds.hpp"

namespace troupe::model {

void validate_namespace(const json& ns, faults& out) {
  const field_path spec("spec");
  const field_path path = spec.child("finalizers");
  for (const json& finalizer : items_of(value_of(ns, "spec"), "finalizers")) {
    const auto name = as_text(finalizer);
    const std::string fault = qualified_name_fault(name);
    out.check(path, name, fault);
    if (fault.empty() && name.find('/') == name.npos && name != "kubernetes" && name != "orphan" &&
        name != "foregroundDeletion")
      out.invalid(path, name,
                  "name is neither a standard finalizer name nor is it fully qualified");
  }
}

void validate_namespace_status(const json&, const json& ns, faults& out) {
  const field_path status("status");
  const field_path path = status.child("Phase");
  const auto phase = string_at(ns, {"status", "phase"});
  const bool ending = !at(ns, {"metadata", "deletionTimestamp"}).is_null();
  if (!ending && phase != "Active")
    out.invalid(path, phase, "may only be 'Active' if `deletionTimestamp` is empty");
  if (ending && phase != "Terminating")
    out.invalid(path, phase, "may only be 'Terminating' if `deletionTimestamp` is not empty");
}

}  // namespace troupe::model
