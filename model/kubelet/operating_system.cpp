#include "model/kubelet/operating_system.hpp"

namespace troupe::model::kubelet {

std::optional<node_objection> foreign_system(const json& pod) {
  constexpr const char* own = "linux";
  if (string_at(pod, {"metadata", "labels", "kubernetes.io/os"}, own) != own)
    return node_objection{
        "PodOSSelectorNodeLabelDoesNotMatch",
        "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label"};
  if (string_at(pod, {"spec", "os", "name"}, own) != own)
    return node_objection{"PodOSNotSupported",
                          "Failed to admit pod as the OS field doesn't match node OS"};
  return std::nullopt;
}

}  // namespace troupe::model::kubelet
