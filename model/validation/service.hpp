#pragma once

#include "model/service.hpp"
#include "model/validation/path.hpp"

namespace troupe::model {

// The parts of a Service that have a file or a user of their own.

/// clusterIP, clusterIPs, ipFamilies and ipFamilyPolicy.
void validate_cluster_ips(const json& spec, const field_path& path, faults& out);
/// What of them an update may not change.
void validate_cluster_ips_update(const json& old, const json& spec, const field_path& path,
                                 faults& out);
/// `protocol` of a port: TCP, UDP or SCTP.
void validate_protocol(const json& port, const field_path& path, faults& out);

}  // namespace troupe::model
