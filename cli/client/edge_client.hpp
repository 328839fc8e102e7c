#pragma once

#include "cli/client/api_client.hpp"

namespace troupe::cli {

/// Connects to the edge door that a kubeconfig names (empty: found by kubeconfig_path) with its
/// client certificate. Throws role_error that says what is missing and what to do about it.
std::unique_ptr<api_client> connect_to_edge(const std::string& kubeconfig);

}  // namespace troupe::cli
