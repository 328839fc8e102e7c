#pragma once

#include "model/quantity.hpp"
#include "model/validation/path.hpp"

#include <string_view>

namespace troupe::model {

// Which resources may be named where (core/v1/helper of Kubernetes 1.32).

inline constexpr std::string_view huge_page_prefix = "hugepages-";

/// Without a domain, or of kubernetes.io: Kubernetes' own.
bool is_native_resource(std::string_view name);
bool is_huge_page_resource(std::string_view name);
/// Of another domain, and not a request of the quota: counted in whole units.
bool is_extended_resource(std::string_view name);
/// Counts things: objects of a quota, extended resources.
bool is_whole_resource(std::string_view name);
/// Whether requests may lie below limits.
bool may_overcommit(std::string_view name);
bool is_quota_resource(std::string_view name);

/// A qualified name; without a domain one that Kubernetes knows. Whether it is.
bool validate_resource_name(std::string_view name, const field_path& path, faults& out);
void validate_container_resource_name(std::string_view name, const field_path& path, faults& out);
void validate_quota_resource_name(std::string_view name, const field_path& path, faults& out);

}  // namespace troupe::model
