#include "model/cel/format_clause.hpp"

#include "model/json.hpp"

#include <algorithm>
#include <limits>
#include <optional>

namespace troupe::model::cel {
namespace {

struct known_clause {
  char verb;
  std::vector<type_kind> kinds;
  const char* fault;  ///< before the type that was given
};

const std::vector<known_clause>& known_clauses() {
  using enum type_kind;
  static const std::vector<known_clause> all{
      {'s',
       {list, map, integer, unsigned_integer, real, boolean, text, timestamp, bytes, duration, meta,
        null},
       "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, "
       "types, durations, and timestamps"},
      {'d', {integer, unsigned_integer}, "decimal clause can only be used on integers"},
      // "NaN" and "Infinity" are texts.
      {'f', {real, text}, "fixed-point clause can only be used on doubles"},
      {'e', {real, text}, "scientific clause can only be used on doubles"},
      {'b',
       {integer, unsigned_integer, boolean},
       "only integers and bools can be formatted as binary"},
      {'o', {integer, unsigned_integer}, "octal clause can only be used on integers"},
      {'x',
       {integer, unsigned_integer, text, bytes},
       "only integers, byte buffers, and strings can be formatted as hex"}};
  return all;
}

const known_clause* find_clause(char verb) {
  const auto found =
      std::ranges::find(known_clauses(), verb == 'X' ? 'x' : verb, &known_clause::verb);
  return found == known_clauses().end() ? nullptr : &*found;
}

/// Behind a dot.
int read_precision(std::string_view form, std::size_t& at) {
  const auto from = at;
  int out = 0;
  constexpr int most = std::numeric_limits<int>::max() / 10 - 1;
  for (; at < form.size() && form[at] >= '0' && form[at] <= '9'; ++at)
    out = std::min(out * 10 + (form[at] - '0'), most);
  const std::string intro = "could not parse formatting clause: error while parsing precision: ";
  if (at >= form.size()) throw failure{intro + "could not find end of precision specifier"};
  if (at == from)
    throw failure{intro +
                  "error while converting precision to integer: strconv.Atoi: parsing \"\": "
                  "invalid syntax"};
  return out;
}

/// Without what it is of: "list".
std::string name_alone(const type& t) {
  const std::string shown = printed_type(t);
  return shown.substr(0, shown.find('('));
}

/// One call of format().
class format_checker {
 public:
  format_checker(const typed_tree& tree, const expression& call) : tree_(tree), call_(call) {}

  /// The first fault of it; nothing when it is good.
  std::optional<complaint> run() {
    const auto& form = *call_.args[0]->constant.get<std::string>();
    const auto& given = call_.args[1]->args;
    std::size_t used = 0;
    try {
      for (std::size_t at = form.find('%'); at < form.size(); at = form.find('%', at)) {
        if (++at < form.size() && form[at] == '%') {
          ++at;
          continue;
        }
        if (at >= form.size()) return complaint{call_.at, "unexpected end of string"};
        if (used >= given.size())
          return complaint{call_.at, "index " + std::to_string(used) + " out of range"};
        const char verb = read_clause(form, at).verb;
        const expression* bad = misfit(verb, *given[used++]);
        if (bad)
          return complaint{bad->at, "error during formatting: " +
                                        clause_fault(verb, name_alone(*tree_.type_of(*bad)))};
      }
    } catch (const failure& f) {
      return complaint{call_.at, f.message};
    }
    if (used == given.size()) return std::nullopt;
    return complaint{call_.at, "too many arguments supplied to string.format (expected " +
                                   std::to_string(used) + ", got " + std::to_string(given.size()) +
                                   ")"};
  }

 private:
  /// What of it a clause does not take; null: it takes all.
  const expression* misfit(char verb, const expression& e) const {
    const type* t = tree_.type_of(e);
    if (!t || t->kind == type_kind::dyn) return nullptr;
    if (!clause_takes(verb, t->kind)) return &e;
    if (verb == 's' && (e.kind == node::list || e.kind == node::map))
      for (const auto& a : e.args)
        if (const expression* bad = misfit(verb, *a)) return bad;
    return nullptr;
  }

  const typed_tree& tree_;
  const expression& call_;
};

}  // namespace

format_clause read_clause(std::string_view form, std::size_t& at) {
  format_clause out;
  if (at < form.size() && form[at] == '.') out.precision = read_precision(form, ++at);
  if (at >= form.size()) throw failure{"unexpected end of string"};
  out.verb = form[at++];
  if (find_clause(out.verb)) return out;
  throw failure{"could not parse formatting clause: unrecognized formatting clause " +
                in_quotes(std::string(1, out.verb))};
}

bool clause_takes(char verb, type_kind kind) {
  const auto* known = find_clause(verb);
  return known && std::ranges::find(known->kinds, kind) != known->kinds.end();
}

std::string clause_fault(char verb, std::string_view type) {
  return std::string(find_clause(verb)->fault) + ", was given " + std::string(type);
}

void check_formats(const typed_tree& tree, const expression& e, std::vector<complaint>& out) {
  for (const auto& a : e.args) check_formats(tree, *a, out);
  if (e.kind != node::call || !e.method || e.text != "format" || e.args.size() != 2) return;
  const bool written = e.args[0]->kind == node::literal && e.args[0]->constant.get<std::string>() &&
                       e.args[1]->kind == node::list;
  if (!written) return;
  if (auto found = format_checker(tree, e).run()) out.push_back(std::move(*found));
}

}  // namespace troupe::model::cel
