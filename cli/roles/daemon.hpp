#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace troupe::cli {

/// Blocks the signals that end or concern a daemon, for all threads made after it. First thing to
/// do. `reloads`: SIGHUP is one of them, instead of ending the process.
void block_signals(bool reloads = false);
/// Lets the process open as many files as it may at most: each connection is one.
void raise_file_limit();
/// Waits for SIGINT or SIGTERM; calls `idle` at each SIGCHLD and every `period`, and `reload` at
/// each SIGHUP.
void await_stop(const std::function<void()>& idle, std::chrono::milliseconds period,
                const std::function<void()>& reload = {});

/// Puts the process into the background: the parent prints what report_ready() said and exits 0, or
/// exits 1 when the child ends before; it never returns from here. Logs go to `log`. Call before
/// any thread is made.
class background {
 public:
  explicit background(const std::filesystem::path& log);
  ~background();
  void report_ready(const std::string& text);

 private:
  int pipe_ = -1;
};

/// Ends the process with a complaint when shutting down takes longer than `patience`.
void watch_shutdown(std::chrono::milliseconds patience);

}  // namespace troupe::cli
