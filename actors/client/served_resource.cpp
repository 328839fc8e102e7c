#include "actors/client/client.hpp"
#include "model/api_path.hpp"
#include "model/schema.hpp"

namespace troupe {

using model::string_at;

std::string served_resource::collection(const std::string& ns) const {
  return model::resource_path(api_version, plural, namespaced ? ns : "");
}

std::string served_resource::object(const std::string& ns, const std::string& name) const {
  return model::resource_path(api_version, plural, namespaced ? ns : "", name);
}

std::optional<served_resource> built_in_resource(const std::string& resource) {
  const auto* kind = model::schema::instance().by_resource(resource);
  if (!kind) return std::nullopt;
  return served_resource{kind->api_version(), std::string(kind->plural), kind->namespaced};
}

std::optional<served_resource> discovered_resource(const model::json& groups,
                                                   const std::string& resource) {
  const auto dot = resource.find('.');
  const auto plural = resource.substr(0, dot);
  const auto group = dot == resource.npos ? std::string() : resource.substr(dot + 1);
  for (const auto& g : model::at(groups, {"items"})) {
    if (string_at(g, {"metadata", "name"}) != group) continue;
    for (const auto& v : model::at(g, {"versions"}))
      for (const auto& r : model::at(v, {"resources"}))
        if (string_at(r, {"resource"}) == plural)
          return served_resource{group + "/" + string_at(v, {"version"}), plural,
                                 string_at(r, {"scope"}) == "Namespaced"};
  }
  return std::nullopt;
}

}  // namespace troupe
