#include "model/cel/declarations.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace troupe::model::cel {
namespace {

/// NAMES: SIGNATURE; SIGNATURE... A signature is (ARGUMENTS) RESULT, with TARGET. before it where
/// it is a method.
constexpr std::array declared_functions{
    // Operators
    "!_: (bool) bool",
    "-_: (double) double; (int) int",
    "_?_:_: (bool, A, A) A",
    "_==_ _!=_: (A, A) bool",
    "_+_: (bytes, bytes) bytes; (double, double) double; (duration, duration) duration; "
    "(duration, timestamp) timestamp; (timestamp, duration) timestamp; (int, int) int; "
    "(list(A), list(A)) list(A); (string, string) string; (uint, uint) uint",
    "_-_: (double, double) double; (duration, duration) duration; (int, int) int; "
    "(timestamp, duration) timestamp; (timestamp, timestamp) duration; (uint, uint) uint",
    "_*_ _/_: (double, double) double; (int, int) int; (uint, uint) uint",
    "_%_: (int, int) int; (uint, uint) uint",
    "_<_ _<=_ _>_ _>=_: (bool, bool) bool; (int, int) bool; (int, double) bool; (int, uint) bool; "
    "(uint, uint) bool; (uint, double) bool; (uint, int) bool; (double, double) bool; "
    "(double, int) bool; (double, uint) bool; (string, string) bool; (bytes, bytes) bool; "
    "(timestamp, timestamp) bool; (duration, duration) bool",
    "_[_]: (list(A), int) A; (map(A, B), A) B; (optional(list(A)), int) optional(A); "
    "(optional(map(A, B)), A) optional(B)",
    "_[?_]: (list(A), int) optional(A); (optional(list(A)), int) optional(A); "
    "(map(A, B), A) optional(B); (optional(map(A, B)), A) optional(B)",
    "@in: (A, list(A)) bool; (A, map(A, B)) bool",
    // Conversions
    "size: (bytes) int; bytes.() int; (list(A)) int; list(A).() int; (map(A, B)) int; "
    "map(A, B).() int; (string) int; string.() int",
    "type: (A) type(A)",
    "dyn: (A) dyn",
    "bool: (bool) bool; (string) bool",
    "bytes: (bytes) bytes; (string) bytes",
    "double: (double) double; (int) double; (string) double; (uint) double",
    "duration: (duration) duration; (int) duration; (string) duration",
    "int: (int) int; (double) int; (duration) int; (string) int; (timestamp) int; (uint) int",
    "string: (string) string; (bool) string; (bytes) string; (double) string; (duration) string; "
    "(int) string; (timestamp) string; (uint) string; (net.IP) string; (net.CIDR) string",
    "timestamp: (timestamp) timestamp; (int) timestamp; (string) timestamp",
    "uint: (uint) uint; (double) uint; (int) uint; (string) uint",
    // Strings
    "contains endsWith startsWith: string.(string) bool",
    "matches: (string, string) bool; string.(string) bool",
    "charAt: string.(int) string",
    "indexOf lastIndexOf: string.(string) int; string.(string, int) int; list(A).(A) int",
    "join: list(string).() string; list(string).(string) string",
    "lowerAscii upperAscii trim: string.() string",
    "replace: string.(string, string) string; string.(string, string, int) string",
    "split: string.(string) list(string); string.(string, int) list(string)",
    "substring: string.(int) string; string.(int, int) string",
    "format: string.(list(dyn)) string",
    "strings.quote: (string) string",
    "find: string.(string) string",
    "findAll: string.(string) list(string); string.(string, int) list(string)",
    // Times
    "getFullYear getMonth getDayOfYear getDayOfMonth getDate getDayOfWeek: timestamp.() int; "
    "timestamp.(string) int",
    "getHours getMinutes getSeconds getMilliseconds: timestamp.() int; timestamp.(string) int; "
    "duration.() int",
    // Lists
    "isSorted: list(int).() bool; list(uint).() bool; list(double).() bool; list(bool).() bool; "
    "list(duration).() bool; list(timestamp).() bool; list(string).() bool; list(bytes).() bool",
    "min max: list(int).() int; list(uint).() uint; list(double).() double; list(bool).() bool; "
    "list(duration).() duration; list(timestamp).() timestamp; list(string).() string; "
    "list(bytes).() bytes",
    "sum: list(int).() int; list(uint).() uint; list(double).() double; list(duration).() duration",
    "sets.contains sets.equivalent sets.intersects: (list(A), list(A)) bool",
    // Optionals
    "optional.none: () optional(A)",
    "optional.of optional.ofNonZeroValue: (A) optional(A)",
    "hasValue: optional(A).() bool",
    "value: optional(A).() A",
    "or: optional(A).(optional(A)) optional(A)",
    "orValue: optional(A).(A) A",
    // URLs
    "url: (string) kubernetes.URL",
    "isURL: (string) bool",
    "getScheme getHost getHostname getPort getEscapedPath: kubernetes.URL.() string",
    "getQuery: kubernetes.URL.() map(string, list(string))",
    // Quantities
    "quantity: (string) kubernetes.Quantity",
    "isQuantity: (string) bool",
    "sign asInteger: kubernetes.Quantity.() int",
    "isInteger: kubernetes.Quantity.() bool",
    "asApproximateFloat: kubernetes.Quantity.() double",
    "add sub: kubernetes.Quantity.(kubernetes.Quantity) kubernetes.Quantity; "
    "kubernetes.Quantity.(int) kubernetes.Quantity",
    "isLessThan isGreaterThan: kubernetes.Quantity.(kubernetes.Quantity) bool; "
    "kubernetes.Semver.(kubernetes.Semver) bool",
    "compareTo: kubernetes.Quantity.(kubernetes.Quantity) int; "
    "kubernetes.Semver.(kubernetes.Semver) int",
    // Versions
    "semver: (string) kubernetes.Semver",
    "isSemver: (string) bool",
    "major minor patch: kubernetes.Semver.() int",
    // Addresses
    "ip: (string) net.IP; net.CIDR.() net.IP",
    "isIP ip.isCanonical isCIDR: (string) bool",
    "family: net.IP.() int",
    "isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast isGlobalUnicast: "
    "net.IP.() bool",
    "cidr: (string) net.CIDR",
    "containsIP: net.CIDR.(string) bool; net.CIDR.(net.IP) bool",
    "containsCIDR: net.CIDR.(string) bool; net.CIDR.(net.CIDR) bool",
    "prefixLength: net.CIDR.() int",
    "masked: net.CIDR.() net.CIDR",
    // Formats
    "format.named: (string) optional(kubernetes.NamedFormat)",
    "format.dns1123Label format.dns1123Subdomain format.dns1035Label format.qualifiedName "
    "format.dns1123LabelPrefix format.dns1123SubdomainPrefix format.dns1035LabelPrefix "
    "format.labelValue format.uri format.uuid format.byte format.date format.datetime: "
    "() kubernetes.NamedFormat",
    "validate: kubernetes.NamedFormat.(string) optional(list(string))",
    // Authorization
    "path: kubernetes.authorization.Authorizer.(string) kubernetes.authorization.PathCheck",
    "serviceAccount: kubernetes.authorization.Authorizer.(string, string) "
    "kubernetes.authorization.Authorizer",
    "group: kubernetes.authorization.Authorizer.(string) kubernetes.authorization.GroupCheck",
    "resource: kubernetes.authorization.GroupCheck.(string) kubernetes.authorization.ResourceCheck",
    "subresource namespace name fieldSelector labelSelector: "
    "kubernetes.authorization.ResourceCheck.(string) kubernetes.authorization.ResourceCheck",
    "check: kubernetes.authorization.PathCheck.(string) kubernetes.authorization.Decision; "
    "kubernetes.authorization.ResourceCheck.(string) kubernetes.authorization.Decision",
    "allowed errored: kubernetes.authorization.Decision.() bool",
    "reason error: kubernetes.authorization.Decision.() string",
};

using functions = std::unordered_map<std::string_view, std::vector<overload>>;

void note_parameters(const type& t, std::vector<std::string>& out) {
  if (t.kind == type_kind::parameter && std::ranges::find(out, t.name) == out.end())
    out.push_back(t.name);
  for (const auto& p : t.params) note_parameters(*p, out);
}

/// The place of the parenthesis that holds the arguments: behind a dot, or the first.
std::size_t arguments_at(std::string_view signature) {
  const auto dot = signature.find(".(");
  return dot == signature.npos ? 0 : dot + 1;
}

overload read_signature(std::string_view signature) {
  overload out;
  const auto open = arguments_at(signature);
  out.method = open > 0;
  if (out.method) out.args.push_back(read_type(signature.substr(0, open - 1)));
  std::size_t from = open + 1, at = from;
  for (int depth = 0; depth > 0 || signature[at] != ')'; ++at) {
    if (signature[at] == '(') ++depth;
    if (signature[at] == ')') --depth;
    if (signature[at] == ',' && depth == 0) {
      out.args.push_back(read_type(signature.substr(from, at - from)));
      from = at + 2;
    }
  }
  if (at > from) out.args.push_back(read_type(signature.substr(from, at - from)));
  out.result = read_type(signature.substr(at + 2));
  for (const auto& a : out.args) note_parameters(*a, out.parameters);
  note_parameters(*out.result, out.parameters);
  return out;
}

void read_line(std::string_view line, functions& out) {
  const auto colon = line.find(": ");
  std::string_view names = line.substr(0, colon), signatures = line.substr(colon + 2);
  std::vector<overload> overloads;
  while (!signatures.empty()) {
    const auto end = std::min(signatures.find("; "), signatures.size());
    overloads.push_back(read_signature(signatures.substr(0, end)));
    signatures.remove_prefix(std::min(end + 2, signatures.size()));
  }
  while (!names.empty()) {
    const auto end = std::min(names.find(' '), names.size());
    out.emplace(names.substr(0, end), overloads);
    names.remove_prefix(std::min(end + 1, names.size()));
  }
}

}  // namespace

const std::vector<overload>* find_function(std::string_view name) {
  static const functions all = [] {
    functions out;
    for (const std::string_view line : declared_functions) read_line(line, out);
    return out;
  }();
  const auto found = all.find(name);
  return found == all.end() ? nullptr : &found->second;
}

type_ptr find_type_name(std::string_view name) {
  static constexpr std::array names{
      "bool",       "bytes",     "double",    "google.protobuf.Duration",
      "int",        "null_type", "string",    "google.protobuf.Timestamp",
      "uint",       "list(A)",   "map(A, B)", "type",
      "optional(A)"};
  for (const std::string_view n : names) {
    const auto plain = n.substr(0, n.find('('));
    if (name == (plain == "optional" ? "optional_type" : plain)) return type_of(read_type(n));
  }
  return nullptr;
}

}  // namespace troupe::model::cel
