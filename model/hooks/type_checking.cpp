#include "model/hooks/type_checking.hpp"

#include "model/custom/declared_types.hpp"
#include "model/custom/kinds.hpp"
#include "model/hooks/expression_types.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <vector>

namespace troupe::model {
namespace {

using cel::plain_type;
using cel::type_kind;
using cel::type_ptr;

constexpr std::size_t most_kinds = 10;
constexpr std::string_view object_meta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

using open_types = std::vector<const type_info*>;

type_ptr struct_type(const type_info& t, const std::string& name, open_types& open);

type_ptr value_type_of(field_kind kind, const type_info* of, const std::string& name,
                       open_types& open) {
  switch (kind) {
    case field_kind::string:
      return plain_type(type_kind::text);
    case field_kind::integer:
      return plain_type(type_kind::integer);
    case field_kind::number:
      return plain_type(type_kind::real);
    case field_kind::boolean:
      return plain_type(type_kind::boolean);
    case field_kind::int_or_string:
      return plain_type(type_kind::dyn);
    case field_kind::time:
    case field_kind::micro_time:
      return plain_type(type_kind::timestamp);
    case field_kind::bytes:
      return plain_type(type_kind::bytes);
    case field_kind::object:
      return of ? struct_type(*of, name, open) : nullptr;
    case field_kind::any:
      return cel::structure_of(name, {});
    default:
      // A quantity is a number or a text; its schema has no type.
      return nullptr;
  }
}

type_ptr field_type(const field_info& f, const std::string& name, open_types& open) {
  const char* below = f.kind == field_kind::array        ? ".@idx"
                      : f.kind == field_kind::string_map ? ".@elem"
                                                         : nullptr;
  if (!below) return value_type_of(f.kind, f.type, name, open);
  type_ptr item = value_type_of(f.item, f.type, name + below, open);
  if (!item) return nullptr;
  if (f.kind == field_kind::array) {
    cel::type out = *cel::list_of(std::move(item));
    out.is_set = f.list == list_type::set;
    if (f.list == list_type::map) out.keys.assign(f.map_keys.begin(), f.map_keys.end());
    return std::make_shared<const cel::type>(std::move(out));
  }
  if (f.nesting > 0) item = cel::list_of(std::move(item));
  return cel::map_of(plain_type(type_kind::text), std::move(item));
}

/// Null within itself: a schema that has no end says nothing there.
type_ptr struct_type(const type_info& t, const std::string& name, open_types& open) {
  if (std::ranges::find(open, &t) != open.end()) return nullptr;
  open.push_back(&t);
  std::map<std::string, type_ptr, std::less<>> fields;
  for (const field_info& f : t.fields) {
    const std::string escaped = cel::escaped_name(f.name);
    if (type_ptr made = field_type(f, name + "." + escaped, open))
      fields.emplace(escaped, std::move(made));
  }
  open.pop_back();
  return cel::structure_of(name, std::move(fields));
}

/// By its own schema, and what all objects have.
type_ptr custom_object_type(const custom_version& custom, const std::string& name) {
  const json definition = custom.definition->object->parse();
  type_ptr own;
  for (const json& v : at(definition, {"spec", "versions"}))
    if (string_at(v, {"name"}) == custom.kind.version)
      own = declared_type(at(v, {"schema", "openAPIV3Schema"}), true, name);
  if (!own || own->kind != type_kind::structure) return own;
  auto fields = own->fields;
  open_types open;
  fields["metadata"] = struct_type(*schema::instance().type(object_meta), name + ".metadata", open);
  return cel::structure_of(name, std::move(fields));
}

bool has_wildcard(const json& list) {
  return std::ranges::any_of(list, [](const json& v) {
    return v.is_string() && v.get_ref<const std::string&>().find('*') != std::string::npos;
  });
}

std::vector<std::string> sorted_texts(const json& list, std::string_view unwanted) {
  std::vector<std::string> out;
  for (const json& v : list)
    if (v.is_string() &&
        v.get_ref<const std::string&>().find_first_of(unwanted) == std::string::npos)
      out.push_back(v.get<std::string>());
  std::ranges::sort(out);
  return out;
}

struct by_name {
  bool operator()(const kind_info* a, const kind_info* b) const {
    return std::tie(a->group, a->version, a->kind) < std::tie(b->group, b->version, b->kind);
  }
};
using kind_set = std::set<const kind_info*, by_name>;

kind_set kinds_of(const json& policy, const kind_finder& kinds) {
  kind_set out;
  for (const json& rule : at(policy, {"spec", "matchConstraints", "resourceRules"})) {
    const json &groups = at(rule, {"apiGroups"}), &versions = at(rule, {"apiVersions"});
    if (has_wildcard(groups) || has_wildcard(versions)) continue;
    for (const auto& group : sorted_texts(groups, ""))
      for (const auto& version : sorted_texts(versions, ""))
        for (const auto& plural : sorted_texts(at(rule, {"resources"}), "*/"))
          if (const auto* found = kinds.by_plural(group, version, plural);
              found && out.size() < most_kinds)
            out.insert(found);
  }
  return out;
}

std::string shown_kind_of(const kind_info& k) {
  return std::string(k.group) + "/" + std::string(k.version) + ", Kind=" + std::string(k.kind);
}

/// What one expression is told about each kind; empty where there is nothing.
class expression_check {
 public:
  expression_check(const json& policy, const kind_finder& kinds) : policy_(policy) {
    for (const kind_info* k : kinds_of(policy, kinds))
      objects_.emplace_back(k, object_type(*k, std::string(k->kind)));
    const std::string version = string_at(policy, {"spec", "paramKind", "apiVersion"});
    const auto slash = version.find('/');
    const bool core = slash == version.npos;
    const std::string kind = string_at(policy, {"spec", "paramKind", "kind"});
    const auto* params = kind.empty()
                             ? nullptr
                             : kinds.by_kind(core ? "" : version.substr(0, slash),
                                             core ? version : version.substr(slash + 1), kind);
    if (params) params_ = object_type(*params, kind);
  }

  std::string of(const std::string& expression) const {
    std::string out;
    for (const auto& [kind, type] : objects_) {
      const std::string faults = faults_of(expression, type);
      if (faults.empty()) continue;
      if (!out.empty()) out += '\n';
      out += shown_kind_of(*kind) + ": " + faults + "\n";
    }
    return out;
  }

 private:
  std::string faults_of(const std::string& expression, const type_ptr& object) const {
    std::map<std::string, type_ptr, std::less<>> variables;
    expression_scope scope;
    scope.object = object;
    scope.params = params_ != nullptr;
    scope.params_type = params_;
    scope.variables = &variables;
    for (const json& v : at(policy_, {"spec", "variables"}))
      variables[string_at(v, {"name"})] = variable_type(
          cel::check(string_at(v, {"expression"}), admission_variables(scope)).result);
    return cel::check(expression, admission_variables(scope)).faults;
  }

  const json& policy_;
  std::vector<std::pair<const kind_info*, type_ptr>> objects_;
  type_ptr params_;
};

}  // namespace

cel::type_ptr object_type(const kind_info& kind, const std::string& name) {
  if (const auto* custom = custom_of(kind)) return custom_object_type(*custom, name);
  open_types open;
  return struct_type(*kind.type, name, open);
}

json checked_types(const json& policy, const kind_finder& kinds) {
  const expression_check check(policy, kinds);
  json warnings = json::array();
  const json& validations = at(policy, {"spec", "validations"});
  for (std::size_t i = 0; i < validations.size(); ++i)
    for (const char* member : {"expression", "messageExpression"}) {
      const std::string expression = string_at(validations[i], {member});
      const std::string warning = expression.empty() ? "" : check.of(expression);
      if (!warning.empty())
        warnings.push_back({{"fieldRef", "spec.validations[" + std::to_string(i) + "]." + member},
                            {"warning", warning}});
    }
  if (warnings.empty()) return json::object();
  return {{"expressionWarnings", std::move(warnings)}};
}

}  // namespace troupe::model
