#pragma once

#include "model/json.hpp"
#include "model/object.hpp"
#include "model/time.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace troupe::model {

/// What is left in a namespace that is being deleted.
struct namespace_remains {
  std::map<std::string, std::size_t> resources;   ///< "deployments.apps", "pods."
  std::map<std::string, std::size_t> finalizers;  ///< how many objects each of them holds
  std::vector<std::string> failures;              ///< of deletes
  /// Groups and versions of which nobody knows what they hold: "wardrobe.example.com/v1".
  std::vector<std::string> undiscovered;
};

/// Counts an object that is still there.
void add_remaining(namespace_remains& left, const object& o);

/// The same of one that another server has; `resource`: "widgets.wardrobe.example.com".
void add_remaining(namespace_remains& left, const std::string& resource, const json& object);

/// Sets the five conditions that tell how far a namespace's deletion is. True when one changed.
bool set_namespace_conditions(json& ns, const namespace_remains& left, time_point now);

}  // namespace troupe::model
