#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>

namespace troupe::cli {

/// A redis-server child on a Unix socket in the data directory, syncing every write to disk. It
/// dies with this process, and what it has acknowledged is on disk by then.
class private_redis {
 public:
  /// Starts it; does not wait. Call from the main thread: the kernel ties the child's life to the
  /// calling thread. `program` is looked up in PATH. Throws role_error.
  private_redis(std::string program, const std::filesystem::path& dir);
  /// Stops it in order.
  ~private_redis();
  private_redis(const private_redis&) = delete;
  private_redis& operator=(const private_redis&) = delete;

  /// "unix:///.../redis.sock"
  std::string url() const { return "unix://" + socket_.string(); }
  pid_t pid() const { return pid_; }
  /// Waits until it accepts connections. Throws role_error with the end of its log when it died or
  /// took too long.
  void await_ready(std::chrono::milliseconds patience);
  /// Starts it again when it has died; call at SIGCHLD and now and then. True when it did.
  bool revive();

 private:
  void start();
  bool exited();
  std::string last_words() const;

  std::string program_;
  std::filesystem::path dir_;
  std::filesystem::path socket_;
  pid_t pid_ = -1;
  std::chrono::steady_clock::time_point started_;
};

}  // namespace troupe::cli
