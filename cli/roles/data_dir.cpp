#include "cli/roles/data_dir.hpp"

#include "cli/client/kubeconfig.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace troupe::cli {
namespace {

constexpr const char* lock_name = "troupe.pid";

std::string reason() {
  return std::strerror(errno);
}

// The pid in a lock file, 0 when there is none.
pid_t read_pid(int fd) {
  char text[32] = {};
  if (::pread(fd, text, sizeof text - 1, 0) <= 0) return 0;
  return static_cast<pid_t>(std::strtol(text, nullptr, 10));
}

}  // namespace

std::filesystem::path data_dir_or_default(const std::string& given) {
  return std::filesystem::absolute(given.empty() ? default_data_dir()
                                                 : std::filesystem::path(given));
}

data_dir_lock::data_dir_lock(const std::filesystem::path& dir) : file_(dir / lock_name) {
  std::error_code error;
  if (std::filesystem::create_directories(dir, error)) ::chmod(dir.c_str(), 0700);
  if (error) throw role_error("cannot make " + dir.string() + ": " + error.message());
  fd_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd_ < 0) throw role_error("cannot write " + file_.string() + ": " + reason());
  if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    const auto pid = read_pid(fd_);
    ::close(fd_);
    throw role_error("another troupe" + (pid ? " (pid " + std::to_string(pid) + ")" : "") +
                     " runs on " + dir.string() +
                     "; stop it with `troupe down`, or use another --data-dir");
  }
  const auto text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd_, 0) != 0 || ::pwrite(fd_, text.data(), text.size(), 0) < 0) {
    const auto why = reason();
    ::close(fd_);
    throw role_error("cannot write " + file_.string() + ": " + why);
  }
}

data_dir_lock::~data_dir_lock() {
  ::unlink(file_.c_str());
  ::close(fd_);
}

std::optional<pid_t> holder_of(const std::filesystem::path& dir) {
  const int fd = ::open((dir / lock_name).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  const bool held = ::flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  const auto pid = held ? read_pid(fd) : 0;
  ::close(fd);
  return pid > 1 ? std::optional{pid} : std::nullopt;
}

bool stop_holder(const std::filesystem::path& dir, std::chrono::milliseconds patience) {
  const auto pid = holder_of(dir);
  if (!pid) return false;
  if (::kill(*pid, SIGTERM) != 0)
    throw role_error("cannot stop pid " + std::to_string(*pid) + ": " + reason());
  const auto end = std::chrono::steady_clock::now() + patience;
  while (holder_of(dir) == pid) {
    if (std::chrono::steady_clock::now() > end)
      throw role_error("pid " + std::to_string(*pid) + " has not stopped yet");
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return true;
}

}  // namespace troupe::cli
