#pragma once

#include "model/json.hpp"
#include "model/time.hpp"

namespace troupe::model {

// What the registry strategies of kinds that are no workloads do besides the rules that hold for
// all kinds, a file a subject: on create, on an update, and on an update of status.

/// The finalizer "kubernetes", which holds a namespace until it is empty, and the label of its
/// name. Finalizers change through the subresource finalize alone.
void prepare_new_namespace(json& ns);
void prepare_namespace_update(const json& old, json& ns);

/// clusterIP and clusterIPs say the same, and what is allocated stays when a client leaves it out
/// or goes when the type needs it no more.
void prepare_service(json& service);
void prepare_service_update(const json& old, json& service);
/// The topology of before nodeName and zone, which v1 only shows.
void prepare_endpoint_slice(json& slice);
void prepare_endpoint_slice_update(const json& old, json& slice);

/// Only the names of its secrets.
void prepare_service_account(json& account);
void prepare_service_account_update(const json& old, json& account);

void prepare_persistent_volume(json& volume);
void prepare_persistent_volume_status(const json& old, json& volume, time_point now);
/// dataSource and dataSourceRef say the same; classes of volume attributes are off in 1.32.
void prepare_claim(json& claim);
void prepare_claim_update(const json& old, json& claim);
void prepare_volume_attachment(json& attachment);

/// spec and status are the server's; approvals come through their own subresource.
void prepare_csr_update(const json& old, json& csr);
void prepare_csr_status(const json& old, json& csr, time_point now);
void prepare_csr_approval(const json& old, json& csr, time_point now);

/// storedVersions
void prepare_custom_resource(json& definition);
void prepare_custom_resource_update(const json& old, json& definition);
/// A group that this server serves itself is available at once.
void prepare_api_service(json& service);

}  // namespace troupe::model
