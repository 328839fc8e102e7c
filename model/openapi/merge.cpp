#include "model/openapi/merge.hpp"

#include <map>
#include <utility>
#include <vector>

namespace troupe::model {
namespace {

constexpr std::string_view definition_prefix = "#/definitions/";
constexpr std::string_view parameter_prefix = "#/parameters/";

/// Calls `f` with each text of a "$ref" below.
template <class Json, class F>
void each_reference(Json& value, const F& f) {
  if (value.is_array()) {
    for (auto& item : value) each_reference(item, f);
  } else if (value.is_object()) {
    for (auto i = value.begin(); i != value.end(); ++i) {
      if (i.key() == "$ref" && i->is_string())
        f(*i);
      else
        each_reference(*i, f);
    }
  }
}

std::string defined_name(const json& reference) {
  const auto& text = reference.get_ref<const std::string&>();
  return text.starts_with(definition_prefix) ? text.substr(definition_prefix.size()) : "";
}

void write_out_parameters(json& holder, const json& named) {
  if (!holder.is_object() || !holder.contains("parameters") || !holder["parameters"].is_array())
    return;
  for (json& p : holder["parameters"]) {
    const std::string reference = string_at(p, {"$ref"});
    if (!reference.starts_with(parameter_prefix)) continue;
    json found = at(named, {reference.substr(parameter_prefix.size())});
    if (found.is_object()) p = std::move(found);
  }
}

}  // namespace

json openapi_2_of(const json& document, const std::string& group, const std::string& version) {
  const std::string own = "/apis/" + group + "/" + version + "/";
  json paths = json::object();
  for (const auto& [path, item] : at(document, {"paths"}).items())
    if (path.starts_with(own) && item.is_object()) paths[path] = item;
  if (paths.empty()) return nullptr;
  const json& named = at(document, {"parameters"});
  for (json& item : paths) {
    write_out_parameters(item, named);
    for (json& operation : item) write_out_parameters(operation, named);
  }
  const json& all = at(document, {"definitions"});
  json used = json::object();
  std::vector<std::string> open;
  const auto note = [&](const json& reference) {
    const auto name = defined_name(reference);
    if (name.empty() || used.contains(name)) return;
    const json& definition = at(all, {name});
    if (!definition.is_object()) return;
    used[name] = definition;
    open.push_back(name);
  };
  // The kinds themselves are named by what their definitions say, paths or not.
  for (const auto& [name, definition] : all.items())
    for (const json& kind : at(definition, {"x-kubernetes-group-version-kind"}))
      if (string_at(kind, {"group"}) == group && string_at(kind, {"version"}) == version)
        note(json(std::string(definition_prefix) + name));
  each_reference(std::as_const(paths), note);
  while (!open.empty()) {
    const json definition = used[open.back()];
    open.pop_back();
    each_reference(definition, note);
  }
  return {{"paths", std::move(paths)}, {"definitions", std::move(used)}};
}

void add_openapi_2(json& document, json part) {
  json& definitions = document["definitions"];
  std::map<std::string, std::string> renamed;
  for (const auto& [name, definition] : part["definitions"].items()) {
    if (!definitions.contains(name) || definitions[name] == definition) continue;
    std::string other;
    for (int n = 2; other.empty() || definitions.contains(other); ++n)
      other = name + "_v" + std::to_string(n);
    renamed.emplace(name, other);
  }
  if (!renamed.empty())
    each_reference(part, [&](json& reference) {
      if (const auto found = renamed.find(defined_name(reference)); found != renamed.end())
        reference = std::string(definition_prefix) + found->second;
    });
  for (auto& [name, definition] : part["definitions"].items()) {
    const auto found = renamed.find(name);
    definitions[found == renamed.end() ? name : found->second] = std::move(definition);
  }
  for (auto& [path, item] : part["paths"].items())
    if (!document["paths"].contains(path)) document["paths"][path] = std::move(item);
}

}  // namespace troupe::model
