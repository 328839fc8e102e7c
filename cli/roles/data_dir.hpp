#pragma once

#include "cli/client/role_error.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <sys/types.h>

namespace troupe::cli {

/// `given` made absolute, or the default one when it is empty.
std::filesystem::path data_dir_or_default(const std::string& given);

/// A process's hold on its data directory: a locked file with its pid. The lock goes with the
/// process, so that what a killed one leaves behind holds up nobody.
class data_dir_lock {
 public:
  /// Makes the directory (0700) when it is missing. Throws role_error when another process has it.
  explicit data_dir_lock(const std::filesystem::path& dir);
  ~data_dir_lock();
  data_dir_lock(const data_dir_lock&) = delete;
  data_dir_lock& operator=(const data_dir_lock&) = delete;

 private:
  std::filesystem::path file_;
  int fd_ = -1;
};

/// The process that holds the directory, if one does.
std::optional<pid_t> holder_of(const std::filesystem::path& dir);

/// Ends the process that holds the directory and waits for it. False when none holds it. Throws
/// role_error when it does not end in time.
bool stop_holder(const std::filesystem::path& dir, std::chrono::milliseconds patience);

}  // namespace troupe::cli
