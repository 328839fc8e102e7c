#include "actors/kubelet/node_eyes.hpp"

#include "actors/kubelet/host.hpp"

#include <filesystem>
#include <fstream>
#include <sys/stat.h>
#include <sys/statvfs.h>

namespace troupe {

using namespace model::kubelet;
namespace fs = std::filesystem;

namespace {

struct disk_figures {
  eviction_observation bytes, inodes;
};

disk_figures figures_of_disk(const std::string& path) {
  struct statvfs s {};
  if (statvfs(path.c_str(), &s) != 0) return {};
  const auto size = static_cast<std::int64_t>(s.f_frsize);
  return {
      {static_cast<std::int64_t>(s.f_bavail) * size, static_cast<std::int64_t>(s.f_blocks) * size},
      {static_cast<std::int64_t>(s.f_favail), static_cast<std::int64_t>(s.f_files)}};
}

// File systems without a fixed number of inodes say that they have none.
void note_disk(const disk_figures& d, eviction_signal bytes, eviction_signal inodes,
               eviction_observations& out) {
  if (d.bytes.capacity > 0) out[bytes] = d.bytes;
  if (d.inodes.capacity > 0) out[inodes] = d.inodes;
}

bool same_disk(const std::string& a, const std::string& b) {
  struct stat one {
  }, other{};
  return stat(a.c_str(), &one) != 0 || stat(b.c_str(), &other) != 0 || one.st_dev == other.st_dev;
}

// What is below a directory, on its own file system: a volume in memory takes no disk.
pod_share::of_disk below(const std::string& directory) {
  pod_share::of_disk out;
  struct stat top {};
  if (lstat(directory.c_str(), &top) != 0) return out;
  std::error_code bad;
  auto at = fs::recursive_directory_iterator(directory, bad);
  while (!bad && at != fs::recursive_directory_iterator()) {
    struct stat one {};
    if (lstat(at->path().c_str(), &one) == 0) {
      if (one.st_dev != top.st_dev) {
        at.disable_recursion_pending();
      } else {
        out.bytes += static_cast<std::int64_t>(one.st_blocks) * 512;
        ++out.inodes;
      }
    }
    at.increment(bad);  // what went meanwhile ends the walk
  }
  return out;
}

class eyes_of_host final : public node_eyes {
 public:
  explicit eyes_of_host(std::string data_dir) : data_dir_(std::move(data_dir)) {}

  node_figures look(const std::string& images) override {
    node_figures out;
    out.seen[eviction_signal::memory_available] = read_memory();
    if (const auto ids = read_process_ids(); ids.capacity > 0)
      out.seen[eviction_signal::pid_available] = ids;
    const auto own = figures_of_disk(data_dir_);
    const auto of_images = images.empty() ? own : figures_of_disk(images);
    note_disk(own, eviction_signal::nodefs_available, eviction_signal::nodefs_inodes_free,
              out.seen);
    note_disk(of_images, eviction_signal::imagefs_available, eviction_signal::imagefs_inodes_free,
              out.seen);
    out.images = of_images.bytes;
    out.image_disk = !images.empty() && !same_disk(images, data_dir_);
    return out;
  }

  void measure(const pod_place& place, pod_share& share) override {
    share.volumes = below(place.directory + "/volumes");
    share.logs = below(place.logs);
    std::error_code none;
    for (auto& c : share.containers)
      if (fs::is_directory(place.logs + "/" + c.name, none))
        c.disk += below(place.logs + "/" + c.name).bytes;
  }

  // By the control groups of all processes, which name their containers.
  std::int64_t processes_of(const std::string& container) override {
    std::int64_t count = 0;
    std::error_code bad;
    for (const auto& one : fs::directory_iterator("/proc", bad)) {
      std::ifstream in(one.path() / "cgroup");
      for (std::string line; std::getline(in, line);)
        if (line.find(container) != std::string::npos) {
          ++count;
          break;
        }
    }
    return count;
  }

 private:
  std::string data_dir_;
};

}  // namespace

std::shared_ptr<node_eyes> host_eyes(std::string data_dir) {
  return std::make_shared<eyes_of_host>(std::move(data_dir));
}

}  // namespace troupe
