#include "model/cel/functions.hpp"

#include "model/base64.hpp"
#include "model/cel/libraries.hpp"
#include "model/time.hpp"
#include "model/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <re2/re2.h>
#include <unordered_map>

namespace troupe::model::cel {
namespace {

[[noreturn]] void overflow() {
  throw failure{"integer overflow"};
}

// Arithmetic

template <class T>
value integer(const std::string& op, T a, T b) {
  T out = 0;
  if (op == "_+_" && !__builtin_add_overflow(a, b, &out)) return value::kinds(out);
  if (op == "_-_" && !__builtin_sub_overflow(a, b, &out)) return value::kinds(out);
  if (op == "_*_" && !__builtin_mul_overflow(a, b, &out)) return value::kinds(out);
  if (op != "_/_" && op != "_%_") overflow();
  if (b == 0) throw failure{op == "_/_" ? "division by zero" : "modulus by zero"};
  if constexpr (std::is_signed_v<T>)
    if (a == std::numeric_limits<T>::min() && b == -1) overflow();
  return value::kinds(op == "_/_" ? static_cast<T>(a / b) : static_cast<T>(a % b));
}

value real(const std::string& op, double a, double b) {
  if (op == "_+_") return value::kinds(a + b);
  if (op == "_-_") return value::kinds(a - b);
  if (op == "_*_") return value::kinds(a * b);
  if (op == "_/_") return value::kinds(a / b);
  no_overload();
}

std::optional<double> as_real(const value& v) {
  if (const auto* d = v.get<double>()) return *d;
  if (const auto* i = v.get<std::int64_t>()) return static_cast<double>(*i);
  return std::nullopt;
}

/// A set has no item twice; of a keyed list the later item of the same keys counts.
void merge(std::vector<value>& out, value item, const type* shape, meter& m) {
  if (shape && (shape->is_set || !shape->keys.empty())) {
    m.spend(out.size());
    for (value& other : out) {
      if (shape->is_set ? !equal(other, item) : !same_keys(*shape, other, item)) continue;
      other = std::move(item);
      return;
    }
  }
  out.push_back(std::move(item));
}

value joined(const value& a, const value& b, meter& m) {
  m.spend(a.size() + b.size());
  std::vector<value> out;
  for (std::size_t i = 0; i < a.size(); ++i) out.push_back(a.item(i));
  const type* shape = a.shape();
  for (std::size_t i = 0; i < b.size(); ++i) merge(out, b.item(i), shape, m);
  return value::list(std::move(out));
}

value added(const value& a, const value& b, meter& m) {
  if (const auto* x = a.get<std::string>(), *y = b.get<std::string>(); x && y) {
    m.walk(x->size() + y->size());
    return value::kinds(*x + *y);
  }
  if (const auto* x = a.get<bytes_value>(), *y = b.get<bytes_value>(); x && y)
    return value::kinds(bytes_value{x->text + y->text});
  if (a.is_list() && b.is_list()) return joined(a, b, m);
  const auto *t = a.get<time_value>(), *u = b.get<time_value>();
  const auto *d = a.get<duration_value>(), *e = b.get<duration_value>();
  if (t && e) return value::kinds(time_value{t->since_epoch + e->length});
  if (d && u) return value::kinds(time_value{u->since_epoch + d->length});
  if (d && e) return value::kinds(duration_value{d->length + e->length});
  no_overload();
}

value subtracted(const value& a, const value& b) {
  const auto *t = a.get<time_value>(), *u = b.get<time_value>();
  const auto *d = a.get<duration_value>(), *e = b.get<duration_value>();
  if (t && u) return value::kinds(duration_value{t->since_epoch - u->since_epoch});
  if (t && e) return value::kinds(time_value{t->since_epoch - e->length});
  if (d && e) return value::kinds(duration_value{d->length - e->length});
  no_overload();
}

value arithmetic(const std::string& op, const value& a, const value& b, meter& m) {
  if (const auto* x = a.get<std::int64_t>(), *y = b.get<std::int64_t>(); x && y)
    return integer(op, *x, *y);
  if (const auto* x = a.get<std::uint64_t>(), *y = b.get<std::uint64_t>(); x && y)
    return integer(op, *x, *y);
  // JSON writes 2.0 as 2: what is a number by its schema may look like an integer.
  if (a.get<double>() || b.get<double>())
    if (const auto x = as_real(a), y = as_real(b); x && y) return real(op, *x, *y);
  if (op == "_+_") return added(a, b, m);
  if (op == "_-_") return subtracted(a, b);
  no_overload();
}

bool holds(const std::string& op, const value& a, const value& b) {
  const auto order = compare(a, b);
  if (!order) {
    if (a.is_number() && b.is_number()) return false;  // NaN
    no_overload();
  }
  if (op == "_<_") return *order < 0;
  if (op == "_<=_") return *order <= 0;
  return op == "_>_" ? *order > 0 : *order >= 0;
}

value is_in(const value& a, const value& b, meter& m) {
  if (b.is_map()) return value::kinds(b.find(a).has_value());
  if (!b.is_list()) no_overload();
  m.spend(b.size());
  for (std::size_t i = 0; i < b.size(); ++i)
    if (equal(b.item(i), a)) return value::kinds(true);
  return value::kinds(false);
}

value negated(const value& v) {
  if (const auto* i = v.get<std::int64_t>()) {
    if (*i == std::numeric_limits<std::int64_t>::min()) overflow();
    return number_of(-*i);
  }
  if (const auto* d = v.get<double>()) return value::kinds(-*d);
  if (const auto* d = v.get<duration_value>()) return value::kinds(duration_value{-d->length});
  no_overload();
}

// Conversions

value size_of(const value& v, meter& m) {
  std::size_t n = 0;
  if (const auto* s = v.get<std::string>()) {
    m.walk(s->size());
    n = count_characters(*s);
  } else if (const auto* b = v.get<bytes_value>()) {
    n = b->text.size();
  } else if (v.is_list() || v.is_map()) {
    n = v.size();
  } else {
    no_overload();
  }
  return number_of(static_cast<std::int64_t>(n));
}

template <class N>
std::optional<N> parsed(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  N out{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

value to_int(const value& v) {
  if (v.get<std::int64_t>()) return v;
  if (const auto* u = v.get<std::uint64_t>()) {
    if (*u > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) overflow();
    return number_of(static_cast<std::int64_t>(*u));
  }
  if (const auto* d = v.get<double>()) {
    if (!(*d > -9.2e18 && *d < 9.2e18)) overflow();
    return number_of(static_cast<std::int64_t>(*d));
  }
  if (const auto* s = v.get<std::string>()) {
    if (const auto n = parsed<std::int64_t>(*s)) return number_of(*n);
    throw failure{"strconv.ParseInt: parsing " + in_quotes(*s) + ": invalid syntax"};
  }
  if (const auto* t = v.get<time_value>())
    return number_of(std::chrono::floor<std::chrono::seconds>(t->since_epoch).count());
  if (const auto* d = v.get<duration_value>()) return number_of(d->length.count());
  no_overload();
}

value to_uint(const value& v) {
  if (v.get<std::uint64_t>()) return v;
  if (const auto* s = v.get<std::string>()) {
    if (const auto n = parsed<std::uint64_t>(*s)) return value::kinds(*n);
    throw failure{"strconv.ParseUint: parsing " + in_quotes(*s) + ": invalid syntax"};
  }
  const value n = to_int(v);
  if (*n.get<std::int64_t>() < 0) throw failure{"unsigned integer overflow"};
  return value::kinds(static_cast<std::uint64_t>(*n.get<std::int64_t>()));
}

value to_double(const value& v) {
  if (const auto d = as_real(v)) return value::kinds(*d);
  if (const auto* u = v.get<std::uint64_t>()) return value::kinds(static_cast<double>(*u));
  if (const auto* s = v.get<std::string>()) {
    if (const auto n = parsed<double>(*s)) return value::kinds(*n);
    throw failure{"strconv.ParseFloat: parsing " + in_quotes(*s) + ": invalid syntax"};
  }
  no_overload();
}

value to_bool(const value& v) {
  if (v.get<bool>()) return v;
  if (const auto* s = v.get<std::string>()) {
    for (const char* yes : {"1", "t", "T", "true", "TRUE", "True"})
      if (*s == yes) return value::kinds(true);
    for (const char* no : {"0", "f", "F", "false", "FALSE", "False"})
      if (*s == no) return value::kinds(false);
    throw failure{"strconv.ParseBool: parsing " + in_quotes(*s) + ": invalid syntax"};
  }
  no_overload();
}

value to_bytes(const value& v) {
  if (const auto* s = v.get<std::string>()) return value::kinds(bytes_value{*s});
  if (v.get<bytes_value>()) return v;
  no_overload();
}

value to_text(const value& v) {
  if (v.is_null() || v.is_list() || v.is_map() || v.get<optional_value>()) no_overload();
  if (const auto* f = v.get<foreign_ptr>(); f && !(*f)->prints()) no_overload();
  if (const auto* b = v.get<bytes_value>(); b && !is_utf8(b->text))
    throw failure{"invalid UTF-8 in bytes, cannot convert to string"};
  return value::kinds(text_of(v));
}

value to_time(const value& v) {
  if (v.get<time_value>()) return v;
  if (const auto* i = v.get<std::int64_t>(); i && std::abs(*i) < 9'000'000'000)
    return value::kinds(time_value{std::chrono::seconds(*i)});
  const auto* s = v.get<std::string>();
  if (!s) no_overload();
  const auto t = from_rfc3339(*s);
  if (!t) throw failure{"parsing time " + in_quotes(*s) + " failed"};
  return value::kinds(time_value{t->time_since_epoch()});
}

value quantity_of(const value& v) {
  std::string error;
  if (auto q = quantity::parse(text_arg(v), error)) return value::kinds(*q);
  throw failure{error};
}

/// Nothing for what is empty: 0, "", false, [], {}, null.
value of_non_zero(value v) {
  const auto* s = v.get<std::string>();
  const auto* b = v.get<bool>();
  const bool zero = v.is_null() || (s && s->empty()) || (b && !*b) ||
                    (v.is_number() && equal(v, number_of(0))) ||
                    ((v.is_list() || v.is_map()) && v.size() == 0);
  if (zero) return value::kinds(optional_value{});
  return value::kinds(optional_value{std::make_shared<const value>(std::move(v))});
}

using handler = value (*)(arguments&, meter&);

struct function {
  std::size_t least, most;
  handler run;
};

const std::unordered_map<std::string_view, function>& plain_functions() {
  static const std::unordered_map<std::string_view, function> all = {
      {"!_",
       {1, 1,
        [](arguments& a, meter&) -> value {
          if (const bool* b = a[0].get<bool>()) return value::kinds(!*b);
          no_overload();
        }}},
      {"-_", {1, 1, [](arguments& a, meter&) { return negated(a[0]); }}},
      {"@in", {2, 2, [](arguments& a, meter& m) { return is_in(a[0], a[1], m); }}},
      {"size", {1, 1, [](arguments& a, meter& m) { return size_of(a[0], m); }}},
      {"type",
       {1, 1,
        [](arguments& a, meter&) { return value(value::kinds(type_value{a[0].type_name()})); }}},
      {"dyn", {1, 1, [](arguments& a, meter&) { return std::move(a[0]); }}},
      {"int", {1, 1, [](arguments& a, meter&) { return to_int(a[0]); }}},
      {"uint", {1, 1, [](arguments& a, meter&) { return to_uint(a[0]); }}},
      {"double", {1, 1, [](arguments& a, meter&) { return to_double(a[0]); }}},
      {"bool", {1, 1, [](arguments& a, meter&) { return to_bool(a[0]); }}},
      {"string", {1, 1, [](arguments& a, meter&) { return to_text(a[0]); }}},
      {"bytes", {1, 1, [](arguments& a, meter&) { return to_bytes(a[0]); }}},
      {"timestamp", {1, 1, [](arguments& a, meter&) { return to_time(a[0]); }}},
      {"duration", {1, 1, [](arguments& a, meter&) { return to_duration(a[0]); }}},
      {"quantity", {1, 1, [](arguments& a, meter&) { return quantity_of(a[0]); }}},
      {"isQuantity",
       {1, 1,
        [](arguments& a, meter&) {
          return value(value::kinds(quantity::parse(text_arg(a[0])).has_value()));
        }}},
      {"strings.quote",
       {1, 1,
        [](arguments& a, meter& m) {
          m.walk(text_arg(a[0]).size());
          return value(value::kinds(in_quotes(text_arg(a[0]))));
        }}},
      {"optional.ofNonZeroValue",
       {1, 1, [](arguments& a, meter&) { return of_non_zero(std::move(a[0])); }}},
      {"matches", {2, 2, [](arguments& a, meter& m) { return matches(a, m); }}},
      {"optional.none",
       {0, 0, [](arguments&, meter&) { return value(value::kinds(optional_value{})); }}},
      {"optional.of",
       {1, 1,
        [](arguments& a, meter&) {
          return value(
              value::kinds(optional_value{std::make_shared<const value>(std::move(a[0]))}));
        }}},
  };
  return all;
}

bool is_arithmetic(std::string_view name) {
  for (const char* op : {"_+_", "_-_", "_*_", "_/_", "_%_"})
    if (name == op) return true;
  return false;
}

bool is_order(std::string_view name) {
  for (const char* op : {"_<_", "_<=_", "_>_", "_>=_"})
    if (name == op) return true;
  return false;
}

}  // namespace

void no_overload() {
  throw failure{"no such overload"};
}

const std::string& text_arg(const value& v) {
  const auto* s = v.get<std::string>();
  if (!s) no_overload();
  return *s;
}

value matches(arguments& a, meter& m) {
  const std::string& text = text_arg(a[0]);
  const std::string& pattern = text_arg(a[1]);
  m.walk(text.size() * (1 + pattern.size() / 4));
  const re2::RE2 compiled(pattern, re2::RE2::Quiet);
  if (!compiled.ok()) throw failure{"error parsing regexp: " + compiled.error()};
  return value::kinds(re2::RE2::PartialMatch(text, compiled));
}

value call(const std::string& name, bool method, arguments& args, meter& m) {
  if (!method && args.size() == 2) {
    if (name == "_==_" || name == "_!=_") {
      m.spend(std::min(args[0].size(), args[1].size()));
      return value::kinds(equal(args[0], args[1]) == (name == "_==_"));
    }
    if (is_order(name)) return value::kinds(holds(name, args[0], args[1]));
    if (is_arithmetic(name)) return arithmetic(name, args[0], args[1], m);
  }
  if (auto made = call_set(name, args, m)) return std::move(*made);
  if (method) {
    if (auto made = call_method(name, args, m)) return std::move(*made);
  } else if (auto made = call_library(name, args, m)) {
    return std::move(*made);
  }
  const auto& plain = plain_functions();
  const auto found = plain.find(name);
  const bool both = name == "size" || name == "matches";
  if (found == plain.end() || (method && !both) || args.size() < found->second.least ||
      args.size() > found->second.most)
    throw failure{"no such overload: " + name};
  return found->second.run(args, m);
}

}  // namespace troupe::model::cel
