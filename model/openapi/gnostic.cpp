#include "model/openapi/gnostic.hpp"

#include "model/json.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

namespace troupe::model {
namespace {

// Writing of protobuf's wire format.

void put_varint(std::string& out, std::uint64_t value) {
  for (; value > 127; value >>= 7) out += static_cast<char>((value & 127) | 128);
  out += static_cast<char>(value);
}

void put_bytes(std::string& out, int number, std::string_view bytes) {
  put_varint(out, static_cast<std::uint64_t>(number) << 3 | 2);
  put_varint(out, bytes.size());
  out += bytes;
}

void put_bool(std::string& out, int number, bool value) {
  put_varint(out, static_cast<std::uint64_t>(number) << 3);
  put_varint(out, value ? 1 : 0);
}

void put_double(std::string& out, int number, double value) {
  put_varint(out, static_cast<std::uint64_t>(number) << 3 | 1);
  const auto bits = std::bit_cast<std::uint64_t>(value);
  for (int shift = 0; shift < 64; shift += 8) out += static_cast<char>(bits >> shift & 255);
}

// What a member of the JSON document becomes.

enum class form {
  text,       ///< a string or a list of strings
  boolean,    ///<
  number,     ///< a double
  integer,    ///< an int64
  any,        ///< a value or a list of values, as text
  message,    ///< an object or a list of objects
  named,      ///< an object of objects: NamedX messages of name and value
  parameter,  ///< of OpenAPI 2, a list of them, a message each kind of place
  choice,     ///< of OpenAPI 3: a message in field 1, or a Reference in field 2
  fallback    ///< of OpenAPI 3: DefaultType
};

struct shape;

/// `within` names the single-field messages between the field and what it holds.
struct member {
  std::string_view key;
  int number;
  form as;
  const shape* of = nullptr;
  int within = 0;        ///< 0: none
  int value_within = 0;  ///< of named ones: the same around each value
  bool choices = false;  ///< of named ones: each value is a choice
};

struct shape {
  std::span<const member> members;
  int extensions;  ///< number of vendor_extension
};

extern const shape schema_shape;

constexpr member path_parameter_members[] = {{"required", 1, form::boolean},
                                             {"in", 2, form::text},
                                             {"description", 3, form::text},
                                             {"name", 4, form::text},
                                             {"type", 5, form::text}};
constexpr member query_parameter_members[] = {{"required", 1, form::boolean},
                                              {"in", 2, form::text},
                                              {"description", 3, form::text},
                                              {"name", 4, form::text},
                                              {"type", 6, form::text}};
constexpr shape path_parameter_shape{path_parameter_members, 22};
constexpr shape query_parameter_shape{query_parameter_members, 23};

const member body_parameter_members[] = {{"description", 1, form::text},
                                         {"name", 2, form::text},
                                         {"in", 3, form::text},
                                         {"required", 4, form::boolean},
                                         {"schema", 5, form::message, &schema_shape}};
const shape body_parameter_shape{body_parameter_members, 6};

const member response_members[] = {{"description", 1, form::text},
                                   {"schema", 2, form::message, &schema_shape, 1}};
const shape response_shape{response_members, 5};

const member operation_members[] = {{"tags", 1, form::text},
                                    {"description", 3, form::text},
                                    {"operationId", 5, form::text},
                                    {"produces", 6, form::text},
                                    {"consumes", 7, form::text},
                                    {"parameters", 8, form::parameter},
                                    {"responses", 9, form::named, &response_shape, 1, 1},
                                    {"schemes", 10, form::text}};
const shape operation_shape{operation_members, 13};

const member path_members[] = {
    {"get", 2, form::message, &operation_shape},   {"put", 3, form::message, &operation_shape},
    {"post", 4, form::message, &operation_shape},  {"delete", 5, form::message, &operation_shape},
    {"patch", 8, form::message, &operation_shape}, {"parameters", 9, form::parameter}};
const shape path_shape{path_members, 10};

const member schema_members[] = {{"$ref", 1, form::text},
                                 {"format", 2, form::text},
                                 {"description", 4, form::text},
                                 {"default", 5, form::any},
                                 {"required", 19, form::text},
                                 {"enum", 20, form::any},
                                 {"additionalProperties", 21, form::message, &schema_shape, 1},
                                 {"type", 22, form::text, nullptr, 1},
                                 {"items", 23, form::message, &schema_shape, 1},
                                 {"allOf", 24, form::message, &schema_shape},
                                 {"properties", 25, form::named, &schema_shape, 1}};
const shape schema_shape{schema_members, 31};

constexpr member info_members[] = {{"title", 1, form::text}, {"version", 2, form::text}};
constexpr shape info_shape{info_members, 7};

const member document_members[] = {{"swagger", 1, form::text},
                                   {"info", 2, form::message, &info_shape},
                                   {"paths", 8, form::named, &path_shape, 2},
                                   {"definitions", 9, form::named, &schema_shape, 1}};
const shape document_shape{document_members, 16};

// OpenAPI 3.

extern const shape schema_3_shape;

const member parameter_3_members[] = {{"name", 1, form::text},
                                      {"in", 2, form::text},
                                      {"description", 3, form::text},
                                      {"required", 4, form::boolean},
                                      {"schema", 10, form::choice, &schema_3_shape}};
const shape parameter_3_shape{parameter_3_members, 14};

const member media_type_members[] = {{"schema", 1, form::choice, &schema_3_shape}};
const shape media_type_shape{media_type_members, 5};

const member body_3_members[] = {{"description", 1, form::text},
                                 {"content", 2, form::named, &media_type_shape, 1},
                                 {"required", 3, form::boolean}};
const shape body_3_shape{body_3_members, 4};

const member response_3_members[] = {{"description", 1, form::text},
                                     {"content", 3, form::named, &media_type_shape, 1}};
const shape response_3_shape{response_3_members, 5};

const member operation_3_members[] = {{"tags", 1, form::text},
                                      {"summary", 2, form::text},
                                      {"description", 3, form::text},
                                      {"operationId", 5, form::text},
                                      {"parameters", 6, form::choice, &parameter_3_shape},
                                      {"requestBody", 7, form::choice, &body_3_shape},
                                      {"responses", 8, form::named, &response_3_shape, 2, 0, true},
                                      {"deprecated", 10, form::boolean}};
const shape operation_3_shape{operation_3_members, 13};

const member path_3_members[] = {{"get", 4, form::message, &operation_3_shape},
                                 {"put", 5, form::message, &operation_3_shape},
                                 {"post", 6, form::message, &operation_3_shape},
                                 {"delete", 7, form::message, &operation_3_shape},
                                 {"patch", 10, form::message, &operation_3_shape},
                                 {"parameters", 13, form::choice, &parameter_3_shape}};
const shape path_3_shape{path_3_members, 14};

const member schema_3_members[] = {{"nullable", 1, form::boolean},
                                   {"example", 7, form::any},
                                   {"title", 9, form::text},
                                   {"multipleOf", 10, form::number},
                                   {"maximum", 11, form::number},
                                   {"exclusiveMaximum", 12, form::boolean},
                                   {"minimum", 13, form::number},
                                   {"exclusiveMinimum", 14, form::boolean},
                                   {"maxLength", 15, form::integer},
                                   {"minLength", 16, form::integer},
                                   {"pattern", 17, form::text},
                                   {"maxItems", 18, form::integer},
                                   {"minItems", 19, form::integer},
                                   {"uniqueItems", 20, form::boolean},
                                   {"maxProperties", 21, form::integer},
                                   {"minProperties", 22, form::integer},
                                   {"required", 23, form::text},
                                   {"enum", 24, form::any},
                                   {"type", 25, form::text},
                                   {"allOf", 26, form::choice, &schema_3_shape},
                                   {"oneOf", 27, form::choice, &schema_3_shape},
                                   {"anyOf", 28, form::choice, &schema_3_shape},
                                   {"not", 29, form::message, &schema_3_shape},
                                   {"items", 30, form::choice, &schema_3_shape, 1},
                                   {"properties", 31, form::named, &schema_3_shape, 1, 0, true},
                                   {"additionalProperties", 32, form::choice, &schema_3_shape, 1},
                                   {"default", 33, form::fallback},
                                   {"description", 34, form::text},
                                   {"format", 35, form::text}};
const shape schema_3_shape{schema_3_members, 36};

constexpr member info_3_members[] = {{"title", 1, form::text}, {"version", 6, form::text}};
constexpr shape info_3_shape{info_3_members, 7};

const member components_members[] = {{"schemas", 1, form::named, &schema_3_shape, 1, 0, true}};
const shape components_shape{components_members, 10};

const member document_3_members[] = {{"openapi", 1, form::text},
                                     {"info", 2, form::message, &info_3_shape},
                                     {"paths", 4, form::named, &path_3_shape, 1},
                                     {"components", 5, form::message, &components_shape}};
const shape document_3_shape{document_3_members, 9};

/// Any: values are written as YAML, of which JSON is a part.
std::string any_of(const json& value) {
  std::string out;
  put_bytes(out, 2, value.dump() + "\n");
  return out;
}

/// `content` inside a message whose only field is `number`.
std::string wrapped(int number, std::string content) {
  if (number == 0) return content;
  std::string out;
  put_bytes(out, number, content);
  return out;
}

std::string encode(const shape& s, const json& object);

/// The message itself, or a Reference to it.
std::string encode_choice(const shape& s, const json& value) {
  const std::string reference = string_at(value, {"$ref"});
  return reference.empty() ? wrapped(1, encode(s, value)) : wrapped(2, wrapped(1, reference));
}

std::string encode_named(const member& m, const json& object) {
  std::string out;
  for (const auto& [name, value] : object.items()) {
    std::string entry;
    put_bytes(entry, 1, name);
    put_bytes(
        entry, 2,
        m.choices ? encode_choice(*m.of, value) : wrapped(m.value_within, encode(*m.of, value)));
    put_bytes(out, m.within, entry);
  }
  return out;
}

/// ParametersItem of Parameter of BodyParameter, or of NonBodyParameter of the place's own message.
std::string encode_parameter(const json& parameter) {
  const std::string place = string_at(parameter, {"in"});
  if (place == "body") return wrapped(1, wrapped(1, encode(body_parameter_shape, parameter)));
  const bool in_path = place == "path";
  const shape& s = in_path ? path_parameter_shape : query_parameter_shape;
  return wrapped(1, wrapped(2, wrapped(in_path ? 4 : 3, encode(s, parameter))));
}

/// `additionalProperties: true` is a boolean where else a schema is.
std::string boolean_of(int number, bool value) {
  std::string out;
  put_bool(out, number, value);
  return out;
}

/// DefaultType knows numbers, booleans and strings; what is none of these is empty, as gnostic has
/// it.
std::string default_of(const json& value) {
  std::string out;
  if (value.is_number()) put_double(out, 1, value.get<double>());
  if (value.is_boolean()) put_bool(out, 2, value == true);
  if (value.is_string()) put_bytes(out, 3, value.get_ref<const std::string&>());
  return out;
}

void put_one(std::string& out, const member& m, const json& value) {
  switch (m.as) {
    case form::text:
      if (!value.is_string()) return;
      if (m.within == 0)
        put_bytes(out, m.number, value.get_ref<const std::string&>());
      else
        put_bytes(out, m.number, wrapped(m.within, value.get<std::string>()));
      return;
    case form::boolean:
      return put_bool(out, m.number, value == true);
    case form::number:
      return put_double(out, m.number, value.is_number() ? value.get<double>() : 0);
    case form::integer:
      if (!value.is_number()) return;
      put_varint(out, static_cast<std::uint64_t>(m.number) << 3);
      return put_varint(out, static_cast<std::uint64_t>(value.get<std::int64_t>()));
    case form::any:
      return put_bytes(out, m.number, any_of(value));
    case form::fallback:
      return put_bytes(out, m.number, default_of(value));
    case form::choice:
      if (value.is_boolean()) return put_bytes(out, m.number, boolean_of(2, value == true));
      return put_bytes(out, m.number, wrapped(m.within, encode_choice(*m.of, value)));
    case form::message:
      if (value.is_boolean()) return put_bytes(out, m.number, boolean_of(2, value == true));
      return put_bytes(out, m.number, wrapped(m.within, encode(*m.of, value)));
    case form::named:
      return put_bytes(out, m.number, encode_named(m, value));
    case form::parameter:
      return put_bytes(out, m.number, encode_parameter(value));
  }
}

void put_extension(std::string& out, int number, const std::string& name, const json& value) {
  std::string entry;
  put_bytes(entry, 1, name);
  put_bytes(entry, 2, any_of(value));
  put_bytes(out, number, entry);
}

std::string encode(const shape& s, const json& object) {
  std::string out;
  for (const auto& [key, value] : object.items()) {
    if (key.starts_with("x-")) {
      put_extension(out, s.extensions, key, value);
      continue;
    }
    const auto m = std::ranges::find(s.members, key, &member::key);
    if (m == s.members.end()) continue;
    // A default may itself be a list; elsewhere a list repeats the field.
    if (value.is_array() && key != "default")
      for (const json& item : value) put_one(out, *m, item);
    else
      put_one(out, *m, value);
  }
  return out;
}

}  // namespace

std::string gnostic_document_3(std::string_view json_text) {
  return encode(document_3_shape, json::parse(json_text));
}

std::string gnostic_document(std::string_view json_text) {
  return encode(document_shape, json::parse(json_text));
}

}  // namespace troupe::model
