#include "model/kubelet/sysctls.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace troupe::model::kubelet {
namespace {

constexpr std::array<std::string_view, 12> safe{
    "kernel.shm_rmid_forced",           "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports", "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",        "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",     "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",      "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",          "net.ipv4.tcp_wmem"};

enum class home { none, ipc, net };

// Where the kernel keeps it apart for each pod.
home home_of(std::string_view name) {
  if (name.starts_with("net.")) return home::net;
  for (std::string_view prefix : {"kernel.shm", "kernel.msg", "fs.mqueue."})
    if (name.starts_with(prefix)) return home::ipc;
  return name == "kernel.sem" ? home::ipc : home::none;
}

bool matches(std::string_view pattern, std::string_view name) {
  if (!pattern.ends_with('*')) return pattern == name;
  return name.starts_with(pattern.substr(0, pattern.size() - 1));
}

}  // namespace

std::string forbidden_sysctl(const json& pod, const std::vector<std::string>& allowed) {
  for (const json& s : at(pod, {"spec", "securityContext", "sysctls"})) {
    std::string name = string_at(s, {"name"});
    std::ranges::replace(name, '/', '.');
    const auto refuse = [&](const char* why) {
      return "forbidden sysctl: \"" + name + "\" not allowed with " + why + " enabled";
    };
    const auto where = home_of(name);
    if (where == home::net && at(pod, {"spec", "hostNetwork"}) == true) return refuse("host net");
    if (where == home::ipc && at(pod, {"spec", "hostIPC"}) == true) return refuse("host ipc");
    const bool known =
        std::ranges::find(safe, name) != safe.end() ||
        (where != home::none && std::ranges::any_of(allowed, [&](const std::string& pattern) {
           return matches(pattern, name);
         }));
    if (!known) return "forbidden sysctl: \"" + name + "\" not allowlisted";
  }
  return {};
}

}  // namespace troupe::model::kubelet
