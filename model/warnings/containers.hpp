#pragma once

#include "model/warnings/pod.hpp"

namespace troupe::model {

/// Annotations without their field, fractions of bytes, variables that hide others.
void warn_of_containers(const json& pod, bool is_template, const field_path& spec_path,
                        const field_path& annotations_path, warnings& out);
/// Ports that are defined twice in a pod.
void warn_of_ports(const json& spec, const field_path& spec_path, warnings& out);

}  // namespace troupe::model
