#include "model/api_services.hpp"

#include "model/base64.hpp"
#include "model/binding.hpp"
#include "model/custom/kinds.hpp"
#include "model/openapi/merge.hpp"
#include "model/schema.hpp"

#include <algorithm>
#include <map>

namespace troupe::model {
namespace {

constexpr const char* managed_label = "kube-aggregator.kubernetes.io/automanaged";
// Those of Kubernetes' CRD registration.
constexpr int custom_group_priority = 1000;
constexpr int custom_version_priority = 100;

struct priorities {
  int group = 0, version = 0;
};

/// The places of the built-in groups and versions, as 1.32's API server registers them.
priorities built_in_priorities(const kind_info& k) {
  if (k.group.empty()) return {18000, 1};
  if (k.group == "metrics.k8s.io") return {100, 100};
  const int group = k.priority / 50 * 50;  // the rest orders versions
  if (k.group == "autoscaling" && k.version == "v2") return {group, 30};
  if (k.group == "flowcontrol.apiserver.k8s.io") return {group, 21};
  return {group, 15};
}

/// Of a group and version that is served here.
priorities local_priorities(std::string_view group, std::string_view version) {
  for (const kind_info& k : schema::instance().kinds())
    if (k.group == group && (version.empty() || k.version == version))
      return built_in_priorities(k);
  return {custom_group_priority, custom_version_priority};
}

json make_api_service(const std::string& group, const std::string& version, priorities p,
                      const char* managed) {
  json spec = {
      {"version", version}, {"groupPriorityMinimum", p.group}, {"versionPriority", p.version}};
  if (!group.empty()) spec["group"] = group;
  return {{"apiVersion", "apiregistration.k8s.io/v1"},
          {"kind", "APIService"},
          {"metadata", {{"name", version + "." + group}, {"labels", {{managed_label, managed}}}}},
          {"spec", std::move(spec)}};
}

managed_api managed_of(const json& current) {
  const std::string value = string_at(current, {"metadata", "labels", managed_label});
  if (value == "true") return managed_api::always;
  return value == "onstart" ? managed_api::on_start : managed_api::none;
}

bool as_desired(const json& current, const json& desired) {
  if (at(current, {"metadata", "labels", managed_label}) !=
      at(desired, {"metadata", "labels", managed_label}))
    return false;
  const json& now = at(current, {"spec"});
  const json& wanted = at(desired, {"spec"});
  return at(now, {"service"}).is_null() &&
         at(now, {"groupPriorityMinimum"}) == wanted["groupPriorityMinimum"] &&
         at(now, {"versionPriority"}) == wanted["versionPriority"];
}

}  // namespace

api_service read_api_service(const json& document) {
  api_service out;
  out.name = string_at(document, {"metadata", "name"});
  const json& spec = at(document, {"spec"});
  out.group = string_at(spec, {"group"});
  out.version = string_at(spec, {"version"});
  const auto number = [&](const char* field) {
    const json& value = at(spec, {field});
    return value.is_number_integer() ? value.get<int>() : 0;
  };
  out.group_priority = number("groupPriorityMinimum");
  out.version_priority = number("versionPriority");
  for (const json& c : at(document, {"status", "conditions"}))
    if (string_at(c, {"type"}) == "Available") out.available = string_at(c, {"status"}) == "True";
  const json& service = at(spec, {"service"});
  if (!service.is_object()) return out;
  out.local = false;
  out.service_ns = string_at(service, {"namespace"});
  out.service_name = string_at(service, {"name"});
  if (const json& port = at(service, {"port"}); port.is_number_integer())
    out.port = port.get<int>();
  out.ca = from_base64(string_at(spec, {"caBundle"})).value_or("");
  out.insecure = at(spec, {"insecureSkipTLSVerify"}) == true;
  return out;
}

std::vector<json> built_in_api_services() {
  std::vector<json> out;
  std::vector<std::string> seen;
  for (const kind_info& k : schema::instance().kinds()) {
    // Who registers is not registered itself.
    if (k.group == "apiregistration.k8s.io") continue;
    const std::string name = k.api_version();
    if (std::ranges::find(seen, name) != seen.end()) continue;
    seen.push_back(name);
    out.push_back(make_api_service(std::string(k.group), std::string(k.version),
                                   built_in_priorities(k), "onstart"));
  }
  return out;
}

json custom_api_service(const std::string& group, const std::string& version) {
  return make_api_service(group, version, {custom_group_priority, custom_version_priority}, "true");
}

// The table is that of kube-aggregator's autoregister controller. What is ours and another server
// has taken over (metrics.k8s.io) stays with that.
api_service_step plan_registration(const json& current, const json& desired, managed_api how,
                                   bool at_start, bool synced) {
  using enum api_service_step;
  if (current.is_null()) {
    if (how == managed_api::none || (how == managed_api::on_start && synced)) return nothing;
    return create;
  }
  const managed_api now = managed_of(current);
  if (now == managed_api::none) return nothing;
  if (now == managed_api::on_start && (!at_start || synced)) return nothing;
  if (how == managed_api::none) return remove;
  if (how == managed_api::on_start && synced) return nothing;
  const bool taken = at(current, {"spec", "service"}).is_object();
  if (taken && string_at(desired, {"spec", "group"}) == "metrics.k8s.io") return nothing;
  return as_desired(current, desired) ? nothing : update;
}

std::optional<api_availability> judge_backend(const api_service& s, const json& service,
                                              const std::vector<json>& slices) {
  const std::string quoted = json(s.service_ns).dump();
  const std::string whom = "service/" + s.service_name + " in " + quoted;
  if (service.is_null())
    return api_availability{false, "ServiceNotFound", whom + " is not present"};
  // Others have no addresses that are known here.
  if (string_at(service, {"spec", "type"}) != "ClusterIP") return std::nullopt;
  const json& ports = at(service, {"spec", "ports"});
  const auto found = std::find_if(ports.begin(), ports.end(),
                                  [&](const json& p) { return at(p, {"port"}) == s.port; });
  if (found == ports.end())
    return api_availability{false, "ServicePortError",
                            whom + " is not listening on port " + std::to_string(s.port)};
  if (slices.empty())
    return api_availability{false, "EndpointsNotFound", "cannot find endpoints for " + whom};
  const std::string port_name = string_at(*found, {"name"});
  for (const json& slice : slices) {
    const json& endpoints = at(slice, {"endpoints"});
    const json& targets = at(slice, {"ports"});
    const bool ready = std::any_of(endpoints.begin(), endpoints.end(), [](const json& e) {
      return at(e, {"conditions", "ready"}) != false;
    });
    if (ready && std::any_of(targets.begin(), targets.end(),
                             [&](const json& p) { return string_at(p, {"name"}) == port_name; }))
      return std::nullopt;
  }
  return api_availability{
      false, "MissingEndpoints",
      "endpoints for " + whom + " have no addresses with port name " + json(port_name).dump()};
}

api_availability judge_answer(const api_service& s, const std::string& error) {
  if (error.empty()) return {true, "Passed", "all checks passed"};
  return {false, "FailedDiscoveryCheck",
          "failing or missing response from https://" + s.service_name + "." + s.service_ns +
              ".svc:" + std::to_string(s.port) + "/apis/" + s.group + "/" + s.version + ": " +
              error};
}

api_availability local_availability() {
  return {true, "Local", "Local APIServices are always available"};
}

bool set_available(json& document, const api_availability& a, time_point now) {
  return change_condition(document, "Available", a.available ? "True" : "False", now, a.reason,
                          a.message);
}

json aggregated_resources(const json& list, const std::string& group, const std::string& version) {
  std::map<std::string, json> subresources;
  json out = json::array();
  const auto kind_of = [&](const json& r) {
    const std::string own_group = string_at(r, {"group"});
    const std::string own_version = string_at(r, {"version"});
    return json{{"group", own_group.empty() ? group : own_group},
                {"version", own_version.empty() ? version : own_version},
                {"kind", string_at(r, {"kind"})}};
  };
  const json& resources = at(list, {"resources"});
  if (!resources.is_array()) return out;
  for (const json& r : resources) {
    const std::string name = string_at(r, {"name"});
    const auto slash = name.find('/');
    json verbs = at(r, {"verbs"}).is_array() ? at(r, {"verbs"}) : json::array();
    if (slash != std::string::npos) {
      json& all = subresources.try_emplace(name.substr(0, slash), json::array()).first->second;
      all.push_back({{"subresource", name.substr(slash + 1)},
                     {"responseKind", kind_of(r)},
                     {"verbs", std::move(verbs)}});
      continue;
    }
    json one = {{"resource", name},
                {"responseKind", kind_of(r)},
                {"scope", at(r, {"namespaced"}) == true ? "Namespaced" : "Cluster"},
                {"singularResource", string_at(r, {"singularName"})},
                {"verbs", std::move(verbs)}};
    for (const char* more : {"shortNames", "categories"})
      if (const json& value = at(r, {more}); value.is_array() && !value.empty()) one[more] = value;
    out.push_back(std::move(one));
  }
  for (json& r : out)
    if (const auto found = subresources.find(r["resource"].get<std::string>());
        found != subresources.end())
      r["subresources"] = found->second;
  return out;
}

namespace {

/// A group's versions, each with its place.
struct merged_group {
  std::string name;
  int priority = 0;
  struct version {
    int priority = 0;
    json shown;
  };
  std::vector<version> versions;
};

/// Where something with a priority goes: behind all that have at least as much.
template <class Items>
auto place_for(Items& items, int priority) {
  return std::find_if(items.begin(), items.end(),
                      [&](const auto& i) { return i.priority < priority; });
}

void add_version(std::vector<merged_group>& all, const extension_version& e, json shown) {
  auto group = std::ranges::find(all, e.group, &merged_group::name);
  if (group == all.end())
    group = all.insert(place_for(all, e.group_priority), {e.group, e.group_priority, {}});
  // It takes the place of one that is served here, too.
  std::erase_if(group->versions,
                [&](const auto& v) { return string_at(v.shown, {"version"}) == e.version; });
  group->versions.insert(place_for(group->versions, e.version_priority),
                         {e.version_priority, std::move(shown)});
}

merged_group read_group(const json& shown, const std::string& name) {
  merged_group out{name, local_priorities(name, "").group, {}};
  for (const json& v : at(shown, {"versions"}))
    out.versions.push_back({local_priorities(name, string_at(v, {"version"})).version, v});
  return out;
}

json versions_of_group(const merged_group& g) {
  json out = json::array();
  for (const auto& v : g.versions) out.push_back(v.shown);
  return out;
}

json plain_group(const merged_group& g) {
  json versions = versions_of_group(g);
  json preferred = versions.front();
  return {{"name", g.name}, {"versions", std::move(versions)}, {"preferredVersion", preferred}};
}

json plain_version(const extension_version& e) {
  return {{"groupVersion", e.group + "/" + e.version}, {"version", e.version}};
}

document with_text(const json& content, const document& base) {
  document out = base;
  out.text = std::make_shared<const std::string>(content.dump() + "\n");
  if (!base.etag.empty()) out.etag = "\"" + content_hash(*out.text) + "\"";
  return out;
}

document merge_group(std::string_view name, const document& base,
                     const std::vector<extension_version>& others) {
  std::vector<merged_group> all;
  if (base) all.push_back(read_group(json::parse(*base.text), std::string(name)));
  bool any = false;
  for (const extension_version& e : others) {
    if (e.group != name) continue;
    any = true;
    add_version(all, e, plain_version(e));
  }
  if (!any) return base;
  json out = plain_group(all.front());
  out["kind"] = "APIGroup";
  out["apiVersion"] = "v1";
  return with_text(out, base);
}

document merge_groups(const document& base, const std::vector<extension_version>& others) {
  json list = json::parse(*base.text);
  const bool aggregated = string_at(list, {"kind"}) == "APIGroupDiscoveryList";
  const char* const items = aggregated ? "items" : "groups";
  std::vector<merged_group> all;
  for (const json& g : list[items])
    all.push_back(
        read_group(g, aggregated ? string_at(g, {"metadata", "name"}) : string_at(g, {"name"})));
  for (const extension_version& e : others)
    add_version(all, e,
                aggregated ? json{{"version", e.version},
                                  {"resources", e.resources},
                                  {"freshness", e.current ? "Current" : "Stale"}}
                           : plain_version(e));
  json merged = json::array();
  for (const merged_group& g : all)
    merged.push_back(
        aggregated ? json{{"metadata", {{"name", g.name}}}, {"versions", versions_of_group(g)}}
                   : plain_group(g));
  list[items] = std::move(merged);
  return with_text(list, base);
}

}  // namespace

document merge_discovery(std::string_view path, const document& base,
                         const std::vector<extension_version>& others) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  constexpr std::string_view groups = "/apis";
  if (others.empty() || !path.starts_with(groups)) return base;
  path.remove_prefix(groups.size());
  if (path.empty()) return base ? merge_groups(base, others) : base;
  path.remove_prefix(1);
  return path.find('/') == path.npos ? merge_group(path, base, others) : base;
}

document merge_openapi_index(const document& base, const std::vector<extension_version>& others) {
  const bool any =
      std::ranges::any_of(others, [](const extension_version& e) { return !e.openapi.empty(); });
  if (!any || !base) return base;
  json index = json::parse(*base.text);
  for (const extension_version& e : others)
    if (!e.openapi.empty())
      index["paths"]["apis/" + e.group + "/" + e.version] = {{"serverRelativeURL", e.openapi}};
  return with_text(index, base);
}

document merge_openapi_2(const document& base, const std::vector<extension_version>& others) {
  const bool any = std::ranges::any_of(
      others, [](const extension_version& e) { return e.openapi_2 != nullptr; });
  if (!any || !base) return base;
  json all = json::parse(*base.text);
  for (const extension_version& e : others)
    if (e.openapi_2) add_openapi_2(all, *e.openapi_2);
  return with_text(all, base);
}

}  // namespace troupe::model
