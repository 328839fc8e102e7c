#pragma once

#include "model/endpoints/pod.hpp"
#include "model/endpoints/topology.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace troupe::model {

inline constexpr const char* slice_manager_label = "endpointslice.kubernetes.io/managed-by";
inline constexpr const char* slice_service_label = "kubernetes.io/service-name";
inline constexpr const char* slice_controller = "endpointslice-controller.k8s.io";

/// What has to be done to the slices of a service. Those to update carry name and resourceVersion.
struct slice_changes {
  std::vector<json> create;
  std::vector<json> update;
  std::vector<std::string> remove;                ///< names
  std::vector<const endpoint_pod*> without_node;  ///< left out: their Node is not known (yet)
  /// Of a service that wants topology hints: why an address type has none; empty: it has.
  std::map<std::string, std::string> topology;

  bool empty() const { return create.empty() && update.empty() && remove.empty(); }
};

/// The zone of a node ("": it has none); nothing when there is no such node.
using zone_lookup = std::function<std::optional<std::string>(const std::string& node)>;

/// The EndpointSlices of a service with a selector, as the endpointslice controller keeps them: as
/// few writes as can be, at most 100 endpoints a slice. `existing` are the controller's slices of
/// the service, those that are being deleted left out; `triggered` is the time of the change that
/// is carried out. `cpus` decide about topology hints; null: there are none.
slice_changes reconcile_slices(const json& service, const std::vector<const endpoint_pod*>& pods,
                               const std::vector<json>& existing, const zone_lookup& zone_of,
                               std::optional<time_point> triggered,
                               const zone_cpus* cpus = nullptr);

// What the two controllers of slices share.

/// "NAME-", or "NAME" where that would be no name (the prefix of generated slice names).
std::string slice_name_prefix(const std::string& service);
/// A slice without a name for `owner` (of apiVersion v1 and this kind).
json new_slice(const json& owner, const char* owner_kind, const std::string& address_type,
               json ports, json labels);
/// Whether the slice belongs to the object with this uid.
bool slice_owned_by(const json& slice, const std::string& uid);
/// Ports as text, equal for lists that differ in order only.
std::string port_key(const json& ports);
/// Creations take the place of removals of the same type where they can.
void recycle_slices(slice_changes& changes, const std::vector<json>& existing,
                    const std::string& owner_uid);

}  // namespace troupe::model
