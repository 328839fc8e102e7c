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
// Types are those of the values: nothing is checked before it is evaluated.

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
  loop     ///< all, exists, exists_one, filter, map
};

struct expression {
  node kind = node::literal;
  bool method = false;    ///< of calls: args[0] is what stands before the dot
  bool optional = false;  ///< of fields and indexes: .?b and [?b]
  int depth = 1;          ///< of the tree from here on
  std::string text;       ///< of names, fields, functions and macros; "&&" and "||"
  std::string variable;   ///< of loops
  value constant;         ///< of literals
  std::vector<std::unique_ptr<const expression>> args;
};

/// What an evaluation may still cost; about one a step, and one for ten bytes of text.
struct budget {
  std::uint64_t left = 10'000'000;
};

/// The variables of an evaluation.
struct scope {
  /// The value of a name; nothing when there is none of that name.
  std::function<std::optional<value>(std::string_view)> find;
};

/// Why there is no value.
struct failure {
  std::string message;
  bool out_of_budget = false;
};

class program {
 public:
  /// On failure null, and `error` says where: "ERROR: <input>:1:5: Syntax error: ...". `names` are
  /// those that the expression may use.
  static std::shared_ptr<const program> compile(std::string_view text,
                                                const std::set<std::string, std::less<>>& names,
                                                std::string& error);

  /// Throws failure.
  value evaluate(const scope& names, budget& b) const;
  /// Whether the expression mentions the name.
  bool uses(std::string_view name) const { return used_.contains(name); }

 private:
  std::unique_ptr<const expression> root_;
  std::set<std::string, std::less<>> used_;
};

/// Parses; throws failure with the text of the error.
std::unique_ptr<const expression> parse(std::string_view text);

/// What is spent on the way.
class meter {
 public:
  explicit meter(budget& b) : budget_(b) {}
  void spend(std::uint64_t cost) {
    if (cost > budget_.left) {
      budget_.left = 0;
      throw failure{"operation cancelled: actual cost limit exceeded", true};
    }
    budget_.left -= cost;
  }
  /// For a walk over so many bytes.
  void walk(std::size_t bytes) { spend(1 + bytes / 10); }

 private:
  budget& budget_;
};

/// A function or an operator by its name; throws failure where there is no such overload.
value call(const std::string& name, bool method, std::vector<value>& args, meter& m);

}  // namespace troupe::model::cel
