#include "model/cel/check.hpp"

#include "model/cel/format_clause.hpp"
#include "model/cel/functions.hpp"

#include <algorithm>
#include <optional>
#include <re2/re2.h>

namespace troupe::model::cel {
namespace {

constexpr std::size_t most_shown = 100;  // of an expression's faults

/// "a.b.c" of fields of a name; nothing for what is no such chain.
std::optional<std::string> qualified_name(const expression& e) {
  if (e.kind == node::name) return e.text;
  if (e.kind != node::field || e.optional) return std::nullopt;
  auto of = qualified_name(*e.args[0]);
  if (!of) return std::nullopt;
  return *of + "." + e.text;
}

/// One walk over an expression, from the leaves to the root.
class type_checker {
  using enum type_kind;

 public:
  explicit type_checker(const variable_types& variables) : variables_(variables) {}

  type_ptr visit(const expression& e) {
    type_ptr found = type_at(e);
    tree_.types[&e] = found;
    return found;
  }

  type_ptr finish(const type_ptr& t) const { return mapping_.substitute(t, true); }

  /// Lists and maps that are written with items of several types, once all types are known.
  void check_literals() {
    for (const auto& written : written_) {
      const type_ptr first = finish(written.front().second);
      for (const auto& [at, t] : written) {
        const type_ptr now = finish(t);
        if (alike(*first, *now)) continue;
        complain(at,
                 "expected type '" + shown_type(*first) + "' but found '" + shown_type(*now) + "'");
        break;
      }
    }
  }
  std::vector<complaint> take() { return std::move(complaints_); }

  /// With all that has been found out in the end.
  std::shared_ptr<const typed_tree> take_tree(std::unique_ptr<const expression> root) {
    tree_.root = std::move(root);
    for (auto& [part, t] : tree_.types) t = finish(t);
    return std::make_shared<const typed_tree>(std::move(tree_));
  }

 private:
  type_ptr type_at(const expression& e) {
    switch (e.kind) {
      case node::literal:
        return type_of_literal(e.constant);
      case node::name:
        if (auto found = find_name(e.text)) return found;
        return undeclared(e, e.text);
      case node::field:
        return field(e);
      case node::index:
        return resolve(e, e.optional ? "_[?_]" : "_[_]", visit_all(e.args), false);
      case node::call:
        return call_of(e);
      case node::list:
        return list_literal(e);
      case node::map:
        return map_literal(e);
      case node::has:
        select(*e.args[0], e.at, false);
        return plain_type(boolean);
      case node::logic:
        return logic(e);
      case node::choice:
        return resolve(e, "_?_:_", visit_all(e.args), false);
      case node::loop:
        return loop(e);
    }
    return plain_type(error);
  }

  void complain(std::size_t at, std::string why) { complaints_.push_back({at, std::move(why)}); }

  type_ptr undeclared(const expression& e, const std::string& name) {
    complain(e.at, "undeclared reference to '" + name + "' (in container '')");
    return plain_type(error);
  }

  static type_ptr type_of_literal(const value& v) {
    if (v.is_null()) return plain_type(null);
    if (v.get<bool>()) return plain_type(boolean);
    if (v.get<std::int64_t>()) return plain_type(integer);
    if (v.get<std::uint64_t>()) return plain_type(unsigned_integer);
    if (v.get<double>()) return plain_type(real);
    return plain_type(v.get<bytes_value>() ? bytes : text);
  }

  type_ptr find_name(const std::string& name) const {
    for (auto b = bound_.rbegin(); b != bound_.rend(); ++b)
      if (b->first == name) return b->second;
    if (const auto found = variables_.find(name); found != variables_.end()) return found->second;
    return find_type_name(name);
  }

  type_list visit_all(const std::vector<std::unique_ptr<const expression>>& args) {
    type_list out;
    for (const auto& a : args) out.push_back(visit(*a));
    return out;
  }

  // Fields

  type_ptr field(const expression& e) {
    if (const auto whole = qualified_name(e))
      if (auto found = find_name(*whole)) return found;
    return select(e, e.at, e.optional);
  }

  type_ptr select(const expression& e, std::size_t at, bool optional) {
    const type_ptr operand = mapping_.substitute(visit(*e.args[0]), false);
    const type_ptr held = held_by(*operand);
    type_ptr out = field_of(held ? held : operand, e.text, at);
    return held || optional ? optional_of(std::move(out)) : out;
  }

  type_ptr field_of(const type_ptr& of, const std::string& name, std::size_t at) {
    if (of->kind == map) return of->params[1];
    if (of->kind == structure) {
      if (const auto found = of->fields.find(name); found != of->fields.end()) return found->second;
      complain(at, of->has_fields ? "undefined field '" + name + "'"
                                  : "unexpected failed resolution of '" + of->name + "'");
      return plain_type(error);
    }
    if (of->kind == parameter) {
      mapping_.assignable(plain_type(dyn), of);
    } else if (of->kind != dyn && of->kind != error) {
      complain(at, "type '" + shown_type(*of) + "' does not support field selection");
    }
    return plain_type(dyn);
  }

  // Calls

  type_ptr call_of(const expression& e) {
    type_list args;
    // Arguments come before what stands in front of the dot.
    const std::size_t first = e.method ? 1 : 0;
    const bool formats = e.method && e.text == "format";
    if (formats) ++formats_;
    for (std::size_t i = first; i < e.args.size(); ++i) args.push_back(visit(*e.args[i]));
    if (e.method) args.insert(args.begin(), visit(*e.args[0]));
    if (formats) --formats_;
    if (!find_function(e.text)) return undeclared(e, e.text);
    return resolve(e, e.text, std::move(args), e.method);
  }

  type_ptr resolve(const expression& e, const std::string& name, type_list args, bool method) {
    type_ptr result;
    for (const overload& o : *find_function(name)) {
      if (o.method != method) continue;
      auto [wanted, made] = instantiated(o);
      if (!mapping_.assignable(args, wanted)) continue;
      tree_.calls[&e].push_back(&o);
      made = mapping_.substitute(made, false);
      if (!result)
        result = std::move(made);
      else if (result->kind != dyn && !same_type(*made, *result))
        result = plain_type(dyn);
    }
    if (result) return result;
    no_match(e.at, name, std::move(args), method);
    return plain_type(error);
  }

  /// With parameters of its own.
  std::pair<type_list, type_ptr> instantiated(const overload& o) {
    if (o.parameters.empty()) return {o.args, o.result};
    type_mapping own;
    for (const auto& p : o.parameters) own.assignable(mapping_.fresh(), parameter_type(p));
    type_list args;
    for (const auto& a : o.args) args.push_back(own.substitute(a, false));
    return {std::move(args), own.substitute(o.result, false)};
  }

  void no_match(std::size_t at, const std::string& name, type_list args, bool method) {
    std::string signature;
    for (auto& a : args) a = mapping_.substitute(a, true);
    if (method) signature = shown_type(*args[0]) + ".";
    signature += '(';
    for (std::size_t i = method ? 1 : 0; i < args.size(); ++i) {
      if (signature.back() != '(') signature += ", ";
      signature += shown_type(*args[i]);
    }
    complain(at, "found no matching overload for '" + name + "' applied to '" + signature + ")'");
  }

  bool expect(const type_ptr& wanted, const type_ptr& found, std::size_t at) {
    if (mapping_.assignable(wanted, found)) return true;
    complain(at, "expected type '" + shown_type(*mapping_.substitute(wanted, true)) +
                     "' but found '" + shown_type(*mapping_.substitute(found, true)) + "'");
    return false;
  }

  type_ptr logic(const expression& e) {
    const type_list args = visit_all(e.args);
    bool good = true;
    for (std::size_t i = 0; i < args.size(); ++i)
      good &= expect(plain_type(boolean), args[i], e.args[i]->at);
    return plain_type(good ? boolean : error);
  }

  // Lists and maps

  /// An item of a list or a map that may be left out: what it holds.
  type_ptr item(const expression& e, bool optional) {
    type_ptr t = visit(e);
    if (!optional) return t;
    if (type_ptr held = held_by(*t)) return held;
    if (t->kind != dyn)
      complain(e.at, "expected type '" + shown_type(*optional_of(t)) + "' but found '" +
                         shown_type(*t) + "'");
    return t;
  }

  using items = std::vector<std::pair<std::size_t, type_ptr>>;

  /// What all of them are. What format() is given may be of any types.
  type_ptr joined(items all) {
    type_ptr out;
    for (const auto& [at, t] : all)
      out = !out ? t : mapping_.assignable(out, t) ? most_general(out, t) : plain_type(dyn);
    if (!all.empty() && formats_ == 0) written_.push_back(std::move(all));
    return out ? out : mapping_.fresh();
  }

  type_ptr list_literal(const expression& e) {
    items all;
    for (std::size_t i = 0; i < e.args.size(); ++i)
      all.emplace_back(e.args[i]->at, item(*e.args[i], e.is_optional(i)));
    return list_of(joined(std::move(all)));
  }

  type_ptr map_literal(const expression& e) {
    items keys, held;
    for (std::size_t i = 0; i + 1 < e.args.size(); i += 2) {
      keys.emplace_back(e.args[i]->at, visit(*e.args[i]));
      held.emplace_back(e.args[i + 1]->at, item(*e.args[i + 1], e.is_optional(i / 2)));
    }
    type_ptr of_keys = joined(std::move(keys));
    return map_of(std::move(of_keys), joined(std::move(held)));
  }

  /// The same but for the names of parameters.
  static bool alike(const type& a, const type& b) {
    if (a.kind != b.kind || a.params.size() != b.params.size()) return false;
    if (a.kind != parameter && a.name != b.name) return false;
    for (std::size_t i = 0; i < a.params.size(); ++i)
      if (!alike(*a.params[i], *b.params[i])) return false;
    return true;
  }

  // Macros

  /// What the variables of a loop are; the second one is null where there is one alone.
  std::pair<type_ptr, type_ptr> ranged(const expression& e, const type_ptr& over) {
    const bool two = !e.second_variable.empty();
    if (over->kind == list)
      return two ? std::pair(plain_type(integer), over->params[0])
                 : std::pair(over->params[0], type_ptr());
    if (over->kind == map) return {over->params[0], two ? over->params[1] : nullptr};
    type_kind each = dyn;
    if (over->kind == parameter) {
      mapping_.assignable(plain_type(dyn), over);
    } else if (over->kind != dyn && over->kind != error) {
      complain(e.args[0]->at, "expression of type '" + shown_type(*over) +
                                  "' cannot be range of a comprehension (must be list, map, or "
                                  "dynamic)");
      each = error;
    }
    return {plain_type(each), two ? plain_type(each) : nullptr};
  }

  type_ptr loop(const expression& e) {
    if (e.text == "optMap" || e.text == "optFlatMap") return mapped_optional(e);
    const type_ptr over = mapping_.substitute(visit(*e.args[0]), false);
    auto [first, second] = ranged(e, over);
    const std::size_t outside = bound_.size();
    bound_.emplace_back(e.variable, first);
    if (second) bound_.emplace_back(e.second_variable, second);
    type_ptr out = body(e, first);
    bound_.resize(outside);
    return mapping_.substitute(out, false);
  }

  type_ptr body(const expression& e, const type_ptr& each) {
    if (e.text == "all" || e.text == "exists") {
      expect(plain_type(boolean), visit(*e.args[1]), e.args[1]->at);
      return plain_type(boolean);
    }
    if (e.text == "exists_one" || e.text == "existsOne") {
      condition(e, plain_type(integer));
      return plain_type(boolean);
    }
    if (e.text == "filter") {
      type_ptr out = list_of(each);
      condition(e, out);
      return out;
    }
    const bool filters = e.args.size() == 3;
    type_ptr made = mapping_.fresh();
    const type_ptr tested = filters ? visit(*e.args[1]) : nullptr;
    type_ptr transformed = visit(*e.args.back());
    if (e.text == "transformMap")
      made = map_of(each, transformed);
    else if (e.text == "transformMapEntry")
      made = entry(e, transformed);
    else
      made = list_of(transformed);
    if (tested) test(e, tested, made);
    return made;
  }

  /// The macro makes of it: predicate ? more : as before.
  void condition(const expression& e, const type_ptr& made) { test(e, visit(*e.args[1]), made); }
  void test(const expression& e, const type_ptr& tested, const type_ptr& made) {
    if (!mapping_.assignable(tested, plain_type(boolean)))
      no_match(e.at, "_?_:_", {tested, made, made}, false);
  }

  type_ptr entry(const expression& e, const type_ptr& transformed) {
    type_ptr any = map_of(mapping_.fresh(), mapping_.fresh());
    if (!mapping_.assignable(transformed, any)) {
      no_match(e.at, "cel.@mapInsert", {any, transformed}, false);
      return plain_type(error);
    }
    return any;
  }

  /// a.hasValue() ? optional.of(EXPRESSION) : optional.none(), with the value under a name.
  type_ptr mapped_optional(const expression& e) {
    const type_ptr over = mapping_.substitute(visit(*e.args[0]), false);
    type_ptr held = held_by(*over);
    if (!held && over->kind != dyn && over->kind != error) {
      no_match(e.at, "hasValue", {over}, true);
      no_match(e.at, "value", {over}, true);
      held = plain_type(error);
    }
    bound_.emplace_back(e.variable, held ? held : plain_type(dyn));
    type_ptr made = visit(*e.args[1]);
    bound_.pop_back();
    if (e.text == "optMap") return optional_of(std::move(made));
    type_ptr none = optional_of(mapping_.fresh());
    if (!mapping_.assignable(made, none)) {
      no_match(e.at, "_?_:_", {plain_type(boolean), made, none}, false);
      return plain_type(error);
    }
    return mapping_.substitute(made, false);
  }

  const variable_types& variables_;
  type_mapping mapping_;
  std::vector<std::pair<std::string, type_ptr>> bound_;
  std::vector<complaint> complaints_;
  std::vector<items> written_;  ///< what lists and maps are made of
  int formats_ = 0;             ///< calls of format() that are being looked at
  typed_tree tree_;
};

/// Texts that are written in the expression are looked into before they are used.
void check_literals(const expression& e, std::vector<complaint>& out) {
  for (const auto& a : e.args) check_literals(*a, out);
  const bool of_time = e.text == "duration" || e.text == "timestamp";
  if (e.kind != node::call || e.args.empty() || (!of_time && e.text != "matches")) return;
  const expression& last = *e.args.back();
  const auto* given = last.kind == node::literal ? last.constant.get<std::string>() : nullptr;
  if (!given || (of_time && e.args.size() != 1) || (!of_time && e.args.size() != 2)) return;
  bool good = true;
  if (of_time) {
    try {
      budget b;
      meter m(b);
      std::vector<value> args{last.constant};
      call(e.text, false, args, m);
    } catch (const failure&) {
      good = false;
    }
  } else {
    good = re2::RE2(*given, re2::RE2::Quiet).ok();
  }
  if (!good) out.push_back({last.at, "invalid " + e.text + " argument"});
}

std::string shown(std::string_view text, std::vector<complaint> complaints) {
  std::ranges::stable_sort(complaints, {}, &complaint::at);
  std::string out;
  for (std::size_t i = 0; i < complaints.size() && i < most_shown; ++i) {
    if (i > 0) out += '\n';
    out += shown_error(text, complaints[i].at, complaints[i].why);
  }
  if (complaints.size() > most_shown)
    out += "\n" + std::to_string(complaints.size() - most_shown) + " more errors were truncated";
  return out;
}

}  // namespace

checked check(std::string_view text, const variable_types& variables) try {
  auto root = parse(text);
  type_checker walk(variables);
  const type_ptr found = walk.visit(*root);
  auto complaints = walk.take();
  if (!complaints.empty()) return {nullptr, shown(text, std::move(complaints)), nullptr};
  walk.check_literals();
  complaints = walk.take();
  auto tree = walk.take_tree(std::move(root));
  check_literals(*tree->root, complaints);
  check_formats(*tree, *tree->root, complaints);
  if (!complaints.empty()) return {nullptr, shown(text, std::move(complaints)), nullptr};
  return {walk.finish(found), "", std::move(tree)};
} catch (const failure& f) {
  return {nullptr, f.message, nullptr};
}

}  // namespace troupe::model::cel
