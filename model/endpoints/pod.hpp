#pragma once

#include "model/object.hpp"
#include "model/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace troupe::model {

/// What the endpoints of a Service depend on of a Pod.
struct endpoint_pod {
  explicit endpoint_pod(const object& pod) : endpoint_pod(pod.content()) {}
  explicit endpoint_pod(const json& pod);
  bool operator==(const endpoint_pod&) const = default;

  struct named_port {
    std::string name;
    std::string protocol;
    std::int64_t number = 0;
    bool operator==(const named_port&) const = default;
  };

  std::string ns;
  std::string name;
  std::string uid;
  std::string node;
  std::string hostname;
  std::string subdomain;
  std::vector<std::string> ips;
  std::vector<named_port> ports;  ///< of its containers, then of its sidecars
  bool ready = false;
  bool deleting = false;
  bool ended = false;                     ///< Succeeded or Failed
  std::optional<time_point> ready_moved;  ///< lastTransitionTime of its condition Ready

  /// Whether it is an endpoint at all (endpointutil.ShouldPodBeInEndpoints).
  bool belongs(bool while_deleting) const {
    return !ended && !ips.empty() && (while_deleting || !deleting);
  }
};

/// The pod's number for a port of a service (podutil.FindPort); nothing when it has no port of that
/// name.
std::optional<std::int64_t> find_port(const endpoint_pod& pod, const json& service_port);

/// Whether the pod's host name is published with the service's endpoints.
bool publishes_hostname(const endpoint_pod& pod, const json& service);

bool is_ipv6(const std::string& address);

/// Whether the service has a cluster address (helper.IsServiceIPSet).
bool has_cluster_ip(const json& service);

/// A reference to the pod, as endpoints carry it.
json target_reference(const endpoint_pod& pod);

inline constexpr const char* headless_label = "service.kubernetes.io/headless";
inline constexpr const char* trigger_time_annotation =
    "endpoints.kubernetes.io/last-change-trigger-time";

}  // namespace troupe::model
