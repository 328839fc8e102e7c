#include "model/wire/protobuf.hpp"

#include "model/base64.hpp"
#include "model/schema.hpp"
#include "model/time.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <unordered_map>

extern "C" const char troupe_wire_numbers_begin[];
extern "C" const char troupe_wire_numbers_end[];

namespace troupe::model {
namespace {

constexpr int deepest = 64;

struct malformed {
  std::string why;
};

// What a field number of one message stands for: a field, or a struct whose fields Go inlines.
struct slot {
  std::string_view field;
  std::string_view inlined;
};
using message_slots = std::map<std::uint64_t, slot>;
using all_slots = std::unordered_map<std::string_view, message_slots>;

std::string_view next_word(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const auto word = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return word;
}

// Lines of "definition field=number... definition@number...".
all_slots read_slots() {
  all_slots all;
  std::string_view text(
      troupe_wire_numbers_begin,
      static_cast<std::size_t>(troupe_wire_numbers_end - troupe_wire_numbers_begin));
  while (!text.empty()) {
    auto line = next_word(text, '\n');
    auto& slots = all[next_word(line, ' ')];
    while (!line.empty()) {
      const auto word = next_word(line, ' ');
      const auto at = word.find_first_of("=@");
      std::uint64_t number = 0;
      std::from_chars(word.data() + at + 1, word.data() + word.size(), number);
      const auto name = word.substr(0, at);
      slots[number] = word[at] == '=' ? slot{name, {}} : slot{{}, name};
    }
  }
  return all;
}

const message_slots* slots_of(std::string_view definition) {
  static const all_slots all = read_slots();
  const auto found = all.find(definition);
  return found == all.end() ? nullptr : &found->second;
}

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
        skip(8);
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

 private:
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

// Scalars that Go holds by value and leaves out when they are zero.
bool zero_means_absent(std::string_view name) {
  constexpr std::array<std::string_view, 22> names = {"activeDeadlineSeconds",
                                                      "count",
                                                      "failureThreshold",
                                                      "generation",
                                                      "hostIPC",
                                                      "hostNetwork",
                                                      "hostPID",
                                                      "hostPort",
                                                      "initialDelaySeconds",
                                                      "minReadySeconds",
                                                      "nodePort",
                                                      "observedGeneration",
                                                      "paused",
                                                      "periodSeconds",
                                                      "publishNotReadyAddresses",
                                                      "readOnly",
                                                      "stdin",
                                                      "stdinOnce",
                                                      "successThreshold",
                                                      "timeoutSeconds",
                                                      "tty",
                                                      "unschedulable"};
  return std::binary_search(names.begin(), names.end(), name);
}

json time_text(std::string_view message, bool micro) {
  if (message.empty()) return nullptr;
  const auto seconds = static_cast<std::int64_t>(member(message, 1).integer);
  const auto nanos = static_cast<std::int64_t>(member(message, 2).integer);
  // The zero time of Go (year 1) comes as a large negative number.
  if (seconds < -60'000'000'000 || seconds > 300'000'000'000) return nullptr;
  const time_point t{std::chrono::duration_cast<time_point::duration>(
      std::chrono::seconds(seconds) + std::chrono::nanoseconds(nanos))};
  return micro ? to_rfc3339_micro(t) : to_rfc3339(t);
}

json raw_json(std::string_view message) {
  auto parsed = parse_json(member(message, 1).bytes);
  if (!parsed) throw malformed{"embedded JSON: " + parsed.error};
  return std::move(parsed.value);
}

json message(const type_info& type, std::string_view bytes, int depth);

json value_of(field_kind kind, const type_info* type, const item& i, int depth) {
  switch (kind) {
    case field_kind::string:
      return std::string(i.bytes);
    case field_kind::integer:
    case field_kind::number:
      return static_cast<std::int64_t>(i.integer);
    case field_kind::boolean:
      return i.integer != 0;
    case field_kind::int_or_string:
      if (member(i.bytes, 1).integer == 1) return std::string(member(i.bytes, 3).bytes);
      return static_cast<std::int64_t>(member(i.bytes, 2).integer);
    case field_kind::quantity:
      return std::string(member(i.bytes, 1).bytes);
    case field_kind::time:
      return time_text(i.bytes, false);
    case field_kind::micro_time:
      return time_text(i.bytes, true);
    case field_kind::bytes:
      return to_base64(i.bytes);
    case field_kind::object:
      return type ? message(*type, i.bytes, depth + 1) : json::object();
    case field_kind::any:
      return raw_json(i.bytes);
    default:
      throw malformed{"a list of lists"};
  }
}

void set_entry(const field_info& field, const item& i, json& map, int depth) {
  const item value = member(i.bytes, 2);
  json& to = map[std::string(member(i.bytes, 1).bytes)];
  if (field.nesting == 0) {
    to = value_of(field.item, field.type, value, depth);
    return;
  }
  to = json::array();
  reader r(value.bytes);
  for (item each; r.next(each);) to.push_back(value_of(field.item, field.type, each, depth));
}

void set_field(const field_info& field, const item& i, json& out, int depth) {
  const std::string name(field.name);
  if (field.kind == field_kind::array) {
    out[name].push_back(value_of(field.item, field.type, i, depth));
  } else if (field.kind == field_kind::string_map) {
    set_entry(field, i, out[name], depth);
  } else {
    json value = value_of(field.kind, field.type, i, depth);
    const bool empty = (field.kind == field_kind::string && i.bytes.empty()) || value.is_null() ||
                       (!i.is_bytes && i.integer == 0 && zero_means_absent(field.name));
    if (!empty) out[name] = std::move(value);
  }
}

void read_into(const type_info& type, const message_slots& slots, std::string_view bytes, json& out,
               int depth) {
  if (depth > deepest) throw malformed{"nested too deeply"};
  reader r(bytes);
  for (item i; r.next(i);) {
    const auto found = slots.find(i.number);
    if (found == slots.end()) continue;  // a field that we do not serve
    if (!found->second.inlined.empty()) {
      if (const auto* inner = slots_of(found->second.inlined))
        read_into(type, *inner, i.bytes, out, depth + 1);
    } else if (const auto* field = type.field(found->second.field)) {
      set_field(*field, i, out, depth);
    }
  }
}

json message(const type_info& type, std::string_view bytes, int depth) {
  json out = json::object();
  if (const auto* slots = slots_of(type.name)) read_into(type, *slots, bytes, out, depth);
  return out;
}

const type_info* type_of(const std::string& api_version, const std::string& kind) {
  const auto slash = api_version.find('/');
  const std::string group = slash == std::string::npos ? "" : api_version.substr(0, slash);
  const std::string version =
      slash == std::string::npos ? api_version : api_version.substr(slash + 1);
  const auto& all = schema::instance();
  if (const auto* known = all.by_kind(group, version, kind)) return known->type;
  const std::string package = group.empty() ? "core" : group.substr(0, group.find('.'));
  if (const auto* found = all.type("io.k8s.api." + package + "." + version + "." + kind))
    return found;
  return all.type("io.k8s.apimachinery.pkg.apis.meta.v1." + kind);
}

}  // namespace

parsed_json parse_protobuf(std::string_view bytes) {
  constexpr std::string_view magic("k8s\0", 4);
  parsed_json out;
  try {
    if (!bytes.starts_with(magic)) throw malformed{"it does not begin with Kubernetes' mark"};
    bytes.remove_prefix(magic.size());
    const auto meta = member(bytes, 1).bytes;
    const std::string api_version(member(meta, 1).bytes);
    const std::string kind(member(meta, 2).bytes);
    const auto* type = type_of(api_version, kind);
    if (!type) throw malformed{"no kind \"" + kind + "\" in version \"" + api_version + "\""};
    out.value = message(*type, member(bytes, 2).bytes, 0);
    out.value["apiVersion"] = api_version;
    out.value["kind"] = kind;
  } catch (const malformed& m) {
    out.error = "protobuf: " + m.why;
  }
  return out;
}

}  // namespace troupe::model
