#include "model/custom/formats.hpp"

#include "model/base64.hpp"
#include "model/ip_address.hpp"
#include "model/time.hpp"

#include <re2/re2.h>
#include <string>
#include <unordered_map>

namespace troupe::model {
namespace {

bool is_full(std::string_view text, const re2::RE2& form) {
  return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), form);
}

bool is_date(std::string_view text) {
  static const re2::RE2 form("\\d{4}-\\d{2}-\\d{2}");
  return is_full(text, form) && from_rfc3339(std::string(text) + "T00:00:00Z").has_value();
}

bool is_date_time(std::string_view text) {
  static const re2::RE2 form(
      "(?i)\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?(Z|[+-]\\d{2}:?\\d{2})?");
  return is_full(text, form) && is_date(text.substr(0, 10));
}

/// Go's durations ("1h30m"), and those of the library that OpenAPI's checks come from ("3 days").
bool is_duration(std::string_view text) {
  static const re2::RE2 go("[+-]?(0|(\\d+(\\.\\d*)?|\\.\\d+)(ns|us|µs|ms|s|m|h))+");
  static const re2::RE2 words(
      "\\s*(\\d+)\\s*(n|ns|nano|nanos|us|µs|micro|micros|ms|milli|millis|s|sec|secs|m|min|mins|h|"
      "hr|"
      "hour|hours|d|day|days|w|wk|week|weeks|second|seconds|minute|minutes)\\s*");
  return is_full(text, go) || is_full(text, words);
}

bool is_uuid(std::string_view text) {
  static const re2::RE2 form(
      "(?i)[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}");
  return is_full(text, form);
}

/// The version stands where a UUID has it.
bool is_uuid_of(std::string_view text, char version) {
  std::string digits;
  for (const char c : text)
    if (c != '-') digits += c;
  return is_uuid(text) && digits[12] == version;
}

bool is_ip(std::string_view text, bool six) {
  return text.find('/') == text.npos && (text.find(':') != text.npos) == six &&
         parse_ip(text).has_value();
}

using check = bool (*)(std::string_view);

constexpr const char* hostname_form =
    "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
    "\\.?";

template <int N>
bool matches(std::string_view text) {
  static const re2::RE2 forms[] = {
      // uri, email, hostname, mac, hexcolor, k8s-short-name, k8s-long-name, rgbcolor
      "[A-Za-z][A-Za-z0-9+.-]*:[^\\s]*|/[^\\s]*",
      "[^@\\s]+@[^@\\s]+",
      hostname_form,
      "([0-9A-Fa-f]{2}[:-]){5}([0-9A-Fa-f]{2})",
      "#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})",
      "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?",
      "[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*",
      "rgb\\(\\s*\\d{1,3}\\s*,\\s*\\d{1,3}\\s*,\\s*\\d{1,3}\\s*\\)"};
  return is_full(text, forms[N]);
}

}  // namespace

bool has_format(std::string_view text, std::string_view format) {
  static const std::unordered_map<std::string_view, check> checks = {
      {"date", is_date},
      {"date-time", is_date_time},
      {"datetime", is_date_time},
      {"duration", is_duration},
      {"byte", [](std::string_view t) { return from_base64(t).has_value(); }},
      {"uuid", is_uuid},
      {"uuid3", [](std::string_view t) { return is_uuid_of(t, '3'); }},
      {"uuid4", [](std::string_view t) { return is_uuid_of(t, '4'); }},
      {"uuid5", [](std::string_view t) { return is_uuid_of(t, '5'); }},
      {"ipv4", [](std::string_view t) { return is_ip(t, false); }},
      {"ipv6", [](std::string_view t) { return is_ip(t, true); }},
      {"cidr", [](std::string_view t) { return parse_cidr(t).has_value(); }},
      {"uri", matches<0>},
      {"email", matches<1>},
      {"hostname", matches<2>},
      {"mac", matches<3>},
      {"hexcolor", matches<4>},
      {"k8s-short-name", [](std::string_view t) { return t.size() <= 63 && matches<5>(t); }},
      {"k8s-long-name", [](std::string_view t) { return t.size() <= 253 && matches<6>(t); }},
      {"rgbcolor", matches<7>}};
  const auto found = checks.find(format);
  return found == checks.end() || found->second(text);
}

}  // namespace troupe::model
