#include "actors/kubelet/host.hpp"

#include <arpa/inet.h>
#include <filesystem>
#include <fstream>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sstream>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace troupe {

using namespace model::kubelet;

namespace {

std::string first_line(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.pop_back();
  return line;
}

/// A figure of /proc/meminfo in bytes.
std::int64_t meminfo(const std::string& key) {
  std::ifstream in("/proc/meminfo");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(key + ":")) return std::stoll(line.substr(key.size() + 1)) * 1024;
  return 0;
}

std::string os_image() {
  std::ifstream in("/etc/os-release");
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("PRETTY_NAME=")) continue;
    auto value = line.substr(12);
    if (value.size() > 1 && value.front() == '"') value = value.substr(1, value.size() - 2);
    return value;
  }
  return "Linux";
}

/// The interface of the default route, or "".
std::string default_interface() {
  std::ifstream in("/proc/net/route");
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    std::string name, destination;
    fields >> name >> destination;
    if (destination == "00000000") return name;
  }
  return {};
}

std::string own_address() {
  const auto wanted = default_interface();
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return {};
  std::string found;
  for (auto* i = list; i; i = i->ifa_next) {
    if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET || (i->ifa_flags & IFF_LOOPBACK))
      continue;
    char text[INET_ADDRSTRLEN] = {};
    inet_ntop(AF_INET, &reinterpret_cast<sockaddr_in*>(i->ifa_addr)->sin_addr, text, sizeof text);
    if (found.empty() || wanted == i->ifa_name) found = text;
    if (wanted == i->ifa_name) break;
  }
  freeifaddrs(list);
  return found;
}

std::string architecture(const std::string& machine) {
  if (machine == "x86_64") return "amd64";
  if (machine == "aarch64") return "arm64";
  return machine;
}

string_map huge_pages() {
  string_map out;
  std::error_code none;
  for (const auto& dir : std::filesystem::directory_iterator("/sys/kernel/mm/hugepages", none)) {
    const auto name = dir.path().filename().string();  // hugepages-2048kB
    const auto kib = std::atoll(name.c_str() + name.find('-') + 1);
    const auto pages = std::atoll(first_line(dir.path() / "nr_hugepages").c_str());
    const auto key =
        kib >= 1 << 20 ? std::to_string(kib >> 20) + "Gi" : std::to_string(kib >> 10) + "Mi";
    out["hugepages-" + key] = pages == 0 ? "0" : std::to_string(pages * kib / 1024) + "Mi";
  }
  return out;
}

}  // namespace

std::string kubelet_version() {
  return "v1.32.0+troupe-0.1.0";
}

host_info read_host(const std::string& data_dir, const std::string& node_ip) {
  host_info h;
  utsname names{};
  uname(&names);
  h.hostname = names.nodename;
  h.kernel = names.release;
  h.architecture = architecture(names.machine);
  h.cpus = sysconf(_SC_NPROCESSORS_ONLN);
  h.memory = meminfo("MemTotal");
  struct statvfs fs {};
  if (statvfs(data_dir.c_str(), &fs) == 0)
    h.ephemeral_storage =
        static_cast<std::int64_t>(fs.f_blocks) * static_cast<std::int64_t>(fs.f_frsize);
  h.huge_pages = huge_pages();
  h.internal_ip = node_ip.empty() ? own_address() : node_ip;
  h.machine_id = first_line("/etc/machine-id");
  h.system_uuid = first_line("/sys/class/dmi/id/product_uuid");
  if (h.system_uuid.empty()) h.system_uuid = h.machine_id;
  h.boot_id = first_line("/proc/sys/kernel/random/boot_id");
  h.os_image = os_image();
  h.kubelet_version = kubelet_version();
  return h;
}

eviction_observation read_memory() {
  return {meminfo("MemAvailable"), meminfo("MemTotal")};
}

eviction_observation read_process_ids() {
  std::ifstream load("/proc/loadavg");
  std::string skip, tasks;
  load >> skip >> skip >> skip >> tasks;
  const auto slash = tasks.find('/');
  const auto most = std::min(std::atoll(first_line("/proc/sys/kernel/pid_max").c_str()),
                             std::atoll(first_line("/proc/sys/kernel/threads-max").c_str()));
  if (slash == std::string::npos || most <= 0) return {};
  return {most - std::atoll(tasks.c_str() + slash + 1), most};
}

usage_sample read_usage(model::time_point now) {
  usage_sample u;
  u.at = std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch()).count();
  std::ifstream stat("/proc/stat");
  std::string name;
  std::uint64_t user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, soft_irq = 0;
  stat >> name >> user >> nice >> system >> idle >> waiting >> irq >> soft_irq;
  const auto tick = 1'000'000'000u / static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
  u.core_ns = (user + nice + system + irq + soft_irq) * tick;
  u.memory = static_cast<std::uint64_t>(
      std::max<std::int64_t>(0, meminfo("MemTotal") - meminfo("MemAvailable")));
  return u;
}

resolver read_resolver(const std::string& path) {
  resolver r;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string key, word;
    words >> key;
    auto* list = key == "nameserver" ? &r.servers
                 : key == "search"   ? &r.searches
                 : key == "options"  ? &r.options
                                     : nullptr;
    while (list && words >> word) list->push_back(word);
  }
  return r;
}

}  // namespace troupe
