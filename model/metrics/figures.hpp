#pragma once

#include "model/object.hpp"
#include "model/status.hpp"
#include "model/time.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::model {

// What nodes, pods and containers use at the moment: what metrics.k8s.io shows.

/// Use of the two resources that are measured.
struct figure {
  std::int64_t nano_cores = 0;  ///< billionths of a core
  std::int64_t memory = 0;      ///< bytes of the working set
  figure& operator+=(const figure& o) {
    nano_cores += o.nano_cores;
    memory += o.memory;
    return *this;
  }
  bool operator==(const figure&) const = default;
};

struct container_figure {
  std::string name;
  figure use;
  bool operator==(const container_figure&) const = default;
};

struct pod_figures {
  std::string ns, name;
  std::vector<container_figure> containers;  ///< those that run, by name
  bool operator==(const pod_figures&) const = default;
};

/// One report of a kubelet.
struct node_figures {
  std::chrono::seconds window{0};  ///< over which the use of cpu was averaged
  figure node;
  std::vector<pod_figures> pods;  ///< by namespace and name
  bool operator==(const node_figures&) const = default;

  const pod_figures* pod(std::string_view ns, std::string_view name) const;
};

/// A report on its way: compact JSON, and back. A Status (400) for what is none, or more than a
/// node can have (5,000 pods).
std::string to_text(const node_figures& f);
std::variant<node_figures, status> parse_figures(std::string_view text);

/// metrics.k8s.io/v1beta1 NodeMetrics and PodMetrics, with the labels of the object that they are
/// about. Cpu is in n, memory in Ki, as metrics-server writes them.
json node_metrics(const object& node, const node_figures& f, time_point at);
json pod_metrics(const object& pod, const pod_figures& f, std::chrono::seconds window,
                 time_point at);

}  // namespace troupe::model
