#pragma once

#include "model/json.hpp"

#include <string>
#include <vector>

namespace troupe::model {

// What Kubernetes 1.32 warns the writers of kinds of that are no workloads; `old` is null on
// create.

void warn_of_service(const json* old, const json& service, std::vector<std::string>& out);
void warn_of_ingress(const json* old, const json& ingress, std::vector<std::string>& out);
void warn_of_endpoint_slice(const json* old, const json& slice, std::vector<std::string>& out);
void warn_of_persistent_volume(const json* old, const json& volume, std::vector<std::string>& out);
void warn_of_persistent_volume_claim(const json* old, const json& claim,
                                     std::vector<std::string>& out);
void warn_of_storage_class(const json* old, const json& storage_class,
                           std::vector<std::string>& out);
void warn_of_node(const json* old, const json& node, std::vector<std::string>& out);
void warn_of_runtime_class(const json* old, const json& runtime, std::vector<std::string>& out);
void warn_of_service_account(const json* old, const json& account, std::vector<std::string>& out);

}  // namespace troupe::model
