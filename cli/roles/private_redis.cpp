#include "cli/roles/private_redis.hpp"

#include "cli/roles/data_dir.hpp"

#include <spdlog/spdlog.h>

#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <thread>
#include <unistd.h>
#include <vector>

namespace troupe::cli {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto revive_pause = 200ms;
constexpr auto stop_patience = 10s;

std::vector<std::string> arguments(const std::string& program, const std::filesystem::path& dir,
                                   const std::filesystem::path& socket) {
  return {program, "--port", "0", "--unixsocket", socket, "--unixsocketperm", "700", "--dir", dir,
          "--appendonly", "yes", "--appendfsync", "always", "--save", "", "--daemonize", "no",
          "--maxmemory-policy", "noeviction", "--loglevel", "notice", "--logfile",
          (dir / "redis.log").string(), "--always-show-logo", "no", "--set-proc-title", "no"};
}

// Whether something accepts connections there.
bool accepts(const std::filesystem::path& socket) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket.c_str(), sizeof address.sun_path - 1);
  const bool ok =
      ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return ok;
}

}  // namespace

private_redis::private_redis(std::string program, const std::filesystem::path& dir)
    : program_(std::move(program)),
      dir_(std::filesystem::absolute(dir)),
      socket_(dir_ / "redis.sock") {
  if (socket_.string().size() >= sizeof(sockaddr_un{}.sun_path))
    throw role_error("the path " + socket_.string() +
                     " is too long for a socket; use a shorter --data-dir");
  std::filesystem::create_directories(dir_);
  ::chmod(dir_.c_str(), 0700);
  start();
}

private_redis::~private_redis() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  const auto end = clock::now() + stop_patience;
  while (!exited()) {
    if (clock::now() > end) {
      spdlog::warn("redis-server (pid {}) does not stop; killing it", pid_);
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
      return;
    }
    std::this_thread::sleep_for(2ms);
  }
}

void private_redis::start() {
  // The child inherits the lock and holds it to its end, so a predecessor that is still dying
  // cannot write to the same files.
  const int lock = ::open((dir_ / "lock").c_str(), O_RDWR | O_CREAT, 0600);
  if (lock < 0) throw role_error("cannot write in " + dir_.string() + ": " + std::strerror(errno));
  const auto end = clock::now() + 5s;
  while (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    if (clock::now() > end) {
      ::close(lock);
      throw role_error("another redis-server still uses " + dir_.string());
    }
    std::this_thread::sleep_for(5ms);
  }
  ::unlink(socket_.c_str());
  auto words = arguments(program_, dir_, socket_);
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const auto parent = ::getpid();
  started_ = clock::now();
  pid_ = ::fork();
  if (pid_ == 0) {
    // Only async-signal-safe calls from here on. Its own group, so that Ctrl-C reaches us alone.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(126);
    ::setpgid(0, 0);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(lock);
  if (pid_ < 0) throw role_error(std::string("cannot start redis-server: ") + std::strerror(errno));
}

bool private_redis::exited() {
  if (pid_ <= 0) return true;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return false;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
    spdlog::error("cannot run {}: is Redis installed?", program_);
  pid_ = -1;
  return true;
}

void private_redis::await_ready(std::chrono::milliseconds patience) {
  const auto end = clock::now() + patience;
  while (!accepts(socket_)) {
    if (exited()) throw role_error("redis-server did not start" + last_words());
    if (clock::now() > end) throw role_error("redis-server is not ready in time" + last_words());
    std::this_thread::sleep_for(1ms);
  }
}

bool private_redis::revive() {
  if (!exited() || clock::now() - started_ < revive_pause) return false;
  spdlog::warn("redis-server died; starting it again");
  start();
  return true;
}

std::string private_redis::last_words() const {
  std::ifstream in(dir_ / "redis.log");
  std::string line;
  std::string last;
  while (std::getline(in, line))
    if (!line.empty()) last = line;
  return last.empty() ? std::string{} : ": " + last;
}

}  // namespace troupe::cli
