#include "actors/controllers/paths.hpp"

#include "actors/controllers/controller.hpp"
#include "model/api_path.hpp"

namespace troupe {
namespace {

// The version that objects are stored in where it is served, else the preferred one.
model::served_kind version_for(const std::string& resource, const store::cache& objects) {
  const auto custom = objects.custom_kinds();
  const auto found = custom->definitions().find(resource);
  if (found == custom->definitions().end()) return {};
  const auto& stored = *found->second->stored;
  if (stored.served) return {&stored.kind, found->second};
  return custom->by_resource(resource);
}

}  // namespace

std::string path_of(const model::object_key& key, const store::cache& objects) {
  if (auto path = path_of(key); !path.empty()) return path;
  const auto found = version_for(key.resource, objects);
  if (!found) return {};
  return model::resource_path(*found.kind, key.ns, key.name);
}

void to_served_version(const model::object_key& key, const store::cache& objects,
                       model::json& document) {
  if (const auto found = version_for(key.resource, objects))
    document["apiVersion"] = found.kind->api_version();
}

}  // namespace troupe
