#include "model/discovery.hpp"

#include "model/base64.hpp"
#include "model/json.hpp"
#include "model/schema.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <unordered_map>

namespace troupe::model {
namespace {

/// The served versions of a group, preferred first, and their kinds.
struct served_version {
  std::string_view version;
  std::vector<const kind_info*> kinds;
};
struct served_group {
  std::string_view name;
  std::vector<served_version> versions;
};

void add_kind(std::vector<served_group>& out, const kind_info& k) {
  auto group = std::ranges::find(out, k.group, &served_group::name);
  if (group == out.end()) group = out.insert(out.end(), {k.group, {}});
  auto version = std::ranges::find(group->versions, k.version, &served_version::version);
  if (version == group->versions.end())
    version = group->versions.insert(group->versions.end(), {k.version, {}});
  version->kinds.push_back(&k);
}

/// The groups of custom kinds, by name.
std::vector<served_group> custom_groups(const custom_kinds& custom) {
  std::vector<served_group> out;
  for (const auto& [resource, d] : custom.definitions())
    for (const auto& v : d->versions)
      if (v->served) add_kind(out, v->kind);
  std::ranges::sort(out, {}, &served_group::name);
  for (served_group& g : out)
    std::ranges::sort(g.versions, is_preferred_version, &served_version::version);
  return out;
}

constexpr int custom_priority = 1000;

bool is_built_in(const served_group& group) {
  return std::ranges::any_of(schema::instance().kinds(),
                             [&](const kind_info& k) { return k.group == group.name; });
}

/// Its groupPriorityMinimum: of two groups that of the greater one stands first, as kube-apiserver
/// has it.
int priority_of(const served_group& group) {
  const kind_info& first = *group.versions.front().kinds.front();
  return custom_of(first) && !is_built_in(group) ? custom_priority : first.priority / 50 * 50;
}

/// All groups in order of preference; the core group has no name.
std::vector<served_group> served_groups(const custom_kinds& custom) {
  std::vector<served_group> out;
  for (const kind_info& k : schema::instance().kinds()) add_kind(out, k);
  for (const served_group& g : custom_groups(custom))
    for (const served_version& v : g.versions)
      for (const kind_info* k : v.kinds) add_kind(out, *k);
  std::ranges::stable_sort(out, std::ranges::greater(), priority_of);
  return out;
}

/// Tells clients whether two resources are stored alike (APIResource.storageVersionHash): 8 bytes
/// in base64 of what the kind is stored as.
std::string storage_version_hash(const kind_info& k) {
  const kind_info& stored = stored_kind(k);
  const std::string stored_as = content_hash(stored.api_version() + "/" + std::string(stored.kind));
  std::string bytes;
  for (std::size_t i = 0; i < stored_as.size(); i += 2)
    bytes += static_cast<char>(std::stoi(stored_as.substr(i, 2), nullptr, 16));
  return to_base64(bytes);
}

json api_resource(const kind_info& k) {
  json out = {{"name", k.plural},
              {"singularName", k.singular},
              {"namespaced", k.namespaced},
              {"kind", k.kind},
              {"verbs", k.verbs}};
  if (!k.short_names.empty()) out["shortNames"] = k.short_names;
  if (!k.categories.empty()) out["categories"] = k.categories;
  if (std::ranges::find(k.verbs, "watch") != k.verbs.end())
    out["storageVersionHash"] = storage_version_hash(k);
  return out;
}

json api_subresource(const kind_info& k, const subresource_info& s) {
  json out = {{"name", std::string(k.plural) + "/" + std::string(s.name)},
              {"singularName", ""},
              {"namespaced", k.namespaced},
              {"kind", s.kind},
              {"verbs", s.verbs}};
  if (s.group != k.group || s.version != k.version) {
    out["group"] = s.group;
    out["version"] = s.version;
  }
  return out;
}

/// APIResourceList.
json resource_list(const served_version& version) {
  json resources = json::array();
  for (const kind_info* k : version.kinds) {
    resources.push_back(api_resource(*k));
    for (const auto& s : k->subresource_kinds) resources.push_back(api_subresource(*k, s));
  }
  json out = {{"kind", "APIResourceList"},
              {"groupVersion", version.kinds.front()->api_version()},
              {"resources", std::move(resources)}};
  if (!version.kinds.front()->group.empty()) out["apiVersion"] = "v1";
  return out;
}

/// The APIGroup, as a document of its own or (without kind) as an item of the APIGroupList.
json api_group(const served_group& group) {
  json versions = json::array();
  for (const auto& v : group.versions)
    versions.push_back({{"groupVersion", v.kinds.front()->api_version()}, {"version", v.version}});
  json preferred = versions.front();
  return {{"name", group.name},
          {"versions", std::move(versions)},
          {"preferredVersion", std::move(preferred)}};
}

json aggregated_resource(const kind_info& k) {
  const auto gvk = [](std::string_view group, std::string_view version, std::string_view kind) {
    return json{{"group", group}, {"version", version}, {"kind", kind}};
  };
  json out = {{"resource", k.plural},
              {"responseKind", gvk(k.group, k.version, k.kind)},
              {"scope", k.namespaced ? "Namespaced" : "Cluster"},
              {"singularResource", k.singular},
              {"verbs", k.verbs}};
  if (!k.short_names.empty()) out["shortNames"] = k.short_names;
  if (!k.categories.empty()) out["categories"] = k.categories;
  for (const auto& s : k.subresource_kinds)
    out["subresources"].push_back({{"subresource", s.name},
                                   {"responseKind", gvk(s.group, s.version, s.kind)},
                                   {"verbs", s.verbs}});
  return out;
}

json aggregated_group(const served_group& group) {
  json versions = json::array();
  for (const auto& v : group.versions) {
    json resources = json::array();
    for (const kind_info* k : v.kinds) resources.push_back(aggregated_resource(*k));
    versions.push_back(
        {{"version", v.version}, {"resources", std::move(resources)}, {"freshness", "Current"}});
  }
  json metadata = json::object();
  if (!group.name.empty()) metadata["name"] = group.name;
  return {{"metadata", std::move(metadata)}, {"versions", std::move(versions)}};
}

using texts = std::unordered_map<std::string, document>;

document plain_document(const json& content) {
  const std::string text = content.dump() + "\n";
  return {std::make_shared<const std::string>(text), ""};
}

document aggregated_document(const std::string& items, const std::string& version) {
  std::string text = R"({"apiVersion":"apidiscovery.k8s.io/)";
  text += version;
  text += R"(","items":[)";
  text += items;
  text += R"(],"kind":"APIGroupDiscoveryList","metadata":{}})";
  text += '\n';
  return {std::make_shared<const std::string>(text), "\"" + content_hash(text) + "\"",
          "application/json;g=apidiscovery.k8s.io;v=" + version + ";as=APIGroupDiscoveryList"};
}

void add_plain(texts& out, const std::vector<served_group>& groups) {
  json list = json::array();
  for (const auto& group : groups) {
    const bool core = group.name.empty();
    const std::string base = core ? "/api" : "/apis/" + std::string(group.name);
    for (const auto& v : group.versions)
      out[base + "/" + std::string(v.version)] = plain_document(resource_list(v));
    if (core) continue;
    json own = api_group(group);
    list.push_back(own);
    own["kind"] = "APIGroup";
    own["apiVersion"] = "v1";
    out[base] = plain_document(own);
  }
  out["/apis"] =
      plain_document({{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", std::move(list)}});
  // The address that serves a client is for the gateway to know; clients do not read it.
  out["/api"] = plain_document({{"kind", "APIVersions"},
                                {"versions", {"v1"}},
                                {"serverAddressByClientCIDRs", json::array()}});
}

// What there is besides objects: the index of the server.
document index_document(const texts& discovery) {
  json paths = json::array();
  for (const auto& [path, text] : discovery) paths.push_back(path);
  for (const char* path : {"/healthz", "/livez", "/metrics", "/metrics/slis", "/openapi/v2",
                           "/openapi/v3", "/readyz", "/version"})
    paths.push_back(path);
  std::sort(paths.begin(), paths.end());
  return plain_document({{"paths", std::move(paths)}});
}

texts make_plain(const custom_kinds& custom) {
  texts out;
  add_plain(out, served_groups(custom));
  document index = index_document(out);
  out["/"] = std::move(index);
  return out;
}

/// The items of some groups, joined by commas.
template <class Wanted>
std::string items_text(const std::vector<served_group>& groups, Wanted wanted) {
  std::string out;
  for (const auto& group : groups) {
    if (!wanted(group)) continue;
    if (!out.empty()) out += ',';
    out += aggregated_group(group).dump();
  }
  return out;
}

bool is_core(const served_group& group) {
  return group.name.empty();
}
bool is_named(const served_group& group) {
  return !group.name.empty();
}

// A definition comes or changes more often than anything else here: what is built in is made once.
texts make_aggregated(const std::string& version, const custom_kinds& custom) {
  static const std::string core = items_text(served_groups({}), is_core);
  static const std::string before = items_text(served_groups({}), [](const served_group& g) {
    return is_named(g) && priority_of(g) >= custom_priority;
  });
  static const std::string behind = items_text(
      served_groups({}), [](const served_group& g) { return priority_of(g) < custom_priority; });
  const auto added = custom_groups(custom);
  std::string others = before;
  if (std::ranges::any_of(added, is_built_in)) {
    others = items_text(served_groups(custom), is_named);
  } else {
    if (!added.empty()) others.append(",").append(items_text(added, is_named));
    others.append(",").append(behind);
  }
  texts out;
  out["/api"] = aggregated_document(core, version);
  out["/apis"] = aggregated_document(others, version);
  return out;
}

texts make(discovery_format format, const custom_kinds& custom) {
  switch (format) {
    case discovery_format::aggregated_v2:
      return make_aggregated("v2", custom);
    case discovery_format::aggregated_v2beta1:
      return make_aggregated("v2beta1", custom);
    case discovery_format::plain:
      break;
  }
  return make_plain(custom);
}

/// What has been made of one registry: it is the newest one that is asked about.
struct made_texts {
  std::mutex mutex;
  std::uint64_t registry = 0;
  std::shared_ptr<const texts> all;
};

std::shared_ptr<const texts> texts_of(discovery_format format, const custom_kinds& custom) {
  static std::array<made_texts, 3> known;
  made_texts& k = known.at(static_cast<std::size_t>(format));
  const std::lock_guard lock(k.mutex);
  if (!k.all || k.registry != custom.number()) {
    k.all = std::make_shared<const texts>(make(format, custom));
    k.registry = custom.number();
  }
  return k.all;
}

/// Whether a media range (`application/json;g=...;v=...`) has the parameter.
bool has(std::string_view range, std::string_view parameter) {
  while (!range.empty()) {
    const auto end = std::min(range.find(';'), range.size());
    auto part = range.substr(0, end);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (part == parameter) return true;
    range.remove_prefix(std::min(end + 1, range.size()));
  }
  return false;
}

}  // namespace

discovery_format discovery_format_of(std::string_view accept) {
  while (!accept.empty()) {
    const auto end = std::min(accept.find(','), accept.size());
    const auto range = accept.substr(0, end);
    if (has(range, "application/json") || has(range, "*/*") || has(range, "application/*")) {
      if (!has(range, "as=APIGroupDiscoveryList")) return discovery_format::plain;
      if (has(range, "g=apidiscovery.k8s.io") && has(range, "v=v2"))
        return discovery_format::aggregated_v2;
      if (has(range, "g=apidiscovery.k8s.io") && has(range, "v=v2beta1"))
        return discovery_format::aggregated_v2beta1;
    }
    accept.remove_prefix(std::min(end + 1, accept.size()));
  }
  return discovery_format::plain;
}

document discovery_text(std::string_view path, discovery_format format,
                        const custom_kinds& custom) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  if (path != "/api" && path != "/apis") format = discovery_format::plain;
  const auto all = texts_of(format, custom);
  const auto found = all->find(std::string(path));
  return found == all->end() ? document{} : found->second;
}

}  // namespace troupe::model
