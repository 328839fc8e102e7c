#include "model/wire/protobuf.hpp"

#include "model/base64.hpp"
#include "model/time.hpp"
#include "model/utf8.hpp"
#include "model/wire/codec.hpp"
#include "model/wire/duration.hpp"

#include <bit>

namespace troupe::model {
namespace {

constexpr int deepest = 64;

struct malformed {
  std::string why;
};

// One field as it stands on the wire.
struct item {
  std::uint64_t number = 0;
  std::uint64_t integer = 0;  ///< of varints
  std::string_view bytes;     ///< of length-delimited fields
  bool is_bytes = false;
};

class reader {
 public:
  explicit reader(std::string_view in) : in_(in) {}
  bool next(item& out) {
    if (in_.empty()) return false;
    const auto tag = varint();
    out = {tag >> 3, 0, {}, false};
    switch (tag & 7) {
      case 0:
        out.integer = varint();
        break;
      case 1:
        for (int shift = 0; const char c : skip(8)) {
          out.integer |= static_cast<std::uint64_t>(static_cast<unsigned char>(c)) << shift;
          shift += 8;
        }
        break;
      case 2:
        out.bytes = skip(varint());
        out.is_bytes = true;
        break;
      case 5:
        skip(4);
        break;
      default:
        throw malformed{"unknown wire type"};
    }
    return true;
  }
  bool done() const { return in_.empty(); }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (in_.empty()) throw malformed{"unexpected end"};
      const auto byte = static_cast<unsigned char>(in_.front());
      in_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 127) << shift;
      if (byte < 128) return value;
    }
    throw malformed{"a number is too long"};
  }

 private:
  std::string_view skip(std::uint64_t n) {
    if (n > in_.size()) throw malformed{"unexpected end"};
    const auto taken = in_.substr(0, n);
    in_.remove_prefix(n);
    return taken;
  }

  std::string_view in_;
};

// The field `number` of a small message whose shape is known here.
item member(std::string_view message, std::uint64_t number) {
  reader r(message);
  item found;
  for (item i; r.next(i);)
    if (i.number == number) found = i;
  return found;
}

std::string text_of(std::string_view bytes) {
  if (!is_utf8(bytes)) throw malformed{"a string is not UTF-8"};
  return std::string(bytes);
}

json time_text(std::string_view message, bool micro) {
  if (message.empty()) return nullptr;
  const auto seconds = static_cast<std::int64_t>(member(message, 1).integer);
  const auto nanos = static_cast<std::int64_t>(member(message, 2).integer);
  // The zero time of Go (year 1) comes as a large negative number; nanoseconds reach to year 2262.
  if (seconds < -9'000'000'000 || seconds > 9'000'000'000) return nullptr;
  const time_point t{std::chrono::duration_cast<time_point::duration>(
      std::chrono::seconds(seconds) + std::chrono::nanoseconds(nanos))};
  return micro ? to_rfc3339_micro(t) : to_rfc3339(t);
}

json raw_json(std::string_view message) {
  auto parsed = parse_json(member(message, 1).bytes);
  if (!parsed) throw malformed{"embedded JSON: " + parsed.error};
  return std::move(parsed.value);
}

json message(const wire::codec& c, std::string_view bytes, int depth);

// JSONSchemaPropsOrArray, OrBool and OrStringArray.
json schema_or(const wire::field& f, std::string_view bytes, int depth) {
  const bool boolean = f.other == wire::alternative::boolean;
  json out = boolean ? json(false) : json::array();
  reader r(bytes);
  for (item i; r.next(i);) {
    if (boolean && i.number == 1)
      out = i.integer != 0;
    else if (i.number == (boolean ? 2 : 1))
      return message(*f.type, i.bytes, depth + 1);
    else if (f.other == wire::alternative::strings)
      out.push_back(text_of(i.bytes));
    else
      out.push_back(message(*f.type, i.bytes, depth + 1));
  }
  return out;
}

json value_of(const wire::field& f, field_kind kind, const item& i, int depth) {
  switch (kind) {
    case field_kind::string:
      if (f.other == wire::alternative::duration)
        return wire::duration_text(static_cast<std::int64_t>(member(i.bytes, 1).integer));
      return text_of(i.bytes);
    case field_kind::integer:
      return static_cast<std::int64_t>(i.integer);
    case field_kind::number:
      return std::bit_cast<double>(i.integer);
    case field_kind::boolean:
      return i.integer != 0;
    case field_kind::int_or_string:
      if (member(i.bytes, 1).integer == 1) return text_of(member(i.bytes, 3).bytes);
      return static_cast<std::int64_t>(member(i.bytes, 2).integer);
    case field_kind::quantity:
      return text_of(member(i.bytes, 1).bytes);
    case field_kind::time:
      return time_text(i.bytes, false);
    case field_kind::micro_time:
      return time_text(i.bytes, true);
    case field_kind::bytes:
      return to_base64(i.bytes);
    case field_kind::object:
      return f.type ? message(*f.type, i.bytes, depth + 1) : json::object();
    case field_kind::any:
      return f.other == wire::alternative::none ? raw_json(i.bytes) : schema_or(f, i.bytes, depth);
    default:
      throw malformed{"a list of lists"};
  }
}

void set_entry(const wire::field& field, const item& i, json& map, int depth) {
  const item value = member(i.bytes, 2);
  json& to = map[text_of(member(i.bytes, 1).bytes)];
  if (field.info->nesting == 0) {
    to = value_of(field, field.info->item, value, depth);
    return;
  }
  to = json::array();
  reader r(value.bytes);
  for (item each; r.next(each);) to.push_back(value_of(field, field.info->item, each, depth));
}

// Numbers of a list may come packed into one piece.
void add_items(const wire::field& field, const item& i, json& list, int depth) {
  if (field.info->item != field_kind::integer || !i.is_bytes) {
    list.push_back(value_of(field, field.info->item, i, depth));
    return;
  }
  for (reader r(i.bytes); !r.done();) list.push_back(static_cast<std::int64_t>(r.varint()));
}

// What Go's omitempty leaves out.
bool is_absent(const wire::field& field, const item& i) {
  if (field.nullable || field.info->required) return false;
  switch (field.info->kind) {
    case field_kind::string:
    case field_kind::bytes:
      return i.bytes.empty();
    case field_kind::integer:
    case field_kind::number:
    case field_kind::boolean:
      return i.integer == 0;
    default:
      return false;
  }
}

void set_field(const wire::field& field, const item& i, json& out, int depth) {
  const std::string name(field.info->name);
  if (field.info->kind == field_kind::array) {
    add_items(field, i, out[name], depth);
  } else if (field.info->kind == field_kind::string_map) {
    set_entry(field, i, out[name], depth);
  } else if (!is_absent(field, i)) {
    json value = value_of(field, field.info->kind, i, depth);
    if (!value.is_null()) out[name] = std::move(value);
  }
}

void read_into(const wire::codec& c, const wire::slots& order, std::string_view bytes, json& out,
               int depth) {
  if (depth > deepest) throw malformed{"nested too deeply"};
  reader r(bytes);
  for (item i; r.next(i);) {
    const auto* slot = wire::find(order, i.number);
    if (!slot) continue;  // a field that we do not serve
    if (slot->inlined)
      read_into(c, *slot->inlined, i.bytes, out, depth + 1);
    else
      set_field(c.fields[slot->field], i, out, depth);
  }
}

json message(const wire::codec& c, std::string_view bytes, int depth) {
  json out = json::object();
  read_into(c, c.order, bytes, out, depth);
  return out;
}

}  // namespace

const type_info* wire_type(std::string_view api_version, std::string_view kind) {
  const auto slash = api_version.find('/');
  const auto group =
      slash == std::string_view::npos ? std::string_view{} : api_version.substr(0, slash);
  const auto version =
      slash == std::string_view::npos ? api_version : api_version.substr(slash + 1);
  const auto& all = schema::instance();
  if (const auto* known = all.by_kind(group, version, kind)) return known->type;
  const std::string package(group.empty() ? "core" : group.substr(0, group.find('.')));
  const std::string name = "." + std::string(version) + "." + std::string(kind);
  if (const auto* found = all.type("io.k8s.api." + package + name)) return found;
  return all.type("io.k8s.apimachinery.pkg.apis.meta.v1." + std::string(kind));
}

parsed_json parse_protobuf(std::string_view bytes) {
  constexpr std::string_view magic("k8s\0", 4);
  parsed_json out;
  try {
    if (!bytes.starts_with(magic)) throw malformed{"it does not begin with Kubernetes' mark"};
    bytes.remove_prefix(magic.size());
    const auto meta = member(bytes, 1).bytes;
    const std::string api_version = text_of(member(meta, 1).bytes);
    const std::string kind = text_of(member(meta, 2).bytes);
    const auto* type = wire_type(api_version, kind);
    if (!type) throw malformed{"no kind \"" + kind + "\" in version \"" + api_version + "\""};
    out.value = message(wire::codec_of(*type), member(bytes, 2).bytes, 0);
    out.value["apiVersion"] = api_version;
    out.value["kind"] = kind;
  } catch (const malformed& m) {
    out.error = "protobuf: " + m.why;
  }
  return out;
}

}  // namespace troupe::model
