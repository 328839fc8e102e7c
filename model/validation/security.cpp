#include "model/validation/pod.hpp"

#include <algorithm>
#include <limits>

namespace troupe::model {
namespace {

void validate_id(const json& id, const field_path& path, faults& out) {
  if (!id.is_number_integer()) return;
  const auto value = id.get<std::int64_t>();
  if (value < 0 || value > std::numeric_limits<std::int32_t>::max())
    out.invalid(path, id, "must be between 0 and 2147483647, inclusive");
}

void validate_seccomp(const json& profile, const field_path& path, faults& out) {
  if (!profile.is_object()) return;
  const auto type = text_of(profile, "type");
  const json& local = value_of(profile, "localhostProfile");
  const field_path local_path = path.child("localhostProfile");
  if (type.empty())
    out.required(path.child("type"), "type is required when seccompProfile is set");
  else if (type != "Localhost" && type != "RuntimeDefault" && type != "Unconfined")
    out.not_supported(path.child("type"), type, {"Localhost", "RuntimeDefault", "Unconfined"});
  if (type != "Localhost") {
    if (!local.is_null())
      out.invalid(local_path, profile, "can only be set when seccomp type is Localhost");
  } else if (local.is_null()) {
    out.required(local_path, "must be set when seccomp type is Localhost");
  } else {
    validate_descending(as_text(local), local_path, out);
  }
}

void validate_local_app_armor(const json& local, const field_path& path, faults& out) {
  constexpr std::size_t longest = 4095;
  constexpr std::string_view blank = " \t\r\n\f\v";
  const auto name = as_text(local);
  if (name.empty() || name.find_first_not_of(blank) == name.npos) {
    if (name.empty())
      out.required(path, "must be set when AppArmor type is Localhost");
    else
      out.invalid(path, name, "must not be padded with whitespace");
  } else if (blank.find(name.front()) != blank.npos || blank.find(name.back()) != blank.npos) {
    out.invalid(path, name, "must not be padded with whitespace");
  }
  if (name.size() > longest) out.too_long(path, longest);
}

void validate_app_armor(const json& profile, const field_path& path, faults& out) {
  if (!profile.is_object()) return;
  const auto type = text_of(profile, "type");
  const json& local = value_of(profile, "localhostProfile");
  if (type == "Localhost")
    validate_local_app_armor(local, path.child("localhostProfile"), out);
  else if (type.empty())
    out.required(path.child("type"), "type is required when appArmorProfile is set");
  else if (type != "RuntimeDefault" && type != "Unconfined")
    out.not_supported(path.child("type"), type, {"Localhost", "RuntimeDefault", "Unconfined"});
  else if (!local.is_null())
    out.invalid(path.child("localhostProfile"), local,
                "can only be set when AppArmor type is Localhost");
}

/// Segments of lower case letters, digits, '-' and '_', parted by dots or slashes.
bool is_sysctl_name(std::string_view name) {
  constexpr std::size_t longest = 253;
  if (name.size() > longest) return false;
  const auto lower_alnum = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  for (auto rest = name;;) {
    const auto end = std::min(rest.find_first_of("./"), rest.size());
    const auto segment = rest.substr(0, end);
    if (segment.empty() || !lower_alnum(segment.front()) || !lower_alnum(segment.back()) ||
        !std::ranges::all_of(segment,
                             [&](char c) { return lower_alnum(c) || c == '-' || c == '_'; }))
      return false;
    if (end == rest.size()) return true;
    rest.remove_prefix(end + 1);
  }
}

/// A setting of a namespace that the pod shares with the node is not the pod's to make.
void validate_host_sysctl(std::string_view name, const json& spec, const field_path& path,
                          faults& out) {
  std::string dotted(name);
  std::ranges::replace(dotted, '/', '.');
  const bool net = dotted.starts_with("net.");
  const bool ipc = dotted == "kernel.sem" || dotted.starts_with("kernel.shm") ||
                   dotted.starts_with("kernel.msg") || dotted.starts_with("fs.mqueue.");
  if (net && value_of(spec, "hostNetwork") == true)
    out.invalid(path, name, "may not be specified when 'hostNetwork' is true");
  if (ipc && value_of(spec, "hostIPC") == true)
    out.invalid(path, name, "may not be specified when 'hostIPC' is true");
}

void validate_sysctls(const json& security, const json& spec, const field_path& security_path,
                      faults& out) {
  const field_path path = security_path.child("sysctls");
  const auto& sysctls = items_of(security, "sysctls");
  name_set seen;
  for (std::size_t i = 0; i < sysctls.size(); ++i) {
    const field_path item = path.index(i);
    const field_path here = item.child("name");
    const auto name = text_of(sysctls[i], "name");
    if (name.empty()) continue;  // said by the shape
    if (!is_sysctl_name(name))
      out.invalid(here, name,
                  "must have at most 253 characters and match regex "
                  "^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$");
    else if (seen.contains(name))
      out.duplicate(here, name);
    validate_host_sysctl(name, spec, here, out);
    seen.insert(name);
  }
}

}  // namespace

void validate_pod_security(const json& spec, const field_path& spec_path, faults& out) {
  const json& security = value_of(spec, "securityContext");
  if (!security.is_object()) return;
  const field_path path = spec_path.child("securityContext");
  if (value_of(spec, "shareProcessNamespace") == true && value_of(spec, "hostPID") == true)
    out.invalid(path.child("shareProcessNamespace"), true,
                "ShareProcessNamespace and HostPID cannot both be enabled");
  if (security.empty()) return;
  for (const char* name : {"fsGroup", "runAsUser", "runAsGroup"})
    validate_id(value_of(security, name), path.child(name), out);
  const field_path groups_path = path.child("supplementalGroups");
  const auto& groups = items_of(security, "supplementalGroups");
  for (std::size_t i = 0; i < groups.size(); ++i) validate_id(groups[i], groups_path.index(i), out);
  validate_sysctls(security, spec, path, out);
  validate_seccomp(value_of(security, "seccompProfile"), path.child("seccompProfile"), out);
  validate_windows_options(value_of(security, "windowsOptions"), path.child("windowsOptions"), out);
  validate_app_armor(value_of(security, "appArmorProfile"), path.child("appArmorProfile"), out);
}

void validate_container_security(const json& container, const field_path& container_path,
                                 faults& out) {
  const json& security = value_of(container, "securityContext");
  if (!security.is_object()) return;
  const field_path path = container_path.child("securityContext");
  for (const char* name : {"runAsUser", "runAsGroup"})
    validate_id(value_of(security, name), path.child(name), out);
  validate_seccomp(value_of(security, "seccompProfile"), path.child("seccompProfile"), out);
  if (value_of(security, "allowPrivilegeEscalation") == false) {
    if (value_of(security, "privileged") == true)
      out.invalid(path, security,
                  "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
    for (const json& capability : items_of(value_of(security, "capabilities"), "add"))
      if (capability == "CAP_SYS_ADMIN")
        out.invalid(path, security,
                    "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` "
                    "CAP_SYS_ADMIN");
  }
  validate_windows_options(value_of(security, "windowsOptions"), path.child("windowsOptions"), out);
  validate_app_armor(value_of(security, "appArmorProfile"), path.child("appArmorProfile"), out);
}

}  // namespace troupe::model
