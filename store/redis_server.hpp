#pragma once

#include "store/journal.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace troupe::store {

struct redis_server_options {
  std::string directory;  ///< made when missing, for the owner alone; holds the data and the socket
  std::string program = "redis-server";            ///< looked for in PATH
  std::chrono::milliseconds start_timeout{30000};  ///< until it answers: it loads its data first
  std::chrono::milliseconds stop_timeout{10000};
  std::size_t max_memory = 0;  ///< bytes; 0: no limit
};

/// A private redis-server: a child process with its data and its unix socket in one directory, no
/// TCP port, and every write on disk before it is answered. It ends with this process, however this
/// ends; it is started again, with growing pauses, when it dies alone.
class redis_server {
 public:
  explicit redis_server(redis_server_options options);
  /// Stops.
  ~redis_server();
  redis_server(const redis_server&) = delete;
  redis_server& operator=(const redis_server&) = delete;

  /// Starts it and returns when it answers. Fails when another process has the directory.
  journal_result start();
  /// Ends it in order: everything is on disk.
  void stop();

  std::string socket() const;  ///< path
  int pid() const;             ///< of the child; 0 while there is none

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace troupe::store
