#include "model/validation/pod.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::model {
namespace {

constexpr std::string_view mirror = "kubernetes.io/config.mirror";
constexpr std::string_view deletion_cost = "controller.kubernetes.io/pod-deletion-cost";
constexpr std::string_view seccomp_of_pod = "seccomp.security.alpha.kubernetes.io/pod";
constexpr std::string_view seccomp_prefix = "container.seccomp.security.alpha.kubernetes.io/";
constexpr std::string_view app_armor_prefix = "container.apparmor.security.beta.kubernetes.io/";
constexpr std::string_view local_prefix = "localhost/";

/// A 32-bit integer without leading zeros or '+'.
bool is_cost(std::string_view text) {
  std::int32_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, fault] = std::from_chars(text.data(), end, value);
  if (fault != std::errc{} || stop != end) return false;
  return text == "0" || (text.front() == '-' ? value < 0 && text[1] != '0' : text.front() != '0');
}

void validate_seccomp(std::string_view profile, const field_path& path, faults& out) {
  if (profile == "runtime/default" || profile == "docker/default" || profile == "unconfined")
    return;
  if (profile.starts_with(local_prefix))
    validate_descending(profile.substr(local_prefix.size()), path, out);
  else
    out.invalid(path, profile, "must be a valid seccomp profile");
}

bool has_container(const json& spec, std::string_view name) {
  for (const char* list : {"containers", "initContainers", "ephemeralContainers"})
    if (std::ranges::any_of(items_of(spec, list),
                            [&](const json& c) { return text_of(c, "name") == name; }))
      return true;
  return false;
}

void validate_app_armor(std::string_view key, std::string_view profile, const json& spec,
                        const field_path& path, faults& out) {
  const auto name = key.substr(app_armor_prefix.size());
  if (!has_container(spec, name)) out.invalid(path.key(key), name, "container not found");
  if (profile.empty() || profile == "runtime/default" || profile == "unconfined" ||
      profile.starts_with(local_prefix))
    return;
  out.invalid(path.key(key), profile,
              "invalid AppArmor profile name: " +
                  json(profile).dump(-1, ' ', false, json::error_handler_t::replace));
}

/// The two ways of naming a profile differ; `what` is "seccomp" or "apparmor".
void validate_match(std::string_view annotation, const json& profile, const std::string& what,
                    const field_path& path, faults& out) {
  const auto type = text_of(profile, "type");
  const std::string fault = what + " type in annotation and field must match";
  if (type == "Localhost") {
    if (!annotation.starts_with(local_prefix))
      out.forbidden(path.child("type"), fault);
    else if (annotation.substr(local_prefix.size()) != text_of(profile, "localhostProfile"))
      out.forbidden(path.child("localhostProfile"),
                    what + " profile in annotation and field must match");
  } else if (type == "Unconfined") {
    if (annotation != "unconfined") out.forbidden(path.child("type"), fault);
  } else if (type == "RuntimeDefault") {
    const bool same =
        annotation == "runtime/default" || (what == "seccomp" && annotation == "docker/default");
    if (!same) out.forbidden(path.child("type"), fault);
  }
}

const json* annotation(const json::object_t& annotations, std::string_view prefix,
                       std::string_view name) {
  const auto found = annotations.find(std::string(prefix) + std::string(name));
  return found == annotations.end() ? nullptr : &found->second;
}

}  // namespace

void validate_pod_annotations(const json& metadata, const json& spec, const field_path& path,
                              faults& out) {
  for (const auto& [key, value] : members_of(metadata, "annotations")) {
    const auto text = as_text(value);
    if (key == mirror && text_of(spec, "nodeName").empty())
      out.invalid(path.key(key), text, "must set spec.nodeName if mirror pod annotation is set");
    if (key == deletion_cost && !is_cost(text))
      out.invalid(path.key(key), text, "must be a 32bit integer");
    if (key == seccomp_of_pod || key.starts_with(seccomp_prefix))
      validate_seccomp(text, path.child(key), out);
    if (key.starts_with(app_armor_prefix)) validate_app_armor(key, text, spec, path, out);
  }
}

void validate_pod_annotations_update(const json& old_metadata, const json& metadata,
                                     const json& spec, const field_path& path, faults& out) {
  const auto& before = members_of(old_metadata, "annotations");
  const auto& now = members_of(metadata, "annotations");
  if (before == now) return;
  for (const auto& [key, value] : before) {
    const auto found = now.find(key);
    if (found != now.end() && found->second == value) continue;
    if (key.starts_with(app_armor_prefix))
      out.forbidden(path.key(key), "may not remove or update AppArmor annotations");
    if (key == mirror)
      out.forbidden(path.key(key), "may not remove or update mirror pod annotation");
  }
  for (const auto& [key, value] : now) {
    if (before.contains(key)) continue;
    if (key.starts_with(app_armor_prefix))
      out.forbidden(path.key(key), "may not add AppArmor annotations");
    if (key == mirror) out.forbidden(path.key(key), "may not add mirror pod annotation");
  }
  validate_pod_annotations(metadata, spec, path, out);
}

void validate_profiles_match(const json& metadata, const json& spec, const field_path& path,
                             faults& out) {
  const auto& annotations = members_of(metadata, "annotations");
  if (annotations.empty()) return;
  const field_path security_path = path.child("securityContext");
  const json& security = value_of(spec, "securityContext");
  const json& seccomp = value_of(security, "seccompProfile");
  if (const json* found = annotation(annotations, seccomp_of_pod, {}); found && !seccomp.is_null())
    validate_match(as_text(*found), seccomp, "seccomp", security_path.child("seccompProfile"), out);
  const bool windows = text_of(value_of(spec, "os"), "name") == "windows";
  each_container(spec, path, [&](const json& container, const field_path& here) {
    const auto name = text_of(container, "name");
    const field_path context_path = here.child("securityContext");
    const json& context = value_of(container, "securityContext");
    const json& profile = value_of(context, "seccompProfile");
    if (const json* found = annotation(annotations, seccomp_prefix, name);
        found && !profile.is_null())
      validate_match(as_text(*found), profile, "seccomp", context_path.child("seccompProfile"),
                     out);
    const json& own = value_of(context, "appArmorProfile");
    const json& armor = own.is_null() ? value_of(security, "appArmorProfile") : own;
    if (const json* found = annotation(annotations, app_armor_prefix, name);
        found && !armor.is_null() && !windows)
      validate_match(as_text(*found), armor, "apparmor", context_path.child("appArmorProfile"),
                     out);
  });
}

}  // namespace troupe::model
