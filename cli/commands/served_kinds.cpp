#include "cli/commands/served_kinds.hpp"

#include "model/kind_argument.hpp"
#include "model/utf8.hpp"

#include <algorithm>

namespace troupe::cli {

using model::at;
using model::json;
using model::kind_info;
using model::string_at;

served_kinds::served_kinds(const json& discovery) {
  for (const json& group : at(discovery, {"items"})) add_group(group);
}

void served_kinds::add_group(const json& group) {
  const auto name = keep(string_at(group, {"metadata", "name"}));
  for (const json& version : at(group, {"versions"})) {
    const auto of = keep(string_at(version, {"version"}));
    for (const json& resource : at(version, {"resources"})) add(name, of, resource);
  }
}

void served_kinds::add(std::string_view group, std::string_view version, const json& resource) {
  const std::string kind = string_at(resource, {"responseKind", "kind"});
  const std::string plural = string_at(resource, {"resource"});
  if (kind.empty() || plural.empty()) return;  // not a kind one can name
  if (model::schema::instance().by_kind(group, version, kind)) return;
  kind_info k;
  k.group = group;
  k.version = version;
  k.kind = keep(kind);
  k.plural = keep(plural);
  const auto singular = string_at(resource, {"singularResource"});
  k.singular = keep(singular.empty() ? model::ascii_lower(kind) : singular);
  k.resource = keep(std::string(k.plural) + "." + std::string(group));
  k.namespaced = string_at(resource, {"scope"}) == "Namespaced";
  k.short_names = keep_all(at(resource, {"shortNames"}));
  k.categories = keep_all(at(resource, {"categories"}));
  k.verbs = keep_all(at(resource, {"verbs"}));
  k.stored = std::ranges::none_of(
      kinds_, [&](const kind_info& other) { return other.resource == k.resource; });
  kinds_.push_back(std::move(k));
}

std::vector<std::string_view> served_kinds::keep_all(const json& texts) {
  std::vector<std::string_view> out;
  for (const json& t : texts)
    if (t.is_string()) out.push_back(keep(t.get<std::string>()));
  return out;
}

const kind_info* served_kinds::by_kind(std::string_view group, std::string_view version,
                                       std::string_view kind) const {
  const auto found = std::ranges::find_if(kinds_, [&](const kind_info& k) {
    return k.group == group && k.version == version && k.kind == kind;
  });
  return found == kinds_.end() ? nullptr : &*found;
}

const kind_info* served_kinds::by_argument(std::string_view argument) const {
  const std::string text = model::ascii_lower(argument);
  const auto found =
      std::ranges::find_if(kinds_, [&](const kind_info& k) { return model::named_by(k, text); });
  return found == kinds_.end() ? nullptr : &*found;
}

std::vector<const kind_info*> served_kinds::kinds() const {
  std::vector<const kind_info*> out;
  for (const kind_info& k : kinds_)
    if (k.stored) out.push_back(&k);
  return out;
}

}  // namespace troupe::cli
