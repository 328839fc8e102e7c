#include "model/scheduling/published_profile.hpp"

#include "model/scheduling/config.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

// An object's annotations may have 256 KiB together.
constexpr std::size_t most_text = 128u << 10;

// Plugins that are none of kube-scheduler's, wherever the profile names them.
json plugins_of_others(const json& profile, const plugin_registry& known) {
  json out = json::object();
  const json& points = at(profile, {"plugins"});
  if (!points.is_object()) return out;
  for (const auto& [point, set] : points.items())
    for (const json& plugin : at(set, {"enabled"})) {
      const auto name = string_at(plugin, {"name"});
      const auto found = known.find(name);
      if (found != known.end() && !in_tree_plugins().contains(name)) out[name] = found->second;
    }
  return out;
}

// What extenders manage is not NodeResourcesFit's business: told as its own argument.
void fold_managed(const json& extenders, json& profile) {
  json theirs = json::array();
  for (const json& e : extenders)
    for (const json& r : at(e, {"managedResources"}))
      if (at(r, {"ignoredByScheduler"}) == true) theirs.push_back(string_at(r, {"name"}));
  if (theirs.empty()) return;
  for (json& entry : profile["pluginConfig"])
    if (string_at(entry, {"name"}) == "NodeResourcesFit")
      entry["args"]["ignoredResources"] = theirs;
}

}  // namespace

std::string published_profile_text(const json& profile, const json& extenders,
                                   const plugin_registry& known) {
  json told = profile;
  fold_managed(extenders, told);
  json out{{"extenders", extenders.size()}, {"plugins", plugins_of_others(profile, known)}};
  out["profile"] = std::move(told);
  auto text = out.dump(-1, ' ', false, json::error_handler_t::replace);
  return text.size() > most_text ? std::string() : text;
}

void publish_profile(json& lease, const std::string& text) {
  json& metadata = lease["metadata"];
  if (!text.empty()) {
    metadata["annotations"][profile_annotation] = text;
  } else if (const auto told = metadata.find("annotations"); told != metadata.end()) {
    told->erase(profile_annotation);
    if (told->empty()) metadata.erase(told);
  }
}

std::variant<published_profile, std::string> read_published_profile(std::string_view text,
                                                                    const plugin_registry& known) {
  const auto parsed = parse_json(text, {most_text, 64});
  if (!parsed) return parsed.error;
  if (!at(parsed.value, {"profile"}).is_object()) return "it has no profile";
  published_profile out;
  auto registry = known;
  if (const json& others = at(parsed.value, {"plugins"}); others.is_object())
    for (const auto& [name, points] : others.items())
      if (points.is_number_unsigned() &&
          registry.emplace(name, points.get<extension_points>()).second)
        out.missing.push_back(name);
  const json configuration{{"apiVersion", "kubescheduler.config.k8s.io/v1"},
                           {"kind", "KubeSchedulerConfiguration"},
                           {"profiles", json::array({at(parsed.value, {"profile"})})}};
  auto read = read_scheduler_config(configuration.dump(), registry);
  if (auto* fault = std::get_if<std::string>(&read)) return std::move(*fault);
  out.rules = std::move(std::get<scheduler_config>(read).profiles.front());
  std::erase_if(out.rules.custom, [&](const custom_use& u) {
    return std::find(out.missing.begin(), out.missing.end(), u.name) != out.missing.end();
  });
  if (const json& n = at(parsed.value, {"extenders"}); n.is_number_unsigned())
    out.extenders = n.get<std::size_t>();
  return out;
}

}  // namespace troupe::model
