#pragma once

#include "model/json.hpp"
#include "model/schema.hpp"

#include <string>
#include <vector>

namespace troupe::model {

/// What keeps a configuration from being applied to an object of `type`, in the words of
/// structured-merge-diff: `.spec.foo: field not declared in schema`. Lists must not repeat a key.
/// "" when nothing does.
std::string typed_faults(const json& configuration, const type_info& type);
/// The same one by one, of a configuration at a path of another one: `.metadata.foo: field ...`.
std::vector<std::string> typed_faults_at(const std::string& path, const json& configuration,
                                         const type_info& type);

}  // namespace troupe::model
