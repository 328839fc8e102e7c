#pragma once

#include <string>

namespace troupe::cli {

/// This machine's name, in lower case.
std::string host_name();
/// "HOST_uuid", another with each call: as client-go names who asks for a Lease, so that two
/// processes of one host are two.
std::string new_identity();

}  // namespace troupe::cli
