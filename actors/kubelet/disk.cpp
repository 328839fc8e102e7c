#include "actors/kubelet/disk.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace troupe {

using namespace model::kubelet;
namespace fs = std::filesystem;

namespace {

constexpr long tmpfs_magic = 0x01021994;

std::string failed(const std::string& what, const std::string& path) {
  return what + " " + path + ": " + std::strerror(errno);
}

std::string make_memory(const volume_plan::directory& d) {
  struct statfs have {};
  // A restarted kubelet finds its mounts still there.
  struct stat own {
  }, parent{};
  const bool mounted = stat(d.path.c_str(), &own) == 0 &&
                       stat((d.path + "/..").c_str(), &parent) == 0 && own.st_dev != parent.st_dev;
  if (mounted && statfs(d.path.c_str(), &have) == 0 && have.f_type == tmpfs_magic) return {};
  const auto options = d.size > 0 ? "size=" + std::to_string(d.size) : std::string{};
  if (::mount("tmpfs", d.path.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options.c_str()) != 0)
    return failed("mounting tmpfs on", d.path);
  return {};
}

/// The rule of a hostPath's type (core/v1 HostPathType).
std::string check_host_path(const volume_plan::expectation& e) {
  const fs::path path(e.path);
  std::error_code none;
  if (e.type == "DirectoryOrCreate") fs::create_directories(path, none);
  if (e.type == "FileOrCreate" && !fs::exists(path, none)) {
    // Parents are not made, as Kubernetes has it.
    std::ofstream{path};
    chmod(path.c_str(), 0644);
  }
  const auto status = fs::status(path, none);
  auto bad = [&](const char* why) {
    return "MountVolume.SetUp failed for volume \"" + e.volume +
           "\" : hostPath type check failed: " + e.path + " is not " + why;
  };
  if (e.type.starts_with("Directory") && !fs::is_directory(status)) return bad("a directory");
  if (e.type.starts_with("File") && !fs::is_regular_file(status)) return bad("a file");
  if (e.type == "Socket" && !fs::is_socket(status)) return bad("a socket file");
  if (e.type == "CharDevice" && !fs::is_character_file(status)) return bad("a character device");
  if (e.type == "BlockDevice" && !fs::is_block_file(status)) return bad("a block device");
  return {};
}

bool own(const std::string& path, std::int64_t group) {
  return group < 0 || lchown(path.c_str(), static_cast<uid_t>(-1), static_cast<gid_t>(group)) == 0;
}

// Who watches a file hears of its changes alone.
bool is_there(const volume_file& f) {
  struct stat now {};
  if (stat(f.path.c_str(), &now) != 0 || static_cast<int>(now.st_mode & 07777) != f.mode ||
      static_cast<std::size_t>(now.st_size) != f.content.size())
    return false;
  std::ifstream in(f.path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {}) == f.content;
}

// Keys that a ConfigMap has no more.
std::string remove_strangers(const std::string& dir, const std::vector<volume_file>& files) {
  std::vector<fs::path> gone;
  std::error_code bad;
  for (const auto& entry : fs::recursive_directory_iterator(dir, bad))
    if (!entry.is_directory() &&
        std::ranges::none_of(files, [&](const auto& f) { return f.path == entry.path(); }))
      gone.push_back(entry.path());
  for (const auto& path : gone)
    if (!bad) fs::remove(path, bad);
  return bad ? "removing what " + dir + " holds no more: " + bad.message() : std::string{};
}

}  // namespace

std::string write_file(const volume_file& f) {
  if (is_there(f)) return {};
  std::error_code bad;
  fs::create_directories(fs::path(f.path).parent_path(), bad);
  if (bad) return "creating the directory of " + f.path + ": " + bad.message();
  // Readers see the old content or the new, never a part.
  const auto fresh = f.path + ".troupe-new";
  {
    std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
    out.write(f.content.data(), static_cast<std::streamsize>(f.content.size()));
    if (!out.flush()) return failed("writing", f.path);
  }
  if (!own(fresh, f.group)) return failed("giving to a group", f.path);
  chmod(fresh.c_str(), static_cast<mode_t>(f.mode));
  if (rename(fresh.c_str(), f.path.c_str()) != 0) return failed("writing", f.path);
  return {};
}

std::string write_volumes(const volume_plan& plan) {
  for (const auto& d : plan.directories) {
    std::error_code bad;
    fs::create_directories(d.path, bad);
    if (bad) return "creating " + d.path + ": " + bad.message();
    if (d.memory)
      if (auto error = make_memory(d); !error.empty()) return error;
    if (!own(d.path, d.group)) return failed("giving to a group", d.path);
    chmod(d.path.c_str(), static_cast<mode_t>(d.mode));
  }
  for (const auto& f : plan.files)
    if (auto error = write_file(f); !error.empty()) return error;
  for (const auto& d : plan.directories)
    if (d.ours)
      if (auto error = remove_strangers(d.path, plan.files); !error.empty()) return error;
  for (const auto& e : plan.host_paths)
    if (auto error = check_host_path(e); !error.empty()) return error;
  return {};
}

std::string remove_pod(const std::string& pod_dir, const std::string& log_dir) {
  std::error_code bad;
  const fs::path volumes = fs::path(pod_dir) / "volumes";
  for (const auto& plugin : fs::directory_iterator(volumes, bad)) {
    for (const auto& volume : fs::directory_iterator(plugin.path(), bad)) {
      struct stat own {
      }, parent{};
      if (stat(volume.path().c_str(), &own) == 0 && stat(plugin.path().c_str(), &parent) == 0 &&
          own.st_dev != parent.st_dev && umount2(volume.path().c_str(), MNT_DETACH) != 0)
        return failed("unmounting", volume.path());
    }
  }
  bad.clear();
  fs::remove_all(pod_dir, bad);
  if (bad) return "removing " + pod_dir + ": " + bad.message();
  fs::remove_all(log_dir, bad);
  return bad ? "removing " + log_dir + ": " + bad.message() : std::string{};
}

std::string remove_volume(const std::string& directory) {
  std::error_code bad;
  fs::remove_all(directory, bad);
  return bad ? "removing " + directory + ": " + bad.message() : std::string{};
}

}  // namespace troupe
