#include "model/custom/kinds.hpp"
#include "model/output/jsonpath.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

std::vector<std::string> strings_of(const json& list) {
  std::vector<std::string> out;
  for (const json& item : list)
    if (item.is_string()) out.push_back(item.get<std::string>());
  return out;
}

/// A cell as apiextensions' table convertor makes it of the first value that the path finds.
json cell_of(const jsonpath& path, const std::string& type, const json& document, time_point now) {
  const auto found = path.values(document);
  if (found.empty() || found.front().is_null()) return nullptr;
  const json& v = found.front();
  if (type == "string") {
    std::string text;
    for (const json& each : found)
      text +=
          (text.empty() ? "" : " ") + (each.is_string() ? each.get<std::string>() : each.dump());
    return text;
  }
  if (type == "integer") return v.is_number() ? json(v.get<std::int64_t>()) : json(nullptr);
  if (type == "number") return v.is_number() ? v : json(nullptr);
  if (type == "boolean") return v.is_boolean() ? v : json(nullptr);
  if (type == "date") return since(v, now);
  return nullptr;
}

shown_column column_of(const json& c) {
  shown_column out;
  out.name = string_at(c, {"name"});
  out.type = string_at(c, {"type"});
  out.format = string_at(c, {"format"});
  out.description = string_at(c, {"description"});
  if (out.description.empty())
    out.description =
        "Custom resource definition column (in JSONPath format): " + string_at(c, {"jsonPath"});
  if (const json& p = at(c, {"priority"}); p.is_number_integer()) out.priority = p.get<int>();
  std::string error;
  auto path = jsonpath::parse(string_at(c, {"jsonPath"}), error);
  if (!path) {
    out.cell = [](const json&, time_point) -> json { return nullptr; };
    return out;
  }
  out.cell = [path = std::move(*path), type = out.type](const json& o, time_point now) {
    return cell_of(path, type, o, now);
  };
  return out;
}

printer columns_of(const json& version) {
  printer p;
  p.columns.push_back({{"Name", "string", "name",
                        "Name must be unique within a namespace. Is required when creating "
                        "resources, although some resources may allow a client to request the "
                        "generation of an appropriate name automatically. Name is primarily "
                        "intended for creation idempotence and configuration definition."},
                       [](const json& o, time_point) -> json { return name_of(o); }});
  const json& columns = at(version, {"additionalPrinterColumns"});
  for (const json& c : columns) p.columns.push_back(column_of(c));
  if (columns.empty())
    p.columns.push_back({{"Age", "date", "", "Time since creation"},
                         [](const json& o, time_point now) -> json { return age_of(o, now); }});
  return p;
}

/// ".spec.replicas" as a dotted path.
std::string path_at(const json& scale, const char* name) {
  const std::string path = string_at(scale, {name});
  return path.starts_with('.') ? path.substr(1) : path;
}

}  // namespace

class definition_reader {
 public:
  explicit definition_reader(const object_ptr& object)
      : document_(object->parse()), made_(std::make_shared<custom_definition>()) {
    made_->object = object;
  }

  definition_ptr read() {
    if (!is_established(document_)) return nullptr;
    read_names();
    const json& versions = at(document_, {"spec", "versions"});
    for (const json& v : versions) read_version(v);
    if (!made_->stored) return nullptr;
    std::ranges::sort(made_->versions, [](const auto& a, const auto& b) {
      return is_preferred_version(a->kind.version, b->kind.version);
    });
    note_stored_form();
    return made_;
  }

 private:
  void read_names() {
    const json& names = at(document_, {"status", "acceptedNames"});
    custom_definition& d = *made_;
    d.group = string_at(document_, {"spec", "group"});
    d.plural = string_at(names, {"plural"});
    d.singular = string_at(names, {"singular"});
    d.kind = string_at(names, {"kind"});
    d.list_kind = string_at(names, {"listKind"}, d.kind + "List");
    d.resource = d.plural + "." + d.group;
    d.short_names = strings_of(at(names, {"shortNames"}));
    d.categories = strings_of(at(names, {"categories"}));
    d.namespaced = string_at(document_, {"spec", "scope"}) == "Namespaced";
    d.terminating = at(document_, {"metadata", "deletionTimestamp"}).is_string();
    d.converts = string_at(document_, {"spec", "conversion", "strategy"}) == "Webhook";
  }

  void read_version(const json& v) {
    auto made = std::make_unique<custom_version>();
    made->definition = made_.get();
    made->served = at(v, {"served"}) == true;
    made->columns = columns_of(v);
    name(*made, string_at(v, {"name"}), string_at(v, {"deprecationWarning"}),
         at(v, {"deprecated"}) == true);
    add_subresources(*made, at(v, {"subresources"}));
    for (const json& f : at(v, {"selectableFields"}))
      made->kind.field_selectors.push_back(keep_text(path_at(f, "jsonPath")));
    made->type_.version = made.get();
    made->kind.type = &made->type_;
    if (at(v, {"storage"}) == true) made_->stored = made.get();
    made_->versions.push_back(std::move(made));
  }

  std::string_view keep_text(std::string text) {
    return made_->texts.emplace_back(std::move(text));
  }

  void name(custom_version& made, std::string version, std::string warning, bool deprecated) {
    const custom_definition& d = *made_;
    kind_info& k = made.kind;
    k.group = d.group;
    k.version = keep_text(std::move(version));
    k.kind = d.kind;
    k.plural = d.plural;
    k.singular = d.singular;
    k.resource = d.resource;
    k.namespaced = d.namespaced;
    k.short_names.assign(d.short_names.begin(), d.short_names.end());
    k.categories.assign(d.categories.begin(), d.categories.end());
    k.verbs = {"delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"};
    k.priority = custom_kind_priority();
    if (deprecated && warning.empty()) warning = k.api_version() + " " + d.kind + " is deprecated";
    made.deprecation = deprecated ? std::move(warning) : std::string();
  }

  static void add_subresources(custom_version& made, const json& subresources) {
    static const std::vector<std::string_view> verbs{"get", "patch", "update"};
    kind_info& k = made.kind;
    if (!at(subresources, {"status"}).is_null()) {
      k.subresources.push_back("status");
      k.subresource_kinds.push_back({"status", k.group, k.version, k.kind, verbs});
    }
    const json& scale = at(subresources, {"scale"});
    if (!scale.is_object()) return;
    k.subresources.push_back("scale");
    k.subresource_kinds.push_back({"scale", "autoscaling", "v1", "Scale", verbs});
    made.spec_replicas = path_at(scale, "specReplicasPath");
    made.status_replicas = path_at(scale, "statusReplicasPath");
    made.label_selector = path_at(scale, "labelSelectorPath");
  }

  // What is stored is shown as it is only where no other version can have been stored.
  void note_stored_form() {
    const json& stored = at(document_, {"status", "storedVersions"});
    const bool one = stored.size() == 1 && stored[0] == made_->stored->kind.version;
    for (const auto& v : made_->versions) v->kind.stored = one && v.get() == made_->stored;
  }

  json document_;
  std::shared_ptr<custom_definition> made_;
};

void custom_version::prepare() const {
  std::call_once(prepared_, [this] {
    const json document = definition->object->parse();
    for (const json& v : at(document, {"spec", "versions"}))
      if (string_at(v, {"name"}) == kind.version)
        schema_ = read_schema(at(v, {"schema", "openAPIV3Schema"}));
    if (!schema_) schema_ = read_schema(json{{"type", "object"}});
    types_.build_root(*schema_, kind.kind, type_);
  });
}

bool is_established(const json& definition) {
  for (const json& c : at(definition, {"status", "conditions"}))
    if (string_at(c, {"type"}) == "Established") return string_at(c, {"status"}) == "True";
  return false;
}

definition_ptr read_definition(const object_ptr& object) {
  return definition_reader(object).read();
}

}  // namespace troupe::model
