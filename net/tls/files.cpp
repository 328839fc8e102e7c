#include "net/tls/files.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe::tls {
namespace {

constexpr std::size_t max_file = 1u << 20;

[[noreturn]] void fail_with_errno(const std::string& doing, const std::filesystem::path& path) {
  throw pki_error(doing + " " + path.string() + ": " + std::strerror(errno));
}

// Closes on the way out.
struct descriptor {
  int fd;
  ~descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

}  // namespace

void write_file(const std::filesystem::path& path, std::string_view text, bool secret) {
  const auto temporary = path.string() + ".new";
  {
    ::unlink(temporary.c_str());
    descriptor file{
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, secret ? 0600 : 0644)};
    if (file.fd < 0) fail_with_errno("cannot write", temporary);
    while (!text.empty()) {
      const auto n = ::write(file.fd, text.data(), text.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail_with_errno("cannot write", temporary);
      text.remove_prefix(static_cast<std::size_t>(n));
    }
    if (::fsync(file.fd) != 0) fail_with_errno("cannot write", temporary);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) fail_with_errno("cannot write", path);
}

std::string read_file(const std::filesystem::path& path) {
  descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) fail_with_errno("cannot read", path);
  std::string out;
  char buffer[16384];
  while (true) {
    const auto n = ::read(file.fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail_with_errno("cannot read", path);
    if (n == 0) return out;
    out.append(buffer, static_cast<std::size_t>(n));
    if (out.size() > max_file) throw pki_error(path.string() + " is larger than 1 MiB");
  }
}

void save(const std::filesystem::path& dir, std::string_view name, const credential& c) {
  write_file(dir / (std::string(name) + ".key"), c.key, true);
  write_file(dir / (std::string(name) + ".crt"), c.certificate, false);
}

credential load(const std::filesystem::path& dir, std::string_view name) {
  credential out{read_file(dir / (std::string(name) + ".crt")),
                 read_file(dir / (std::string(name) + ".key"))};
  if (!matches(out))
    throw pki_error((dir / (std::string(name) + ".key")).string() +
                    " is not the key of the certificate beside it");
  return out;
}

}  // namespace troupe::tls
