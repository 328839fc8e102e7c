#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace troupe::cli {

/// A file in memory alone, for libraries that read secrets by path; gone with this object.
class secret_file {
 public:
  /// Throws role_error.
  secret_file(const char* name, std::string_view text);
  ~secret_file();
  secret_file(const secret_file&) = delete;
  secret_file& operator=(const secret_file&) = delete;

  /// Where this process, and no other user's, can read it.
  std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_ = -1;
};

}  // namespace troupe::cli
