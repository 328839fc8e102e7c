#include "actors/controllers/other_servers.hpp"

#include "model/api_path.hpp"
#include "model/api_services.hpp"
#include "model/json_read.hpp"
#include "model/propagation.hpp"

#include <algorithm>
#include <memory>

namespace troupe {
namespace {

using model::json;

/// Groups and versions whose APIServices name a service.
std::vector<std::string> groups_of_others(const controller_host& host) {
  std::vector<std::string> out;
  for (const auto& o : host.cache().list(model::api_services_resource).objects) {
    const auto s = model::read_api_service(o->parse());
    if (!s.local && !s.group.empty()) out.push_back(s.group + "/" + s.version);
  }
  return out;
}

void read_resources(const std::string& group_version, const json& list, other_servers& into) {
  const json& resources = model::at(list, {"resources"});
  if (model::string_at(list, {"kind"}) != "APIResourceList" || !resources.is_array()) {
    into.unknown.push_back(group_version);
    return;
  }
  for (const json& r : resources) {
    other_resource one{group_version,
                       model::string_at(r, {"name"}),
                       model::string_at(r, {"kind"}),
                       model::at(r, {"namespaced"}) == true,
                       {}};
    if (one.plural.empty() || one.plural.find('/') != std::string::npos) continue;
    for (const json& verb : model::at(r, {"verbs"}))
      if (verb.is_string()) one.verbs.push_back(verb.get<std::string>());
    into.resources.push_back(std::move(one));
  }
}

/// That an object is not there, as its server says it: not that nobody serves the path.
bool says_absent(const api_response& r, const std::string& name) {
  if (r.code != 404) return false;
  const json said = model::read_json(r.body.bytes());
  return model::string_at(said, {"kind"}) == "Status" &&
         model::string_at(said, {"reason"}) == "NotFound" &&
         (model::string_at(said, {"details", "name"}) == name ||
          model::string_at(said, {"message"}).find(json(name).dump()) != std::string::npos);
}

void judge_answer_of(const model::owner_reference& owner, const api_response& r,
                     model::known_owners& into) {
  using enum model::owner_state;
  if (says_absent(r, owner.name)) into.emplace(owner.uid, absent);
  if (r.code != 200) return;
  const json found = model::read_json(r.body.bytes());
  if (model::string_at(found, {"metadata", "name"}) != owner.name) return;
  if (model::string_at(found, {"metadata", "uid"}) != owner.uid) {
    into.emplace(owner.uid, absent);
    return;
  }
  const bool going = !model::at(found, {"metadata", "deletionTimestamp"}).is_null() &&
                     model::has_finalizer(found, model::foreground_finalizer);
  into.emplace(owner.uid, going ? waiting : solid);
}

}  // namespace

bool other_resource::has(std::string_view verb) const {
  return std::ranges::find(verbs, verb) != verbs.end();
}

std::string other_resource::resource() const {
  return plural + "." + group_version.substr(0, group_version.find('/'));
}

std::string other_resource::path(const std::string& ns, const std::string& name) const {
  return model::resource_path(group_version, plural, namespaced ? ns : "", name);
}

void discover_others(controller_host& host, std::function<void(const other_servers&)> done) {
  const auto groups = groups_of_others(host);
  if (groups.empty()) return done({});
  auto found = std::make_shared<other_servers>();
  auto open = std::make_shared<std::size_t>(groups.size());
  for (const auto& group : groups)
    host.call("GET", "/apis/" + group, json(), [found, open, group, done](const api_response& r) {
      if (r.code == 200)
        read_resources(group, model::read_json(r.body.bytes()), *found);
      else
        found->unknown.push_back(group);
      if (--*open == 0) done(*found);
    });
}

bool is_of_others(const model::owner_reference& owner, const controller_host& host) {
  if (model::is_served_here(owner, *host.cache().custom_kinds())) return false;
  const auto groups = groups_of_others(host);
  return std::ranges::find(groups, owner.api_version) != groups.end();
}

void find_owners(controller_host& host, const other_servers& servers,
                 const std::vector<model::owner_reference>& owners, const std::string& ns,
                 std::function<void(model::known_owners)> done) {
  struct question {
    model::owner_reference owner;
    std::string path;
  };
  std::vector<question> all;
  auto found = std::make_shared<model::known_owners>();
  for (const auto& owner : owners) {
    if (model::is_served_here(owner, *host.cache().custom_kinds())) continue;
    const auto kind = std::ranges::find_if(servers.resources, [&](const other_resource& r) {
      return r.group_version == owner.api_version && r.kind == owner.kind && r.has("get");
    });
    if (kind == servers.resources.end()) continue;
    if (kind->namespaced && ns.empty())
      found->emplace(owner.uid, model::owner_state::unreachable);
    else
      all.push_back({owner, kind->path(ns, owner.name)});
  }
  if (all.empty()) return done(std::move(*found));
  auto open = std::make_shared<std::size_t>(all.size());
  for (auto& q : all)
    host.call("GET", q.path, json(), [found, open, owner = q.owner, done](const api_response& r) {
      judge_answer_of(owner, r, *found);
      if (--*open == 0) done(std::move(*found));
    });
}

}  // namespace troupe
