#include "model/cel/cost_parts.hpp"

#include <algorithm>
#include <array>

namespace troupe::model::cel {
namespace {

using sizes_of = std::span<const cost_part>;

constexpr double longest_named_format = 128;  // of its regular expression
constexpr cost_range address_bytes{4, 16};

bool is_any_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

bool is_text(const type& t) {
  return t.kind == type_kind::text || t.kind == type_kind::bytes;
}

/// One look at each character, or several.
call_estimate walk(cost_range size, double times = 1) {
  return {size * (times * text_factor), std::nullopt};
}

/// How many times a size goes into another one, rounded up.
std::uint64_t pieces(std::uint64_t of, std::uint64_t size) {
  return of / size + (of % size > 0 ? 1 : 0);
}

/// The longest and the shortest text that replace() may make.
cost_range replaced_size(cost_range text, cost_range old, cost_range with) {
  cost_range times, kept;
  if (old.min == 0) {
    times.max = sum_of(text.max, 1);
    kept.max = text.max;
  } else if (with.max <= old.min) {
    kept.max = text.max;
  } else {
    times.max = pieces(text.max, old.min);
  }
  if (old.max == 0) {
    times.min = sum_of(text.min, 1);
    kept.min = text.min;
  } else if (old.max <= with.min) {
    kept.min = text.min;
  } else {
    times.min = pieces(text.min, old.max);
  }
  return times * with + kept;
}

/// Those of a list by comparisons of its items.
call_estimate list_walk(const cost_part& list, const size_source& sizes) {
  if (list.is->params.empty()) return walk(sizes.size_of(list));
  cost_range each = cost_range::exactly(1);
  if (is_text(*list.is->params[0])) each = each + sizes.size_of_items(list) * text_factor;
  return {sizes.size_of(list) * each, std::nullopt};
}

call_estimate split(sizes_of parts, const size_source& sizes) {
  const cost_range size = sizes.size_of(parts[0]);
  cost_range made{0, size.max};
  // How many pieces are wanted may be written down.
  const auto* wanted = parts.size() > 2 ? parts[2].at->constant.get<std::int64_t>() : nullptr;
  if (wanted) made.max = static_cast<std::uint64_t>(*wanted);
  return {size * (2 * text_factor), made};
}

call_estimate join(sizes_of parts, const size_source& sizes) {
  const cost_range list = sizes.size_of(parts[0]);
  cost_range size = list * sizes.size_of_items(parts[0]);
  const auto between = [](std::uint64_t n) { return n > 0 ? n - 1 : 0; };
  if (parts.size() > 1)
    size = size + sizes.size_of(parts[1]) * cost_range{between(list.min), between(list.max)};
  return {size * text_factor, size};
}

/// Of a regular expression over a text, which also an empty one costs something with.
cost_range search(cost_range text, cost_range pattern) {
  return (text + cost_range::exactly(1)) * text_factor * (pattern * regex_factor);
}

/// The smaller one of two values is looked at.
cost_range comparison(cost_range a, cost_range b) {
  const std::uint64_t most = std::min(a.max, b.max);
  return cost_range{most > 0 ? 1U : 0U, most} * text_factor;
}

std::optional<call_estimate> of_texts(const std::string& name, sizes_of parts,
                                      const size_source& sizes) {
  const auto size = [&](std::size_t i) { return sizes.size_of(parts[i]); };
  if (is_any_of(name, {"lowerAscii", "upperAscii", "substring", "trim"}))
    return call_estimate{size(0) * text_factor, size(0)};
  if (name == "replace")
    return call_estimate{size(0) * (2 * text_factor), replaced_size(size(0), size(1), size(2))};
  if (name == "split") return split(parts, sizes);
  if (name == "join") return join(parts, sizes);
  if (is_any_of(name, {"find", "findAll"}))
    return call_estimate{search(size(0), size(1)), cost_range{0, size(0).max}};
  if (is_any_of(name, {"startsWith", "endsWith"})) return walk(size(1));
  if (name == "contains")
    return call_estimate{size(0) * text_factor * (size(1) * text_factor), std::nullopt};
  if (name == "format") return walk(size(0));
  if (name == "strings.quote")
    return call_estimate{size(0) * text_factor,
                         size(0) * cost_range{1, 2} + cost_range::exactly(2)};
  return std::nullopt;
}

/// Whether a network holds another one or an address; texts are read first.
call_estimate containment(const std::string& name, const overload& o, sizes_of parts,
                          const size_source& sizes) {
  cost_range cost = (address_bytes + address_bytes) * text_factor;
  if (name == "containsCIDR") cost = cost + address_bytes * text_factor + cost_range::exactly(1);
  if (is_text(*o.args[1])) cost = cost + sizes.size_of(parts[1]) * text_factor;
  return {cost, std::nullopt};
}

std::optional<call_estimate> of_libraries(const std::string& name, const overload& o,
                                          sizes_of parts, const size_source& sizes) {
  const auto size = [&](std::size_t i) { return sizes.size_of(parts[i]); };
  if (is_any_of(name, {"isSorted", "sum", "max", "min", "indexOf", "lastIndexOf"}))
    return list_walk(parts[0], sizes);
  if (name == "url") return call_estimate{size(0) * text_factor, size(0)};
  if (is_any_of(name, {"cidr", "isIP", "isCIDR", "quantity", "isQuantity", "semver", "isSemver"}) ||
      (name == "ip" && !o.method))
    return walk(size(0));
  if (name == "ip.isCanonical") return walk(size(0), 2);
  if (is_any_of(name, {"containsIP", "containsCIDR"})) return containment(name, o, parts, sizes);
  if (name == "validate")
    return call_estimate{size(1) * text_factor * (longest_named_format * regex_factor),
                         std::nullopt};
  if (is_any_of(name, {"sets.contains", "sets.intersects", "sets.equivalent"})) {
    const double times = name == "sets.equivalent" ? 2 : 1;
    return call_estimate{size(0) * size(1) * times + cost_range::exactly(1), std::nullopt};
  }
  return std::nullopt;
}

/// Values of libraries are compared as a whole.
cost_range equality(sizes_of parts, const size_source& sizes) {
  const type& t = *parts[0].is;
  if (t.kind == type_kind::structure && !t.has_fields && same_type(t, *parts[1].is))
    return t.name == "kubernetes.NamedFormat" ? cost_range{1, 64} * text_factor
                                              : cost_range::exactly(1);
  return comparison(sizes.size_of(parts[0]), sizes.size_of(parts[1]));
}

std::optional<call_estimate> of_operators(const std::string& name, const overload& o,
                                          sizes_of parts, const size_source& sizes) {
  const auto size = [&](std::size_t i) { return sizes.size_of(parts[i]); };
  const type_kind first = o.args.empty() ? type_kind::dyn : o.args[0]->kind;
  if (name == "_==_" || name == "_!=_") return call_estimate{equality(parts, sizes), std::nullopt};
  if (is_any_of(name, {"_<_", "_<=_", "_>_", "_>=_"}) && is_text(*o.args[0]))
    return call_estimate{comparison(size(0), size(1)), std::nullopt};
  if (name == "_+_" && first == type_kind::list)
    return call_estimate{cost_range::exactly(1), size(0) + size(1)};
  if (name == "_+_" && is_text(*o.args[0]))
    return call_estimate{(size(0) + size(1)) * text_factor, size(0) + size(1)};
  if (name == "@in" && o.args[1]->kind == type_kind::list)
    return call_estimate{size(1), std::nullopt};
  if (name == "bytes" && first == type_kind::text)
    return call_estimate{size(0) * text_factor, size(0) * cost_range{1, 4}};
  if (name == "string" && first == type_kind::bytes)
    return call_estimate{size(0) * text_factor, cost_range{size(0).min / 4, size(0).max}};
  if (name == "matches" && o.method) return call_estimate{search(size(0), size(1)), std::nullopt};
  return std::nullopt;
}

}  // namespace

call_estimate estimate_call(const std::string& name, const overload& o,
                            std::span<const cost_part> parts, const size_source& sizes) {
  if (auto found = of_operators(name, o, parts, sizes)) return *found;
  if (auto found = of_libraries(name, o, parts, sizes)) return *found;
  if (o.method || name == "strings.quote")
    if (auto found = of_texts(name, parts, sizes)) return *found;
  return {};
}

}  // namespace troupe::model::cel
