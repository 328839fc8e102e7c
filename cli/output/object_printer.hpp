#pragma once

#include "model/json.hpp"

#include <string>
#include <vector>

namespace troupe::cli {

/// Whether -o FORMAT prints objects (and not a table): json, yaml, name, jsonpath=,
/// custom-columns= and what reads them from a file.
bool prints_objects(const std::string& format);

/// The objects in an -o format; one of them stands alone, several (or `as_list`) as a v1 List.
/// Throws command_failure for a format that is unknown or broken.
std::string print_objects(const std::string& format, std::vector<model::json> objects, bool as_list,
                          bool headers = true, bool managed_fields = false);

}  // namespace troupe::cli
