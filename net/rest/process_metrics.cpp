#include "model/schema.hpp"
#include "net/rest/request_metrics.hpp"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

namespace troupe::rest {
namespace {

// Numbers of /proc/self/statm, in pages: all memory, and what is resident.
std::pair<double, double> memory() {
  std::ifstream in("/proc/self/statm");
  double all = 0, resident = 0;
  in >> all >> resident;
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  return {all * page, resident * page};
}

double cpu_seconds() {
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(u.ru_utime) + seconds(u.ru_stime);
}

std::int64_t open_files() {
  std::error_code none;
  std::int64_t n = 0;
  for (std::filesystem::directory_iterator at("/proc/self/fd", none), end; !none && at != end;
       at.increment(none))
    ++n;
  return n - 1;  // the directory that was looked into
}

double most_open_files() {
  rlimit r{};
  getrlimit(RLIMIT_NOFILE, &r);
  return static_cast<double>(r.rlim_cur);
}

// The clock ticks after boot at which the process started are the 22nd field of stat, and the
// second one may have spaces.
double start_seconds() {
  std::ifstream in("/proc/self/stat");
  std::string text((std::istreambuf_iterator<char>(in)), {});
  std::istringstream rest(text.substr(text.rfind(')') + 1));
  std::string field;
  for (int i = 3; i <= 22 && rest >> field; ++i) {
  }
  const double ticks = std::strtod(field.c_str(), nullptr);
  double since_boot = 0;
  std::ifstream("/proc/uptime") >> since_boot;
  const auto now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  return now - since_boot + ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

void show_process(model::instruments& all) {
  const auto show = [&](const char* name, const char* help, const char* type, auto read) {
    all.collected(name, help, type, {}, [read](model::exposition& out) { out.value({}, read()); });
  };
  show("process_cpu_seconds_total", "User and system CPU time.", "counter", cpu_seconds);
  show("process_resident_memory_bytes", "Resident memory.", "gauge",
       [] { return memory().second; });
  show("process_virtual_memory_bytes", "Virtual memory.", "gauge", [] { return memory().first; });
  show("process_open_fds", "Open file descriptors.", "gauge", open_files);
  show("process_max_fds", "File descriptors that may be open.", "gauge", most_open_files);
  show("process_start_time_seconds", "When the process started, in seconds since 1970.", "gauge",
       [start = start_seconds()] { return start; });
}

void show_objects(model::instruments& all, std::shared_ptr<const store::cache> cache) {
  all.collected("apiserver_storage_objects", "Stored objects.", "gauge", {"resource"},
                [cache = std::move(cache)](model::exposition& out) {
                  std::set<std::string> seen;  // kinds in several versions are stored once
                  for (const auto& kind : model::schema::instance().kinds()) {
                    if (!kind.stored || !seen.insert(std::string(kind.resource)).second) continue;
                    out.value({std::string(kind.resource)},
                              static_cast<std::uint64_t>(cache->count(kind.resource)));
                  }
                });
}

}  // namespace troupe::rest
