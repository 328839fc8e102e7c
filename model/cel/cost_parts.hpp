#pragma once

#include "model/cel/check.hpp"
#include "model/cel/cost.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace troupe::model::cel {

// Inside of the estimate.

/// A part of an expression: what it costs, and what may be known of the size of its value.
struct cost_part {
  cost_range cost;
  const expression* at = nullptr;
  const type* is = nullptr;
  /// Where its type is declared: a variable, then members, "@items", "@keys", "@values". Empty:
  /// nowhere.
  std::vector<std::string> path;
  std::optional<cost_range> size;  ///< by the expression itself
};

class size_source {
 public:
  explicit size_source(const type& root) : root_(root) {}
  /// Of a text its characters, of lists and maps what they hold.
  cost_range size_of(const cost_part& p) const;
  /// Of the items of a list.
  cost_range size_of_items(const cost_part& list) const;

 private:
  std::optional<cost_range> declared(const std::vector<std::string>& path) const;

  const type& root_;
};

struct call_estimate {
  cost_range cost = cost_range::exactly(1);  ///< besides that of what it is called with
  std::optional<cost_range> size;            ///< of what it gives
};

/// `parts`: what it is called with; what stands before the dot comes first.
call_estimate estimate_call(const std::string& name, const overload& o,
                            std::span<const cost_part> parts, const size_source& sizes);

}  // namespace troupe::model::cel
