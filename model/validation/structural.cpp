#include "model/validation/structural.hpp"

#include "model/base64.hpp"
#include "model/custom/decode.hpp"
#include "model/quantity.hpp"
#include "model/time.hpp"

#include <limits>

namespace troupe::model {
namespace {

constexpr std::size_t most_strict_errors = 100;

/// The way from the document to where the decoder is; on the stack, put into words only for errors.
struct place {
  const place* up = nullptr;
  std::string_view field;
  std::size_t index = no_index;
  static constexpr std::size_t no_index = static_cast<std::size_t>(-1);

  /// "spec.containers[0].image"; without indexes as Go names fields: "spec.containers.image".
  std::string text(bool with_index) const {
    std::string out = up ? up->text(with_index) : std::string();
    if (index != no_index) {
      if (with_index) out.append("[").append(std::to_string(index)).append("]");
    } else if (!field.empty()) {
      if (!out.empty()) out += '.';
      out += field;
    }
    return out;
  }
};

std::string_view last_part(std::string_view dotted) {
  const auto dot = dotted.rfind('.');
  return dot == dotted.npos ? dotted : dotted.substr(dot + 1);
}

/// "v1.PodSpec" of "io.k8s.api.core.v1.PodSpec".
std::string_view go_name(std::string_view definition) {
  const auto dot = definition.rfind('.');
  const auto before = dot == definition.npos ? dot : definition.rfind('.', dot - 1);
  return before == definition.npos ? definition : definition.substr(before + 1);
}

std::string go_type(field_kind kind, const field_info& f) {
  switch (kind) {
    case field_kind::integer:
      return f.bits == 32 ? "int32" : "int64";
    case field_kind::number:
      return "float64";
    case field_kind::boolean:
      return "bool";
    case field_kind::int_or_string:
      return "intstr.IntOrString";
    case field_kind::quantity:
      return "resource.Quantity";
    case field_kind::time:
      return "v1.Time";
    case field_kind::micro_time:
      return "v1.MicroTime";
    case field_kind::bytes:
      return "[]uint8";
    case field_kind::object:
      return std::string(go_name(f.type->name));
    case field_kind::array:
      return "[]" + go_type(f.item, f);
    case field_kind::string_map: {
      const std::string item = go_type(f.item, f);
      return std::string("map[string]") + (f.nesting > 0 ? "[]" : "") + item;
    }
    case field_kind::any:
      return "interface {}";
    case field_kind::string:
      break;
  }
  return "string";
}

std::string json_kind(const json& value) {
  if (value.is_number_float()) return "number " + value.dump();
  if (value.is_number()) return "number";
  return value.is_boolean() ? "bool" : value.type_name();
}

class decoder {
 public:
  explicit decoder(decoding& out) : out_(out) {}

  bool structure(const type_info& type, json& object, const place& here) {
    auto& members = object.get_ref<json::object_t&>();
    auto field = type.fields.begin();
    // Members and fields are both sorted by name: one pass over the two.
    for (auto member = members.begin(); member != members.end();) {
      while (field != type.fields.end() && field->name < member->first) ++field;
      if (field == type.fields.end() || field->name != member->first) {
        note_unknown(place{&here, member->first});
        member = members.erase(member);
        continue;
      }
      if (member->second.is_null()) {
        member = members.erase(member);
        continue;
      }
      if (!value(type, *field, field->kind, field->nesting, member->second,
                 place{&here, field->name}))
        return false;
      if (left_out(*field, member->second)) {
        member = members.erase(member);
        continue;
      }
      ++member;
    }
    return true;
  }

 private:
  // Go leaves empty lists and maps out (omitempty), but not those that must be there.
  static bool left_out(const field_info& f, const json& v) {
    return !f.required && v.empty() &&
           (f.kind == field_kind::array || f.kind == field_kind::string_map);
  }

  void note_unknown(const place& here) {
    if (out_.strict.size() < most_strict_errors)
      out_.strict.push_back("unknown field \"" + here.text(true) + "\"");
  }

  bool fail(std::string why) {
    out_.error = std::move(why);
    return false;
  }

  bool mismatch(const type_info& owner, const field_info& f, field_kind kind, const json& value,
                const place& here) {
    return fail("json: cannot unmarshal " + json_kind(value) + " into Go struct field " +
                std::string(last_part(owner.name)) + "." + here.text(false) + " of type " +
                go_type(kind, f));
  }

  bool value(const type_info& owner, const field_info& f, field_kind kind, int nesting, json& v,
             const place& here) {
    const auto wrong = [&] { return mismatch(owner, f, kind, v, here); };
    switch (kind) {
      case field_kind::string:
        return v.is_string() || wrong();
      case field_kind::boolean:
        return v.is_boolean() || wrong();
      case field_kind::number:
        return v.is_number() || wrong();
      case field_kind::integer:
        return is_integer(v, f.bits) || wrong();
      case field_kind::int_or_string:
        return v.is_string() || is_integer(v, 32) || wrong();
      case field_kind::quantity:
        return amount(v, here) || (out_.error.empty() && wrong());
      case field_kind::time:
        return time(v, false) || (out_.error.empty() && wrong());
      case field_kind::micro_time:
        return time(v, true) || (out_.error.empty() && wrong());
      case field_kind::bytes:
        return bytes(v) || (out_.error.empty() && wrong());
      case field_kind::object:
        return v.is_object() ? structure(*f.type, v, here) : wrong();
      case field_kind::array:
        return v.is_array() ? items(owner, f, v, here) : wrong();
      case field_kind::string_map:
        return v.is_object() ? map_items(owner, f, nesting, v, here) : wrong();
      case field_kind::any:
        return true;
    }
    return false;
  }

  static bool is_integer(const json& v, int bits) {
    if (v.is_number_unsigned()) {
      const auto most = bits == 32 ? std::uint64_t{std::numeric_limits<std::int32_t>::max()}
                                   : std::uint64_t{std::numeric_limits<std::int64_t>::max()};
      return v.get<std::uint64_t>() <= most;
    }
    return v.is_number_integer() &&
           (bits != 32 || v.get<std::int64_t>() >= std::numeric_limits<std::int32_t>::min());
  }

  bool amount(json& v, const place& here) {
    if (v.is_number()) v = v.dump();
    if (!v.is_string()) return false;
    std::string error;
    const auto& text = v.get_ref<const std::string&>();
    const auto parsed = quantity::parse(text, error);
    if (!parsed) return fail(here.text(true) + ": " + error);
    if (std::string canonical = parsed->text(); canonical != text) v = std::move(canonical);
    return true;
  }

  bool time(json& v, bool micro) {
    if (!v.is_string()) return false;
    const auto& text = v.get_ref<const std::string&>();
    const auto parsed = from_rfc3339(text);
    if (!parsed)
      return fail("parsing time \"" + text + "\" as \"" +
                  (micro ? "2006-01-02T15:04:05.000000Z07:00" : "2006-01-02T15:04:05Z07:00") +
                  "\": cannot parse \"" + text + "\" as \"2006\"");
    v = micro ? to_rfc3339_micro(*parsed) : to_rfc3339(*parsed);
    return true;
  }

  bool bytes(json& v) {
    if (!v.is_string()) return false;
    const auto& text = v.get_ref<const std::string&>();
    if (from_base64(text)) return true;
    const auto bad = text.find_first_not_of(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/\r\n");
    return fail("illegal base64 data at input byte " +
                std::to_string(bad == text.npos ? text.size() : bad));
  }

  bool items(const type_info& owner, const field_info& f, json& array, const place& here) {
    for (std::size_t i = 0; i < array.size(); ++i) {
      json& item = array[i];
      if (item.is_null()) item = zero(f.item);
      if (!value(owner, f, f.item, 0, item, place{&here, {}, i})) return false;
    }
    return true;
  }

  bool map_items(const type_info& owner, const field_info& f, int nesting, json& map,
                 const place& here) {
    for (auto& [key, item] : map.get_ref<json::object_t&>()) {
      if (item.is_null()) item = nesting > 0 ? json::array() : zero(f.item);
      const place inside{&here, key};
      if (nesting > 0) {
        if (!item.is_array()) return mismatch(owner, f, field_kind::array, item, here);
        if (!items(owner, f, item, inside)) return false;
      } else if (f.item == field_kind::object || f.item == field_kind::quantity) {
        if (!value(owner, f, f.item, 0, item, inside)) return false;
      } else if (!value(owner, f, f.item, 0, item, here)) {
        return false;
      }
    }
    return true;
  }

  /// What Go makes of a null in a list or map; unstructured values may be null.
  static json zero(field_kind kind) {
    switch (kind) {
      case field_kind::object:
      case field_kind::string_map:
        return json::object();
      case field_kind::array:
        return json::array();
      case field_kind::integer:
      case field_kind::number:
      case field_kind::int_or_string:
        return 0;
      case field_kind::boolean:
        return false;
      case field_kind::quantity:
        return "0";
      case field_kind::any:
        return nullptr;
      default:
        return "";
    }
  }

  decoding& out_;
};

}  // namespace

decoding decode_fields(const type_info& type, json& document,
                       const std::vector<std::string>& duplicates) {
  decoding out;
  if (!document.is_object()) {
    out.error = "json: cannot unmarshal " + json_kind(document) + " into Go value of type " +
                std::string(go_name(type.name));
    return out;
  }
  decoder(out).structure(type, document, place{});
  for (const auto& fault : duplicates)
    if (out.strict.size() < most_strict_errors) out.strict.push_back(fault);
  return out;
}

decoding decode_fields(const kind_info& kind, json& document,
                       const std::vector<std::string>& duplicates) {
  if (const custom_version* custom = custom_of(kind))
    return decode_custom(*custom, document, duplicates);
  return decode_fields(*kind.type, document, duplicates);
}

std::vector<std::string> duplicate_faults(const std::vector<std::string>& keys, bool yaml) {
  if (keys.empty()) return {};
  if (yaml) {
    std::string all = "yaml: unmarshal errors:";
    for (const auto& key : keys) all += "\n  " + key;
    return {std::move(all)};
  }
  std::vector<std::string> out;
  for (const auto& key : keys) out.push_back("duplicate field \"" + key + "\"");
  return out;
}

status cannot_decode(const kind_info& kind, const std::string& why) {
  return bad_request(std::string(kind.kind) + " in version \"" + std::string(kind.version) +
                     "\" cannot be handled as a " + std::string(kind.kind) + ": " + why);
}

std::string strict_faults(const decoding& d) {
  std::string why = "strict decoding error: ";
  for (const auto& fault : d.strict) {
    if (&fault != &d.strict.front()) why += ", ";
    why += fault;
  }
  return why;
}

status cannot_decode_strictly(const kind_info& kind, const decoding& d) {
  return cannot_decode(kind, strict_faults(d));
}

}  // namespace troupe::model
