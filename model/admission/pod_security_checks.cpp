#include "model/admission/pod_security_checks.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>

namespace troupe::model::security {
namespace {

using words = std::vector<std::string>;
using result = std::optional<finding>;

std::string quoted(const words& all) {
  std::string out;
  for (const auto& word : all) out += (out.empty() ? "\"" : ", \"") + word + "\"";
  return out;
}

words sorted(const std::set<std::string>& all) {
  return {all.begin(), all.end()};
}

std::string joined(const words& all, const char* by) {
  std::string out;
  for (const auto& word : all) {
    if (!out.empty()) out += by;
    out += word;
  }
  return out;
}

std::string counted(const char* one, const words& names) {
  return std::string(one) + (names.size() == 1 ? " " : "s ") + quoted(names);
}

const json& security_of(const json& holder, std::string_view field) {
  return at(holder, {"securityContext", field});
}

words containers_where(const pod_facts& pod, const std::function<bool(const json&)>& is) {
  words out;
  for (const json* c : pod.containers)
    if (is(*c)) out.push_back(string_at(*c, {"name"}));
  return out;
}

// "pod", then the containers: who set something wrong.
std::string setters(bool pod, const words& containers) {
  words out;
  if (pod) out.emplace_back("pod");
  if (!containers.empty()) out.push_back(counted("container", containers));
  return joined(out, " and ");
}

// Baseline.

result host_namespaces(const pod_facts& pod) {
  words set;
  for (const char* field : {"hostNetwork", "hostPID", "hostIPC"})
    if (at(pod.spec, {field}) == true) set.push_back(std::string(field) + "=true");
  if (set.empty()) return std::nullopt;
  return finding{"host namespaces", joined(set, ", ")};
}

result privileged(const pod_facts& pod) {
  const auto bad =
      containers_where(pod, [](const json& c) { return security_of(c, "privileged") == true; });
  if (bad.empty()) return std::nullopt;
  return finding{"privileged",
                 counted("container", bad) + " must not set securityContext.privileged=true"};
}

const std::set<std::string> default_capabilities{
    "AUDIT_WRITE",      "CHOWN",   "DAC_OVERRIDE", "FOWNER",  "FSETID", "KILL",      "MKNOD",
    "NET_BIND_SERVICE", "SETFCAP", "SETGID",       "SETPCAP", "SETUID", "SYS_CHROOT"};

// Which containers add which capabilities beyond the allowed.
std::string added_capabilities(const pod_facts& pod, const std::set<std::string>& allowed) {
  std::set<std::string> beyond;
  const auto bad = containers_where(pod, [&](const json& c) {
    bool any = false;
    for (const json& name : at(c, {"securityContext", "capabilities", "add"}))
      if (name.is_string() && !allowed.contains(name.get<std::string>())) {
        beyond.insert(name.get<std::string>());
        any = true;
      }
    return any;
  });
  if (bad.empty()) return {};
  return counted("container", bad) + " must not include " + quoted(sorted(beyond)) +
         " in securityContext.capabilities.add";
}

result capabilities(const pod_facts& pod) {
  auto detail = added_capabilities(pod, default_capabilities);
  if (detail.empty()) return std::nullopt;
  return finding{"non-default capabilities", std::move(detail)};
}

result host_path_volumes(const pod_facts& pod) {
  words bad;
  for (const json& v : at(pod.spec, {"volumes"}))
    if (!at(v, {"hostPath"}).is_null()) bad.push_back(string_at(v, {"name"}));
  if (bad.empty()) return std::nullopt;
  return finding{"hostPath volumes", counted("volume", bad)};
}

result host_ports(const pod_facts& pod) {
  std::set<std::int64_t> ports;
  const auto bad = containers_where(pod, [&](const json& c) {
    bool any = false;
    for (const json& port : at(c, {"ports"}))
      if (const json& host = at(port, {"hostPort"}); host.is_number_integer() && host != 0) {
        ports.insert(host.get<std::int64_t>());
        any = true;
      }
    return any;
  });
  if (bad.empty()) return std::nullopt;
  words texts;
  for (const auto port : ports) texts.push_back(std::to_string(port));
  return finding{"hostPort", counted("container", bad) + (bad.size() == 1 ? " uses" : " use") +
                                 (texts.size() == 1 ? " hostPort " : " hostPorts ") +
                                 joined(texts, ", ")};
}

result app_armor(const pod_facts& pod) {
  constexpr std::string_view annotation = "container.apparmor.security.beta.kubernetes.io/";
  const auto wrong = [](const json& holder) {
    return string_at(holder, {"securityContext", "appArmorProfile", "type"}) == "Unconfined";
  };
  words out;
  const auto bad = containers_where(pod, wrong);
  if (const auto who = setters(wrong(pod.spec), bad); !who.empty())
    out.push_back(who + " must not set AppArmor profile type to \"Unconfined\"");
  words notes;
  if (pod.annotations.is_object())
    for (const auto& [key, value] : pod.annotations.items()) {
      if (!key.starts_with(annotation)) continue;
      const auto profile = value.is_string() ? value.get<std::string>() : "";
      if (!profile.empty() && profile != "runtime/default" && !profile.starts_with("localhost/"))
        notes.push_back(key + "=\"" + profile + "\"");
    }
  if (!notes.empty())
    out.push_back(std::string(notes.size() == 1 ? "annotation " : "annotations ") +
                  joined(notes, ", "));
  if (out.empty()) return std::nullopt;
  return finding{
      notes.size() + bad.size() > 1 ? "forbidden AppArmor profiles" : "forbidden AppArmor profile",
      joined(out, " and ")};
}

result proc_mount(const pod_facts& pod) {
  std::set<std::string> kinds;
  const auto bad = containers_where(pod, [&](const json& c) {
    const auto kind = string_at(c, {"securityContext", "procMount"}, "Default");
    if (kind != "Default") kinds.insert(kind);
    return kind != "Default";
  });
  if (bad.empty()) return std::nullopt;
  return finding{"procMount", counted("container", bad) +
                                  " must not set securityContext.procMount to " +
                                  quoted(sorted(kinds))};
}

result se_linux(const pod_facts& pod) {
  static const std::set<std::string> known{"", "container_t", "container_init_t",
                                           "container_kvm_t"};
  const auto allowed = [&](const std::string& type) {
    return known.contains(type) || (pod.minor >= 31 && type == "container_engine_t");
  };
  std::set<std::string> types;
  bool user = false;
  bool role = false;
  const auto wrong = [&](const json& holder) {
    const json& options = security_of(holder, "seLinuxOptions");
    if (!options.is_object()) return false;
    const auto type = string_at(options, {"type"});
    const bool sets_user = !string_at(options, {"user"}).empty();
    const bool sets_role = !string_at(options, {"role"}).empty();
    if (!allowed(type)) types.insert(type);
    user = user || sets_user;
    role = role || sets_role;
    return !allowed(type) || sets_user || sets_role;
  };
  const bool own = wrong(pod.spec);
  const auto bad = containers_where(pod, wrong);
  if (!own && bad.empty()) return std::nullopt;
  words data;
  if (!types.empty())
    data.push_back((types.size() == 1 ? "type " : "types ") + quoted(sorted(types)));
  if (user) data.emplace_back("user may not be set");
  if (role) data.emplace_back("role may not be set");
  return finding{
      "seLinuxOptions",
      setters(own, bad) + " set forbidden securityContext.seLinuxOptions: " + joined(data, "; ")};
}

std::string seccomp_type(const json& holder) {
  return string_at(holder, {"securityContext", "seccompProfile", "type"});
}

bool good_seccomp(const std::string& type) {
  return type == "RuntimeDefault" || type == "Localhost";
}

// Before the fields there were annotations.
result annotated_seccomp(const pod_facts& pod) {
  const auto wrong = [&](const std::string& key, words& out) {
    const json& value = at(pod.annotations, {key});
    if (!value.is_string()) return;
    const auto profile = value.get<std::string>();
    if (profile == "runtime/default" || profile == "docker/default" ||
        profile.starts_with("localhost/"))
      return;
    out.push_back(key + "=\"" + profile + "\"");
  };
  words bad;
  for (const json* c : pod.containers)
    wrong("container.seccomp.security.alpha.kubernetes.io/" + string_at(*c, {"name"}), bad);
  wrong("seccomp.security.alpha.kubernetes.io/pod", bad);
  if (bad.empty()) return std::nullopt;
  std::ranges::sort(bad);
  return finding{
      "seccompProfile",
      (bad.size() == 1 ? "forbidden annotation " : "forbidden annotations ") + joined(bad, ", ")};
}

result seccomp(const pod_facts& pod) {
  if (pod.minor < 19) return annotated_seccomp(pod);
  std::set<std::string> types;
  const auto wrong = [&](const json& holder) {
    const auto type = seccomp_type(holder);
    if (type.empty() || good_seccomp(type)) return false;
    types.insert(type);
    return true;
  };
  const bool own = wrong(pod.spec);
  const auto bad = containers_where(pod, wrong);
  if (!own && bad.empty()) return std::nullopt;
  return finding{"seccompProfile", setters(own, bad) +
                                       " must not set securityContext.seccompProfile.type to " +
                                       quoted(sorted(types))};
}

result sysctls(const pod_facts& pod) {
  // By the version since which they count as safe.
  static const std::map<std::string, int> safe{{"kernel.shm_rmid_forced", 0},
                                               {"net.ipv4.ip_local_port_range", 0},
                                               {"net.ipv4.tcp_syncookies", 0},
                                               {"net.ipv4.ping_group_range", 0},
                                               {"net.ipv4.ip_unprivileged_port_start", 0},
                                               {"net.ipv4.ip_local_reserved_ports", 27},
                                               {"net.ipv4.tcp_keepalive_time", 29},
                                               {"net.ipv4.tcp_fin_timeout", 29},
                                               {"net.ipv4.tcp_keepalive_intvl", 29},
                                               {"net.ipv4.tcp_keepalive_probes", 29},
                                               {"net.ipv4.tcp_rmem", 32},
                                               {"net.ipv4.tcp_wmem", 32}};
  words bad;
  for (const json& s : at(pod.spec, {"securityContext", "sysctls"})) {
    auto name = string_at(s, {"name"});
    const auto known = safe.find(name);
    if (known == safe.end() || pod.minor < known->second) bad.push_back(std::move(name));
  }
  if (bad.empty()) return std::nullopt;
  return finding{"forbidden sysctls", joined(bad, ", ")};
}

result windows_host_process(const pod_facts& pod) {
  const auto wrong = [](const json& holder) {
    return at(holder, {"securityContext", "windowsOptions", "hostProcess"}) == true;
  };
  const bool own = wrong(pod.spec);
  const auto bad = containers_where(pod, wrong);
  if (!own && bad.empty()) return std::nullopt;
  return finding{
      "hostProcess",
      setters(own, bad) + " must not set securityContext.windowsOptions.hostProcess=true"};
}

// Restricted.

result privilege_escalation(const pod_facts& pod) {
  if (pod.windows) return std::nullopt;
  const auto bad = containers_where(
      pod, [](const json& c) { return security_of(c, "allowPrivilegeEscalation") != false; });
  if (bad.empty()) return std::nullopt;
  return finding{
      "allowPrivilegeEscalation != false",
      counted("container", bad) + " must set securityContext.allowPrivilegeEscalation=false"};
}

result restricted_capabilities(const pod_facts& pod) {
  if (pod.windows) return std::nullopt;
  const auto keeping = containers_where(pod, [](const json& c) {
    for (const json& name : at(c, {"securityContext", "capabilities", "drop"}))
      if (name == "ALL") return false;
    return true;
  });
  words out;
  if (!keeping.empty())
    out.push_back(counted("container", keeping) +
                  " must set securityContext.capabilities.drop=[\"ALL\"]");
  if (auto added = added_capabilities(pod, {"NET_BIND_SERVICE"}); !added.empty())
    out.push_back(std::move(added));
  if (out.empty()) return std::nullopt;
  return finding{"unrestricted capabilities", joined(out, "; ")};
}

result restricted_volumes(const pod_facts& pod) {
  static const std::set<std::string> allowed{"configMap", "csi",       "downwardAPI",
                                             "emptyDir",  "ephemeral", "image",
                                             "projected", "secret",    "persistentVolumeClaim"};
  words bad;
  std::set<std::string> types;
  for (const json& v : at(pod.spec, {"volumes"})) {
    if (!v.is_object()) continue;
    std::string type;
    for (const auto& [field, source] : v.items())
      if (field != "name" && !source.is_null()) type = field;
    if (type.empty() || allowed.contains(type)) continue;
    bad.push_back(string_at(v, {"name"}));
    types.insert(type);
  }
  if (bad.empty()) return std::nullopt;
  return finding{
      "restricted volume types",
      counted("volume", bad) +
          (bad.size() == 1 ? " uses restricted volume type" : " use restricted volume type") +
          (types.size() == 1 ? " " : "s ") + quoted(sorted(types))};
}

result run_as_non_root(const pod_facts& pod) {
  const json& own = security_of(pod.spec, "runAsNonRoot");
  const auto wrong =
      containers_where(pod, [](const json& c) { return security_of(c, "runAsNonRoot") == false; });
  const auto silent = containers_where(
      pod, [](const json& c) { return !security_of(c, "runAsNonRoot").is_boolean(); });
  const char* reason = "runAsNonRoot != true";
  // A pod's setting counts only where a container has none.
  const bool pod_wrong = own == false && !silent.empty();
  if (pod_wrong || !wrong.empty())
    return finding{reason,
                   setters(pod_wrong, wrong) + " must not set securityContext.runAsNonRoot=false"};
  if (own == true || silent.empty()) return std::nullopt;
  return finding{reason, "pod or " + counted("container", silent) +
                             " must set securityContext.runAsNonRoot=true"};
}

result run_as_user(const pod_facts& pod) {
  const bool own = security_of(pod.spec, "runAsUser") == 0;
  const auto bad =
      containers_where(pod, [](const json& c) { return security_of(c, "runAsUser") == 0; });
  if (!own && bad.empty()) return std::nullopt;
  return finding{"runAsUser=0", setters(own, bad) + " must not set runAsUser=0"};
}

result restricted_seccomp(const pod_facts& pod) {
  if (pod.windows) return std::nullopt;
  if (auto bad = seccomp(pod)) return bad;
  if (good_seccomp(seccomp_type(pod.spec))) return std::nullopt;
  const auto silent = containers_where(pod, [](const json& c) { return seccomp_type(c).empty(); });
  if (silent.empty()) return std::nullopt;
  return finding{"seccompProfile",
                 "pod or " + counted("container", silent) +
                     " must set securityContext.seccompProfile.type to \"RuntimeDefault\" or "
                     "\"Localhost\""};
}

constexpr int never = 1000;

struct control {
  result (*check)(const pod_facts&);
  int replaced_from = never;  // by a check of the restricted level
};

constexpr control baseline[] = {
    {app_armor},   {capabilities, 22}, {host_namespaces},     {host_path_volumes, 0},
    {host_ports},  {privileged},       {proc_mount},          {se_linux},
    {seccomp, 19}, {sysctls},          {windows_host_process}};

struct stricter_control {
  result (*check)(const pod_facts&);
  int since;  // which minor version
};

constexpr stricter_control restricted_only[] = {
    {privilege_escalation, 8}, {restricted_capabilities, 22},
    {restricted_volumes, 0},   {run_as_non_root, 0},
    {run_as_user, 23},         {restricted_seccomp, 19}};

}  // namespace

pod_facts::pod_facts(const json& spec_of_pod, const json& annotations_of_pod, int minor_of_policy)
    : spec(spec_of_pod), annotations(annotations_of_pod), minor(minor_of_policy) {
  for (const char* list : {"initContainers", "containers", "ephemeralContainers"})
    for (const json& c : at(spec, {list})) containers.push_back(&c);
  // Before, nobody was let off.
  windows = minor >= 25 && string_at(spec, {"os", "name"}) == "windows";
}

std::vector<finding> findings(const pod_facts& pod, bool restricted) {
  std::vector<finding> out;
  for (const auto& c : baseline)
    if (!restricted || pod.minor < c.replaced_from)
      if (auto found = c.check(pod)) out.push_back(std::move(*found));
  if (!restricted) return out;
  for (const auto& c : restricted_only) {
    if (pod.minor < c.since) continue;
    if (auto found = c.check(pod)) out.push_back(std::move(*found));
  }
  return out;
}

}  // namespace troupe::model::security
