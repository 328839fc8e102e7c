#pragma once

#include <array>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <memory>
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

namespace troupe::test {

/// The containerd of tests/lib/containerd.py, in a network and a mount namespace of this process's
/// own. Ends with all its containers.
class private_containerd {
 public:
  /// Why it cannot be here: for GTEST_SKIP. Empty when it can.
  static std::string missing() {
    const std::string ask = std::string("cd ") + TROUPE_SOURCE_DIR +
                            "/tests/lib && /usr/bin/python3 -B -c "
                            "'import containerd; print(containerd.missing(), end=\"\")' 2>&1";
    const std::unique_ptr<FILE, int (*)(FILE*)> answer(popen(ask.c_str(), "r"), pclose);
    if (!answer) return "cannot run python3";
    std::string text;
    std::array<char, 256> some{};
    while (const auto n = fread(some.data(), 1, some.size(), answer.get()))
      text.append(some.data(), n);
    return text;
  }

  private_containerd() {
    // Call before any thread: namespaces are a thread's.
    if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) return;
    mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    loopback_up();
    char name[] = "/tmp/troupe-kubelet-XXXXXX";
    dir_ = mkdtemp(name);
    pid_ = start();
    // It prints where its socket is once it serves with its images.
    for (int i = 0; i < 1200 && !up_ && pid_ > 0; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
      if (waitpid(pid_, nullptr, WNOHANG) != 0) pid_ = -1;
      up_ = std::filesystem::file_size(output()) > 0 && std::filesystem::exists(socket());
    }
  }

  ~private_containerd() {
    if (pid_ > 0) {
      kill(pid_, SIGTERM);
      waitpid(pid_, nullptr, 0);
    }
    std::error_code ignored;
    if (!dir_.empty()) std::filesystem::remove_all(dir_, ignored);
  }

  bool up() const { return up_; }
  std::string endpoint() const { return "unix://" + socket(); }
  const std::string& dir() const { return dir_; }
  std::string log() const {
    std::string all;
    for (const auto& file : {errors(), dir_ + "/containerd.log"}) {
      std::ifstream in(file);
      all.append(std::istreambuf_iterator<char>(in), {});
    }
    return all;
  }

 private:
  std::string socket() const { return dir_ + "/containerd.sock"; }
  std::string output() const { return dir_ + "/output"; }
  std::string errors() const { return dir_ + "/errors"; }

  static void loopback_up() {
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    request.ifr_name[0] = 'l', request.ifr_name[1] = 'o';
    ioctl(fd, SIOCGIFFLAGS, &request);
    request.ifr_flags |= IFF_UP | IFF_RUNNING;
    ioctl(fd, SIOCSIFFLAGS, &request);
    close(fd);
  }

  pid_t start() const {
    const auto create = [](const std::string& path) {
      return open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    };
    const int out = create(output()), err = create(errors());
    const pid_t pid = fork();
    if (pid == 0) {
      prctl(PR_SET_PDEATHSIG, SIGTERM);  // also a test that crashes leaves nothing
      dup2(out, 1);
      dup2(err, 2);
      execl("/usr/bin/python3", "python3", "-B", TROUPE_SOURCE_DIR "/tests/lib/containerd.py",
            dir_.c_str(), "10.77.200.0/24", nullptr);
      _exit(127);
    }
    close(out);
    close(err);
    return pid;
  }

  std::string dir_;
  pid_t pid_ = -1;
  bool up_ = false;
};

}  // namespace troupe::test
