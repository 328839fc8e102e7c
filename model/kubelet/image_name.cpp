#include "model/kubelet/image_name.hpp"

#include <algorithm>

namespace troupe::model::kubelet {
namespace {

constexpr const char* malformed = "invalid reference format";

bool lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool digit(char c) {
  return c >= '0' && c <= '9';
}
bool letter(char c) {
  return lower(c) || upper(c);
}
bool word(char c) {
  return letter(c) || digit(c) || c == '_';
}

template <class Each>
bool all_parts(std::string_view text, char mark, Each each) {
  for (;;) {
    const auto end = text.find(mark);
    if (!each(text.substr(0, end))) return false;
    if (end == text.npos) return true;
    text.remove_prefix(end + 1);
  }
}

// Small letters and digits, with ".", "_", "__" or any number of "-" between them.
bool is_path_part(std::string_view part) {
  const auto solid = [](char c) { return lower(c) || digit(c); };
  if (part.empty() || !solid(part.front()) || !solid(part.back())) return false;
  for (std::size_t i = 0; i < part.size();) {
    if (solid(part[i])) {
      ++i;
      continue;
    }
    const auto begin = i;
    while (i < part.size() && part[i] == part[begin]) ++i;
    const auto run = i - begin;
    const bool fits =
        part[begin] == '-' || (part[begin] == '_' && run <= 2) || (part[begin] == '.' && run == 1);
    if (!fits || !solid(part[i])) return false;
  }
  return true;
}

bool is_host(std::string_view host) {
  if (const auto colon = host.rfind(':'); colon != host.npos && !host.ends_with(']')) {
    const auto port = host.substr(colon + 1);
    if (port.empty() || !std::all_of(port.begin(), port.end(), digit)) return false;
    host = host.substr(0, colon);
  }
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
      return digit(c) || c == ':' || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    });
  }
  return all_parts(host, '.', [](std::string_view part) {
    const auto solid = [](char c) { return letter(c) || digit(c); };
    return !part.empty() && solid(part.front()) && solid(part.back()) &&
           std::all_of(part.begin(), part.end(), [&](char c) { return solid(c) || c == '-'; });
  });
}

bool is_tag(std::string_view tag) {
  constexpr std::size_t longest = 128;
  return !tag.empty() && tag.size() <= longest && word(tag.front()) &&
         std::all_of(tag.begin(), tag.end(),
                     [](char c) { return word(c) || c == '.' || c == '-'; });
}

bool is_digest(std::string_view digest) {
  constexpr std::size_t shortest = 32;
  const auto colon = digest.find(':');
  if (colon == digest.npos || colon == 0 || !letter(digest.front())) return false;
  const auto hex = digest.substr(colon + 1);
  return hex.size() >= shortest && std::all_of(hex.begin(), hex.end(), [](char c) {
           return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

// The registry's name ends at the first slash, when it looks like one.
std::string_view host_of(std::string_view name) {
  const auto slash = name.find('/');
  if (slash == name.npos) return {};
  const auto first = name.substr(0, slash);
  const bool named = first.find_first_of(".:") != first.npos || first == "localhost" ||
                     std::any_of(first.begin(), first.end(), upper);
  return named ? first : std::string_view();
}

}  // namespace

std::string image_name_fault(std::string_view name) {
  constexpr std::size_t longest = 255;
  const auto host = host_of(name);
  auto rest = host.empty() ? name : name.substr(host.size() + 1);
  const auto path = rest.substr(0, rest.find(':'));
  if (std::any_of(path.begin(), path.end(), upper))
    return std::string(malformed) + ": repository name must be lowercase";
  if (!host.empty() && !is_host(host)) return malformed;
  if (const auto at = rest.find('@'); at != rest.npos) {
    if (!is_digest(rest.substr(at + 1))) return malformed;
    rest = rest.substr(0, at);
  }
  if (const auto colon = rest.find(':'); colon != rest.npos) {
    if (!is_tag(rest.substr(colon + 1))) return malformed;
    rest = rest.substr(0, colon);
  }
  if (!all_parts(rest, '/', is_path_part)) return malformed;
  if (host.size() + 1 + rest.size() > longest)
    return "repository name must not be more than 255 characters";
  return {};
}

}  // namespace troupe::model::kubelet
