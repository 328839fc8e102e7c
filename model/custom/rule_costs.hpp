#pragma once

#include "model/cel/types.hpp"
#include "model/json.hpp"
#include "model/validation/path.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe::model {

/// What the rules of one schema may cost, by the estimate of their expressions, and the limits of
/// Kubernetes (apiextensions' validation): one expression, and all of them together.
class rule_costs {
 public:
  /// `limited`: without, everything may be as expensive as it is.
  explicit rule_costs(bool limited = true) : limited_(limited) {}

  /// A rule over as many values as there are of the schema that it stands at; where nobody says how
  /// many these are, over as many as a request may hold.
  void add_rule(std::uint64_t cost, const cel::type& self, std::optional<std::uint64_t> cardinality,
                const field_path& path, faults& out);
  void add_message(std::uint64_t cost, const field_path& path, faults& out);
  /// What is wrong with the total.
  void finish(const field_path& schema, faults& out) const;

 private:
  struct expensive {
    std::string path;
    std::uint64_t cost;
  };

  void add(std::string_view what, std::uint64_t cost, const field_path& path, faults& out);

  bool limited_;
  std::uint64_t total_ = 0;
  std::vector<expensive> most_expensive_;
};

/// How many values there are at most of what is below a schema, of which there are `here`.
std::optional<std::uint64_t> cardinality_below(const json& schema,
                                               std::optional<std::uint64_t> here);

}  // namespace troupe::model
