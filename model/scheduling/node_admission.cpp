#include "model/scheduling/node_admission.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

std::optional<node_objection> lack_of(const std::string& name, std::int64_t wanted,
                                      std::int64_t used, std::int64_t capacity) {
  if (wanted <= 0 || wanted <= capacity - used) return std::nullopt;
  return node_objection{"OutOf" + name, "Node didn't have enough resource: " + name +
                                            ", requested: " + std::to_string(wanted) +
                                            ", used: " + std::to_string(used) +
                                            ", capacity: " + std::to_string(capacity)};
}

bool named(const std::vector<std::pair<std::string, std::int64_t>>& amounts,
           const std::string& name) {
  return std::any_of(amounts.begin(), amounts.end(),
                     [&](const auto& amount) { return amount.first == name; });
}

std::optional<node_objection> lack_of_room(const pod_view& pod, const node_view& node,
                                           const usage& others) {
  const resources& have = node.allocatable;
  const resources& taken = others.requested;
  const resources& want = pod.requests;
  if (auto bad = lack_of("pods", 1, taken.pods, have.pods)) return bad;
  if (auto bad = lack_of("cpu", want.cpu, taken.cpu, have.cpu)) return bad;
  if (auto bad = lack_of("memory", want.memory, taken.memory, have.memory)) return bad;
  if (auto bad = lack_of("ephemeral-storage", want.ephemeral, taken.ephemeral, have.ephemeral))
    return bad;
  // What the node does not know at all is the cluster's, and nothing that a kubelet gives away.
  for (const auto& [name, amount] : want.extended)
    if (named(have.extended, name))
      if (auto bad = lack_of(name, amount, taken.extended_amount(name), have.extended_amount(name)))
        return bad;
  return std::nullopt;
}

node_objection failed(const char* predicate, const std::string& why) {
  return {predicate, std::string("Predicate ") + predicate + " failed: " + why};
}

bool tolerates_what_evicts(const pod_view& pod, const node_view& node) {
  return std::all_of(node.taints.begin(), node.taints.end(), [&](const taint& t) {
    return t.effect != "NoExecute" ||
           std::any_of(pod.tolerations.begin(), pod.tolerations.end(),
                       [&](const toleration& have) { return have.tolerates(t); });
  });
}

}  // namespace

std::optional<node_objection> admission_objection(const pod_view& pod, const node_view& node,
                                                  const usage& others) {
  if (auto bad = lack_of_room(pod, node, others)) return bad;
  if (!selected_by_affinity(pod, node))
    return failed("NodeAffinity", "node(s) didn't match Pod's node affinity/selector");
  filter_rules ports;
  ports.enabled = node_ports;
  if (const auto taken = usage_filter(pod, node, others, ports))
    return failed("NodePorts", taken->reasons.front());
  if (!tolerates_what_evicts(pod, node))
    return failed("TaintToleration", "node(s) had taints that the pod didn't tolerate");
  return std::nullopt;
}

}  // namespace troupe::model
