// Tables of metrics.k8s.io, as metrics-server prints them.

#include "model/quantity.hpp"
#include "model/table/columns.hpp"

namespace troupe::model {
namespace {

// What all containers of a pod use together.
std::string total(const json& o, const char* resource) {
  quantity sum;
  bool first = true;
  for (const json& c : at(o, {"containers"})) {
    const auto one = quantity::parse(string_at(c, {"usage", resource}));
    if (!one) continue;
    if (std::exchange(first, false))
      sum = *one;
    else
      sum += *one;
  }
  return sum.text();
}

shown_column of_pod(const char* resource) {
  return made_column(resource, "What the pod uses",
                     [resource](const json& o) { return total(o, resource); });
}

shown_column window_column() {
  return text_column("Window", "Length of the time that was measured", "window");
}

}  // namespace

std::span<const printer> metrics_printers() {
  static const printer all[] = {
      {"nodes.metrics.k8s.io",
       {name_column(), text_column("cpu", "What the node uses", "usage.cpu"),
        text_column("memory", "What the node uses", "usage.memory"), window_column()}},
      {"pods.metrics.k8s.io", {name_column(), of_pod("cpu"), of_pod("memory"), window_column()}}};
  return all;
}

}  // namespace troupe::model
