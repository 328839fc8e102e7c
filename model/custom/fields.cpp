#include "model/custom/fields.hpp"

#include "model/conversion.hpp"
#include "model/scale.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

/// What is before the first dot; `path` keeps the rest.
std::string take_first(std::string_view& path) {
  const auto dot = std::min(path.find('.'), path.size());
  std::string out(path.substr(0, dot));
  path.remove_prefix(std::min(dot + 1, path.size()));
  return out;
}

std::string text_of(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_primitive() && !value.is_null() ? value.dump() : std::string();
}

std::int64_t number_at(const json& object, std::string_view path) {
  const json* found = value_at(object, path);
  return found && found->is_number() ? found->get<std::int64_t>() : 0;
}

}  // namespace

const json* value_at(const json& document, std::string_view path) {
  const json* here = &document;
  while (!path.empty()) {
    const auto found = here->is_object() ? here->find(take_first(path)) : here->end();
    if (!here->is_object() || found == here->end()) return nullptr;
    here = &*found;
  }
  return here;
}

string_pairs custom_fields(const kind_info& kind, const object& o) {
  string_pairs out = o.header().fields;
  const json document = parse_as(kind, o);
  for (const auto field : kind.field_selectors) {
    const json* found = value_at(document, field);
    out.emplace_back(field, found ? text_of(*found) : std::string());
  }
  std::ranges::sort(out);
  return out;
}

json custom_scale(const custom_version& version, const json& object) {
  json scale = scale_of({{"metadata", at(object, {"metadata"})}});
  if (const auto wanted = number_at(object, version.spec_replicas); wanted != 0)
    scale["spec"]["replicas"] = wanted;
  scale["status"]["replicas"] = number_at(object, version.status_replicas);
  if (!version.label_selector.empty())
    if (const json* selector = value_at(object, version.label_selector);
        selector && selector->is_string())
      scale["status"]["selector"] = *selector;
  return scale;
}

void set_custom_scale(const custom_version& version, json& object, const json& scale) {
  json* here = &object;
  for (std::string_view path = version.spec_replicas; !path.empty();) {
    if (!here->is_object()) *here = json::object();
    here = &(*here)[take_first(path)];
  }
  const json& wanted = at(scale, {"spec", "replicas"});
  *here = wanted.is_number_integer() ? wanted : json(0);
}

}  // namespace troupe::model
