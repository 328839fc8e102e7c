#include "model/cel/program.hpp"

#include <algorithm>
#include <array>

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
    meter_.spend(1);
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

  static bool truth(const value& v) {
    const bool* b = v.get<bool>();
    if (!b) fail("no such overload");
    return *b;
  }

  value name(const std::string& text) {
    for (auto b = bound_.rbegin(); b != bound_.rend(); ++b)
      if (b->name == text) return b->held;
    if (auto found = names_.find(text)) return std::move(*found);
    static constexpr std::array<std::string_view, 9> types{
        "bool", "int", "uint", "double", "string", "bytes", "list", "map", "null_type"};
    if (std::ranges::find(types, text) != types.end()) return value::kinds(type_value{text});
    fail("no such attribute: " + text);
  }

  /// A member; through an optional it is optional, too.
  static std::optional<value> member(const value& of, const std::string& wanted) {
    if (!of.is_map()) fail("no such key: " + wanted);
    return of.find(std::string_view(wanted));
  }

  value field(const expression& e) {
    // Names with dots: variables.x.
    if (e.args[0]->kind == node::name && !is_bound(e.args[0]->text))
      if (auto found = names_.find(e.args[0]->text + "." + e.text)) return std::move(*found);
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
    const value of = eval(*f.args[0]);
    const auto* held = of.get<optional_value>();
    if (held && !held->held) return value::kinds(false);
    const value& in = held ? *held->held : of;
    if (!in.is_map()) fail("invalid type for field selection");
    return value::kinds(in.find(std::string_view(unescaped(f.text))).has_value());
  }

  value list(const expression& e) {
    std::vector<value> out;
    for (const auto& a : e.args) out.push_back(eval(*a));
    return value::list(std::move(out));
  }

  value map(const expression& e) {
    std::vector<std::pair<value, value>> out;
    for (std::size_t i = 0; i + 1 < e.args.size(); i += 2) {
      value key = eval(*e.args[i]);
      for (const auto& [other, ignored] : out)
        if (equal(other, key)) fail("Failed with repeated key");
      out.emplace_back(std::move(key), eval(*e.args[i + 1]));
    }
    return value::kinds(
        std::make_shared<const std::vector<std::pair<value, value>>>(std::move(out)));
  }

  /// An operand that decides makes up for a failure of the other one.
  value logic(const expression& e) {
    const bool decides = e.text == "||";
    std::optional<failure> failed;
    for (const auto& a : e.args) {
      try {
        if (truth(eval(*a)) == decides) return value::kinds(decides);
      } catch (failure& f) {
        if (f.out_of_budget) throw;
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

  value loop(const expression& e) {
    const value over = eval(*e.args[0]);
    if (!over.is_list() && !over.is_map()) fail("no such overload");
    const std::vector<value> keys = over.is_map() ? over.keys() : std::vector<value>{};
    const std::size_t count = over.size();
    if (e.text == "all" || e.text == "exists") return quantified(e, over, keys, count);
    if (e.text == "exists_one") return exists_one(e, over, keys, count);
    std::vector<value> out;
    for (std::size_t i = 0; i < count; ++i) {
      bind(e, over, keys, i);
      const bool filtered = e.text == "filter" || e.args.size() == 3;
      value item = bound_.back().held;
      if (!filtered || truth(eval(*e.args[1])))
        out.push_back(e.text == "filter" ? std::move(item) : eval(*e.args.back()));
      bound_.pop_back();
      if (out.size() > most_items) fail("list is too long");
    }
    return value::list(std::move(out));
  }

  void bind(const expression& e, const value& over, const std::vector<value>& keys, std::size_t i) {
    meter_.spend(1);
    bound_.push_back({e.variable, over.is_map() ? keys[i] : over.item(i)});
  }

  value quantified(const expression& e, const value& over, const std::vector<value>& keys,
                   std::size_t count) {
    const bool decides = e.text == "exists";
    std::optional<failure> failed;
    for (std::size_t i = 0; i < count; ++i) {
      bind(e, over, keys, i);
      const std::size_t depth = bound_.size();
      try {
        const bool found = truth(eval(*e.args[1]));
        bound_.pop_back();
        if (found == decides) return value::kinds(decides);
      } catch (failure& f) {
        bound_.resize(depth - 1);
        if (f.out_of_budget) throw;
        if (!failed) failed = std::move(f);
      }
    }
    if (failed) throw std::move(*failed);
    return value::kinds(!decides);
  }

  value exists_one(const expression& e, const value& over, const std::vector<value>& keys,
                   std::size_t count) {
    std::size_t found = 0;
    for (std::size_t i = 0; i < count; ++i) {
      bind(e, over, keys, i);
      if (truth(eval(*e.args[1]))) ++found;
      bound_.pop_back();
    }
    return value::kinds(found == 1);
  }

  const scope& names_;
  meter meter_;
  std::vector<binding> bound_;
};

using name_set = std::set<std::string, std::less<>>;

constexpr std::array<std::string_view, 9> type_names{"bool",  "int",  "uint", "double",   "string",
                                                     "bytes", "list", "map",  "null_type"};

/// The names that an expression takes from outside.
void free_names(const expression& e, std::vector<std::string_view>& bound, name_set& out) {
  if (e.kind == node::name && std::ranges::find(bound, e.text) == bound.end()) out.insert(e.text);
  if (e.kind == node::loop) {
    free_names(*e.args[0], bound, out);
    bound.push_back(e.variable);
    for (std::size_t i = 1; i < e.args.size(); ++i) free_names(*e.args[i], bound, out);
    bound.pop_back();
    return;
  }
  for (const auto& a : e.args) free_names(*a, bound, out);
}

}  // namespace

std::shared_ptr<const program> program::compile(std::string_view text, const name_set& names,
                                                std::string& error) try {
  auto p = std::make_shared<program>();
  p->root_ = parse(text);
  std::vector<std::string_view> bound;
  free_names(*p->root_, bound, p->used_);
  for (const std::string& used : p->used_)
    if (!names.contains(used) && std::ranges::find(type_names, used) == type_names.end()) {
      error = "ERROR: <input>:1:" + std::to_string(text.find(used) + 1) +
              ": undeclared reference to '" + used + "' (in container '')";
      return nullptr;
    }
  return p;
} catch (const failure& f) {
  error = f.message;
  return nullptr;
}

value program::evaluate(const scope& names, budget& b) const {
  return evaluator(names, b).eval(*root_);
}

}  // namespace troupe::model::cel
