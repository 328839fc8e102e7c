#include "model/validation/custom_resource.hpp"

#include "model/custom/approval.hpp"
#include "model/go_text.hpp"
#include "model/label_names.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/lists.hpp"
#include "model/validation/names.hpp"
#include "model/validation/webhooks.hpp"

namespace troupe::model {
namespace {

constexpr std::string_view column_types = "boolean,date,integer,number,string";
constexpr std::string_view column_formats[] = {"byte",  "date",  "date-time", "double",
                                               "float", "int32", "int64",     "password"};

void check_joined(const field_path& path, std::string_view value, const std::string& fault,
                  faults& out, std::string_view intro = {}) {
  if (!fault.empty()) out.invalid(path, value, std::string(intro) + comma_joined(fault));
}

void validate_names(const json& names, const field_path& path, faults& out) {
  constexpr std::string_view mixed = "may have mixed case, but should otherwise match: ";
  for (const char* name : {"plural", "singular"})
    if (const auto text = text_of(names, name); !text.empty())
      check_joined(path.child(name), text, dns_1035_label_fault(text), out);
  for (const char* name : {"kind", "listKind"})
    if (const auto text = text_of(names, name); !text.empty())
      check_joined(path.child(name), text, dns_1035_label_fault(lower_case(text)), out, mixed);
  const auto kind = text_of(names, "kind");
  if (!kind.empty() && kind == text_of(names, "listKind"))
    out.invalid(path.child("listKind"), kind, "kind and listKind may not be the same");
  for (const char* list : {"shortNames", "categories"}) {
    const field_path list_path = path.child(list);
    const auto& items = items_of(names, list);
    for (std::size_t i = 0; i < items.size(); ++i)
      check_joined(list_path.index(i), as_text(items[i]), dns_1035_label_fault(as_text(items[i])),
                   out);
  }
}

void validate_simple_path(std::string_view text, const field_path& path, faults& out) {
  if (!text.starts_with('.')) out.invalid(path, text, "must be a simple json path starting with .");
}

void validate_column(const json& column, const field_path& path, faults& out) {
  const auto type = text_of(column, "type");
  const std::string one_of = "must be one of " + std::string(column_types);
  if (text_of(column, "name").empty()) out.required(path.child("name"));
  if (type.empty())
    out.required(path.child("type"), one_of);
  else if (type != "boolean" && type != "date" && type != "integer" && type != "number" &&
           type != "string")
    out.invalid(path.child("type"), type, one_of);
  const auto format = text_of(column, "format");
  if (!format.empty() && std::ranges::find(column_formats, format) == std::end(column_formats)) {
    std::string known = "must be one of ";
    for (const auto& f : column_formats) {
      if (&f != &column_formats[0]) known += ',';
      known += f;
    }
    out.invalid(path.child("format"), format, known);
  }
  const auto shown = text_of(column, "jsonPath");
  if (shown.empty())
    out.required(path.child("JSONPath"));
  else
    validate_simple_path(shown, path.child("JSONPath"), out);
}

void validate_scale(const json& scale, const field_path& path, faults& out) {
  if (scale.is_null()) return;
  constexpr std::pair<const char*, std::string_view> paths[] = {{"specReplicasPath", ".spec."},
                                                                {"statusReplicasPath", ".status."}};
  for (const auto& [name, prefix] : paths) {
    const auto text = text_of(scale, name);
    const field_path here = path.child(name);
    if (text.empty())
      out.required(here);
    else if (!text.starts_with('.'))
      validate_simple_path(text, here, out);
    else if (!text.starts_with(prefix))
      out.invalid(
          here, text,
          "should be a json path under " + std::string(prefix.substr(0, prefix.size() - 1)));
  }
  const auto selector = text_of(scale, "labelSelectorPath");
  const field_path here = path.child("labelSelectorPath");
  if (selector.empty()) return;
  validate_simple_path(selector, here, out);
  if (selector.starts_with('.') && !selector.starts_with(".spec.") &&
      !selector.starts_with(".status."))
    out.invalid(here, selector, "should be a json path under either .spec or .status");
}

void validate_columns(const json::array_t& columns, const field_path& path, faults& out) {
  for (std::size_t i = 0; i < columns.size(); ++i) validate_column(columns[i], path.index(i), out);
}

void validate_subresources(const json& subresources, const field_path& path, faults& out) {
  validate_scale(value_of(subresources, "scale"), path.child("scale"), out);
}

/// What all versions have alike is told of once, as of a field of spec's: Kubernetes keeps it there
/// (apiextensions' conversion of v1).
struct shared_parts {
  bool schema, subresources, columns, fields;

  explicit shared_parts(const json::array_t& versions)
      : schema(alike(versions, "schema")),
        subresources(alike(versions, "subresources")),
        columns(alike(versions, "additionalPrinterColumns")),
        fields(schema && alike(versions, "selectableFields")) {}

 private:
  static bool alike(const json::array_t& versions, const char* part) {
    return std::ranges::all_of(versions, [&](const json& v) {
      return value_of(v, part) == value_of(versions.front(), part);
    });
  }
};

bool has_status(const json& version) {
  return !at(version, {"subresources", "status"}).is_null();
}

/// What a definition had before an update: null, before which there is none.
class earlier {
 public:
  explicit earlier(const json& definition)
      : versions_(items_of(value_of(definition, "spec"), "versions")) {
    for (const json& v : versions_) {
      const schema_history more = looseness(at(v, {"schema", "openAPIV3Schema"}));
      loose_.loose_sets |= more.loose_sets;
      loose_.loose_keys |= more.loose_keys;
    }
  }

  schema_history of(const json& version) const {
    schema_history out = loose_;
    out.has_status = has_status(version);
    out.stored = std::ranges::any_of(versions_, [&](const json& v) {
      return text_of(v, "name") == text_of(version, "name") &&
             value_of(v, "schema") == value_of(version, "schema");
    });
    return out;
  }

 private:
  const json::array_t& versions_;
  schema_history loose_;
};

void validate_fields(const json& version, const field_path& path, faults& out) {
  validate_selectable_fields(items_of(version, "selectableFields"),
                             at(version, {"schema", "openAPIV3Schema"}),
                             path.child("selectableFields"), out);
}

void validate_warning(const json& version, const field_path& path, faults& out) {
  constexpr std::size_t longest = 256;
  const json& warning = value_of(version, "deprecationWarning");
  if (warning.is_null()) return;
  const auto refuse = [&](std::string_view why) { out.invalid(path, warning, why); };
  if (value_of(version, "deprecated") != true)
    return refuse("can only be set for deprecated versions");
  const auto text = as_text(warning);
  if (text.size() > longest) refuse("must be <= 256 characters long");
  if (text.empty()) refuse("must not be an empty string");
  const auto control = std::ranges::find_if(
      text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
  if (control != text.end())
    refuse("must only contain printable UTF-8 characters; non-printable character found at index " +
           std::to_string(control - text.begin()));
}

void validate_version(const json& version, const earlier& before, const shared_parts& shared,
                      const field_path& path, faults& out) {
  const auto name = text_of(version, "name");
  check_joined(path.child("name"), name, dns_1035_label_fault(name), out);
  const field_path schema_path = path.child("schema");
  const json& schema = at(version, {"schema", "openAPIV3Schema"});
  validate_warning(version, path.child("deprecationWarning"), out);
  if (schema.is_null())
    out.required(schema_path.child("openAPIV3Schema"), "schemas are required");
  else if (!shared.schema)
    validate_structural_schema(schema, before.of(version), schema_path.child("openAPIV3Schema"),
                               out);
  if (!shared.subresources)
    validate_subresources(value_of(version, "subresources"), path.child("subresources"), out);
  if (!shared.columns)
    validate_columns(items_of(version, "additionalPrinterColumns"),
                     path.child("additionalPrinterColumns"), out);
  if (!shared.fields) validate_fields(version, path, out);
}

void validate_shared(const json::array_t& versions, const earlier& before,
                     const field_path& spec_path, faults& out) {
  if (versions.empty()) return;
  const shared_parts shared(versions);
  const json& first = versions.front();
  const json& schema = at(first, {"schema", "openAPIV3Schema"});
  const field_path schema_path = spec_path.child("validation");
  if (shared.schema && !schema.is_null()) {
    schema_history known = before.of(first);
    known.has_status = std::ranges::any_of(versions, has_status);
    validate_structural_schema(schema, known, schema_path.child("openAPIV3Schema"), out);
  }
  if (shared.subresources)
    validate_subresources(value_of(first, "subresources"), spec_path.child("subresources"), out);
  if (shared.columns)
    validate_columns(items_of(first, "additionalPrinterColumns"),
                     spec_path.child("additionalPrinterColumns"), out);
  if (shared.fields) validate_fields(first, spec_path, out);
}

void validate_versions(const json& spec, const earlier& before, const field_path& spec_path,
                       faults& out) {
  const field_path path = spec_path.child("versions");
  const auto& versions = items_of(spec, "versions");
  const shared_parts shared(versions);
  std::set<std::string_view> names;
  bool unique = true;
  int stored = 0;
  for (std::size_t i = 0; i < versions.size(); ++i) {
    validate_version(versions[i], before, shared, path.index(i), out);
    unique = names.insert(text_of(versions[i], "name")).second && unique;
    stored += value_of(versions[i], "storage") == true ? 1 : 0;
  }
  if (!unique) out.invalid(path, value_of(spec, "versions"), "must contain unique version names");
  if (stored != 1)
    out.invalid(path, value_of(spec, "versions"),
                "must have exactly one version marked as storage version");
}

void validate_conversion(const json& conversion, const field_path& path, faults& out) {
  if (conversion.is_null()) return;
  const auto strategy = text_of(conversion, "strategy");
  // Kubernetes names these fields as its versions before v1 did.
  const field_path config_path = path.child("webhookClientConfig");
  const field_path versions_path = path.child("conversionReviewVersions");
  const json& config = at(conversion, {"webhook", "clientConfig"});
  const auto& versions = items_of(value_of(conversion, "webhook"), "conversionReviewVersions");
  if (strategy.empty())
    out.required(path.child("strategy"));
  else if (strategy != "None" && strategy != "Webhook")
    out.not_supported(path.child("strategy"), strategy, {"None", "Webhook"});
  if (strategy != "Webhook") {
    constexpr std::string_view why = "should not be set when strategy is not set to Webhook";
    if (!config.is_null()) out.forbidden(config_path, why);
    if (!versions.empty()) out.forbidden(versions_path, why);
    return;
  }
  if (config.is_null())
    out.required(config_path, "required when strategy is set to Webhook");
  else
    validate_client_config(config, config_path, out);
  if (versions.empty()) return out.required(versions_path);
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < versions.size(); ++i) {
    const auto version = as_text(versions[i]);
    const field_path here = versions_path.index(i);
    if (seen.insert(version).second)
      out.check(here, version, dns_1035_label_fault(version));
    else
      out.invalid(here, version, "duplicate version");
  }
  if (!has_text(versions, "v1") && !has_text(versions, "v1beta1"))
    out.invalid(versions_path, go_strings(at(conversion, {"webhook", "conversionReviewVersions"})),
                "must include at least one of v1, v1beta1");
}

void validate_group(const json& spec, const field_path& spec_path, faults& out) {
  const field_path path = spec_path.child("group");
  const auto group = text_of(spec, "group");
  if (group.empty())
    out.required(path);
  else if (const auto fault = dns_subdomain_fault(group); !fault.empty())
    out.invalid(path, group, comma_joined(fault));
  else if (group.find('.') == group.npos)
    out.invalid(path, group, "should be a domain with at least one dot");
}

void validate_approval(const json& definition, const json& old, faults& out) {
  if (!needs_approval(text_of(value_of(definition, "spec"), "group"))) return;
  const api_approval now = approval_of(definition);
  if (!old.is_null() && approval_of(old).state == now.state) return;
  const field_path metadata("metadata");
  const field_path annotations = metadata.child("annotations");
  const field_path here = annotations.key(approval_annotation);
  if (now.state == api_approval::missing)
    out.required(here, now.explained);
  else if (now.state == api_approval::invalid)
    out.invalid(here, string_at(definition, {"metadata", "annotations", approval_annotation}),
                now.explained);
}

/// `old`: the version before an update, or null.
void validate_definition(const json& definition, const json& old, faults& out) {
  const field_path path("spec");
  const json& spec = value_of(definition, "spec");
  const json& names = value_of(spec, "names");
  const field_path metadata("metadata");
  const std::string name = string_at(definition, {"metadata", "name"});
  if (!name.empty() &&
      name != std::string(text_of(names, "plural")) + "." + std::string(text_of(spec, "group")))
    out.invalid(metadata.child("name"), name, "must be spec.names.plural+\".\"+spec.group");
  validate_group(spec, path, out);
  const auto scope = text_of(spec, "scope");
  if (scope.empty())
    out.required(path.child("scope"));
  else if (scope != "Cluster" && scope != "Namespaced")
    out.not_supported(path.child("scope"), scope, {"Cluster", "Namespaced"});
  if (value_of(spec, "preserveUnknownFields") == true)
    out.invalid(path.child("preserveUnknownFields"), true,
                "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in "
                "spec.versions[*].schema instead");
  const earlier before(old);
  validate_versions(spec, before, path, out);
  const field_path names_path = path.child("names");
  for (const char* field : {"plural", "singular", "kind", "listKind"})
    if (text_of(names, field).empty()) out.required(names_path.child(field));
  validate_names(names, names_path, out);
  validate_shared(items_of(spec, "versions"), before, path, out);
  validate_conversion(value_of(spec, "conversion"), path.child("conversion"), out);
  validate_approval(definition, old, out);
}

}  // namespace

void validate_custom_resource(const json& definition, faults& out) {
  validate_definition(definition, json(), out);
}

void validate_custom_resource_update(const json& old, const json& definition, faults& out) {
  validate_definition(definition, old, out);
  const field_path path("spec");
  const field_path names_path = path.child("names");
  const auto established = [&] {
    for (const json& c : items_of(value_of(old, "status"), "conditions"))
      if (text_of(c, "type") == "Established" && text_of(c, "status") == "True") return true;
    return false;
  };
  const auto keep = [&](std::initializer_list<std::string_view> at_path, const field_path& where) {
    validate_immutable(at(old, at_path), at(definition, at_path), where, out);
  };
  if (established()) {
    keep({"spec", "scope"}, path.child("scope"));
    keep({"spec", "names", "kind"}, names_path.child("kind"));
  }
  keep({"spec", "group"}, path.child("group"));
  keep({"spec", "names", "plural"}, names_path.child("plural"));
  const field_path status("status");
  const field_path stored_path = status.child("storedVersions");
  const auto& stored = items_of(value_of(definition, "status"), "storedVersions");
  const auto& versions = items_of(value_of(definition, "spec"), "versions");
  for (std::size_t i = 0; i < stored.size(); ++i)
    if (std::ranges::none_of(
            versions, [&](const json& v) { return text_of(v, "name") == as_text(stored[i]); }))
      out.invalid(stored_path.index(i), stored[i], "must appear in spec.versions");
}

void validate_custom_resource_status(const json&, const json& definition, faults& out) {
  const field_path path("status");
  validate_names(value_of(value_of(definition, "status"), "acceptedNames"),
                 path.child("acceptedNames"), out);
}

}  // namespace troupe::model
