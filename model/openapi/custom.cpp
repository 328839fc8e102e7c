#include "model/openapi/custom.hpp"

#include <string>

namespace troupe::model {
namespace {

constexpr std::string_view object_meta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";
constexpr std::string_view list_meta = "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta";

/// "com.example.stable.v1.CronTab" of stable.example.com.
std::string definition_name(const custom_version& v, std::string_view kind) {
  std::string_view group = v.definition->group;
  std::string out;
  while (!group.empty()) {
    const auto dot = group.rfind('.');
    out += dot == group.npos ? group : group.substr(dot + 1);
    out += '.';
    group = dot == group.npos ? std::string_view() : group.substr(0, dot);
  }
  return out.append(v.kind.version).append(".").append(kind);
}

json reference(openapi_version v, std::string_view name) {
  std::string target(reference_prefix(v));
  target += name;
  return {{"$ref", std::move(target)}};
}

/// A reference with a description next to it; OpenAPI 3 has none without a detour.
json described(openapi_version v, std::string_view name, const char* description) {
  json ref = reference(v, name);
  if (v == openapi_version::v2) {
    ref["description"] = description;
    return ref;
  }
  return {{"description", description}, {"allOf", json::array({std::move(ref)})}};
}

void add_object_fields(json& properties, openapi_version v, std::string_view meta) {
  properties["apiVersion"] = {
      {"type", "string"},
      {"description",
       "APIVersion defines the version of the schema that the object is written in"}};
  properties["kind"] = {{"type", "string"},
                        {"description", "Kind is the type that the object is of"}};
  properties["metadata"] =
      described(v, meta, "Standard object's metadata: its name, its labels, and the like");
}

bool keeps_unknown(const json& schema) {
  return at(schema, {"x-kubernetes-preserve-unknown-fields"}) == true;
}

/// What OpenAPI 2 can say of a schema.
void to_version_2(json& schema) {
  if (!schema.is_object()) return;
  for (const char* name : {"allOf", "anyOf", "oneOf", "not"}) schema.erase(name);
  const bool nullable = at(schema, {"nullable"}) == true;
  const bool mixed = at(schema, {"x-kubernetes-int-or-string"}) == true;
  schema.erase("nullable");
  if (nullable || mixed)
    for (const char* name : {"type", "items", "properties", "additionalProperties"})
      schema.erase(name);
  // To kubectl, fields beside those that are named are errors.
  if (keeps_unknown(schema))
    for (const char* name : {"items", "properties"}) schema.erase(name);
  if (const auto below = schema.find("properties"); below != schema.end())
    for (auto& [name, property] : below->items()) to_version_2(property);
  for (const char* name : {"items", "additionalProperties"})
    if (const auto below = schema.find(name); below != schema.end()) to_version_2(*below);
}

json version_schema(const custom_version& v) {
  const json document = v.definition->object->parse();
  for (const json& each : at(document, {"spec", "versions"}))
    if (string_at(each, {"name"}) == v.kind.version) return at(each, {"schema", "openAPIV3Schema"});
  return {};
}

json gvk(const custom_version& v, std::string_view kind) {
  return json::array({{{"group", v.kind.group}, {"version", v.kind.version}, {"kind", kind}}});
}

json object_schema(const custom_version& version, openapi_version v) {
  json schema = version_schema(version);
  const bool open =
      !schema.is_object() || keeps_unknown(schema) || at(schema, {"nullable"}) == true;
  if (v == openapi_version::v2 && open) {
    schema = {{"type", "object"}};
  } else {
    if (!schema.is_object()) schema = {{"type", "object"}};
    if (v == openapi_version::v2) to_version_2(schema);
    add_object_fields(schema["properties"], v, object_meta);
  }
  schema["x-kubernetes-group-version-kind"] = gvk(version, version.kind.kind);
  return schema;
}

json list_schema(const custom_version& version, openapi_version v) {
  const std::string item = definition_name(version, version.kind.kind);
  json properties = json::object();
  add_object_fields(properties, v, list_meta);
  properties["items"] = {
      {"type", "array"}, {"description", "the objects"}, {"items", reference(v, item)}};
  return {
      {"type", "object"},
      {"description", version.definition->list_kind + " is a list of " + version.definition->kind},
      {"required", json::array({"items"})},
      {"properties", std::move(properties)},
      {"x-kubernetes-group-version-kind", gvk(version, version.definition->list_kind)}};
}

}  // namespace

void write_custom_schemas(json_writer& w, openapi_version v,
                          const std::vector<const custom_version*>& versions) {
  for (const custom_version* version : versions) {
    w.raw(definition_name(*version, version->kind.kind), object_schema(*version, v).dump());
    w.raw(definition_name(*version, version->definition->list_kind),
          list_schema(*version, v).dump());
  }
}

std::vector<const type_info*> types_of_custom_kinds() {
  const schema& all = schema::instance();
  return {all.type(object_meta), all.type(list_meta), all.type("io.k8s.api.autoscaling.v1.Scale")};
}

}  // namespace troupe::model
