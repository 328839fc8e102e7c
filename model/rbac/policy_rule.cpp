#include "model/rbac/policy_rule.hpp"

#include <algorithm>

namespace troupe::model::rbac {
namespace {

using texts = std::vector<std::string>;

texts texts_of(const json& rule, std::string_view key) {
  texts out;
  const json& list = at(rule, {key});
  if (!list.is_array()) return out;
  for (const json& item : list)
    if (item.is_string()) out.push_back(item.get<std::string>());
  return out;
}

bool names(const texts& all, std::string_view one) {
  return std::ranges::any_of(all, [&](const std::string& t) { return t == "*" || t == one; });
}

// "pods/log" as a rule writes it against its two halves.
bool is_resource(std::string_view written, std::string_view resource, std::string_view sub) {
  if (written == "*") return true;
  if (sub.empty()) return written == resource;
  if (written.size() <= sub.size() || !written.ends_with(sub)) return false;
  written.remove_suffix(sub.size());
  if (written.back() != '/') return false;
  written.remove_suffix(1);
  return written == "*" || written == resource;
}

bool names_resource(const texts& all, std::string_view resource, std::string_view sub) {
  return std::ranges::any_of(all,
                             [&](const std::string& t) { return is_resource(t, resource, sub); });
}

bool names_path(const texts& all, std::string_view path) {
  return std::ranges::any_of(all, [&](std::string_view t) {
    if (t == "*" || t == path) return true;
    return t.ends_with('*') && path.starts_with(t.substr(0, t.find_last_not_of('*') + 1));
  });
}

bool names_object(const texts& all, std::string_view name) {
  return all.empty() || std::ranges::any_of(all, [&](const std::string& t) { return t == name; });
}

// A rule of one verb on one resource (and one name), or at one path.
struct atom {
  std::string verb, group, resource, name, path;
};

bool covers(const policy_rule& held, const atom& wanted) {
  if (!names(held.verbs, wanted.verb)) return false;
  if (!wanted.path.empty()) return names_path(held.paths, wanted.path);
  if (!names(held.groups, wanted.group)) return false;
  const auto slash = wanted.resource.find('/');
  const std::string_view all = wanted.resource;
  const auto sub = slash == all.npos ? std::string_view() : all.substr(slash + 1);
  if (!names_resource(held.resources, all.substr(0, slash), sub)) return false;
  return held.names.empty() || (!wanted.name.empty() && names_object(held.names, wanted.name));
}

template <class F>
void each_atom(const policy_rule& rule, F visit) {
  const texts any_name{""};
  for (const auto& group : rule.groups)
    for (const auto& resource : rule.resources)
      for (const auto& name : rule.names.empty() ? any_name : rule.names)
        for (const auto& verb : rule.verbs) visit(atom{verb, group, resource, name, ""});
  for (const auto& path : rule.paths)
    for (const auto& verb : rule.verbs) visit(atom{verb, "", "", "", path});
}

policy_rule rule_of(const atom& a) {
  policy_rule out;
  out.verbs = {a.verb};
  if (!a.path.empty()) {
    out.paths = {a.path};
    return out;
  }
  out.groups = {a.group};
  out.resources = {a.resource};
  if (!a.name.empty()) out.names = {a.name};
  return out;
}

// A list as Go's %q prints it.
void append_list(std::string& out, const char* label, const texts& all) {
  if (all.empty()) return;
  if (out.size() > 1) out += ", ";
  out += label;
  out += ":[";
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i > 0) out += ' ';
    out += json(all[i]).dump();
  }
  out += ']';
}

}  // namespace

policy_rule read_rule(const json& rule) {
  return {texts_of(rule, "verbs"), texts_of(rule, "apiGroups"), texts_of(rule, "resources"),
          texts_of(rule, "resourceNames"), texts_of(rule, "nonResourceURLs")};
}

std::vector<policy_rule> read_rules(const json& role) {
  std::vector<policy_rule> out;
  const json& rules = at(role, {"rules"});
  if (!rules.is_array()) return out;
  out.reserve(rules.size());
  for (const json& rule : rules) out.push_back(read_rule(rule));
  return out;
}

json to_json(const policy_rule& rule) {
  json out = {{"verbs", rule.verbs}};
  if (!rule.groups.empty()) out["apiGroups"] = rule.groups;
  if (!rule.resources.empty()) out["resources"] = rule.resources;
  if (!rule.names.empty()) out["resourceNames"] = rule.names;
  if (!rule.paths.empty()) out["nonResourceURLs"] = rule.paths;
  return out;
}

bool allows(const policy_rule& rule, const request_info& what) {
  if (!names(rule.verbs, what.verb)) return false;
  if (!what.is_resource) return names_path(rule.paths, what.path);
  return names(rule.groups, what.group) &&
         names_resource(rule.resources, what.resource, what.subresource) &&
         names_object(rule.names, what.name);
}

std::vector<policy_rule> not_covered(const std::vector<policy_rule>& held,
                                     const std::vector<policy_rule>& wanted) {
  std::vector<policy_rule> out;
  for (const auto& rule : wanted)
    each_atom(rule, [&](const atom& a) {
      if (std::ranges::any_of(held, [&](const policy_rule& h) { return covers(h, a); })) return;
      policy_rule missing = rule_of(a);
      const auto same = std::ranges::find_if(out, [&](const policy_rule& o) {
        return o.groups == missing.groups && o.resources == missing.resources &&
               o.names == missing.names && o.paths == missing.paths && missing.paths.empty();
      });
      if (same == out.end()) return out.push_back(std::move(missing));
      if (std::ranges::find(same->verbs, a.verb) == same->verbs.end())
        same->verbs.push_back(a.verb);
    });
  return out;
}

std::string compact_text(const policy_rule& rule) {
  std::string out = "{";
  append_list(out, "APIGroups", rule.groups);
  append_list(out, "Resources", rule.resources);
  append_list(out, "NonResourceURLs", rule.paths);
  append_list(out, "ResourceNames", rule.names);
  append_list(out, "Verbs", rule.verbs);
  return out + "}";
}

}  // namespace troupe::model::rbac
