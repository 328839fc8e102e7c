#include "cli/bench/process.hpp"

#include "cli/bench/connection.hpp"
#include "cli/output/progress.hpp"
#include "model/json.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <signal.h>
#include <sstream>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace troupe::cli::bench {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

std::string read_proc(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  if (!in || out.str().empty()) throw bench_error("cannot read " + path);
  return std::move(out).str();
}

// "Pss:     1234 kB" of /proc/PID/smaps_rollup and its like, in MiB.
double field_mib(const std::string& text, const std::string& name) {
  const auto at = text.find(name + ":");
  return at == std::string::npos ? 0 : std::atof(text.c_str() + at + name.size() + 1) / 1024;
}

std::uint16_t free_port() {
  boost::asio::io_context io(1);
  using boost::asio::ip::tcp;
  const tcp::endpoint any(boost::asio::ip::address_v4::loopback(), 0);
  return tcp::acceptor(io, any).local_endpoint().port();
}

// In the child: between fork and exec, so nothing but system calls.
// `program` is this one by its name, as `ps` shows it; should it have been replaced meanwhile, the
// kernel's link still leads to what runs.
[[noreturn]] void become(const char* program, char* const* argv, int log) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  execv(program, argv);
  execv("/proc/self/exe", argv);
  _exit(127);
}

bool ready(const model::json& node) {
  const auto& conditions = model::at(node, {"status", "conditions"});
  return std::any_of(conditions.begin(), conditions.end(), [](const model::json& c) {
    return model::string_at(c, {"type"}) == "Ready" && model::string_at(c, {"status"}) == "True";
  });
}

}  // namespace

usage usage_of(pid_t pid) {
  const auto proc = "/proc/" + std::to_string(pid);
  const auto stat = read_proc(proc + "/stat");
  std::istringstream fields(stat.substr(stat.rfind(')') + 2));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;  // up to utime, the 14th
  double user = 0, system = 0;
  fields >> user >> system;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto rollup = read_proc(proc + "/smaps_rollup");
  return {(user + system) / ticks, field_mib(rollup, "Rss"), field_mib(rollup, "Pss")};
}

cluster::cluster(const std::vector<std::string>& flags) {
  auto pattern = (fs::temp_directory_path() / "troupe-bench-XXXXXX").string();
  if (!mkdtemp(pattern.data())) throw bench_error("cannot make " + pattern);
  dir_ = pattern;
  where_ = {.host = "127.0.0.1", .port = free_port()};
  std::vector<std::string> args{"troupe",
                                "up",
                                "--data-dir",
                                (dir_ / "data").string(),
                                "--bind-address",
                                "127.0.0.1",
                                "--secure-port",
                                "0",
                                "--edge-port",
                                "0",
                                "--insecure-bind-address",
                                where_.host,
                                "--insecure-port",
                                std::to_string(where_.port)};
  args.insert(args.end(), flags.begin(), flags.end());
  std::vector<char*> argv;
  for (auto& arg : args) argv.push_back(arg.data());
  argv.push_back(nullptr);
  std::error_code unknown;
  const auto program = fs::read_symlink("/proc/self/exe", unknown);
  const int log = open((dir_ / "log").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  const auto start = clock::now();
  pid_ = fork();
  if (pid_ == 0) become(program.c_str(), argv.data(), log);
  close(log);
  try {
    if (pid_ < 0) throw bench_error("cannot fork");
    await_ready();
    startup_seconds_ = seconds_since(start);
  } catch (...) {
    end();
    throw;
  }
}

cluster::~cluster() {
  end();
}

void cluster::end() {
  if (pid_ > 0) {
    kill(pid_, SIGTERM);
    const auto start = clock::now();
    while (waitpid(pid_, nullptr, WNOHANG) == 0) {
      if (seconds_since(start) > 15) kill(pid_, SIGKILL);
      std::this_thread::sleep_for(10ms);
    }
  }
  std::error_code ignored;  // a directory that stays behind changes no figure
  fs::remove_all(dir_, ignored);
}

void cluster::await_ready() {
  const auto start = clock::now();
  for (;;) {
    try {
      if (ask(where_, "GET", "/readyz").first == 200) return;
    } catch (const bench_error&) {
      // It does not listen yet.
    }
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      throw bench_error("troupe up ended: " + last_words());
    }
    if (seconds_since(start) > 60) throw bench_error("troupe up is not ready: " + last_words());
    std::this_thread::sleep_for(500us);
  }
}

usage cluster::redis() const {
  const auto threads = "/proc/" + std::to_string(pid_) + "/task";
  for (const auto& thread : fs::directory_iterator(threads)) {
    std::ifstream children(thread.path() / "children");
    for (pid_t child = 0; children >> child;)
      if (read_proc("/proc/" + std::to_string(child) + "/comm").starts_with("redis-server"))
        return usage_of(child);
  }
  throw bench_error("no redis-server below troupe up");
}

std::string cluster::last_words() const {
  const auto text = read_proc((dir_ / "log").string());
  return text.substr(text.size() > 2000 ? text.size() - 2000 : 0);
}

void cluster::await_nodes(std::size_t count) const {
  const auto start = clock::now();
  progress line(std::cerr, isatty(STDERR_FILENO) == 1);
  for (;;) {
    const auto list = model::parse_json(ask(where_, "GET", "/api/v1/nodes").second, {1u << 30});
    const auto& nodes = model::at(list.value, {"items"});
    const auto up = static_cast<std::size_t>(std::count_if(nodes.begin(), nodes.end(), ready));
    if (up >= count) return;
    line.update(
        [&] { return std::to_string(up) + " of " + std::to_string(count) + " nodes are ready"; });
    if (seconds_since(start) > 120)
      throw bench_error("only " + std::to_string(up) + " nodes are ready");
    std::this_thread::sleep_for(100ms);
  }
}

}  // namespace troupe::cli::bench
