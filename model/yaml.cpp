#include "model/json.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <stdexcept>

namespace troupe::model {
namespace {

bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

/// YAML 1.1 integers: sign, 0x, 0b, 0o or plain 0 for octal, underscores anywhere.
std::optional<json> integer(std::string_view digits) {
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  int base = 10;
  const auto prefixed = [&](std::string_view a, std::string_view b) {
    return digits.starts_with(a) || digits.starts_with(b);
  };
  if (prefixed("0x", "0X"))
    base = 16;
  else if (prefixed("0b", "0B"))
    base = 2;
  else if (prefixed("0o", "0O"))
    base = 8;
  if (base != 10)
    digits.remove_prefix(2);
  else if (digits.size() > 1 && digits[0] == '0')
    base = 8;
  std::uint64_t value = 0;
  const auto [end, fault] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (digits.empty() || fault != std::errc{} || end != digits.data() + digits.size()) return {};
  if (!negative) return json(value);
  if (value > std::uint64_t{1} << 63) return {};
  return json(static_cast<std::int64_t>(0 - value));
}

/// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool looks_like_float(std::string_view text) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t from = i;
    while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
    return i - from;
  };
  const auto sign = [&] {
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
  };
  sign();
  const std::size_t whole = digits();
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (digits() == 0 && whole == 0) return false;
  } else if (whole == 0) {
    return false;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    sign();
    if (digits() == 0) return false;
  }
  return i == text.size();
}

/// JSON knows one kind of number: a whole one is written without a fraction.
json number(double value) {
  constexpr double exact = 9007199254740992.0;
  if (std::abs(value) <= exact && std::trunc(value) == value)
    return static_cast<std::int64_t>(value);
  return value;
}

/// A plain scalar by the rules of YAML 1.1, as Kubernetes' YAML library has them.
json plain_scalar(const std::string& text) {
  if (one_of(text, {"", "~", "null", "Null", "NULL"})) return nullptr;
  if (one_of(text, {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"}))
    return true;
  if (one_of(text, {"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"}))
    return false;
  if (one_of(text, {".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF",
                    "-.inf", "-.Inf", "-.INF"}))
    throw std::runtime_error("json: unsupported value: " + text);
  if (!one_of(std::string_view(text).substr(0, 1),
              {"+", "-", ".", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}))
    return text;
  std::string digits = text;
  std::erase(digits, '_');
  if (text[0] != '.')
    if (auto whole = integer(digits)) return *whole;
  if (looks_like_float(digits)) {
    const double value = std::strtod(digits.c_str(), nullptr);
    if (std::isfinite(value)) return number(value);
  }
  return text;
}

class converter {
 public:
  converter(parsed_json& out, const json_limits& limits, std::size_t text_size)
      : out_(out), depth_(limits.depth), nodes_(text_size + 16) {}

  json convert(const YAML::Node& node, int depth, const std::string& path) {
    if (depth > depth_) throw std::runtime_error("exceeded max depth of " + std::to_string(depth_));
    // Without aliases there is no node without a character of text.
    if (nodes_-- == 0) throw std::runtime_error("document contains excessive aliasing");
    switch (node.Type()) {
      case YAML::NodeType::Scalar:
        return scalar(node);
      case YAML::NodeType::Sequence: {
        json out = json::array();
        for (const auto& item : node)
          out.push_back(convert(item, depth + 1, path + "[" + std::to_string(out.size()) + "]"));
        return out;
      }
      case YAML::NodeType::Map:
        return map(node, depth, path);
      default:
        return nullptr;
    }
  }

 private:
  // go-yaml's words, by which Kubernetes tells of it; it counts the line of the value.
  void note_duplicate(const std::string& key, const YAML::Node& value) {
    out_.duplicates.push_back("line " + std::to_string(value.Mark().line + 1) + ": key " +
                              json(key).dump() + " already set in map");
  }

  static json scalar(const YAML::Node& node) {
    const std::string& tag = node.Tag();
    if (tag == "?" || tag.empty()) return plain_scalar(node.Scalar());
    return node.Scalar();
  }

  static std::string key_text(const YAML::Node& key) {
    if (!key.IsScalar() && !key.IsNull()) throw std::runtime_error("a key is no scalar");
    const json value = key.IsNull() ? json() : scalar(key);
    return value.is_string() ? value.get<std::string>() : value.dump();
  }

  json map(const YAML::Node& node, int depth, const std::string& path) {
    json out = json::object();
    std::vector<YAML::Node> merges;
    for (const auto& member : node) {
      if (member.first.IsScalar() && member.first.Scalar() == "<<" && member.first.Tag() == "?") {
        merges.push_back(member.second);
        continue;
      }
      std::string key = key_text(member.first);
      const std::string here = path.empty() ? key : path + "." + key;
      json value = convert(member.second, depth + 1, here);
      if (out.contains(key)) note_duplicate(key, member.second);
      out[key] = std::move(value);
    }
    for (const auto& merge : merges) merge_into(out, merge, depth, path);
    return out;
  }

  /// `<<`: the members of another map, or of a list of maps, that are not there already.
  void merge_into(json& out, const YAML::Node& merge, int depth, const std::string& path) {
    json other = convert(merge, depth + 1, path);
    if (other.is_object()) other = json::array({std::move(other)});
    if (!other.is_array())
      throw std::runtime_error("map merge requires map or sequence of maps as the value");
    for (json& part : other) {
      if (!part.is_object())
        throw std::runtime_error("map merge requires map or sequence of maps as the value");
      for (auto& [key, value] : part.items())
        if (!out.contains(key)) out[key] = std::move(value);
    }
  }

  parsed_json& out_;
  int depth_;
  std::size_t nodes_;
};

}  // namespace

parsed_json parse_yaml(std::string_view text, const json_limits& limits) {
  parsed_json out;
  if (text.size() > limits.bytes) {
    out.error = "the document is larger than " + std::to_string(limits.bytes) + " bytes";
    return out;
  }
  const std::string prefix = "error converting YAML to JSON: yaml: ";
  try {
    const YAML::Node root = YAML::Load(std::string(text));
    out.value = converter(out, limits, text.size()).convert(root, 0, {});
    // Strings that are no UTF-8 come to light when they are written.
    static_cast<void>(out.value.dump());
  } catch (const YAML::Exception& e) {
    out.error = prefix + "line " + std::to_string(e.mark.line + 1) + ": " + e.msg;
  } catch (const json::exception&) {
    out.error = prefix + "invalid UTF-8";
  } catch (const std::exception& e) {
    out.error = prefix + e.what();
  }
  if (!out.error.empty()) out.value = nullptr;
  return out;
}

}  // namespace troupe::model
