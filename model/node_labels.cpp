#include "model/node_labels.hpp"

#include <algorithm>
#include <array>

namespace troupe::model {
namespace {

// The labels of `from` that `to` has not, or has otherwise.
json changed(const json& from, const json& to) {
  json out;
  const json& labels = at(from, {"metadata", "labels"});
  if (labels.is_object())
    for (const auto& [label, value] : labels.items())
      if (at(to, {"metadata", "labels", label}) != value) out["metadata"]["labels"][label] = value;
  return out;
}

bool is_below(std::string_view domain, std::string_view parent) {
  if (domain == parent) return true;
  return domain.ends_with(parent) && domain[domain.size() - parent.size() - 1] == '.';
}

// What kubelets say of themselves.
bool is_kubelet_label(std::string_view label, std::string_view domain) {
  constexpr std::array<std::string_view, 11> known{"kubernetes.io/hostname",
                                                   "kubernetes.io/os",
                                                   "kubernetes.io/arch",
                                                   "topology.kubernetes.io/zone",
                                                   "topology.kubernetes.io/region",
                                                   "node.kubernetes.io/instance-type",
                                                   "failure-domain.beta.kubernetes.io/zone",
                                                   "failure-domain.beta.kubernetes.io/region",
                                                   "beta.kubernetes.io/instance-type",
                                                   "beta.kubernetes.io/os",
                                                   "beta.kubernetes.io/arch"};
  return std::ranges::find(known, label) != known.end() ||
         is_below(domain, "kubelet.kubernetes.io") || is_below(domain, "node.kubernetes.io");
}

bool is_restricted(std::string_view label) {
  const auto slash = label.find('/');
  if (slash == std::string_view::npos) return false;
  // With kubeadm an operator gives this one. Every worker may have it, so that it draws nothing to
  // a node that others do not get, and our workers come with it (configs/worker.yaml).
  if (label == "node-role.kubernetes.io/worker") return false;
  const auto domain = label.substr(0, slash);
  if (is_below(domain, "node-restriction.kubernetes.io")) return true;
  const bool kubernetes = is_below(domain, "kubernetes.io") || is_below(domain, "k8s.io");
  return kubernetes && !is_kubelet_label(label, domain);
}

}  // namespace

std::string restricted_labels(const json& node) {
  std::string out;
  const json& labels = at(node, {"metadata", "labels"});
  if (!labels.is_object()) return out;
  for (const auto& [label, value] : labels.items())
    if (is_restricted(label)) out += (out.empty() ? "" : ", ") + label;
  return out;
}

std::optional<status> restrict_node_update(const subject& user, const object_key& key,
                                           const json& old, const json& wanted) {
  const std::string_view node = node_of(user);
  if (node.empty() || key.resource != "nodes") return std::nullopt;
  const std::string who = "node \"" + std::string(node) + "\" ";
  const auto same = [&](std::initializer_list<std::string_view> path) {
    const json& before = at(old, path);
    const json& after = at(wanted, path);
    return before == after || (before.empty() && after.empty());
  };
  if (!same({"spec", "taints"})) return forbidden(key, who + "is not allowed to modify taints");
  std::string labels = restricted_labels(changed(wanted, old));
  if (labels.empty()) labels = restricted_labels(changed(old, wanted));
  if (labels.empty()) return std::nullopt;
  return forbidden(key, who + "is not allowed to modify labels: " + labels);
}

}  // namespace troupe::model
