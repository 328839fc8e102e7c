#pragma once

#include "model/cel/value.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model::cel {

// Google's Common Expression Language as Kubernetes uses it: parsed once, evaluated against JSON.
// `check` says beforehand what is wrong with an expression's types; evaluation goes by the values.

enum class node : std::uint8_t {
  literal,
  name,
  field,  ///< a.b
  index,  ///< a[b]
  call,   ///< f(x), a.f(x), and operators under their names in CEL ("_+_")
  list,
  map,     ///< keys and values in turn
  has,     ///< has(a.b)
  logic,   ///< && and ||
  choice,  ///< a ? b : c
  loop     ///< all, exists, exists_one, filter, map and their kin, optMap, optFlatMap
};

struct expression {
  node kind = node::literal;
  bool method = false;    ///< of calls: args[0] is what stands before the dot
  bool optional = false;  ///< of fields and indexes: .?b and [?b]
  int depth = 1;          ///< of the tree from here on
  std::size_t at = 0;     ///< where faults of it are shown: an operator's, a call's parenthesis
  std::string text;       ///< of names, fields, functions and macros; "&&" and "||"
  std::string variable, second_variable;  ///< of loops; the second one may be empty
  value constant;                         ///< of literals
  std::vector<bool> optional_items;       ///< of lists and maps: [?a], {?'b': a}
  std::vector<std::unique_ptr<const expression>> args;

  bool is_optional(std::size_t i) const { return i < optional_items.size() && optional_items[i]; }
};

/// What evaluations may still cost, in about the units of cel-go: one for a name, a member or a
/// call, one for ten bytes of text. Whatever is left, none may cost more than `most_of_one`.
struct budget {
  static constexpr std::uint64_t most_of_one = 1'000'000;
  static constexpr std::uint64_t of_rules = 10'000'000;
  static constexpr std::uint64_t of_conditions = 2'500'000;
  std::uint64_t left = of_rules;
};

/// The variables of an evaluation.
struct scope {
  /// The value of a name; nothing when there is none of that name.
  std::function<std::optional<value>(std::string_view)> find;
};

enum class cost_limit : std::uint8_t { none, of_one, of_all };

/// Why there is no value.
struct failure {
  std::string message;
  cost_limit exceeded = cost_limit::none;
};

class program {
 public:
  /// On failure null, and `error` says where: "ERROR: <input>:1:5: Syntax error: ...".
  static std::shared_ptr<const program> compile(std::string_view text, std::string& error);

  /// Throws failure; when all is spent, in the words in which Kubernetes says so.
  value evaluate(const scope& names, budget& b) const;
  /// Whether the expression mentions the name.
  bool uses(std::string_view name) const { return used_.contains(name); }

 private:
  std::unique_ptr<const expression> root_;
  std::set<std::string, std::less<>> used_;
};

/// "ERROR: <input>:1:5: ..." about the place of this byte, with the line and a mark below it.
std::string shown_error(std::string_view text, std::size_t at, const std::string& why);

/// Parses; throws failure with the text of the error.
std::unique_ptr<const expression> parse(std::string_view text);

/// What is spent on the way.
class meter {
 public:
  explicit meter(budget& b) : budget_(b) {}
  void spend(std::uint64_t cost) {
    if (cost > budget_.left) {
      budget_.left = 0;
      throw failure{"operation cancelled: actual cost limit exceeded", cost_limit::of_one};
    }
    budget_.left -= cost;
  }
  /// For a walk over so many bytes.
  void walk(std::size_t bytes) { spend(bytes / 10); }

 private:
  budget& budget_;
};

/// A function or an operator by its name; throws failure where there is no such overload.
value call(const std::string& name, bool method, std::vector<value>& args, meter& m);

}  // namespace troupe::model::cel
