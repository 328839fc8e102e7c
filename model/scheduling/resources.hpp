#pragma once

#include "model/json.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::model {

/// Amounts of what a node has and a pod asks for.
struct resources {
  std::int64_t cpu = 0;  ///< milli-CPUs
  std::int64_t memory = 0;
  std::int64_t ephemeral = 0;  ///< ephemeral-storage; bytes, as memory
  std::int64_t pods = 0;
  std::vector<std::pair<std::string, std::int64_t>> extended;  ///< all others, sorted by name

  resources& operator+=(const resources& o);
  resources& operator-=(const resources& o);
  bool operator==(const resources&) const = default;

  /// The amount of a resource that is not one of the four above.
  std::int64_t extended_amount(std::string_view name) const;
  void add_extended(std::string_view name, std::int64_t amount);
  /// Each amount becomes the larger of the two.
  void raise_to(const resources& o);

  /// A ResourceList ({"cpu":"100m","memory":"1Gi"}). What is no quantity counts as nothing: the API
  /// has refused it.
  static resources of(const json& resource_list);
};

/// A port of the host that a container wants for itself.
struct host_port {
  std::string ip;  ///< "0.0.0.0" for all addresses
  std::string protocol;
  std::int32_t port = 0;
  auto operator<=>(const host_port&) const = default;
};

/// Whether both cannot be had on one node: same port and protocol, and addresses that overlap.
bool conflict(const host_port& a, const host_port& b);

struct pod_view;

/// What the pods of one node take.
struct usage {
  resources requested;
  std::int64_t nonzero_cpu = 0;     ///< as requested, but 100m and 200 MB for containers that name
  std::int64_t nonzero_memory = 0;  ///< none: what LeastAllocated scores by
  std::vector<host_port> ports;

  void add(const pod_view& pod);
  void remove(const pod_view& pod);
  bool operator==(const usage&) const = default;
};

}  // namespace troupe::model
