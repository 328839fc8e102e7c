#include "model/cel/value.hpp"

#include "model/time.hpp"

#include <algorithm>
#include <cmath>

namespace troupe::model::cel {
namespace {

constexpr double largest_exact = 9007199254740992.0;

template <class T>
int order(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

std::optional<double> as_double(const value& v) {
  if (const auto* i = v.get<std::int64_t>()) return static_cast<double>(*i);
  if (const auto* u = v.get<std::uint64_t>()) return static_cast<double>(*u);
  if (const auto* d = v.get<double>()) return *d;
  return std::nullopt;
}

std::optional<int> compare_numbers(const value& a, const value& b) {
  const auto* ai = a.get<std::int64_t>();
  const auto* bi = b.get<std::int64_t>();
  if (ai && bi) return order(*ai, *bi);
  const auto* au = a.get<std::uint64_t>();
  const auto* bu = b.get<std::uint64_t>();
  if (au && bu) return order(*au, *bu);
  if (ai && bu) return *ai < 0 ? -1 : order(static_cast<std::uint64_t>(*ai), *bu);
  if (au && bi) return *bi < 0 ? 1 : order(*au, static_cast<std::uint64_t>(*bi));
  const auto x = as_double(a), y = as_double(b);
  if (!x || !y || std::isnan(*x) || std::isnan(*y)) return std::nullopt;
  return order(*x, *y);
}

std::string double_text(double d) {
  if (std::isnan(d)) return "NaN";
  if (std::isinf(d)) return d < 0 ? "-Inf" : "+Inf";
  if (std::floor(d) == d && std::abs(d) < largest_exact)
    return std::to_string(static_cast<std::int64_t>(d));
  return json(d).dump();
}

/// RFC 3339 with as much of a second as there is.
std::string time_text(std::chrono::nanoseconds since_epoch) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_epoch);
  std::string out =
      to_rfc3339(time_point(std::chrono::duration_cast<time_point::duration>(seconds)));
  const auto nanos = (since_epoch - seconds).count();
  if (nanos == 0) return out;
  std::string fraction = std::to_string(1'000'000'000 + nanos).replace(0, 1, ".");
  while (fraction.ends_with('0')) fraction.pop_back();
  return out.insert(out.size() - 1, fraction);
}

/// Whether the other list has an item like each of this one.
bool same_without_order(const value& a, const value& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    bool found = false;
    for (std::size_t k = 0; k < b.size() && !found; ++k) found = equal(a.item(i), b.item(k));
    if (!found) return false;
  }
  return true;
}

bool same_items(const value& a, const value& b) {
  if (a.size() != b.size()) return false;
  if (const type* shape = a.shape(); shape && (shape->is_set || !shape->keys.empty()))
    return same_without_order(a, b);
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!equal(a.item(i), b.item(i))) return false;
  return true;
}

bool same_entries(const value& a, const value& b) {
  if (a.size() != b.size()) return false;
  for (const value& key : a.keys()) {
    const auto other = b.find(key);
    if (!other || !equal(*a.find(key), *other)) return false;
  }
  return true;
}

/// What a schema says of a member.
const type* member_type(const type& of, std::string_view key) {
  if (of.kind == type_kind::map) return of.params[1].get();
  const auto found = of.fields.find(escaped_name(key));
  return found == of.fields.end() ? nullptr : found->second.get();
}

}  // namespace

value value::list(std::vector<value> items) {
  return kinds(std::make_shared<const std::vector<value>>(std::move(items)));
}

bool value::is_list() const {
  const auto* d = get<document_value>();
  return get<values>() || (d && d->document->is_array());
}

bool value::is_map() const {
  const auto* d = get<document_value>();
  return get<entries>() || (d && d->document->is_object());
}

std::size_t value::size() const {
  if (const auto* d = get<document_value>()) return d->document->size();
  if (const auto* l = get<values>()) return (*l)->size();
  if (const auto* m = get<entries>()) return (*m)->size();
  return 0;
}

value value::item(std::size_t i) const {
  if (const auto* d = get<document_value>())
    return of((*d->document)[i], d->shape ? d->shape->params[0].get() : nullptr);
  return (**get<values>())[i];
}

std::optional<value> value::find(std::string_view key) const {
  const auto* d = get<document_value>();
  if (!d) return find(value(kinds(std::string(key))));
  const auto found = d->document->find(key);
  if (found == d->document->end()) return std::nullopt;
  return of(*found, d->shape ? member_type(*d->shape, key) : nullptr);
}

std::optional<value> value::find(const value& key) const {
  if (get<document_value>()) {
    const auto* text = key.get<std::string>();
    return text ? find(std::string_view(*text)) : std::nullopt;
  }
  if (const auto* m = get<entries>())
    for (const auto& [k, v] : **m)
      if (equal(k, key)) return v;
  return std::nullopt;
}

std::vector<value> value::keys() const {
  std::vector<value> out;
  out.reserve(size());
  if (const auto* d = get<document_value>())
    for (const auto& [key, ignored] : d->document->items()) out.push_back(kinds(key));
  if (const auto* m = get<entries>())
    for (const auto& [key, ignored] : **m) out.push_back(key);
  return out;
}

const type* value::shape() const {
  const auto* d = get<document_value>();
  return d ? d->shape : nullptr;
}

std::string value::type_name() const {
  static constexpr const char* names[] = {"null_type",
                                          "bool",
                                          "int",
                                          "uint",
                                          "double",
                                          "string",
                                          "bytes",
                                          "google.protobuf.Timestamp",
                                          "google.protobuf.Duration",
                                          "type",
                                          "kubernetes.Quantity",
                                          "map",
                                          "list",
                                          "map",
                                          "optional_type"};
  if (is_list()) return "list";
  if (const auto* f = get<foreign_ptr>()) return (*f)->type_name();
  return names[kind_.index()];
}

bool equal(const value& a, const value& b) {
  if (a.is_number() && b.is_number()) {
    const auto o = compare_numbers(a, b);
    return o && *o == 0;
  }
  if (a.is_list() && b.is_list()) return same_items(a, b);
  if (a.is_map() && b.is_map()) return same_entries(a, b);
  if (a.is_null() || b.is_null()) return a.is_null() && b.is_null();
  if (const auto* x = a.get<bool>(), *y = b.get<bool>(); x && y) return *x == *y;
  if (const auto* x = a.get<type_value>(), *y = b.get<type_value>(); x && y) return *x == *y;
  if (const auto* x = a.get<foreign_ptr>(), *y = b.get<foreign_ptr>(); x && y)
    return (*x)->equals(**y);
  if (const auto* x = a.get<optional_value>(), *y = b.get<optional_value>(); x && y)
    return x->held && y->held ? equal(*x->held, *y->held) : !x->held && !y->held;
  const auto o = compare(a, b);
  return o && *o == 0;
}

bool same_keys(const type& list, const value& a, const value& b) {
  return std::ranges::all_of(list.keys, [&](const std::string& key) {
    const auto x = a.find(std::string_view(key)), y = b.find(std::string_view(key));
    return x && y ? equal(*x, *y) : !x && !y;
  });
}

std::optional<int> compare(const value& a, const value& b) {
  if (a.is_number() && b.is_number()) return compare_numbers(a, b);
  if (const auto* x = a.get<std::string>(), *y = b.get<std::string>(); x && y) return order(*x, *y);
  if (const auto* x = a.get<bool>(), *y = b.get<bool>(); x && y) return order(*x, *y);
  if (const auto* x = a.get<bytes_value>(), *y = b.get<bytes_value>(); x && y)
    return order(x->text, y->text);
  if (const auto* x = a.get<time_value>(), *y = b.get<time_value>(); x && y) return order(*x, *y);
  if (const auto* x = a.get<duration_value>(), *y = b.get<duration_value>(); x && y)
    return order(*x, *y);
  if (const auto* x = a.get<quantity>(), *y = b.get<quantity>(); x && y)
    return *x < *y ? -1 : *y < *x ? 1 : 0;
  return std::nullopt;
}

std::string text_of(std::chrono::nanoseconds duration) {
  std::string out = double_text(std::chrono::duration<double>(duration).count());
  return out += 's';
}

std::string text_of(const value& v) {
  if (const auto* s = v.get<std::string>()) return *s;
  if (const auto* b = v.get<bytes_value>()) return b->text;
  if (const auto* b = v.get<bool>()) return *b ? "true" : "false";
  if (const auto* i = v.get<std::int64_t>()) return std::to_string(*i);
  if (const auto* u = v.get<std::uint64_t>()) return std::to_string(*u);
  if (const auto* d = v.get<double>()) return double_text(*d);
  if (const auto* t = v.get<time_value>()) return time_text(t->since_epoch);
  if (const auto* d = v.get<duration_value>()) return text_of(d->length);
  if (const auto* t = v.get<type_value>()) return t->name;
  if (const auto* q = v.get<quantity>()) return q->text();
  if (const auto* f = v.get<foreign_ptr>()) return (*f)->text();
  return to_json(v).dump(-1, ' ', false, json::error_handler_t::replace);
}

json to_json(const value& v) {
  if (const auto* d = v.get<document_value>()) return *d->document;
  if (const auto* b = v.get<bool>()) return *b;
  if (const auto* i = v.get<std::int64_t>()) return *i;
  if (const auto* u = v.get<std::uint64_t>()) return *u;
  if (const auto* d = v.get<double>()) return *d;
  if (v.is_list()) {
    json out = json::array();
    for (std::size_t i = 0; i < v.size(); ++i) out.push_back(to_json(v.item(i)));
    return out;
  }
  if (v.is_map()) {
    json out = json::object();
    for (const value& key : v.keys()) out[text_of(key)] = to_json(*v.find(key));
    return out;
  }
  if (v.is_null() || v.get<optional_value>()) return nullptr;
  return text_of(v);
}

}  // namespace troupe::model::cel
