#include "model/label_names.hpp"
#include "model/validation/pod.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

bool letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Fifteen characters at most, none of those that file names forbid.
bool is_netbios_name(std::string_view name) {
  constexpr std::string_view forbidden = "\\/:*?\"<>|";
  constexpr std::size_t longest = 15;
  return !name.empty() && name.size() <= longest && name.front() != '.' &&
         name.find_first_of(forbidden) == name.npos;
}

bool is_dns_domain(std::string_view name) {
  constexpr std::size_t longest = 63;
  for (auto rest = name;;) {
    const auto end = std::min(rest.find('.'), rest.size());
    const auto label = rest.substr(0, end);
    if (label.empty() || label.size() > longest || !letter_or_digit(label.front()) ||
        !letter_or_digit(label.back()) ||
        !std::ranges::all_of(label, [](char c) { return letter_or_digit(c) || c == '-'; }))
      return false;
    if (end == rest.size()) return true;
    rest.remove_prefix(end + 1);
  }
}

/// "user" or "DOMAIN\user".
void validate_windows_user(std::string_view name, const field_path& path, faults& out) {
  constexpr std::size_t longest_domain = 255;
  constexpr std::size_t longest_user = 104;
  const auto refuse = [&](const char* why) { out.invalid(path, name, why); };
  if (name.empty()) return refuse("runAsUserName cannot be an empty string");
  if (std::ranges::any_of(name, [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; }))
    return refuse("runAsUserName cannot contain control characters");
  if (std::ranges::count(name, '\\') > 1)
    return refuse("runAsUserName cannot contain more than one backslash");
  const auto slash = name.find('\\');
  const auto domain = slash == name.npos ? std::string_view() : name.substr(0, slash);
  const auto user = slash == name.npos ? name : name.substr(slash + 1);
  if (domain.size() > longest_domain)
    refuse("runAsUserName's Domain length must be under 256 characters");
  if (slash != name.npos && !is_netbios_name(domain) && !is_dns_domain(domain))
    refuse("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
  if (user.empty())
    refuse("runAsUserName's User cannot be empty");
  else if (user.size() > longest_user)
    refuse("runAsUserName's User length must not be longer than 104 characters");
  if (!user.empty() && user.find_first_not_of(". ") == user.npos)
    refuse("runAsUserName's User cannot contain only periods or spaces");
  if (user.find_first_of("\"/\\:;|=,+*?<>@[]") != user.npos)
    refuse("runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]");
}

const json& windows_of(const json& owner) {
  return value_of(value_of(owner, "securityContext"), "windowsOptions");
}

/// All containers are processes of the node, or none is.
void validate_host_processes(const json& spec, const field_path& path, faults& out) {
  const json& of_pod = value_of(windows_of(spec), "hostProcess");
  std::size_t all = 0, on_host = 0;
  each_container(spec, path, [&](const json& container, const field_path& here) {
    ++all;
    const json& own = value_of(windows_of(container), "hostProcess");
    const field_path security_path = here.child("securityContext");
    const field_path options_path = security_path.child("windowsOptions");
    if (!own.is_null() && !of_pod.is_null() && own != of_pod)
      out.invalid(
          options_path.child("hostProcess"), own,
          "pod hostProcess value must be identical if both are specified, was " + of_pod.dump());
    on_host += (own.is_null() ? of_pod : own) == true ? 1 : 0;
  });
  if (on_host == 0) return;
  if (on_host != all)
    out.invalid(path, "",
                "If pod contains any hostProcess containers then all containers must be "
                "HostProcess containers");
  if (value_of(spec, "hostNetwork") != true)
    out.invalid(path.child("hostNetwork"), false,
                "hostNetwork must be true if pod contains any hostProcess containers");
}

void validate_linux(const json& spec, const field_path& path, faults& out) {
  constexpr std::string_view fault = "windows options cannot be set for a linux pod";
  const field_path security_path = path.child("securityContext");
  if (!windows_of(spec).is_null()) out.forbidden(security_path.child("windowsOptions"), fault);
  each_container(spec, path, [&](const json& container, const field_path& here) {
    const field_path context_path = here.child("securityContext");
    if (!windows_of(container).is_null())
      out.forbidden(context_path.child("windowsOptions"), fault);
  });
}

void validate_windows(const json& spec, const field_path& path, faults& out) {
  constexpr std::string_view fault = "cannot be set for a windows pod";
  const auto forbid = [&](const json& object, const field_path& here,
                          std::initializer_list<const char*> names) {
    for (const char* name : names)
      if (const json& value = value_of(object, name); !value.is_null() && value != false)
        out.forbidden(here.child(name), fault);
  };
  const field_path security_path = path.child("securityContext");
  forbid(value_of(spec, "securityContext"), security_path,
         {"appArmorProfile", "seLinuxOptions", "seccompProfile", "fsGroup", "fsGroupChangePolicy",
          "sysctls", "runAsUser", "runAsGroup", "supplementalGroups", "supplementalGroupsPolicy",
          "seLinuxChangePolicy"});
  forbid(spec, path, {"hostPID", "hostIPC"});
  // Set at all is too much, true or not.
  for (const char* name : {"hostUsers", "shareProcessNamespace"})
    if (!value_of(spec, name).is_null()) out.forbidden(path.child(name), fault);
  each_container(spec, path, [&](const json& container, const field_path& here) {
    const json& security = value_of(container, "securityContext");
    const field_path context_path = here.child("securityContext");
    for (const char* name : {"appArmorProfile", "seLinuxOptions", "seccompProfile", "capabilities",
                             "readOnlyRootFilesystem", "privileged", "allowPrivilegeEscalation",
                             "procMount", "runAsUser", "runAsGroup"})
      if (!value_of(security, name).is_null()) out.forbidden(context_path.child(name), fault);
  });
}

}  // namespace

void validate_windows_options(const json& options, const field_path& path, faults& out) {
  if (!options.is_object()) return;
  constexpr std::size_t longest_spec = 64u << 10;
  if (const json& name = value_of(options, "gmsaCredentialSpecName"); !name.is_null())
    out.check(path.child("gmsaCredentialSpecName"), as_text(name),
              dns_subdomain_fault(as_text(name)));
  if (const json& spec = value_of(options, "gmsaCredentialSpec"); !spec.is_null()) {
    const field_path here = path.child("gmsaCredentialSpec");
    if (as_text(spec).empty())
      out.invalid(here, spec, "gmsaCredentialSpec cannot be an empty string");
    else if (as_text(spec).size() > longest_spec)
      out.invalid(here, spec, "gmsaCredentialSpec size must be under 64 KiB");
  }
  if (const json& user = value_of(options, "runAsUserName"); !user.is_null())
    validate_windows_user(as_text(user), path.child("runAsUserName"), out);
}

void validate_os(const json& spec, const field_path& path, faults& out) {
  validate_host_processes(spec, path, out);
  const json& os = value_of(spec, "os");
  if (!os.is_object()) return;
  const field_path os_path = path.child("os");
  const auto name = text_of(os, "name");
  if (name.empty())
    out.required(os_path.child("name"), "cannot be empty");
  else if (name == "linux")
    validate_linux(spec, path, out);
  else if (name == "windows")
    validate_windows(spec, path, out);
  else
    out.not_supported(os_path, name, {"linux", "windows"});
}

}  // namespace troupe::model
