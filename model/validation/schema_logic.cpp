#include "model/go_text.hpp"
#include "model/validation/custom_resource.hpp"

#include <algorithm>
#include <re2/re2.h>

namespace troupe::model {
namespace {

/// As Go reads it where nothing stands: null, "", false, and lists and maps without anything.
bool says_nothing(const json& value) {
  return value.is_null() || value == "" || value == false ||
         (value.is_structured() && value.empty());
}

bool is_plain(const json& schema, std::string_view type) {
  return schema.is_object() && text_of(schema, "type") == type &&
         std::ranges::all_of(schema.items(), [](const auto& m) {
           return m.key() == "type" || says_nothing(m.value());
         });
}

/// How an int-or-string names its two types, which nothing else in logic may.
bool is_int_or_string(const json& schema) {
  const auto& any = items_of(schema, "anyOf");
  return any.size() == 2 && is_plain(any[0], "integer") && is_plain(any[1], "string");
}

/// What is wrong with a pattern as Go words it, or "" where it may be good for Go.
std::string pattern_fault(const std::string& pattern) {
  using re2::RE2;
  if (pattern.empty()) return {};
  struct wording {
    std::string_view text;
    RE2::ErrorCode code;
    enum : std::uint8_t { part, whole, nothing } shown;
  };
  constexpr wording words[] = {
      {"missing closing ]", RE2::ErrorMissingBracket, wording::part},
      {"missing closing )", RE2::ErrorMissingParen, wording::whole},
      {"unexpected )", RE2::ErrorUnexpectedParen, wording::whole},
      {"trailing backslash at end of expression", RE2::ErrorTrailingBackslash, wording::nothing},
      {"missing argument to repetition operator", RE2::ErrorRepeatArgument, wording::part},
      {"invalid character class range", RE2::ErrorBadCharRange, wording::part},
  };
  const RE2 made(pattern, RE2::Quiet);
  const auto found = std::ranges::find(words, made.error_code(), &wording::code);
  if (found == std::end(words)) return {};
  const std::string& part = made.error_arg();
  const auto& shown = found->shown == wording::whole ? pattern : part;
  return "error parsing regexp: " + std::string(found->text) + ": `" +
         (found->shown == wording::nothing ? std::string() : shown) + "`";
}

/// One walk over what stands in logic.
class logic_walk {
 public:
  explicit logic_walk(faults& out) : out_(out) {}

  /// `any_named`, `first_named`: its anyOf, or that of its first allOf, is of an int-or-string.
  void values(const json& schema, bool any_named, bool first_named, const field_path& path) {
    if (!any_named) each(schema, "anyOf", false, path);
    each(schema, "allOf", first_named, path);
    each(schema, "oneOf", false, path);
    nested(value_of(schema, "not"), false, path.child("not"));
    const std::string pattern(text_of(schema, "pattern"));
    if (const auto fault = pattern_fault(pattern); !fault.empty())
      out_.invalid(path.child("pattern"), pattern,
                   "must be a valid regular expression, but isn't: " + fault);
  }

 private:
  void each(const json& schema, const char* junctor, bool first_named, const field_path& path) {
    const field_path here = path.child(junctor);
    const auto& all = items_of(schema, junctor);
    for (std::size_t i = 0; i < all.size(); ++i)
      nested(all[i], first_named && i == 0, here.index(i));
  }

  void nested(const json& schema, bool any_named, const field_path& path) {
    if (!schema.is_object()) return;
    values(schema, any_named, false, path);
    nested(value_of(schema, "items"), false, path.child("items"));
    const field_path properties_path = path.child("properties");
    for (const auto& [name, property] : members_of(schema, "properties"))
      nested(property, false, properties_path.key(name));
    forbid(schema, path);
    if (members_of(schema, "properties").contains("metadata"))
      out_.forbidden(properties_path.key("metadata"), "must not be specified in a nested context");
  }

  void forbid(const json& schema, const field_path& path) {
    constexpr std::pair<const char*, std::string_view> words[] = {
        {"type", "empty"},
        {"additionalProperties", "undefined"},
        {"default", "undefined"},
        {"title", "empty"},
        {"description", "empty"},
        {"nullable", "false"},
        {"x-kubernetes-preserve-unknown-fields", "false"},
        {"x-kubernetes-embedded-resource", "false"},
        {"x-kubernetes-int-or-string", "false"},
        {"x-kubernetes-list-map-keys", "empty"},
        {"x-kubernetes-list-type", "undefined"},
        {"x-kubernetes-map-type", "undefined"},
        {"x-kubernetes-validations", "empty"},
    };
    for (const auto& [name, must] : words) {
      const json& value = value_of(schema, name);
      if (must == "undefined" ? !value.is_null() : !says_nothing(value))
        out_.forbidden(path.child(name), "must be " + std::string(must) + " to be structural");
    }
  }

  faults& out_;
};

/// Where something stands both in logic and outside of it.
struct both_paths {
  const field_path& outside;
  const field_path& inside;
};

void complete(const json& logic, const json& schema, const both_paths& at, faults& out);

void complete_values(const json& logic, const json& schema, const both_paths& at, faults& out) {
  complete(value_of(logic, "not"), schema, {at.outside, at.inside.child("not")}, out);
  for (const char* junctor : {"allOf", "anyOf", "oneOf"}) {
    const field_path here = at.inside.child(junctor);
    const auto& all = items_of(logic, junctor);
    for (std::size_t i = 0; i < all.size(); ++i)
      complete(all[i], schema, {at.outside, here.index(i)}, out);
  }
}

void complete(const json& logic, const json& schema, const both_paths& at, faults& out) {
  if (!logic.is_object()) return;
  if (!schema.is_object())
    return out.required(at.outside, "because it is defined in " + at.inside.text());
  complete_values(logic, schema, at, out);
  const field_path items_outside = at.outside.child("items");
  complete(value_of(logic, "items"), value_of(schema, "items"),
           {items_outside, at.inside.child("items")}, out);
  const field_path outside = at.outside.child("properties");
  const field_path inside = at.inside.child("properties");
  for (const auto& [name, property] : members_of(logic, "properties"))
    complete(property, value_of(value_of(schema, "properties"), name.c_str()),
             {outside.key(name), inside.key(name)}, out);
}

}  // namespace

void validate_logic(const json& schema, const field_path& path, faults& out) {
  const auto& all = items_of(schema, "allOf");
  logic_walk(out).values(schema, is_int_or_string(schema),
                         !all.empty() && is_int_or_string(all.front()), path);
}

void validate_logic_is_complete(const json& root, const field_path& path, faults& out) {
  complete_values(root, root, {path, path}, out);
}

}  // namespace troupe::model
