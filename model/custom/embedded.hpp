#pragma once

#include "model/custom/schema_node.hpp"
#include "model/status.hpp"

#include <string>
#include <vector>

namespace troupe::model {

// Whole objects within custom objects (x-kubernetes-embedded-resource): their apiVersion, kind and
// metadata are what those of every object are, whatever the schema says of them.

/// Brings the metadata of embedded objects into its form. Adds `unknown field "spec.x.metadata.y"`
/// to `unknown` for what it takes away; returns why something cannot be decoded, or "".
std::string decode_embedded(const schema_node& schema, json& document,
                            std::vector<std::string>& unknown);

/// What is wrong with them: they have an apiVersion and a kind, and metadata that is valid.
std::vector<cause> embedded_faults(const schema_node& schema, const json& document);

}  // namespace troupe::model
