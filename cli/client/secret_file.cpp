#include "cli/client/secret_file.hpp"

#include "cli/client/role_error.hpp"

#include <cerrno>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

namespace troupe::cli {

secret_file::secret_file(const char* name, std::string_view text)
    : fd_(::memfd_create(name, MFD_CLOEXEC)) {
  while (fd_ >= 0 && !text.empty()) {
    const auto n = ::write(fd_, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  if (fd_ >= 0 && text.empty()) return;
  const std::string why = std::strerror(errno);
  if (fd_ >= 0) ::close(fd_);
  throw role_error("cannot make a file in memory: " + why);
}

secret_file::~secret_file() {
  ::close(fd_);
}

}  // namespace troupe::cli
