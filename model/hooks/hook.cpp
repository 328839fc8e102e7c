#include "model/hooks/hook.hpp"

#include "model/base64.hpp"
#include "model/cel/authorizer_library.hpp"
#include "model/conversion.hpp"
#include "model/custom/kinds.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

using strings = std::vector<std::string>;

strings strings_of(const json& list) {
  strings out;
  for (const json& item : list)
    if (item.is_string()) out.push_back(item.get<std::string>());
  return out;
}

bool has(const strings& all, std::string_view wanted) {
  return std::ranges::any_of(all, [&](const std::string& s) { return s == "*" || s == wanted; });
}

/// "pods", "pods/status", "pods/*", "*/scale", "*", "*/*".
bool names_resource(const std::string& pattern, std::string_view plural, std::string_view sub) {
  const auto slash = pattern.find('/');
  const std::string_view resource = std::string_view(pattern).substr(0, slash);
  if (resource != "*" && resource != plural) return false;
  if (slash == std::string::npos) return sub.empty();
  const std::string_view wanted = std::string_view(pattern).substr(slash + 1);
  return wanted == "*" || wanted == sub;
}

/// The other served versions of a kind's resource.
std::vector<const kind_info*> versions_of(const kind_info& kind) {
  std::vector<const kind_info*> out;
  if (const custom_version* custom = custom_of(kind)) {
    for (const auto& v : custom->definition->versions)
      if (v->served) out.push_back(&v->kind);
    return out;
  }
  for (const kind_info& k : schema::instance().kinds())
    if (k.resource == kind.resource) out.push_back(&k);
  return out;
}

string_pairs labels_of(const json& object) {
  string_pairs out;
  if (const json& labels = at(object, {"metadata", "labels"}); labels.is_object())
    for (const auto& [key, value] : labels.items())
      if (value.is_string()) out.emplace_back(key, value.get<std::string>());
  return out;
}

hook read_hook(const json& h, const std::string& configuration) {
  hook out;
  out.configuration = configuration;
  out.name = string_at(h, {"name"});
  out.match.rules = read_rules(at(h, {"rules"}));
  out.match.equivalent = string_at(h, {"matchPolicy"}) != "Exact";
  out.match.namespaces = read_selector(at(h, {"namespaceSelector"}));
  out.match.objects = read_selector(at(h, {"objectSelector"}));
  out.conditions = read_conditions(at(h, {"matchConditions"}));
  out.fails_closed = string_at(h, {"failurePolicy"}) != "Ignore";
  const std::string effects = string_at(h, {"sideEffects"});
  out.dry_runs = effects == "None" || effects == "NoneOnDryRun";
  out.reinvoked = string_at(h, {"reinvocationPolicy"}) == "IfNeeded";
  const strings versions = strings_of(at(h, {"admissionReviewVersions"}));
  out.beta = std::ranges::find(versions, "v1") == versions.end();
  if (const json& t = at(h, {"timeoutSeconds"}); t.is_number_integer())
    out.timeout = std::chrono::seconds(t.get<int>());
  const json& config = at(h, {"clientConfig"});
  out.ca = from_base64(string_at(config, {"caBundle"})).value_or("");
  out.url = string_at(config, {"url"});
  const json& service = at(config, {"service"});
  if (!service.is_object()) return out;
  out.service_ns = string_at(service, {"namespace"});
  out.service_name = string_at(service, {"name"});
  if (const json& port = at(service, {"port"}); port.is_number_integer())
    out.service_port = port.get<int>();
  std::string path = string_at(service, {"path"});
  if (!path.starts_with('/')) path.insert(0, "/");
  out.url = "https://" + out.service_name + "." + out.service_ns +
            ".svc:" + std::to_string(out.service_port) + path;
  return out;
}

// authentication.k8s.io UserInfo.
json user_document(const hook_request& r) {
  json out = {{"username", r.user}};
  if (!r.user_uid.empty()) out["uid"] = r.user_uid;
  if (!r.groups.empty()) out["groups"] = r.groups;
  if (!r.user_extra.empty()) out["extra"] = r.user_extra;
  return out;
}

}  // namespace

bool admission_rule::matches(const hook_request& r, const kind_info& as) const {
  if (!has(operations, r.operation) || !has(groups, as.group) || !has(versions, as.version))
    return false;
  if (scope == "Namespaced" && !as.namespaced) return false;
  if (scope == "Cluster" && as.namespaced) return false;
  if (!names.empty() && std::ranges::find(names, r.name) == names.end()) return false;
  return std::ranges::any_of(resources, [&](const std::string& pattern) {
    return names_resource(pattern, as.plural, r.subresource);
  });
}

const kind_info* admission_match::wanted(const hook_request& r,
                                         const string_pairs& namespace_labels) const {
  const auto by = [&](const std::vector<admission_rule>& all, const kind_info& as) {
    return std::ranges::any_of(all, [&](const auto& rule) { return rule.matches(r, as); });
  };
  const kind_info* as = by(rules, *r.kind) ? r.kind : nullptr;
  if (!as && equivalent)
    for (const kind_info* other : versions_of(*r.kind))
      if (!as && by(rules, *other)) as = other;
  if (!as || by(excluded, *as)) return nullptr;
  // A namespace is selected by its own labels; what is in none always is.
  if (r.kind->resource == "namespaces") {
    if (!namespaces.matches(labels_of(r.object.is_null() ? r.old : r.object))) return nullptr;
  } else if (r.kind->namespaced && !namespaces.matches(namespace_labels)) {
    return nullptr;
  }
  if (objects.empty()) return as;
  const bool now = r.object.is_object() && objects.matches(labels_of(r.object));
  const bool before = r.old.is_object() && objects.matches(labels_of(r.old));
  return now || before ? as : nullptr;
}

std::vector<hook> read_hooks(const json& configuration) {
  std::vector<hook> out;
  const std::string name = string_at(configuration, {"metadata", "name"});
  for (const json& h : at(configuration, {"webhooks"})) out.push_back(read_hook(h, name));
  return out;
}

const subresource_info* own_kind_of(const hook_request& r) {
  const auto* sub = r.subresource.empty() ? nullptr : r.kind->subresource(r.subresource);
  return sub && sub->kind != r.kind->kind ? sub : nullptr;
}

json request_document(const hook_request& r, const kind_info& as, const std::string& uid) {
  const auto kind_json = [](const kind_info& k) {
    return json{{"group", k.group}, {"version", k.version}, {"kind", k.kind}};
  };
  const auto resource_json = [](const kind_info& k) {
    return json{{"group", k.group}, {"version", k.version}, {"resource", k.plural}};
  };
  const auto as_wanted = [&](const json& object) {
    json out = object;
    if (&as != r.kind && out.is_object() && !own_kind_of(r)) convert(*r.kind, as, out);
    return out;
  };
  // A subresource may have a kind of its own.
  const auto shown_kind = [&](const kind_info& k) {
    const auto* sub = r.subresource.empty() ? nullptr : k.subresource(r.subresource);
    if (!sub) return kind_json(k);
    return json{{"group", sub->group}, {"version", sub->version}, {"kind", sub->kind}};
  };
  json out = {{"uid", uid},
              {"kind", shown_kind(as)},
              {"resource", resource_json(as)},
              {"requestKind", shown_kind(*r.kind)},
              {"requestResource", resource_json(*r.kind)},
              {"name", r.name},
              {"operation", r.operation},
              {"userInfo", user_document(r)},
              {"object", as_wanted(r.object)},
              {"oldObject", as_wanted(r.old)},
              {"dryRun", r.dry_run},
              {"options", r.options}};
  if (!r.ns.empty()) out["namespace"] = r.ns;
  if (!r.subresource.empty()) {
    out["subResource"] = r.subresource;
    out["requestSubResource"] = r.subresource;
  }
  return out;
}

std::optional<cel::value> find_authorizer(std::string_view name, const hook_request& r,
                                          const kind_info& as, const authorizer* rights) {
  if (!rights) return std::nullopt;
  const subject who{r.user, r.groups};
  if (name == "authorizer") return cel::authorizer_of(*rights, who);
  if (name != "authorizer.requestResource") return std::nullopt;
  request_info what;
  what.is_resource = true;
  what.group = as.group;
  what.version = as.version;
  what.resource = as.plural;
  what.subresource = r.subresource;
  what.ns = r.ns;
  what.name = r.name;
  return cel::resource_check_of(*rights, who, std::move(what));
}

conditions_answer judge_conditions(const std::vector<match_condition>& conditions,
                                   const hook_request& r, const kind_info& as,
                                   const authorizer* rights) {
  conditions_answer out;
  if (conditions.empty()) return out;
  const json request = request_document(r, as, "");
  const cel::scope scope{[&](std::string_view name) -> std::optional<cel::value> {
    if (name == "request") return cel::value::of(request);
    if (name == "object") return cel::value::of(request["object"]);
    if (name == "oldObject") return cel::value::of(request["oldObject"]);
    return find_authorizer(name, r, as, rights);
  }};
  cel::budget budget{cel::budget::of_conditions};
  for (const match_condition& c : conditions) {
    try {
      if (!c.expression) throw cel::failure{"it is no expression"};
      const cel::value found = c.expression->evaluate(scope, budget);
      const bool* holds = found.get<bool>();
      if (holds && *holds) continue;
      out.matched = false;
      return {false, {}};
    } catch (const cel::failure& f) {
      if (out.error.empty()) out.error = c.name + ": " + f.message;
    }
  }
  return out;
}

std::vector<admission_rule> read_rules(const json& rules) {
  std::vector<admission_rule> out;
  for (const json& r : rules)
    out.push_back({strings_of(at(r, {"operations"})), strings_of(at(r, {"apiGroups"})),
                   strings_of(at(r, {"apiVersions"})), strings_of(at(r, {"resources"})),
                   strings_of(at(r, {"resourceNames"})), string_at(r, {"scope"})});
  return out;
}

std::vector<match_condition> read_conditions(const json& list) {
  std::vector<match_condition> out;
  for (const json& c : list) {
    std::string error;
    out.push_back(
        {string_at(c, {"name"}), cel::program::compile(string_at(c, {"expression"}), error)});
  }
  return out;
}

label_selector read_selector(const json& selector) {
  std::string error;
  if (!selector.is_object()) return {};
  return label_selector::from_json(selector, error).value_or(label_selector{});
}

}  // namespace troupe::model
