#include "model/cel/cost_estimate.hpp"

#include "model/cel/cost_parts.hpp"
#include "model/utf8.hpp"

#include <algorithm>

namespace troupe::model::cel {
namespace {

/// The size of what is written in the expression.
std::optional<cost_range> written_size(const expression& e) {
  if (e.kind == node::list) return cost_range::exactly(e.args.size());
  if (e.kind == node::map) return cost_range::exactly(e.args.size() / 2);
  if (e.kind != node::literal) return std::nullopt;
  if (const auto* text = e.constant.get<std::string>())
    return cost_range::exactly(count_characters(*text));
  if (const auto* bytes = e.constant.get<bytes_value>())
    return cost_range::exactly(bytes->text.size());
  return cost_range::exactly(1);
}

bool is_of_one_size(type_kind k) {
  using enum type_kind;
  return k == boolean || k == real || k == duration || k == integer || k == timestamp ||
         k == unsigned_integer;
}

/// One walk over an expression, from the leaves to the root.
class cost_walk {
 public:
  cost_walk(const typed_tree& tree, const type& root) : tree_(tree), sizes_(root) {}

  cost_part visit(const expression& e) {
    cost_part out = part_at(e);
    out.at = &e;
    out.is = type_of(e);
    return out;
  }

 private:
  struct bound_name {
    std::string name;
    std::vector<std::string> path;
  };

  const type* type_of(const expression& e) const {
    const type* found = tree_.type_of(e);
    return found ? found : plain_type(type_kind::dyn).get();
  }

  static cost_part one(std::vector<std::string> path = {}) {
    cost_part out;
    out.cost = cost_range::exactly(1);
    out.path = std::move(path);
    return out;
  }

  cost_part part_at(const expression& e) {
    switch (e.kind) {
      case node::literal:
        return {};
      case node::name:
        return name(e);
      case node::field:
        return field(e);
      case node::has: {
        // Whether a member is there costs nothing; getting there does.
        cost_part out;
        out.cost = visit(*e.args[0]->args[0]).cost;
        return out;
      }
      case node::index:
        return index(e);
      case node::call:
        return call(e);
      case node::list:
        return made(e, list_cost);
      case node::map:
        return made(e, map_cost);
      case node::logic:
        return logic(e);
      case node::choice:
        return choice(e);
      case node::loop:
        return loop(e);
    }
    return {};
  }

  cost_part name(const expression& e) const {
    const auto bound = std::find_if(bound_.rbegin(), bound_.rend(),
                                    [&](const auto& b) { return b.name == e.text; });
    return one(bound == bound_.rend() ? std::vector{e.text} : bound->path);
  }

  cost_part field(const expression& e) {
    // A name of a type that has dots.
    if (!tree_.type_of(*e.args[0])) return one({e.text});
    cost_part out = visit(*e.args[0]);
    const bool looks = out.is->kind == type_kind::map || out.is->kind == type_kind::structure;
    if (looks || e.optional) out.cost = out.cost + cost_range::exactly(1);
    out.size.reset();
    if (e.optional)
      out.path.clear();
    else
      out.path.push_back(e.text);
    return out;
  }

  std::vector<cost_part> visit_all(const expression& e) {
    std::vector<cost_part> out;
    for (const auto& a : e.args) out.push_back(visit(*a));
    return out;
  }

  static cost_range sum(const std::vector<cost_part>& parts) {
    cost_range out;
    for (const cost_part& p : parts) out = out + p.cost;
    return out;
  }

  const std::vector<const overload*>& overloads(const expression& e) const {
    static const std::vector<const overload*> none;
    const auto found = tree_.calls.find(&e);
    return found == tree_.calls.end() ? none : found->second;
  }

  cost_part index(const expression& e) {
    const auto parts = visit_all(e);
    cost_part out;
    out.cost = sum(parts) + cost_range::exactly(1);
    for (const overload* o : overloads(e)) {
      if (e.optional || o->args[0]->kind == type_kind::opaque) continue;
      out.path = parts[0].path;
      out.path.emplace_back(o->args[0]->kind == type_kind::list ? "@items" : "@values");
    }
    return out;
  }

  cost_part call(const expression& e) {
    const auto parts = visit_all(e);
    cost_part out;
    std::optional<cost_range> cost;
    for (const overload* o : overloads(e)) {
      const call_estimate found = estimate_call(e.text, *o, parts, sizes_);
      cost = cost ? either(*cost, found.cost) : found.cost;
      if (found.size) out.size = out.size ? either(*out.size, *found.size) : *found.size;
    }
    out.cost = sum(parts) + cost.value_or(cost_range{});
    return out;
  }

  cost_part made(const expression& e, std::uint64_t cost) {
    cost_part out;
    out.cost = sum(visit_all(e)) + cost_range::exactly(cost);
    return out;
  }

  /// The first operand may decide.
  cost_part logic(const expression& e) {
    const auto parts = visit_all(e);
    cost_part out;
    out.cost = {parts[0].cost.min, sum(parts).max};
    return out;
  }

  cost_part choice(const expression& e) {
    const auto parts = visit_all(e);
    cost_part out;
    out.cost = parts[0].cost + either(parts[1].cost, parts[2].cost);
    out.size = either(sizes_.size_of(parts[1]), sizes_.size_of(parts[2]));
    return out;
  }

  // Macros

  cost_part loop(const expression& e) {
    if (e.text == "optMap" || e.text == "optFlatMap") return mapped_optional(e);
    const cost_part range = visit(*e.args[0]);
    const std::size_t outside = bound_.size();
    bind(e, range);
    const macro_cost macro = cost_of_macro(e.text);
    const cost_range each = cost_range::exactly(macro.each) + step(e, macro);
    bound_.resize(outside);
    cost_part out;
    out.size = sizes_.size_of(range);
    out.cost = range.cost + cost_range::exactly(macro.start) + *out.size * each;
    return out;
  }

  void bind(const expression& e, const cost_part& range) {
    const bool two = !e.second_variable.empty();
    const auto below = [&](const char* of_list, const char* of_map) {
      std::vector<std::string> path;
      if (range.is->kind != type_kind::list && range.is->kind != type_kind::map) return path;
      path = range.path;
      path.emplace_back(range.is->kind == type_kind::list ? of_list : of_map);
      return path;
    };
    bound_.push_back({e.variable, below(two ? "@indices" : "@items", "@keys")});
    if (two) bound_.push_back({e.second_variable, below("@items", "@values")});
  }

  cost_range step(const expression& e, const macro_cost& macro) {
    const cost_range first = visit(*e.args[1]).cost;
    const cost_range kept = cost_range::exactly(macro.kept);
    const cost_range passed = cost_range::exactly(macro.passed);
    // The result so far may decide.
    if (e.text == "all" || e.text == "exists") return {0, first.max};
    if (e.args.size() == 3) return first + either(kept + visit(*e.args[2]).cost, passed);
    const bool makes = e.text == "map" || e.text.starts_with("transform");
    return first + (makes ? kept : either(kept, passed));
  }

  /// of.hasValue() ? optional.of(EXPRESSION) : optional.none(), with of.value() under a name: a
  /// loop over an empty list.
  cost_part mapped_optional(const expression& e) {
    const cost_part of = visit(*e.args[0]);
    bound_.push_back({e.variable, {e.variable}});
    const cost_part result = visit(*e.args[1]);
    bound_.pop_back();
    const cost_range one = cost_range::exactly(1);
    cost_range there = cost_range::exactly(list_cost) + of.cost + one + result.cost;
    if (e.text == "optMap") there = there + one;
    cost_part out;
    out.cost = of.cost + one + either(there, one);
    return out;
  }

  const typed_tree& tree_;
  const size_source sizes_;
  std::vector<bound_name> bound_;
};

}  // namespace

cost_range size_source::size_of(const cost_part& p) const {
  if (p.size) return *p.size;
  if (p.at)
    if (const auto written = written_size(*p.at)) return *written;
  if (const auto found = declared(p.path)) return *found;
  return is_of_one_size(p.is->kind) ? cost_range::exactly(1) : cost_range::unknown();
}

cost_range size_source::size_of_items(const cost_part& list) const {
  auto path = list.path;
  if (!path.empty()) path.emplace_back("@items");
  return declared(path).value_or(cost_range::unknown());
}

std::optional<cost_range> size_source::declared(const std::vector<std::string>& path) const {
  if (path.empty()) return std::nullopt;
  const type* now = &root_;
  for (std::size_t i = 1; i < path.size(); ++i) {
    const bool maps = now->kind == type_kind::map, lists = now->kind == type_kind::list;
    if (path[i] == "@keys" && maps) {
      now = now->params[0].get();
    } else if (path[i] == "@items" || path[i] == "@values") {
      if (!maps && !lists) return std::nullopt;
      now = now->params.back().get();
    } else {
      const auto found = now->fields.find(path[i]);
      if (found == now->fields.end()) return std::nullopt;
      now = found->second.get();
    }
  }
  return cost_range{0, now->max_elements};
}

cost_range estimate_cost(const typed_tree& tree, const type& root) {
  return cost_walk(tree, root).visit(*tree.root).cost;
}

}  // namespace troupe::model::cel
