#include "model/cel/cost.hpp"
#include "model/cel/declarations.hpp"
#include "model/cel/program.hpp"

#include <algorithm>

namespace troupe::model::cel {
namespace {

constexpr std::size_t most_items = 100'000;  // of a list that an expression makes

[[noreturn]] void fail(std::string why) {
  throw failure{std::move(why)};
}

/// Property names that are no names in CEL are written as Kubernetes escapes them.
std::string unescaped(std::string_view name) {
  static constexpr std::pair<std::string_view, std::string_view> codes[] = {
      {"__underscores__", "__"}, {"__dot__", "."}, {"__dash__", "-"}, {"__slash__", "/"}};
  if (name.find("__") == name.npos) return std::string(name);
  std::string out;
  for (std::size_t i = 0; i < name.size();) {
    const auto code = std::ranges::find_if(
        codes, [&](const auto& c) { return name.substr(i).starts_with(c.first); });
    if (code != std::end(codes)) {
      out += code->second;
      i += code->first.size();
    } else {
      out += name[i++];
    }
  }
  // Words that CEL keeps for itself: __namespace__.
  if (out == name && out.size() > 4 && out.starts_with("__") && out.ends_with("__"))
    return out.substr(2, out.size() - 4);
  return out;
}

value none() {
  return value::kinds(optional_value{});
}

value some(value v) {
  return value::kinds(optional_value{std::make_shared<const value>(std::move(v))});
}

class evaluator {
 public:
  evaluator(const scope& names, budget& b) : names_(names), meter_(b) {}

  value eval(const expression& e) {
    meter_.spend(cost_of(e));
    switch (e.kind) {
      case node::literal:
        return e.constant;
      case node::name:
        return name(e.text);
      case node::field:
        return field(e);
      case node::index:
        return index(e);
      case node::call:
        return function(e);
      case node::list:
        return list(e);
      case node::map:
        return map(e);
      case node::has:
        return has(e);
      case node::logic:
        return logic(e);
      case node::choice:
        return eval(*e.args[truth(eval(*e.args[0])) ? 1 : 2]);
      case node::loop:
        return loop(e);
    }
    fail("unknown expression");
  }

 private:
  struct binding {
    std::string_view name;
    value held;
  };

  /// What a step costs by itself, besides what a call says of its arguments.
  static std::uint64_t cost_of(const expression& e) {
    switch (e.kind) {
      case node::name:
      case node::field:
      case node::index:
      case node::call:
        return 1;
      case node::list:
        return list_cost;
      case node::map:
        return map_cost;
      case node::loop:
        return cost_of_macro(e.text).start;
      default:
        return 0;
    }
  }

  static bool truth(const value& v) {
    const bool* b = v.get<bool>();
    if (!b) fail("no such overload");
    return *b;
  }

  value name(const std::string& text) {
    for (auto b = bound_.rbegin(); b != bound_.rend(); ++b)
      if (b->name == text) return b->held;
    if (auto found = names_.find(text)) return std::move(*found);
    if (find_type_name(text)) return value::kinds(type_value{text});
    fail("no such attribute: " + text);
  }

  /// A member; through an optional it is optional, too.
  static std::optional<value> member(const value& of, const std::string& wanted) {
    if (!of.is_map()) fail("no such key: " + wanted);
    return of.find(std::string_view(wanted));
  }

  value field(const expression& e) {
    if (auto found = dotted(e)) return std::move(*found);
    value of = eval(*e.args[0]);
    const std::string wanted = unescaped(e.text);
    const auto* held = of.get<optional_value>();
    if (!held && !e.optional) {
      auto found = member(of, wanted);
      if (!found) fail("no such key: " + wanted);
      return std::move(*found);
    }
    if (held && !held->held) return none();
    auto found = member(held ? *held->held : of, wanted);
    return found ? some(std::move(*found)) : none();
  }

  /// Names with dots: variables.x, google.protobuf.Timestamp.
  std::optional<value> dotted(const expression& e) const {
    const expression& of = *e.args[0];
    if (of.kind == node::name && !is_bound(of.text)) return names_.find(of.text + "." + e.text);
    // The names of types that have dots all begin so.
    if (of.kind != node::field || of.args[0]->text != "google") return std::nullopt;
    std::string name = of.args[0]->text + "." + of.text + "." + e.text;
    if (!find_type_name(name)) return std::nullopt;
    return value(value::kinds(type_value{std::move(name)}));
  }

  bool is_bound(std::string_view text) const {
    return std::ranges::any_of(bound_, [&](const binding& b) { return b.name == text; });
  }

  static std::optional<value> element(const value& of, const value& key) {
    if (of.is_map()) return of.find(key);
    if (!of.is_list()) fail("no such overload");
    const auto* i = key.get<std::int64_t>();
    const auto* d = key.get<double>();
    if (!i && !d) fail("unsupported index type '" + key.type_name() + "' in list");
    const std::int64_t n = i ? *i : static_cast<std::int64_t>(*d);
    if (n < 0 || static_cast<std::size_t>(n) >= of.size()) return std::nullopt;
    return of.item(static_cast<std::size_t>(n));
  }

  value index(const expression& e) {
    value of = eval(*e.args[0]);
    const value key = eval(*e.args[1]);
    const auto* held = of.get<optional_value>();
    if (held && !held->held) return none();
    auto found = element(held ? *held->held : of, key);
    if (held || e.optional) return found ? some(std::move(*found)) : none();
    if (!found)
      fail(of.is_map() ? "no such key: " + text_of(key) : "index out of bounds: " + text_of(key));
    return std::move(*found);
  }

  value has(const expression& e) {
    const expression& f = *e.args[0];
    if (dotted(f)) return value::kinds(true);
    const value of = eval(*f.args[0]);
    const auto* held = of.get<optional_value>();
    if (held && !held->held) return value::kinds(false);
    const value& in = held ? *held->held : of;
    if (!in.is_map()) fail("invalid type for field selection");
    return value::kinds(in.find(std::string_view(unescaped(f.text))).has_value());
  }

  value list(const expression& e) {
    std::vector<value> out;
    for (std::size_t i = 0; i < e.args.size(); ++i)
      if (auto made = item(*e.args[i], e.is_optional(i))) out.push_back(std::move(*made));
    return value::list(std::move(out));
  }

  /// Of a list or a map; nothing for an optional without a value.
  std::optional<value> item(const expression& e, bool optional) {
    value made = eval(e);
    if (!optional) return made;
    const auto* held = made.get<optional_value>();
    if (!held) fail("cannot initialize optional entry from non-optional value " + text_of(made));
    if (!held->held) return std::nullopt;
    return *held->held;
  }

  value map(const expression& e) {
    std::vector<std::pair<value, value>> out;
    for (std::size_t i = 0; i + 1 < e.args.size(); i += 2) {
      value key = eval(*e.args[i]);
      auto made = item(*e.args[i + 1], e.is_optional(i / 2));
      if (made) insert(out, std::move(key), std::move(*made));
    }
    return map_of(std::move(out));
  }

  using pairs = std::vector<std::pair<value, value>>;

  static value map_of(pairs of) {
    return value::kinds(std::make_shared<const pairs>(std::move(of)));
  }

  void insert(pairs& into, value key, value held) {
    meter_.spend(into.size());
    for (const auto& [other, ignored] : into)
      if (equal(other, key)) fail("insert failed: key " + text_of(key) + " already exists");
    into.emplace_back(std::move(key), std::move(held));
  }

  /// An operand that decides makes up for a failure of the other one.
  value logic(const expression& e) {
    const bool decides = e.text == "||";
    std::optional<failure> failed;
    for (const auto& a : e.args) {
      try {
        if (truth(eval(*a)) == decides) return value::kinds(decides);
      } catch (failure& f) {
        if (f.exceeded != cost_limit::none) throw;
        if (!failed) failed = std::move(f);
      }
    }
    if (failed) throw std::move(*failed);
    return value::kinds(!decides);
  }

  value function(const expression& e) {
    std::vector<value> args;
    args.reserve(e.args.size());
    // These take what there is without looking at the other value.
    if (e.method && (e.text == "orValue" || e.text == "or") && e.args.size() == 2) {
      value of = eval(*e.args[0]);
      const auto* held = of.get<optional_value>();
      if (!held) fail("no such overload");
      if (!held->held) return eval(*e.args[1]);
      return e.text == "or" ? of : *held->held;
    }
    for (const auto& a : e.args) args.push_back(eval(*a));
    return call(e.text, e.method, args, meter_);
  }

  /// What a loop goes over, and how far.
  struct range {
    value over;
    std::vector<value> keys;  ///< of a map

    explicit range(value v) : over(std::move(v)) {
      if (!over.is_list() && !over.is_map()) fail("no such overload");
      if (over.is_map()) keys = over.keys();
    }
    std::size_t size() const { return over.size(); }
    bool maps() const { return over.is_map(); }
  };

  value loop(const expression& e) {
    if (e.text == "optMap" || e.text == "optFlatMap") return mapped_optional(e);
    const range r(eval(*e.args[0]));
    if (e.text == "all" || e.text == "exists") return quantified(e, r);
    if (e.text == "exists_one" || e.text == "existsOne") return exists_one(e, r);
    if (e.text == "transformMap" || e.text == "transformMapEntry") return transformed_map(e, r);
    std::vector<value> out;
    each(e, r, [&] {
      const bool filters = e.text == "filter" || e.args.size() == 3;
      value now = e.text == "filter" ? bound_.back().held : value();
      if (!kept(e, !filters || truth(eval(*e.args[1])))) return;
      out.push_back(e.text == "filter" ? std::move(now) : eval(*e.args.back()));
      if (out.size() > most_items) fail("list is too long");
    });
    return value::list(std::move(out));
  }

  /// Calls `f` with the variables bound, once an item.
  template <class F>
  void each(const expression& e, const range& r, F f) {
    for (std::size_t i = 0; i < r.size(); ++i) {
      const std::size_t outside = bound_.size();
      bind(e, r, i);
      f();
      bound_.resize(outside);
    }
  }

  /// Whether an item goes into the result, which costs something either way.
  bool kept(const expression& e, bool is) {
    const macro_cost cost = cost_of_macro(e.text);
    meter_.spend(is ? cost.kept : cost.passed);
    return is;
  }

  void bind(const expression& e, const range& r, std::size_t i) {
    meter_.spend(cost_of_macro(e.text).each);
    const bool two = !e.second_variable.empty();
    if (r.maps())
      bound_.push_back({e.variable, r.keys[i]});
    else
      bound_.push_back(
          {e.variable, two ? value(value::kinds(static_cast<std::int64_t>(i))) : r.over.item(i)});
    if (two)
      bound_.push_back({e.second_variable, r.maps() ? *r.over.find(r.keys[i]) : r.over.item(i)});
  }

  value quantified(const expression& e, const range& r) {
    const bool decides = e.text == "exists";
    std::optional<failure> failed;
    for (std::size_t i = 0; i < r.size(); ++i) {
      const std::size_t outside = bound_.size();
      bind(e, r, i);
      try {
        const bool found = truth(eval(*e.args[1]));
        bound_.resize(outside);
        if (found == decides) return value::kinds(decides);
      } catch (failure& f) {
        bound_.resize(outside);
        if (f.exceeded != cost_limit::none) throw;
        if (!failed) failed = std::move(f);
      }
    }
    if (failed) throw std::move(*failed);
    return value::kinds(!decides);
  }

  value exists_one(const expression& e, const range& r) {
    std::size_t found = 0;
    each(e, r, [&] { found += kept(e, truth(eval(*e.args[1]))) ? 1 : 0; });
    return value::kinds(found == 1);
  }

  value transformed_map(const expression& e, const range& r) {
    pairs out;
    each(e, r, [&] {
      value key = bound_[bound_.size() - 2].held;
      if (!kept(e, e.args.size() != 3 || truth(eval(*e.args[1])))) return;
      value made = eval(*e.args.back());
      if (e.text == "transformMap") return insert(out, std::move(key), std::move(made));
      if (!made.is_map()) fail("no such overload");
      for (value& k : made.keys()) {
        value held = *made.find(k);
        insert(out, std::move(k), std::move(held));
      }
    });
    return map_of(std::move(out));
  }

  value mapped_optional(const expression& e) {
    const value of = eval(*e.args[0]);
    const auto* held = of.get<optional_value>();
    if (!held) fail("no such overload");
    if (!held->held) return none();
    bound_.push_back({e.variable, *held->held});
    value made = eval(*e.args[1]);
    bound_.pop_back();
    return e.text == "optMap" ? some(std::move(made)) : made;
  }

  const scope& names_;
  meter meter_;
  std::vector<binding> bound_;
};

using name_set = std::set<std::string, std::less<>>;

/// The names that an expression takes from outside.
void free_names(const expression& e, std::vector<std::string_view>& bound, name_set& out) {
  if (e.kind == node::name && std::ranges::find(bound, e.text) == bound.end()) out.insert(e.text);
  if (e.kind == node::loop) {
    free_names(*e.args[0], bound, out);
    const std::size_t outside = bound.size();
    bound.push_back(e.variable);
    bound.push_back(e.second_variable);
    for (std::size_t i = 1; i < e.args.size(); ++i) free_names(*e.args[i], bound, out);
    bound.resize(outside);
    return;
  }
  for (const auto& a : e.args) free_names(*a, bound, out);
}

}  // namespace

std::shared_ptr<const program> program::compile(std::string_view text, std::string& error) try {
  auto p = std::make_shared<program>();
  p->root_ = parse(text);
  std::vector<std::string_view> bound;
  free_names(*p->root_, bound, p->used_);
  return p;
} catch (const failure& f) {
  error = f.message;
  return nullptr;
}

value program::evaluate(const scope& names, budget& b) const {
  budget own{budget::most_of_one};
  const auto pay = [&] {
    const std::uint64_t spent = budget::most_of_one - own.left;
    if (spent > b.left) {
      b.left = 0;
      throw failure{
          "validation failed due to running out of cost budget, no further validation rules will "
          "be run",
          cost_limit::of_all};
    }
    b.left -= spent;
  };
  std::optional<value> found;
  try {
    found = evaluator(names, own).eval(*root_);
  } catch (const failure&) {
    pay();
    throw;
  }
  pay();
  return std::move(*found);
}

}  // namespace troupe::model::cel
