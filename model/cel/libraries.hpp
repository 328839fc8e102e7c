#pragma once

#include "model/cel/functions.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace troupe::model::cel {

// Inside of the evaluator: the libraries that Kubernetes adds (kubernetes.io, "Common Expression
// Language in Kubernetes"). What they make are values of types of their own.

/// A function of a library: url(), isIP(), format.dns1123Label(). Nothing when there is none of
/// this name.
std::optional<value> call_library(const std::string& name, arguments& args, meter& m);
/// Whether it is one whose name has a dot: sets.contains, ip.isCanonical.
bool is_dotted_function(std::string_view name);

/// The only argument of a function or a method; throws where there is not just one.
inline const value& one_argument(const arguments& args, std::size_t behind = 0) {
  if (args.size() != behind + 1) no_overload();
  return args[behind];
}

inline value made(foreign_ptr v) {
  return value::kinds(std::move(v));
}
inline value boolean_value(bool b) {
  return value::kinds(b);
}
inline value string_value(std::string text) {
  return value::kinds(std::move(text));
}

// The libraries, one a file. Each gives nothing for names of others.
std::optional<value> call_url(const std::string& name, arguments& args, meter& m);
std::optional<value> call_ip(const std::string& name, arguments& args, meter& m);
std::optional<value> call_format(const std::string& name, arguments& args, meter& m);
std::optional<value> call_semver(const std::string& name, arguments& args, meter& m);

/// 'a %s'.format(['b']).
value formatted(arguments& args, meter& m);

}  // namespace troupe::model::cel
