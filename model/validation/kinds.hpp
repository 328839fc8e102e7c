#pragma once

#include "model/validation/path.hpp"

namespace troupe::model {

// What a kind's own rules are besides its metadata and shape, a file a subject.

void validate_node(const json& node, faults& out);
void validate_node_update(const json& old, const json& node, faults& out);
void validate_node_status(const json& old, const json& node, faults& out);

void validate_namespace(const json& ns, faults& out);

void validate_config_map(const json& config_map, faults& out);
void validate_secret(const json& secret, faults& out);
/// Data under `immutable: true`; a Secret's type.
void validate_data_update(const json& old, const json& object, faults& out);

void validate_event(const json& event, faults& out);

void validate_lease(const json& lease, faults& out);

void validate_csr(const json& csr, faults& out);
void validate_csr_update(const json& old, const json& csr, faults& out);
void validate_csr_status(const json& old, const json& csr, faults& out);

void validate_service(const json& service, faults& out);
void validate_service_update(const json& old, const json& service, faults& out);

}  // namespace troupe::model
