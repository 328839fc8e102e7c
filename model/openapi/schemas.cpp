#include "model/openapi/schemas.hpp"

#include "model/subresource.hpp"

#include <map>
#include <set>
#include <string>

namespace troupe::model {
namespace {

constexpr std::string_view quantity_type = "io.k8s.apimachinery.pkg.api.resource.Quantity";
constexpr std::string_view time_type = "io.k8s.apimachinery.pkg.apis.meta.v1.Time";
constexpr std::string_view micro_time_type = "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime";
constexpr std::string_view int_or_string_type = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";

bool by_name(const type_info* a, const type_info* b) {
  return a->name < b->name;
}
using type_set = std::set<const type_info*, bool (*)(const type_info*, const type_info*)>;

void add(type_set& out, const type_info* type) {
  if (!type || !out.insert(type).second) return;
  for (const field_info& f : type->fields) add(out, f.type);
}

const type_info* sibling(const kind_info& k, std::string_view suffix) {
  return schema::instance().type(std::string(k.type->name) + std::string(suffix));
}

type_set types_of(const std::vector<const kind_info*>& kinds) {
  type_set out(by_name);
  const schema& all = schema::instance();
  for (const char* common : {"DeleteOptions", "Status", "WatchEvent"})
    add(out, all.type(std::string("io.k8s.apimachinery.pkg.apis.meta.v1.") + common));
  for (const kind_info* k : kinds) {
    add(out, k->type);
    add(out, sibling(*k, "List"));
    for (const auto& s : k->subresource_kinds) add(out, subresource_type(s));
  }
  return out;
}

class schema_writer {
 public:
  schema_writer(json_writer& w, openapi_version v) : w_(w), v_(v) {}

  void type(const type_info& t) {
    if (!t.description.empty()) w_.text("description", t.description);
    w_.text("type", "object");
    bool any_required = false;
    for (const field_info& f : t.fields) any_required |= f.required;
    if (any_required) {
      w_.open("required", '[');
      for (const field_info& f : t.fields)
        if (f.required) w_.text(f.name);
      w_.close(']');
    }
    w_.open("properties", '{');
    for (const field_info& f : t.fields) {
      w_.open(f.name, '{');
      field(f);
      w_.close('}');
    }
    w_.close('}');
    if (t.atomic) w_.text("x-kubernetes-map-type", "atomic");
  }

  void scalar(std::string_view name, std::string_view v2, std::string_view v3) {
    w_.raw(name, v_ == openapi_version::v2 ? v2 : v3);
  }

 private:
  void field(const field_info& f) {
    if (!f.description.empty()) w_.text("description", f.description);
    if (!f.default_value.empty()) w_.raw("default", f.default_value);
    if (!f.enumeration.empty()) {
      w_.open("enum", '[');
      for (const auto value : f.enumeration) w_.text(value);
      w_.close(']');
    }
    shape(f, f.kind, true);
    merging(f);
  }

  void merging(const field_info& f) {
    if (f.kind == field_kind::array && f.list != list_type::atomic)
      w_.text("x-kubernetes-list-type", f.list == list_type::map ? "map" : "set");
    if (f.list == list_type::map) {
      w_.open("x-kubernetes-list-map-keys", '[');
      for (const auto key : f.map_keys) w_.text(key);
      w_.close(']');
    }
    if (f.merge && !f.map_keys.empty()) w_.text("x-kubernetes-patch-merge-key", f.map_keys.front());
    std::string strategy = f.merge ? "merge" : f.replace ? "replace" : "";
    if (f.retain_keys) strategy += strategy.empty() ? "retainKeys" : ",retainKeys";
    if (!strategy.empty()) w_.text("x-kubernetes-patch-strategy", strategy);
    if (f.atomic) w_.text("x-kubernetes-map-type", "atomic");
  }

  void reference(std::string_view name, bool with_siblings) {
    const std::string target = std::string(reference_prefix(v_)) + std::string(name);
    if (v_ == openapi_version::v2 || !with_siblings) {
      w_.text("$ref", target);
      return;
    }
    w_.open("allOf", '[').open('{').text("$ref", target).close('}').close(']');
  }

  /// `outer`: the field itself rather than its items.
  void shape(const field_info& f, field_kind kind, bool outer) {
    switch (kind) {
      case field_kind::string:
        w_.text("type", "string");
        break;
      case field_kind::bytes:
        w_.text("type", "string").text("format", "byte");
        break;
      case field_kind::boolean:
        w_.text("type", "boolean");
        break;
      case field_kind::number:
        w_.text("type", "number").text("format", "double");
        break;
      case field_kind::integer:
        w_.text("type", "integer").text("format", f.bits == 32 ? "int32" : "int64");
        break;
      case field_kind::any:
        w_.text("type", "object");
        break;
      case field_kind::quantity:
        reference(quantity_type, outer);
        break;
      case field_kind::time:
        reference(time_type, outer);
        break;
      case field_kind::micro_time:
        reference(micro_time_type, outer);
        break;
      case field_kind::int_or_string:
        reference(int_or_string_type, outer);
        break;
      case field_kind::object:
        reference(f.type->name, outer);
        break;
      case field_kind::array:
        items("array", "items", f, false);
        break;
      case field_kind::string_map:
        items("object", "additionalProperties", f, f.nesting > 0);
        break;
    }
  }

  void items(std::string_view type, std::string_view member, const field_info& f, bool nested) {
    w_.text("type", type).open(member, '{');
    if (nested) w_.text("type", "array").open("items", '{');
    shape(f, f.item, false);
    if (nested) w_.close('}');
    w_.close('}');
  }

  json_writer& w_;
  openapi_version v_;
};

struct served_as {
  std::string_view group, version, kind;
  bool list = false;
};

/// Which kinds a definition stands for.
std::map<const type_info*, served_as> gvks() {
  std::map<const type_info*, served_as> out;
  for (const kind_info& k : schema::instance().kinds()) {
    out[k.type] = {k.group, k.version, k.kind};
    if (const type_info* list = sibling(k, "List")) out[list] = {k.group, k.version, k.kind, true};
    for (const auto& s : k.subresource_kinds)
      if (const type_info* t = subresource_type(s))
        out.try_emplace(t, served_as{s.group, s.version, s.kind});
  }
  return out;
}

}  // namespace

std::string_view reference_prefix(openapi_version v) {
  return v == openapi_version::v2 ? "#/definitions/" : "#/components/schemas/";
}

void write_gvk(json_writer& w, std::string_view group, std::string_view version,
               std::string_view kind) {
  w.text("group", group).text("version", version).text("kind", kind);
}

void write_schemas(json_writer& w, openapi_version v, const std::vector<const kind_info*>& kinds,
                   const std::vector<const type_info*>& more) {
  const auto named = gvks();
  schema_writer writer(w, v);
  type_set types = types_of(kinds);
  for (const type_info* t : more) add(types, t);
  for (const type_info* t : types) {
    w.open(t->name, '{');
    writer.type(*t);
    if (const auto found = named.find(t); found != named.end()) {
      const served_as& g = found->second;
      const std::string kind = std::string(g.kind) + (g.list ? "List" : "");
      w.open("x-kubernetes-group-version-kind", '[').open('{');
      write_gvk(w, g.group, g.version, kind);
      w.close('}').close(']');
    }
    w.close('}');
  }
  writer.scalar(quantity_type, R"({"type":"string"})",
                R"({"oneOf":[{"type":"string"},{"type":"number"}]})");
  constexpr std::string_view time = R"({"type":"string","format":"date-time"})";
  writer.scalar(time_type, time, time);
  writer.scalar(micro_time_type, time, time);
  writer.scalar(int_or_string_type, R"({"type":"string","format":"int-or-string"})",
                R"({"format":"int-or-string","oneOf":[{"type":"integer"},{"type":"string"}]})");
}

}  // namespace troupe::model
