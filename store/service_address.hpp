#pragma once

#include "store/cache.hpp"

#include <optional>
#include <string>
#include <vector>

namespace troupe::store {

/// The EndpointSlices of a Service.
std::vector<object_ptr> slices_of(const cache& objects, const std::string& ns,
                                  const std::string& service);

/// Where a Service's port is reached from here, "10.0.0.1:8443": the first ready endpoint of its
/// EndpointSlices. Nothing when there is none.
std::optional<std::string> service_address(const cache& objects, const std::string& ns,
                                           const std::string& service, int port);

}  // namespace troupe::store
