// floors: model
#include "model/request_info.hpp"
#include "model/schema.hpp"
#include "tests/lib/openapi_reference.hpp"

#include <gtest/gtest.h>

#include <unordered_set>

// Holds the schema against the published OpenAPI document of Kubernetes 1.32.

namespace troupe::model {
namespace {

/// A field's type as our data would write it.
std::string type_text(const json& p) {
  if (p.contains("$ref")) {
    const std::string ref = p["$ref"];
    const std::string name = ref.substr(ref.rfind('/') + 1);
    const std::string last = name.substr(name.rfind('.') + 1);
    if (last == "Quantity") return "quantity";
    if (last == "Time") return "time";
    if (last == "MicroTime") return "microtime";
    if (last == "IntOrString") return "intstr";
    if (last == "RawExtension" || last == "FieldsV1" ||
        (last.starts_with("JSON") && last != "JSONSchemaProps"))
      return "any";
    return name;
  }
  const std::string type = p.value("type", "");
  const std::string format = p.value("format", "");
  if (type == "string") return format == "byte" ? "bytes" : "string";
  if (type == "integer") return format.empty() ? "int64" : format;
  if (type == "boolean") return "bool";
  if (type == "array") return "[]" + type_text(p["items"]);
  if (p.contains("additionalProperties")) return "{}" + type_text(p["additionalProperties"]);
  return type == "object" ? "any" : type;
}

std::string kind_text(const field_info& f, field_kind kind) {
  switch (kind) {
    case field_kind::string:
      return "string";
    case field_kind::integer:
      return f.bits == 32 ? "int32" : "int64";
    case field_kind::number:
      return "number";
    case field_kind::boolean:
      return "bool";
    case field_kind::int_or_string:
      return "intstr";
    case field_kind::quantity:
      return "quantity";
    case field_kind::time:
      return "time";
    case field_kind::micro_time:
      return "microtime";
    case field_kind::bytes:
      return "bytes";
    case field_kind::any:
      return "any";
    case field_kind::object:
      return std::string(f.type->name);
    case field_kind::array:
      return "[]" + kind_text(f, f.item);
    case field_kind::string_map:
      return (f.nesting ? "{}[]" : "{}") + kind_text(f, f.item);
  }
  return {};
}

/// What the reference says of a field besides its type.
std::string merging_text(const json& p) {
  const std::string strategy = p.value("x-kubernetes-patch-strategy", "");
  std::string out = p.value("x-kubernetes-list-type", "atomic");
  out += p.value("x-kubernetes-map-type", "") == "atomic" ? " whole" : "";
  for (const char* word : {"merge", "replace", "retainKeys"})
    if (strategy.find(word) != strategy.npos) out += std::string(" ") + word;
  const json keys = p.contains("x-kubernetes-list-map-keys") ? p["x-kubernetes-list-map-keys"]
                    : p.contains("x-kubernetes-patch-merge-key")
                        ? json::array({p["x-kubernetes-patch-merge-key"]})
                        : json::array();
  for (const json& key : keys) out += " " + key.get<std::string>();
  return out;
}

std::string merging_text(const field_info& f) {
  std::string out = f.list == list_type::map ? "map" : f.list == list_type::set ? "set" : "atomic";
  if (f.atomic) out += " whole";
  if (f.merge) out += " merge";
  if (f.replace) out += " replace";
  if (f.retain_keys) out += " retainKeys";
  for (const auto key : f.map_keys) out += " " + std::string(key);
  return out;
}

/// Served by Kubernetes' metrics-server, which kube-apiserver's document does not speak of.
bool is_elsewhere(std::string_view definition_or_group) {
  return definition_or_group.starts_with("io.k8s.metrics.") ||
         definition_or_group == "metrics.k8s.io";
}

class Reference : public ::testing::Test {
 protected:
  void SetUp() override {
    document_ = test::openapi_reference();
    if (document_.is_null())
      GTEST_SKIP() << "no OpenAPI document of Kubernetes at hand (TROUPE_OPENAPI)";
    ASSERT_TRUE(document_.is_object());
  }
  json document_;
};

TEST_F(Reference, EveryFieldIsAsPublished) {
  const json& definitions = document_["definitions"];
  std::size_t compared = 0;
  for (const type_info* type : schema::instance().types()) {
    const std::string name(type->name);
    if (is_elsewhere(name)) continue;
    ASSERT_TRUE(definitions.contains(name)) << name;
    const json& published = definitions[name];
    EXPECT_EQ(type->atomic, published.value("x-kubernetes-map-type", "") == "atomic") << name;
    const json required = published.value("required", json::array());
    const json properties = published.value("properties", json::object());
    EXPECT_EQ(type->fields.size(), properties.size()) << name;
    for (const auto& [key, property] : properties.items()) {
      const std::string where = name + "." + key;
      const field_info* field = type->field(key);
      ASSERT_TRUE(field) << where;
      EXPECT_EQ(kind_text(*field, field->kind), type_text(property)) << where;
      EXPECT_EQ(merging_text(*field), merging_text(property)) << where;
      const bool needed = std::find(required.begin(), required.end(), key) != required.end();
      EXPECT_EQ(field->required, needed) << where;
      ++compared;
    }
  }
  EXPECT_GT(compared, 1500u);
}

/// A description without what changes nothing: case, and the full stop.
std::string plain_words(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  while (out.ends_with('.')) out.pop_back();
  return out;
}

TEST_F(Reference, DescriptionsAreOurOwn) {
  std::unordered_set<std::string> published;
  for (const json& definition : document_["definitions"]) {
    published.insert(plain_words(definition.value("description", "")));
    for (const json& property : definition.value("properties", json::object()))
      published.insert(plain_words(property.value("description", "")));
  }
  for (const type_info* type : schema::instance().types()) {
    EXPECT_FALSE(published.contains(plain_words(type->description))) << type->name;
    for (const field_info& field : type->fields)
      EXPECT_FALSE(published.contains(plain_words(field.description)))
          << type->name << "." << field.name;
  }
}

TEST_F(Reference, EveryServedKindIsPublishedWithItsVerbs) {
  const json& paths = document_["paths"];
  for (const kind_info& k : schema::instance().kinds()) {
    if (is_elsewhere(k.group)) continue;
    const std::string base = (k.group.empty() ? "/api/" : "/apis/") + k.api_version() +
                             (k.namespaced ? "/namespaces/{namespace}/" : "/") +
                             std::string(k.plural);
    ASSERT_TRUE(paths.contains(base)) << base;
    for (const auto& [path, verb, method] : {std::tuple{base, "create", "post"},
                                             {base, "list", "get"},
                                             {base, "deletecollection", "delete"},
                                             {base + "/{name}", "get", "get"},
                                             {base + "/{name}", "update", "put"},
                                             {base + "/{name}", "patch", "patch"},
                                             {base + "/{name}", "delete", "delete"}}) {
      const bool published = paths.contains(path) && paths[path].contains(method);
      const bool served = std::find(k.verbs.begin(), k.verbs.end(), verb) != k.verbs.end();
      EXPECT_EQ(served, published) << path << " " << verb;
    }
    for (const auto& s : k.subresource_kinds) {
      const std::string path = base + "/{name}/" + std::string(s.name);
      ASSERT_TRUE(paths.contains(path)) << path;
      for (const auto verb : s.verbs) {
        const char* method = verb == "create"   ? "post"
                             : verb == "update" ? "put"
                             : verb == "get"    ? "get"
                                                : "patch";
        ASSERT_TRUE(paths[path].contains(method)) << path << " " << verb;
        const json& gvk = paths[path][method]["x-kubernetes-group-version-kind"];
        EXPECT_EQ(gvk, json({{"group", s.group}, {"version", s.version}, {"kind", s.kind}}))
            << path;
      }
    }
  }
}

std::string_view verb_of(std::string_view action) {
  if (action == "post") return "create";
  if (action == "put") return "update";
  if (action == "watchlist") return "watch";
  return action;
}

TEST_F(Reference, EveryPublishedOperationIsServed) {
  std::size_t compared = 0;
  for (const auto& o : test::published_operations(document_)) {
    const std::string where = o.method + " " + o.path;
    const auto parsed = parse_request(o.method, test::filled(o.path, "ns", "name"));
    ASSERT_TRUE(std::holds_alternative<request_info>(parsed)) << where;
    const auto& info = std::get<request_info>(parsed);
    if (test::is_exception(o)) continue;
    const kind_info* kind = schema::instance().by_plural(info.group, info.version, info.resource);
    ASSERT_TRUE(kind) << where;
    EXPECT_EQ(info.verb, verb_of(o.action)) << where;
    EXPECT_EQ(kind->namespaced && info.ns.empty(),
              o.path.find("{namespace}") == std::string::npos && kind->namespaced)
        << where;
    const subresource_info self{"", kind->group, kind->version, kind->kind, kind->verbs};
    const subresource_info* what =
        info.subresource.empty() ? &self : kind->subresource(info.subresource);
    ASSERT_TRUE(what) << where;
    EXPECT_EQ(std::tie(what->group, what->version, what->kind),
              std::tie(o.group, o.version, o.kind))
        << where;
    EXPECT_TRUE(std::ranges::find(what->verbs, info.verb) != what->verbs.end()) << where;
    ++compared;
  }
  EXPECT_GT(compared, 600u);
}

}  // namespace
}  // namespace troupe::model
