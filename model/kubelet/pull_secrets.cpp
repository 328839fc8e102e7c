#include "model/kubelet/pull_secrets.hpp"

#include "model/base64.hpp"
#include "model/json_read.hpp"

#include <algorithm>
#include <string_view>

namespace troupe::model::kubelet {
namespace {

constexpr std::string_view docker_hub = "index.docker.io";

// "registry.example.com/team/app"; images without a registry are Docker Hub's.
std::string place_of(std::string image) {
  image = image.substr(0, image.find('@'));
  const auto slash = image.find('/');
  const auto first = image.substr(0, slash);
  const bool registry = slash != std::string::npos &&
                        (first == "localhost" || first.find_first_of(".:") != std::string::npos);
  if (const auto tag = image.rfind(':'); tag != std::string::npos &&
                                         image.find('/', tag) == std::string::npos &&
                                         tag > (registry ? slash : 0))
    image.resize(tag);
  if (!registry) return std::string(docker_hub) + "/" + image;
  if (first == "docker.io") return std::string(docker_hub) + image.substr(slash);
  return image;
}

// "https://registry.example.com/v1/" names registry.example.com.
std::string_view without_dress(std::string_view name) {
  for (std::string_view scheme : {"https://", "http://"})
    if (name.starts_with(scheme)) name.remove_prefix(scheme.size());
  while (name.ends_with('/')) name.remove_suffix(1);
  for (std::string_view version : {"/v1", "/v2"})
    if (name.ends_with(version)) name.remove_suffix(version.size());
  return name;
}

// Between two stars the first place that fits is the best one, so that none is tried twice.
bool fits_part(std::string_view pattern, std::string_view text) {
  auto star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  text.remove_prefix(star);
  for (;;) {
    pattern.remove_prefix(star + 1);
    star = pattern.find('*');
    if (star == std::string_view::npos) return text.ends_with(pattern);
    const auto at = text.find(pattern.substr(0, star));
    if (at == std::string_view::npos) return false;
    text.remove_prefix(at + star);
  }
}

std::string_view cut(std::string_view& text, char at) {
  const auto end = std::min(text.find(at), text.size());
  const auto out = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return out;
}

// Hosts match part by part between their dots, paths as prefixes.
bool names(std::string_view name, std::string_view place) {
  name = without_dress(name);
  auto pattern = cut(name, '/');
  auto host = cut(place, '/');
  if (pattern.empty() || !place.starts_with(name)) return false;
  if (std::ranges::count(pattern, '.') != std::ranges::count(host, '.')) return false;
  while (!pattern.empty() || !host.empty())
    if (!fits_part(cut(pattern, '.'), cut(host, '.'))) return false;
  return true;
}

registry_login login_from(const json& entry) {
  registry_login out{string_at(entry, {"username"}), string_at(entry, {"password"})};
  const auto both = from_base64(string_at(entry, {"auth"}));
  if (const auto colon = both ? both->find(':') : std::string::npos; colon != std::string::npos) {
    out.username = both->substr(0, colon);
    out.password = both->substr(colon + 1);
  }
  return out;
}

json entries_of(const json& secret) {
  const auto type = string_at(secret, {"type"});
  const bool newer = type == "kubernetes.io/dockerconfigjson";
  if (!newer && type != "kubernetes.io/dockercfg") return nullptr;
  const auto text =
      from_base64(string_at(secret, {"data", newer ? ".dockerconfigjson" : ".dockercfg"}));
  json document = text ? read_json(*text) : json();
  return newer ? at(document, {"auths"}) : document;
}

}  // namespace

std::vector<registry_login> logins_for(const std::string& image, const std::vector<json>& secrets) {
  const auto place = place_of(image);
  std::vector<std::pair<std::string, registry_login>> found;
  for (const json& secret : secrets) {
    const json entries = entries_of(secret);
    if (!entries.is_object()) continue;
    for (const auto& [name, entry] : entries.items())
      if (names(name, place)) found.emplace_back(name, login_from(entry));
  }
  std::ranges::stable_sort(found, [](const auto& a, const auto& b) {
    return without_dress(a.first).size() > without_dress(b.first).size();
  });
  std::vector<registry_login> out;
  for (auto& [name, login] : found) out.push_back(std::move(login));
  return out;
}

}  // namespace troupe::model::kubelet
