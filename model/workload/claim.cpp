#include "model/workload/claim.hpp"

#include "model/owners.hpp"

namespace troupe::model {

claim claim_of(const object& controller, const label_selector& selector, const object& dependent) {
  const bool selected = selector.matches(dependent.header().labels);
  const bool ending = controller.header().deleting;
  if (const auto owner = controller_of(dependent)) {
    if (owner->uid != controller.header().uid) return claim::leave;
    if (selected) return claim::keep;
    return ending ? claim::leave : claim::release;
  }
  if (ending || !selected || dependent.header().deleting) return claim::leave;
  return controller.key().ns == dependent.key().ns ? claim::adopt : claim::leave;
}

json adoption_patch(const json& controller_reference, const object& dependent) {
  return {{"metadata",
           {{"uid", dependent.header().uid},
            {"ownerReferences", json::array({controller_reference})}}}};
}

json release_patch(const object& controller, const object& dependent) {
  json gone = {{"$patch", "delete"}, {"uid", controller.header().uid}};
  return {{"metadata",
           {{"uid", dependent.header().uid}, {"ownerReferences", json::array({std::move(gone)})}}}};
}

}  // namespace troupe::model
