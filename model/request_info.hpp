#pragma once

#include "model/status.hpp"

#include <map>
#include <string>
#include <string_view>
#include <variant>

namespace troupe::model {

/// A request's target, understood as apiserver's RequestInfo: what authorization, routing and
/// errors speak of.
struct request_info {
  bool is_resource = false;  ///< below /api/v1 or /apis/G/V
  std::string path;          ///< decoded, without query
  std::string verb;  ///< get list watch create update patch delete deletecollection; else the
                     ///< method, lower case
  std::string group;
  std::string version;
  std::string ns;  ///< of /namespaces/NS/...; for the object /namespaces/NS itself it is NS, too
  std::string resource;     ///< plural: "pods"
  std::string name;         ///< from the path, or from a list's metadata.name= field selector
  std::string subresource;  ///< "status", "log", "binding"; deeper paths joined by '/'
  std::multimap<std::string, std::string, std::less<>> query;  ///< decoded

  /// "pods", "leases.coordination.k8s.io"
  std::string group_resource() const;
  /// The first value of a query parameter, or "".
  std::string_view parameter(std::string_view name) const;
  /// A boolean parameter as apimachinery converts it: absent, "0" and "false" are false, all else
  /// (also "") is true.
  bool flag(std::string_view name) const;
};

/// Parses method and target ("/api/v1/pods?watch=1"). A Status (400) for bad escapes or a target
/// over 8 KiB.
std::variant<request_info, status> parse_request(std::string_view method, std::string_view target);

}  // namespace troupe::model
