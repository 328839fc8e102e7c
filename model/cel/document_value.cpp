#include "model/base64.hpp"
#include "model/cel/functions.hpp"
#include "model/time.hpp"

#include <cmath>
#include <limits>

namespace troupe::model::cel {
namespace {

value document_number(const json& n) {
  if (n.is_number_float()) return value::kinds(n.get<double>());
  if (!n.is_number_unsigned()) return value::kinds(n.get<std::int64_t>());
  const auto u = n.get<std::uint64_t>();
  if (u > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
    return value::kinds(u);
  return value::kinds(static_cast<std::int64_t>(u));
}

// JSON writes 2.0 as 2.
value number_as(const json& n, type_kind kind) {
  if (kind == type_kind::real) return value::kinds(n.get<double>());
  if (kind == type_kind::integer && n.is_number_float()) {
    const auto d = n.get<double>();
    if (std::floor(d) == d && std::abs(d) < 9.2e18)
      return value::kinds(static_cast<std::int64_t>(d));
  }
  return document_number(n);
}

std::optional<value> time_of(const std::string& text) {
  // A date is its first moment.
  const auto t = from_rfc3339(
      text.size() == std::string_view("2006-01-02").size() ? text + "T00:00:00Z" : text);
  if (!t) return std::nullopt;
  return value(value::kinds(time_value{t->time_since_epoch()}));
}

/// What a text means by its format; a text that is none of that format stays what it is.
value text_as(const json& document, type_kind kind) {
  const auto& text = document.get_ref<const std::string&>();
  value plain = value::kinds(text);
  if (kind == type_kind::timestamp) return time_of(text).value_or(plain);
  if (kind == type_kind::bytes) {
    auto bytes = from_base64(text);
    return bytes ? value(value::kinds(bytes_value{std::move(*bytes)})) : plain;
  }
  if (kind != type_kind::duration) return plain;
  try {
    return to_duration(plain);
  } catch (const failure&) {
    return plain;
  }
}

}  // namespace

value value::of(const json& document, const type* shape) {
  const type_kind kind = shape ? shape->kind : type_kind::dyn;
  switch (document.type()) {
    case json::value_t::boolean:
      return kinds(document.get<bool>());
    case json::value_t::number_integer:
    case json::value_t::number_unsigned:
    case json::value_t::number_float:
      return number_as(document, kind);
    case json::value_t::string:
      return text_as(document, kind);
    case json::value_t::object:
      return kinds(document_value{
          &document, kind == type_kind::map || kind == type_kind::structure ? shape : nullptr});
    case json::value_t::array:
      return kinds(document_value{&document, kind == type_kind::list ? shape : nullptr});
    default:
      return {};
  }
}

}  // namespace troupe::model::cel
