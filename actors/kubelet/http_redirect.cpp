#include "actors/kubelet/http_redirect.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace troupe {

namespace {

bool same_letters(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

std::string_view trimmed(std::string_view text) {
  constexpr const char* blanks = " \t\r";
  const auto first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// "host:port" or "[::1]:port" into its parts; without a port the scheme's own counts.
bool read_authority(std::string_view text, http_target& to) {
  to.port = to.tls ? 443 : 80;
  const auto end = text.starts_with('[') ? text.find(']') : text.find(':');
  to.host = text.substr(0, end);
  if (text.starts_with('[')) {
    if (end == text.npos) return false;
    to.host = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
  } else {
    text.remove_prefix(std::min(text.size(), to.host.size()));
  }
  if (to.host.empty()) return false;
  if (text.empty()) return true;
  if (text.front() != ':') return false;
  text.remove_prefix(1);
  const auto [stop, bad] = std::from_chars(text.data(), text.data() + text.size(), to.port);
  return bad == std::errc() && stop == text.data() + text.size() && to.port > 0 && to.port < 65536;
}

}  // namespace

bool is_redirect(int code) {
  return (code >= 301 && code <= 303) || code == 307 || code == 308;
}

std::string_view location_of(std::string_view head) {
  for (std::size_t at = head.find('\n'); at != head.npos; at = head.find('\n')) {
    head.remove_prefix(at + 1);
    const auto line = head.substr(0, head.find('\n'));
    const auto colon = line.find(':');
    if (colon != line.npos && same_letters(line.substr(0, colon), "location"))
      return trimmed(line.substr(colon + 1));
  }
  return {};
}

std::optional<http_target> redirected(const http_target& from, std::string_view location) {
  if (location.empty()) return std::nullopt;
  auto to = from;
  location = location.substr(0, location.find('#'));
  const auto scheme = location.find("://");
  if (scheme != location.npos && scheme < location.find_first_of("/?")) {
    const auto name = location.substr(0, scheme);
    to.tls = same_letters(name, "https");
    if (!to.tls && !same_letters(name, "http")) return std::nullopt;
    location.remove_prefix(scheme + 1);
  }
  if (location.starts_with("//")) {
    location.remove_prefix(2);
    const auto path = location.find_first_of("/?");
    if (!read_authority(location.substr(0, path), to)) return std::nullopt;
    location = path == location.npos ? std::string_view("/") : location.substr(path);
    to.path = location.starts_with('?') ? "/" + std::string(location) : std::string(location);
  } else if (location.starts_with('/')) {
    to.path = location;
  } else {
    const auto path = from.path.substr(0, from.path.find('?'));
    to.path = (location.starts_with('?') ? path : path.substr(0, path.rfind('/') + 1)) +
              std::string(location);
  }
  return to;
}

}  // namespace troupe
