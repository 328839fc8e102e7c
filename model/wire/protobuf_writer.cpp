#include "model/base64.hpp"
#include "model/json_text.hpp"
#include "model/time.hpp"
#include "model/wire/codec.hpp"
#include "model/wire/duration.hpp"
#include "model/wire/protobuf.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <stdexcept>

namespace troupe::model {
namespace {

using wire::codec;

[[noreturn]] void misfit(std::string_view text) {
  throw std::invalid_argument("no value of its field: " + std::string(text.substr(0, 40)));
}

// The text of a JSON string; `hold` keeps what had to be unescaped.
std::string_view unquoted(std::string_view value, std::string& hold) {
  if (value.size() < 2 || value.front() != '"') misfit(value);
  const auto inside = value.substr(1, value.size() - 2);
  if (inside.find('\\') == std::string_view::npos) return inside;
  hold = json::parse(value).get<std::string>();
  return hold;
}

template <class T>
T parsed(std::string_view value) {
  T out{};
  const auto [p, ec] = std::from_chars(value.data(), value.data() + value.size(), out);
  if (ec != std::errc() || p != value.data() + value.size()) misfit(value);
  return out;
}

std::uint64_t bits_of(std::int64_t value) {
  return static_cast<std::uint64_t>(value);
}

// Walks JSON text and writes what it finds, without a document in between.
class encoder {
 public:
  explicit encoder(std::string& out) : out_(out), write_(out) {}

  // Two steps: where each field's value is, then the fields in the order of their numbers.
  void message(const codec& c, std::string_view text) {
    if (text.empty() || text.front() != '{') misfit(text);
    std::array<std::string_view, codec::most_fields> values;
    std::size_t next = 0;  // names come sorted, as the fields are; others are looked up
    each_member(text, 0, [&](const text_member& m) {
      while (next < c.fields.size() && c.fields[next].info->name < m.key) ++next;
      if (next == c.fields.size() || c.fields[next].info->name != m.key) next = place(c, m.key);
      if (next < c.fields.size()) {
        const auto value = text.substr(m.value, m.end - m.value);
        if (value != "null") values[next++] = value;
      } else {
        next = 0;
      }
      return true;
    });
    in_order(c, c.order, values.data());
  }

 private:
  static std::size_t place(const codec& c, std::string_view name) {
    const auto found = std::ranges::lower_bound(c.fields, name, {},
                                                [](const wire::field& f) { return f.info->name; });
    return found != c.fields.end() && found->info->name == name
               ? static_cast<std::size_t>(found - c.fields.begin())
               : c.fields.size();
  }

  void in_order(const codec& c, const wire::slots& order, const std::string_view* values) {
    for (const auto& slot : order) {
      if (slot.inlined) {
        const auto begun = write_.begin(slot.number);
        in_order(c, *slot.inlined, values);
        write_.end(begun);
      } else if (!values[slot.field].empty()) {
        field(c.fields[slot.field], slot.number, values[slot.field]);
      }
    }
  }

  void field(const wire::field& f, std::uint32_t number, std::string_view text) {
    if (f.info->kind == field_kind::array) {
      if (text.front() != '[') misfit(text);
      each_item(text, 0, [&](std::string_view item) { value(f, f.info->item, number, item); });
    } else if (f.info->kind == field_kind::string_map) {
      if (text.front() != '{') misfit(text);
      each_member(text, 0, [&](const text_member& m) {
        entry(f, number, text.substr(m.begin, m.value - 1 - m.begin),
              text.substr(m.value, m.end - m.value));
        return true;
      });
    } else {
      value(f, f.info->kind, number, text);
    }
  }

  void entry(const wire::field& f, std::uint32_t number, std::string_view key,
             std::string_view text) {
    const auto begun = write_.begin(number);
    write_.bytes(1, unquoted(key, hold_));
    if (f.info->nesting == 0) {
      value(f, f.info->item, 2, text);
    } else {
      const auto list = write_.begin(2);
      each_item(text, 0, [&](std::string_view item) { value(f, f.info->item, 1, item); });
      write_.end(list);
    }
    write_.end(begun);
  }

  void value(const wire::field& f, field_kind kind, std::uint32_t number, std::string_view text) {
    switch (kind) {
      case field_kind::string:
        if (f.other == wire::alternative::duration) return duration(number, unquoted(text, hold_));
        return write_.bytes(number, unquoted(text, hold_));
      case field_kind::integer:
        return write_.integer(number, bits_of(parsed<std::int64_t>(text)));
      case field_kind::number:
        return write_.fixed64(number, std::bit_cast<std::uint64_t>(parsed<double>(text)));
      case field_kind::boolean:
        if (text != "true" && text != "false") misfit(text);
        return write_.integer(number, text == "true" ? 1 : 0);
      case field_kind::bytes:
        return write_.bytes(number, from_base64(unquoted(text, hold_)).value_or(""));
      default:
        break;
    }
    const auto begun = write_.begin(number);
    nested(f, kind, text);
    write_.end(begun);
  }

  void nested(const wire::field& f, field_kind kind, std::string_view text) {
    switch (kind) {
      case field_kind::int_or_string: {
        const bool is_text = text.front() == '"';
        write_.integer(1, is_text ? 1 : 0);
        write_.integer(2, is_text ? 0 : bits_of(parsed<std::int64_t>(text)));
        return write_.bytes(3, is_text ? unquoted(text, hold_) : "");
      }
      case field_kind::quantity:
        return write_.bytes(1, text.front() == '"' ? unquoted(text, hold_) : text);
      case field_kind::time:
      case field_kind::micro_time:
        return time(unquoted(text, hold_));
      case field_kind::any:
        if (f.other != wire::alternative::none) return schema_or(f, text);
        return write_.bytes(1, text);
      case field_kind::object:
        if (f.type) message(*f.type, text);
        return;
      default:
        misfit(text);
    }
  }

  // JSONSchemaPropsOrArray, OrBool and OrStringArray.
  void schema_or(const wire::field& f, std::string_view text) {
    const bool boolean = f.other == wire::alternative::boolean;
    if (boolean) write_.integer(1, text == "false" ? 0 : 1);
    if (text.front() == '{') {
      const auto begun = write_.begin(boolean ? 2 : 1);
      message(*f.type, text);
      write_.end(begun);
    } else if (text.front() == '[') {
      each_item(text, 0, [&](std::string_view item) {
        if (f.other == wire::alternative::strings) return write_.bytes(2, unquoted(item, hold_));
        const auto begun = write_.begin(2);
        message(*f.type, item);
        write_.end(begun);
      });
    }
  }

  void duration(std::uint32_t number, std::string_view text) {
    const auto ns = wire::nanoseconds_of(text);
    if (!ns) misfit(text);
    const auto begun = write_.begin(number);
    write_.integer(1, bits_of(*ns));
    write_.end(begun);
  }

  void time(std::string_view text) {
    const auto t = from_rfc3339(text);
    if (!t) misfit(text);
    const auto since = t->time_since_epoch();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
    write_.integer(1, bits_of(seconds.count()));
    write_.integer(
        2, bits_of(std::chrono::duration_cast<std::chrono::nanoseconds>(since - seconds).count()));
  }

  std::string& out_;
  protobuf_writer write_;
  std::string hold_;
};

}  // namespace

void protobuf_writer::varint(std::uint64_t value) {
  for (; value >= 128; value >>= 7) out_ += static_cast<char>((value & 127) | 128);
  out_ += static_cast<char>(value);
}

void protobuf_writer::integer(std::uint32_t number, std::uint64_t value) {
  varint(number << 3);
  varint(value);
}

void protobuf_writer::fixed64(std::uint32_t number, std::uint64_t bits) {
  varint(number << 3 | 1);
  for (int i = 0; i < 8; ++i) out_ += static_cast<char>(bits >> (8 * i) & 255);
}

void protobuf_writer::bytes(std::uint32_t number, std::string_view value) {
  varint(number << 3 | 2);
  varint(value.size());
  out_ += value;
}

std::size_t protobuf_writer::begin(std::uint32_t number) {
  varint(number << 3 | 2);
  out_ += '\0';  // most lengths take one byte
  return out_.size();
}

void protobuf_writer::end(std::size_t begun) {
  std::uint64_t length = out_.size() - begun;
  std::array<char, 10> text{};
  std::size_t n = 0;
  for (; length >= 128; length >>= 7) text[n++] = static_cast<char>((length & 127) | 128);
  text[n++] = static_cast<char>(length);
  out_[begun - 1] = text[0];
  if (n > 1) out_.insert(begun, text.data() + 1, n - 1);
}

void append_protobuf(std::string& out, const type_info& type, std::string_view text) {
  encoder(out).message(wire::codec_of(type), text);
}

}  // namespace troupe::model
