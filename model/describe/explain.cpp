#include "model/describe/explain.hpp"

#include <set>
#include <sstream>
#include <stdexcept>

namespace troupe::model {
namespace {

/// Lines of at most `width`, broken between words; the breaks that are there stay.
std::string wrapped(const std::string& text, std::size_t width) {
  std::string out;
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\n') {
      out += '\n';
      column = 0;
      ++i;
      continue;
    }
    const auto blanks = text.find_first_not_of(' ', i);
    const auto begin = blanks == std::string::npos ? text.size() : blanks;
    const auto end = std::min(text.find_first_of(" \n", begin), text.size());
    if (column + (end - i) > width && column > 0 && begin < text.size() && text[begin] != '\n') {
      out += '\n';
      column = 0;
      i = begin;
    }
    out.append(text, i, end - i);
    column += end - i;
    i = end;
  }
  return out;
}

std::string indented(const std::string& text, std::size_t by) {
  const std::string blanks(by, ' ');
  std::string out = blanks;
  for (const char c : text) out += c == '\n' ? "\n" + blanks : std::string(1, c);
  return out;
}

class explainer {
 public:
  explainer(const json& openapi, bool recursive)
      : schemas_(at(openapi, {"components", "schemas"})), recursive_(recursive) {}

  const json* find(const json& gvk) const {
    for (const auto& schema : schemas_)
      for (const auto& known : at(schema, {"x-kubernetes-group-version-kind"}))
        if (known == gvk) return &schema;
    return nullptr;
  }

  std::string print(const json& schema, const std::vector<std::string>& path) const {
    const json* now = &schema;
    std::string out;
    for (std::size_t i = 0; i < path.size(); ++i) {
      const json* field = step(*now, path[i]);
      if (!field) throw std::invalid_argument("field \"" + path.back() + "\" does not exist");
      now = field;
      if (i + 1 == path.size())
        out = "FIELD: " + path[i] + " <" + type_of(*now) + ">\n" + long_enumeration(*now) + "\n\n";
    }
    std::string about = description(*now);
    if (about.empty()) about = "<empty>";
    out += "DESCRIPTION:\n" + indented(wrapped(about, 76), 4) + "\n";
    std::set<const json*> seen;
    const std::string fields = field_list(*now, 1, seen);
    return fields.empty() ? out : out + "FIELDS:\n" + fields;
  }

 private:
  const json& resolved(const json& schema) const {
    const std::string ref = string_at(schema, {"$ref"});
    return ref.empty() ? schema : at(schemas_, {ref.substr(ref.rfind('/') + 1)});
  }

  /// The schemas that stand for this one: of its reference, its items, its values, its parts.
  std::vector<const json*> inner(const json& schema) const {
    std::vector<const json*> out;
    for (const auto& part : at(schema, {"allOf"})) out.push_back(&part);
    for (const char* key : {"items", "additionalProperties"})
      if (const json& part = at(schema, {key}); part.is_object()) out.push_back(&part);
    return out;
  }

  const json* step(const json& schema, const std::string& name) const {
    const json& whole = resolved(schema);
    if (const json& field = at(whole, {"properties", name}); !field.is_null()) return &field;
    for (const json* part : inner(whole))
      if (const json* field = step(*part, name)) return field;
    return nullptr;
  }

  std::string description(const json& schema) const {
    const json& whole = resolved(schema);
    std::string out = string_at(whole, {"description"});
    if (!out.empty()) out += "\n";
    for (const json* part : inner(whole)) out += description(*part);
    return out;
  }

  std::string type_of(const json& schema) const {
    if (const json& items = at(schema, {"items"}); items.is_object()) return "[]" + type_of(items);
    if (const json& values = at(schema, {"additionalProperties"}); values.is_object())
      return "map[string]" + type_of(values);
    if (const json& parts = at(schema, {"allOf"});
        parts.size() == 1 && !schema.contains("properties"))
      return type_of(parts[0]);
    const std::string ref = string_at(schema, {"$ref"});
    const std::string type = string_at(resolved(schema), {"type"});
    if (!ref.empty() && (type.empty() || type == "object")) return ref.substr(ref.rfind('.') + 1);
    return type.empty() || type == "object" ? "Object" : type;
  }

  static std::string value_text(const json& value) {
    if (!value.is_string()) return value.dump();
    return value == "" ? "\"\"" : value.get<std::string>();
  }

  static std::string long_enumeration(const json& schema) {
    const json& values = at(schema, {"enum"});
    if (values.empty()) return "";
    std::string out = "ENUM:";
    for (const auto& v : values) out += "\n    " + value_text(v);
    return out;
  }

  /// The first four.
  static std::string short_enumeration(const json& schema, const std::string& indent) {
    const json& values = at(schema, {"enum"});
    if (values.empty()) return "";
    std::string out = "\n" + indent + "enum: ";
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i == 4) return out + ", ....";
      out += (i == 0 ? "" : ", ") + value_text(values[i]);
    }
    return out;
  }

  std::string field_list(const json& schema, std::size_t level, std::set<const json*> seen) const {
    const json& whole = resolved(schema);
    // A struct within itself has been listed.
    if (&whole != &schema && !seen.insert(&whole).second) return "";
    std::string out;
    if (const json& properties = at(whole, {"properties"}); properties.is_object())
      for (const auto& [name, field] : properties.items()) {
        out += detail(name, field, whole, level);
        if (recursive_) out += field_list(field, level + 1, seen);
      }
    for (const json* part : inner(whole)) out += field_list(*part, level, seen);
    return out;
  }

  std::string detail(const std::string& name, const json& field, const json& owner,
                     std::size_t level) const {
    const std::string indent(level * 2, ' ');
    std::string out = indent + name + "\t<" + type_of(field) + ">";
    for (const auto& required : at(owner, {"required"}))
      if (required == name) out += " -required-";
    out += short_enumeration(field, indent) + "\n";
    if (recursive_) return out;
    std::string about = string_at(field, {"description"});
    if (about.empty()) about = "<no description>";
    return out + indented(wrapped(about, 78 - level * 2), level * 2 + 2) + "\n\n";
  }

  const json& schemas_;
  bool recursive_;
};

}  // namespace

std::optional<std::string> explain(const json& openapi, const std::string& group,
                                   const std::string& version, const std::string& kind,
                                   const std::vector<std::string>& path, bool recursive) {
  const explainer e(openapi, recursive);
  const json* schema = e.find({{"group", group}, {"version", version}, {"kind", kind}});
  if (!schema) return std::nullopt;
  return (group.empty() ? "" : "GROUP:      " + group + "\n") + "KIND:       " + kind +
         "\nVERSION:    " + version + "\n\n" + e.print(*schema, path) + "\n";
}

}  // namespace troupe::model
