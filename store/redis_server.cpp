#include "store/redis_server.hpp"

#include "store/redis_connection.hpp"

#include <spdlog/spdlog.h>

#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <linux/close_range.h>
#include <mutex>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace troupe::store {
namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

constexpr auto first_pause = 50ms;
constexpr auto longest_pause = 5000ms;

std::string errno_text(const std::string& what) {
  return what + ": " + std::strerror(errno);
}

std::vector<std::string> arguments(const redis_server_options& o) {
  std::vector<std::string> out{o.program,    "--port",
                               "0",          "--unixsocket",
                               "redis.sock", "--unixsocketperm",
                               "600",        "--dir",
                               o.directory,  "--logfile",
                               "redis.log",  "--loglevel",
                               "notice",     "--daemonize",
                               "no",         "--save",
                               "",           "--appendonly",
                               "yes",        "--appendfsync",
                               "always",     "--aof-use-rdb-preamble",
                               "yes",        "--databases",
                               "1",          "--maxclients",
                               "64",         "--set-proc-title",
                               "no",         "--always-show-logo",
                               "no",         "--lazyfree-lazy-user-del",
                               "yes",        "--maxmemory-policy",
                               "noeviction", "--slowlog-max-len",
                               "16"};
  if (o.max_memory > 0) {
    out.push_back("--maxmemory");
    out.push_back(std::to_string(o.max_memory));
  }
  return out;
}

}  // namespace

// One thread forks the child and waits for it: the kernel's parent-death signal goes by the thread
// that forked, so it has to live as long as the child.
struct redis_server::impl {
  explicit impl(redis_server_options o) : options(std::move(o)) {}

  redis_server_options options;
  int lock = -1;  // held by the child too: a successor waits until an orphan is gone
  std::thread keeper;

  std::mutex mutex;  // guards what follows; written by the keeper
  pid_t child = 0;
  std::condition_variable changed;
  bool stopping = false;
  std::string failure;  // why the last child ended

  std::string socket_path() const { return options.directory + "/redis.sock"; }

  journal_result take_directory() {
    std::error_code error;
    if (std::filesystem::create_directories(options.directory, error))
      ::chmod(options.directory.c_str(), 0700);
    if (error)
      return {journal_error::refused, "cannot make " + options.directory + ": " + error.message()};
    options.directory = std::filesystem::absolute(options.directory).string();
    if (socket_path().size() >= sizeof(sockaddr_un::sun_path))
      return {journal_error::refused, "the path " + socket_path() + " is too long for a socket"};
    const std::string path = options.directory + "/redis.lock";
    lock = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) return {journal_error::refused, errno_text("cannot open " + path)};
    // A child of a process that was killed needs a moment to end.
    for (const auto until = steady::now() + 5s; ::flock(lock, LOCK_EX | LOCK_NB) != 0;
         std::this_thread::sleep_for(2ms)) {
      if (errno != EWOULDBLOCK) return {journal_error::refused, errno_text("cannot lock " + path)};
      if (steady::now() > until) {
        return {journal_error::refused,
                "the data directory " + options.directory + " is in use by another process"};
      }
    }
    ::unlink(socket_path().c_str());
    return {};
  }

  pid_t spawn() {
    const auto words = arguments(options);
    std::vector<char*> argv;
    for (const auto& w : words) argv.push_back(const_cast<char*>(w.c_str()));
    argv.push_back(nullptr);
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid != 0) return pid;
    // Only async-signal-safe calls from here on. A group of its own keeps Ctrl-C from ending Redis
    // before we have.
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(0);
    ::setpgid(0, 0);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    ::close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
    ::fcntl(lock, F_SETFD, 0);
    const int null = ::open("/dev/null", O_RDWR);
    for (int fd = 0; fd < 3; ++fd) ::dup2(null, fd);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
  }

  // Starts the child again and again until told to stop.
  void keep() {
    auto pause = first_pause;
    std::unique_lock guard(mutex);
    while (!stopping) {
      const auto started = steady::now();
      child = spawn();
      if (child < 0)
        failure = errno_text("cannot start " + options.program);
      else
        await_end(guard);
      child = 0;
      changed.notify_all();
      if (stopping) return;
      if (steady::now() - started > longest_pause) pause = first_pause;
      spdlog::warn("{}; starting it again in {} ms", failure, pause.count());
      if (changed.wait_for(guard, pause, [&] { return stopping; })) return;
      pause = std::min<std::chrono::milliseconds>(pause * 2, longest_pause);
    }
  }

  // The child is reaped under the lock, so that nobody signals a number that is no longer its own.
  void await_end(std::unique_lock<std::mutex>& guard) {
    guard.unlock();
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) < 0 &&
           errno == EINTR) {
    }
    guard.lock();
    int status = 0;
    ::waitpid(child, &status, 0);
    const bool missing = WIFEXITED(status) && WEXITSTATUS(status) == 127;
    failure = missing ? "cannot run " + options.program + ": is it installed?"
                      : options.program + " ended; see " + options.directory + "/redis.log";
  }

  redis_address address() const {
    redis_address out;
    out.socket = socket_path();
    out.command_timeout = 200ms;
    return out;
  }

  bool answers() const {
    redis_connection redis(address());
    if (::access(socket_path().c_str(), F_OK) != 0 || !redis.connect().ok()) return false;
    redis.command({"PING"});
    redis_reply reply;
    return redis.expect(reply).ok();
  }

  // Redis answers a SHUTDOWN that works by closing the connection.
  bool shut_down() const {
    redis_connection redis(address());
    if (!redis.connect().ok()) return false;
    redis.command({"SHUTDOWN", "NOSAVE"});
    redis_reply reply;
    return redis.read(reply).error == journal_error::unreachable;
  }
};

redis_server::redis_server(redis_server_options options)
    : impl_(std::make_unique<impl>(std::move(options))) {}

redis_server::~redis_server() {
  stop();
}

journal_result redis_server::start() {
  impl& s = *impl_;
  if (auto r = s.take_directory(); !r.ok()) return r;
  s.keeper = std::thread([&s] { s.keep(); });
  const auto until = steady::now() + s.options.start_timeout;
  while (!s.answers()) {
    {
      const std::lock_guard guard(s.mutex);
      if (!s.failure.empty()) {
        journal_result out{journal_error::refused, s.failure};
        s.stopping = true;
        s.changed.notify_all();
        return out;
      }
    }
    if (steady::now() > until)
      return {journal_error::timeout,
              "redis-server does not answer; see " + s.options.directory + "/redis.log"};
    std::this_thread::sleep_for(200us);
  }
  return {};
}

void redis_server::stop() {
  impl& s = *impl_;
  {
    std::unique_lock guard(s.mutex);
    s.stopping = true;
    s.changed.notify_all();
    if (s.child > 0) {
      // Redis looks for a signal ten times a second; the command works at once.
      if (!s.shut_down()) ::kill(s.child, SIGTERM);
      if (!s.changed.wait_for(guard, s.options.stop_timeout, [&] { return s.child == 0; }))
        ::kill(s.child, SIGKILL);
    }
  }
  if (s.keeper.joinable()) s.keeper.join();
  if (s.lock >= 0) ::close(s.lock);
  s.lock = -1;
}

std::string redis_server::socket() const {
  return impl_->socket_path();
}

int redis_server::pid() const {
  const std::lock_guard guard(impl_->mutex);
  return impl_->child;
}

}  // namespace troupe::store
