#pragma once

#include "cli/bench/endpoint.hpp"
#include "cli/bench/figures.hpp"

#include <filesystem>
#include <memory>
#include <sys/types.h>
#include <vector>

namespace troupe::cli::bench {

/// What a process has used, read from /proc. Throws bench_error when it is gone.
struct usage {
  double cpu_seconds = 0;  ///< user and system
  double rss_mib = 0;      ///< resident, shared pages included
  double pss_mib = 0;      ///< resident, shared pages divided by their sharers
};
usage usage_of(pid_t pid);

/// A `troupe up` of this same binary in an empty temporary directory, on loopback ports of its own,
/// with Redis syncing every write. Ends, and its directory goes, with this object.
class cluster {
 public:
  /// Starts it with `flags` added, and returns when /readyz says 200. Throws bench_error.
  explicit cluster(const std::vector<std::string>& flags);
  ~cluster();
  cluster(const cluster&) = delete;
  cluster& operator=(const cluster&) = delete;

  const endpoint& where() const { return where_; }
  /// Seconds from exec to the first 200 of /readyz.
  double startup_seconds() const { return startup_seconds_; }
  /// Until so many nodes are ready. Throws bench_error when that takes minutes.
  void await_nodes(std::size_t count) const;
  usage troupe() const { return usage_of(pid_); }
  usage redis() const;

 private:
  void await_ready();
  void end();
  std::string last_words() const;

  std::filesystem::path dir_;
  pid_t pid_ = -1;
  endpoint where_;
  double startup_seconds_ = 0;
};

}  // namespace troupe::cli::bench
