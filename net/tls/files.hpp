#pragma once

#include "net/tls/pki.hpp"

#include <filesystem>

namespace troupe::tls {

/// Writes a file whole or not at all (temporary file, fsync, rename). `secret`: mode 0600, else
/// 0644. Throws pki_error.
void write_file(const std::filesystem::path& path, std::string_view text, bool secret);
/// The text of a file of at most 1 MiB. Throws pki_error.
std::string read_file(const std::filesystem::path& path);

/// DIR/NAME.crt and DIR/NAME.key (0600), the key first.
void save(const std::filesystem::path& dir, std::string_view name, const credential& c);
/// What save() wrote. Throws pki_error when one is missing, unreadable, or they do not match.
credential load(const std::filesystem::path& dir, std::string_view name);

}  // namespace troupe::tls
