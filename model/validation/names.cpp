#include "model/validation/names.hpp"

#include <algorithm>
#include <arpa/inet.h>

namespace troupe::model {
namespace {

bool lower_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
bool alnum(char c) {
  return lower_alnum(c) || (c >= 'A' && c <= 'Z');
}
bool letter(char c) {
  return alnum(c) && !(c >= '0' && c <= '9');
}

bool is_label(std::string_view name) {
  return !name.empty() && lower_alnum(name.front()) && lower_alnum(name.back()) &&
         std::ranges::all_of(name, [](char c) { return lower_alnum(c) || c == '-'; });
}

void join(std::string& out, std::string_view fault) {
  if (!out.empty()) out += "; ";
  out += fault;
}

constexpr std::size_t longest_label = 63;
constexpr std::size_t longest_name = 253;

}  // namespace

std::string dns_label_fault(std::string_view name) {
  std::string out;
  if (name.size() > longest_label) join(out, "must be no more than 63 characters");
  if (!is_label(name))
    join(
        out,
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and "
        "must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex "
        "used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')");
  return out;
}

std::string dns_1035_label_fault(std::string_view name) {
  std::string out;
  if (name.size() > longest_label) join(out, "must be no more than 63 characters");
  if (!is_label(name) || !letter(name.front()))
    join(
        out,
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
        "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or "
        "'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')");
  return out;
}

std::string path_segment_fault(std::string_view name) {
  if (name == "." || name == "..") return "may not be '" + std::string(name) + "'";
  std::string out;
  for (const char* part : {"/", "%"})
    if (name.find(part) != name.npos) join(out, "may not contain '" + std::string(part) + "'");
  return out;
}

std::string port_name_fault(std::string_view name) {
  std::string out;
  if (name.size() > 15) join(out, "must be no more than 15 characters");
  if (!std::ranges::all_of(name, [](char c) { return lower_alnum(c) || c == '-'; }))
    join(out, "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (std::ranges::none_of(name, letter)) join(out, "must contain at least one letter (a-z)");
  if (name.find("--") != name.npos) join(out, "must not contain consecutive hyphens");
  if (!name.empty() && (name.front() == '-' || name.back() == '-'))
    join(out, "must not begin or end with a hyphen");
  return out;
}

std::string env_name_fault(std::string_view name) {
  if (!name.empty() &&
      std::ranges::all_of(name, [](char c) { return c >= ' ' && c <= '~' && c != '='; }))
    return {};
  return "a valid environment variable name must consist only of printable ASCII characters other "
         "than '='";
}

std::string config_key_fault(std::string_view key) {
  std::string out;
  if (key.size() > longest_name) join(out, "must be no more than 253 characters");
  const auto allowed = [](char c) { return alnum(c) || c == '-' || c == '_' || c == '.'; };
  if (key.empty() || !std::ranges::all_of(key, allowed))
    join(out,
         "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. "
         "'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is "
         "'[-._a-zA-Z0-9]+')");
  if (key == ".") join(out, "must not be '.'");
  if (key == "..")
    join(out, "must not be '..'");
  else if (key.starts_with(".."))
    join(out, "must not start with '..'");
  return out;
}

std::string ip_fault(std::string_view text) {
  unsigned char buffer[sizeof(in6_addr)];
  const std::string copy(text);
  if (inet_pton(AF_INET, copy.c_str(), buffer) == 1 ||
      inet_pton(AF_INET6, copy.c_str(), buffer) == 1)
    return {};
  return "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
}

std::string port_fault(std::int64_t port) {
  return port >= 1 && port <= 65535 ? "" : "must be between 1 and 65535, inclusive";
}

std::string as_prefix(std::string_view generate_name) {
  std::string out(generate_name);
  if (out.size() > 1 && out.back() == '-') {
    out.pop_back();
    out.back() = 'a';
  }
  return out;
}

}  // namespace troupe::model
