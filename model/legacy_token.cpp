#include "model/legacy_token.hpp"

#include "model/kubelet/container_config.hpp"
#include "model/kubelet/volumes.hpp"
#include "model/selector.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

bool is_day(const std::string* label) {
  return label && begin_of_day(*label);
}

bool lists(const object& account, const std::string& secret) {
  const json document = account.parse();
  const auto& all = at(document, {"secrets"});
  return std::any_of(all.begin(), all.end(),
                     [&](const json& r) { return string_at(r, {"name"}) == secret; });
}

}  // namespace

std::string day_of(time_point t) {
  return to_rfc3339(t).substr(0, 10);
}

std::optional<time_point> begin_of_day(std::string_view text) {
  if (text.size() != 10) return std::nullopt;
  return from_rfc3339(std::string(text) + "T00:00:00Z");
}

// A server whose clock goes before may have written tomorrow.
bool wants_use_noted(const object& secret, time_point now) {
  const auto* noted = find(secret.header().labels, last_used_label);
  return !noted || (*noted != day_of(now) && *noted != day_of(now + std::chrono::hours(24)));
}

json use_note(const object& secret, time_point now) {
  return {
      {"metadata", {{"uid", secret.header().uid}, {"labels", {{last_used_label, day_of(now)}}}}}};
}

token_fate fate_of_token(const object& secret, const object* account,
                         const std::set<std::string>& mounted, std::chrono::seconds unused,
                         time_point now) {
  const auto made = from_rfc3339(string_at(secret.parse(), {"metadata", "creationTimestamp"}));
  if (secret.header().deleting || !made || *made >= now - unused) return token_fate::kept;
  const auto keep_from = day_of(now - unused);
  // One without the label has not been used since uses are noted; what is no day says nothing.
  const auto* used = find(secret.header().labels, last_used_label);
  if (used && (!is_day(used) || *used >= keep_from)) return token_fate::kept;
  if (!account || !lists(*account, secret.key().name) || mounted.contains(secret.key().name))
    return token_fate::kept;
  const auto* invalid = find(secret.header().labels, invalid_since_label);
  if (!is_day(invalid)) return token_fate::marked_invalid;
  return *invalid >= keep_from ? token_fate::kept : token_fate::deleted;
}

std::set<std::string> secrets_of_pod(const json& pod) {
  std::set<std::string> out;
  const auto add = [&](const auto& references) {
    for (const auto& r : references)
      if (r.resource == "secrets") out.insert(std::string(r.name));
  };
  add(kubelet::volume_references(pod));
  for (const char* list : {"initContainers", "containers", "ephemeralContainers"})
    for (const json& container : at(pod, {"spec", list}))
      add(kubelet::environment_references(container));
  for (const json& r : at(pod, {"spec", "imagePullSecrets"})) out.insert(string_at(r, {"name"}));
  return out;
}

}  // namespace troupe::model
