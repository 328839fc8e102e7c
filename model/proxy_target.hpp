#pragma once

#include "model/json.hpp"
#include "model/request_info.hpp"
#include "model/status.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::model {

// The subresource `proxy` of pods, services and nodes: who a request is passed on to.

/// "[scheme:]name[:port]", as such requests name what they mean.
struct proxy_name {
  std::string scheme;  ///< "https", "http", ""
  std::string name, port;
};
std::optional<proxy_name> parse_proxy_name(std::string_view id);

/// Whether a request is one of these.
bool is_proxied(const request_info& info);

/// Where a pod is reached, "10.0.0.1:8080"; 400 for one without an address, or with one that
/// nobody may be led to (loopback, link-local).
std::variant<std::string, status> proxy_to_pod(const proxy_name& n, const json& pod);
/// The first ready endpoint of a Service's port, which may be named; 503 when there is none.
std::variant<std::string, status> proxy_to_service(const proxy_name& n, const json& service,
                                                   const std::vector<json>& slices);
/// A port of a node; 503 for its kubelet, which has no HTTP here.
std::variant<std::string, status> proxy_to_node(const proxy_name& n, const json& node);

/// The path, and the query, behind .../proxy of a request's target, as they were written; nothing
/// when not even a slash stands there.
std::optional<std::string> proxied_target(std::string_view target);

}  // namespace troupe::model
