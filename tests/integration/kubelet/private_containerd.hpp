#pragma once

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <string>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace troupe::test {

/// A containerd of our own, in a network and a mount namespace of this process's own, with the
/// images that tests/lib/make_image.sh makes. Ends with all its containers.
class private_containerd {
 public:
  /// Why it cannot be here: for GTEST_SKIP. Empty when it can.
  static std::string missing() {
    if (geteuid() != 0) return "needs root";
    for (const char* tool : {"containerd", "runc", "ctr", "busybox"})
      if (std::system((std::string("command -v ") + tool + " >/dev/null 2>&1").c_str()) != 0)
        return std::string("needs ") + tool;
    return {};
  }

  explicit private_containerd(const std::string& source_dir) {
    // Call before any thread: namespaces are a thread's.
    if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) return;
    mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    loopback_up();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    char name[] = "/tmp/troupe-kubelet-XXXXXX";
    dir_ = mkdtemp(name);
    pid_ = run({source_dir + "/tests/lib/containerd.sh", dir_, "10.77.200.0/24", "kubelet0"},
               dir_ + "/containerd.log");
    const auto images = dir_ + "/images";
    if (wait(run({source_dir + "/tests/lib/make_image.sh", images}, dir_ + "/image.log")) != 0)
      return;
    for (int i = 0; i < 100 && !std::filesystem::exists(socket()); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
    for (const char* image : {"busybox", "pause"})
      if (wait(run({"ctr", "-a", socket(), "-n", "k8s.io", "images", "import",
                    images + "/" + image + ".tar"},
                   dir_ + "/import.log")) != 0)
        return;
    up_ = true;
  }

  ~private_containerd() {
    if (pid_ > 0) {
      kill(pid_, SIGTERM);
      waitpid(pid_, nullptr, 0);
    }
    // Shims, and what they ran, were handed to us when their parents ended.
    for (int round = 0; round < 20; ++round) {
      std::ifstream children("/proc/self/task/" + std::to_string(getpid()) + "/children");
      pid_t child = 0;
      bool any = false;
      while (children >> child) any = kill(child, SIGKILL) == 0 || any;
      while (waitpid(-1, nullptr, WNOHANG) > 0) {
      }
      if (!any) break;
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    if (dir_.empty()) return;
    unmount_below();
    std::error_code ignored;
    std::filesystem::remove_all(dir_, ignored);
  }

  bool up() const { return up_; }
  std::string endpoint() const { return "unix://" + socket(); }
  const std::string& dir() const { return dir_; }
  std::string log() const {
    std::ifstream in(dir_ + "/containerd.log");
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private:
  std::string socket() const { return dir_ + "/containerd.sock"; }

  static void loopback_up() {
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    request.ifr_name[0] = 'l', request.ifr_name[1] = 'o';
    ioctl(fd, SIOCGIFFLAGS, &request);
    request.ifr_flags |= IFF_UP | IFF_RUNNING;
    ioctl(fd, SIOCSIFFLAGS, &request);
    close(fd);
  }

  static pid_t run(const std::vector<std::string>& command, const std::string& log) {
    const pid_t pid = fork();
    if (pid != 0) return pid;
    const int out = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    dup2(out, 1);
    dup2(out, 2);
    std::vector<char*> argv;
    for (const auto& c : command) argv.push_back(const_cast<char*>(c.c_str()));
    argv.push_back(nullptr);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  static int wait(pid_t pid) {
    int status = 0;
    waitpid(pid, &status, 0);
    return status;
  }

  void unmount_below() const {
    std::ifstream mounts("/proc/self/mounts");
    std::vector<std::string> mine;
    for (std::string line; std::getline(mounts, line);) {
      const auto begin = line.find(' ') + 1;
      const auto path = line.substr(begin, line.find(' ', begin) - begin);
      if (path.starts_with(dir_)) mine.push_back(path);
    }
    for (auto i = mine.rbegin(); i != mine.rend(); ++i) umount2(i->c_str(), MNT_DETACH);
  }

  std::string dir_;
  pid_t pid_ = -1;
  bool up_ = false;
};

}  // namespace troupe::test
