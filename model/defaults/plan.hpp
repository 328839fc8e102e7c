#pragma once

#include "model/json.hpp"
#include "model/schema.hpp"

#include <memory>
#include <string>
#include <vector>

namespace troupe::model {

/// The defaults below one type that need no thinking, gathered from the schema: what to set
/// (and the zeros of numbers and bools that have to be there), and where to go on. Types without
/// defaults below them have none.
struct default_plan {
  struct constant {
    std::string name;
    json value;
    bool zero_unset = false;
  };
  struct descent {
    std::string name;
    bool many = false;  ///< a list or map of objects
    const default_plan* plan = nullptr;
  };
  std::vector<constant> constants;
  std::vector<descent> descents;

  void apply(json& object) const;
};

/// The plan of a type, or null when there is nothing to set. Made once for all types.
const default_plan* plan_of(const type_info& type);

}  // namespace troupe::model
