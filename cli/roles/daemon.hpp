#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace troupe::cli {

/// Blocks the signals that end or concern a daemon, for all threads made after it. First thing to
/// do.
void block_signals();
/// Waits for SIGINT or SIGTERM; calls `idle` at each SIGCHLD and every `period`.
void await_stop(const std::function<void()>& idle, std::chrono::milliseconds period);

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
