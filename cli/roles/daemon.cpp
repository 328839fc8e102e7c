#include "cli/roles/daemon.hpp"

#include "cli/output/progress.hpp"
#include "cli/roles/data_dir.hpp"

#include <spdlog/spdlog.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <iostream>
#include <poll.h>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

namespace troupe::cli {
namespace {

sigset_t daemon_signals(bool reloads) {
  sigset_t set;
  sigemptyset(&set);
  for (const int s : {SIGINT, SIGTERM, SIGCHLD}) sigaddset(&set, s);
  if (reloads) sigaddset(&set, SIGHUP);
  return set;
}

// The parent's part of going into the background.
[[noreturn]] void relay_until_ready(int fd, const std::filesystem::path& log) {
  std::string text;
  char buffer[4096];
  progress line(std::cerr, ::isatty(STDERR_FILENO) == 1);
  for (;;) {
    line.update([&] {
      return "starting, " + std::to_string(static_cast<int>(line.seconds())) +
             " s; log: " + log.string();
    });
    pollfd ready{fd, POLLIN, 0};
    if (::poll(&ready, 1, 200) <= 0) continue;
    const auto n = ::read(fd, buffer, sizeof buffer);
    if (n == 0 || (n < 0 && errno != EINTR)) break;
    if (n > 0) text.append(buffer, static_cast<std::size_t>(n));
  }
  line.clear();
  if (text.empty()) {
    std::fprintf(stderr, "error: troupe did not become ready; see %s\n", log.c_str());
    std::_Exit(1);
  }
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
  std::_Exit(0);
}

}  // namespace

void block_signals(bool reloads) {
  const auto set = daemon_signals(reloads);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

void raise_file_limit() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == files.rlim_max) return;
  files.rlim_cur = files.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &files) != 0)
    spdlog::warn("the limit on open files stays: {}", std::strerror(errno));
}

void await_stop(const std::function<void()>& idle, std::chrono::milliseconds period,
                const std::function<void()>& reload) {
  const auto set = daemon_signals(static_cast<bool>(reload));
  const timespec wait{period.count() / 1000, (period.count() % 1000) * 1'000'000};
  while (true) {
    const int signal = ::sigtimedwait(&set, nullptr, &wait);
    if (signal == SIGINT || signal == SIGTERM) return;
    if (signal == SIGHUP)
      reload();
    else
      idle();
  }
}

background::background(const std::filesystem::path& log) {
  int ends[2];
  std::error_code ignored;
  std::filesystem::create_directories(log.parent_path(), ignored);
  if (::pipe2(ends, O_CLOEXEC) != 0) throw role_error("cannot make a pipe");
  std::fflush(nullptr);
  const auto child = ::fork();
  if (child < 0) throw role_error(std::string("cannot fork: ") + std::strerror(errno));
  if (child > 0) {
    ::close(ends[1]);
    relay_until_ready(ends[0], log);
  }
  ::close(ends[0]);
  pipe_ = ends[1];
  ::setsid();
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const int in = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (out < 0 || in < 0) throw role_error("cannot write " + log.string());
  ::dup2(in, 0);
  ::dup2(out, 1);
  ::dup2(out, 2);
  ::close(in);
  ::close(out);
}

background::~background() {
  if (pipe_ >= 0) ::close(pipe_);
}

void background::report_ready(const std::string& text) {
  if (pipe_ < 0) return;
  if (::write(pipe_, text.data(), text.size()) < 0)
    spdlog::warn("nobody is left to hear that we are ready");
  ::close(pipe_);
  pipe_ = -1;
}

void watch_shutdown(std::chrono::milliseconds patience) {
  std::thread([patience] {
    std::this_thread::sleep_for(patience);
    spdlog::error("shutting down takes longer than {} ms; leaving", patience.count());
    std::_Exit(1);
  }).detach();
}

}  // namespace troupe::cli
