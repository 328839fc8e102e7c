#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <sys/types.h>

namespace troupe::cli {

/// A role cannot start or be stopped; what() says why.
struct role_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Below the user's data directory: $XDG_DATA_HOME/troupe, or ~/.local/share/troupe.
std::filesystem::path default_data_dir();

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
