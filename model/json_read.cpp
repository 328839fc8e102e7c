#include "model/json_read.hpp"

#include "model/json_scan.hpp"
#include "model/json_text.hpp"
#include "model/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace troupe::model {
namespace {

/// Reads the JSON that is seen in practice, and says no to everything else: to faults, and to
/// what is rare (surrogates, keys that come twice, integers past 64 bits).
class reader {
 public:
  reader(std::string_view text, int depth)
      : at_(text.data()), end_(text.data() + text.size()), depth_(depth) {}
  /// One that leaves metadata.managedFields out; the text is canonical.
  static reader of_content(std::string_view text, int depth) {
    reader r(text, depth);
    r.text_ = text;
    r.metadata_depth_ = depth - 2;
    return r;
  }

  bool document(json& out) {
    if (!value(out)) return false;
    skip_blanks();
    return at_ == end_;
  }

 private:
  bool value(json& out) {
    skip_blanks();
    if (at_ == end_) return false;
    switch (*at_) {
      case '{':
        return nested([&] { return object(out); });
      case '[':
        return nested([&] { return array(out); });
      case '"': {
        std::string text;
        if (!string(text)) return false;
        out = std::move(text);
        return true;
      }
      case 't':
        return word("true", out, true);
      case 'f':
        return word("false", out, false);
      case 'n':
        return word("null", out, nullptr);
      default:
        return number(out);
    }
  }

  template <class Read>
  bool nested(Read read) {
    if (depth_ == 0) return false;
    --depth_;
    ++at_;
    skip_blanks();
    if (!read()) return false;
    ++depth_;
    return true;
  }

  bool object(json& out) {
    out = json(json::value_t::object);
    if (take('}')) return true;
    auto& members = out.get_ref<json::object_t&>();
    do {
      skip_blanks();
      std::string key;
      if (at_ == end_ || *at_ != '"' || !string(key)) return false;
      skip_blanks();
      if (!take(':')) return false;
      if (depth_ == metadata_depth_ + 1) in_metadata_ = key == "metadata";
      if (in_metadata_ && depth_ == metadata_depth_ && key == "managedFields") {
        skip_value();
        continue;
      }
      const auto [member, fresh] = members.try_emplace(std::move(key));
      if (!fresh || !value(member->second)) return false;
      skip_blanks();
    } while (take(','));
    return take('}');
  }

  bool array(json& out) {
    out = json(json::value_t::array);
    if (take(']')) return true;
    auto& items = out.get_ref<json::array_t&>();
    do {
      if (!value(items.emplace_back())) return false;
      skip_blanks();
    } while (take(','));
    return take(']');
  }

  bool string(std::string& out) {
    ++at_;
    bool ascii = true;
    for (;;) {
      const auto plain = plain_length({at_, static_cast<std::size_t>(end_ - at_)});
      out.append(at_, plain);
      at_ += plain;
      if (at_ == end_) return false;
      const char c = *at_++;
      if (c == '"') return ascii || is_utf8(out);
      if (c == '\\') {
        if (!escape(out)) return false;
        continue;
      }
      if (static_cast<unsigned char>(c) < 0x20) return false;
      ascii = false;
      out += c;
    }
  }

  bool escape(std::string& out) {
    if (at_ == end_) return false;
    switch (*at_++) {
      case '"':
        out += '"';
        return true;
      case '\\':
        out += '\\';
        return true;
      case '/':
        out += '/';
        return true;
      case 'b':
        out += '\b';
        return true;
      case 'f':
        out += '\f';
        return true;
      case 'n':
        out += '\n';
        return true;
      case 'r':
        out += '\r';
        return true;
      case 't':
        out += '\t';
        return true;
      case 'u':
        return ascii_escape(out);
      default:
        return false;
    }
  }

  // \u0000 to \u007f: what Go and we write in place of control characters and angle brackets.
  bool ascii_escape(std::string& out) {
    if (end_ - at_ < 4) return false;
    unsigned code = 0;
    const auto read = std::from_chars(at_, at_ + 4, code, 16);
    if (read.ec != std::errc() || read.ptr != at_ + 4 || code >= 0x80) return false;
    at_ += 4;
    out += static_cast<char>(code);
    return true;
  }

  template <class Value>
  bool word(std::string_view text, json& out, Value v) {
    if (std::string_view(at_, static_cast<std::size_t>(end_ - at_)).substr(0, text.size()) != text)
      return false;
    at_ += text.size();
    out = v;
    return true;
  }

  bool number(json& out) {
    const char* const begin = at_;
    if (*at_ == '-') ++at_;
    const char* const digits = at_;
    skip_digits();
    if (at_ == digits || (*digits == '0' && at_ - digits > 1)) return false;
    if (at_ != end_ && (*at_ == '.' || *at_ == 'e' || *at_ == 'E')) return fraction(begin, out);
    return *begin == '-' ? integer<json::number_integer_t>(begin, out)
                         : integer<json::number_unsigned_t>(begin, out);
  }

  template <class Number>
  bool integer(const char* begin, json& out) {
    Number n = 0;
    if (std::from_chars(begin, at_, n).ec != std::errc()) return false;
    out = n;
    return true;
  }

  bool fraction(const char* begin, json& out) {
    if (*at_ == '.') {
      const char* const digits = ++at_;
      skip_digits();
      if (at_ == digits) return false;
    }
    if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
      ++at_;
      if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
      const char* const digits = at_;
      skip_digits();
      if (at_ == digits) return false;
    }
    double n = 0;
    if (std::from_chars(begin, at_, n).ec != std::errc()) return false;
    out = n;
    return true;
  }

  void skip_digits() {
    while (at_ != end_ && *at_ >= '0' && *at_ <= '9') ++at_;
  }

  void skip_blanks() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
  }

  bool take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }

  void skip_value() {
    const auto begin = static_cast<std::size_t>(at_ - text_.data());
    at_ = text_.data() + std::min(end_of_value(text_, begin), text_.size());
  }

  const char* at_;
  const char* end_;
  std::string_view text_;
  int metadata_depth_ = -2;  ///< what is left of the depth in an object's metadata
  bool in_metadata_ = false;
  int depth_;
};

constexpr int own_depth = json_limits{}.depth + 8;  // a List's items lie deeper than an object

}  // namespace

bool read_plain_json(std::string_view text, int depth, json& out) {
  if (reader(text, depth).document(out)) return true;
  out = nullptr;
  return false;
}

json read_json(std::string_view text) {
  json out;
  if (read_plain_json(text, own_depth, out)) return out;
  return json::parse(text, nullptr, false);
}

json read_content(std::string_view object) {
  json out;
  if (reader::of_content(object, own_depth).document(out)) return out;
  out = json::parse(object, nullptr, false);
  if (out.is_object() && at(out, {"metadata"}).is_object()) out["metadata"].erase("managedFields");
  return out;
}

}  // namespace troupe::model
