#include "model/scheduling/filters.hpp"

#include "model/validation/resource_names.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

bool tolerates(const pod_view& pod, const taint& t) {
  return std::any_of(pod.tolerations.begin(), pod.tolerations.end(),
                     [&](const toleration& have) { return have.tolerates(t); });
}

bool ports_free(const pod_view& pod, const usage& used) {
  for (const auto& want : pod.ports)
    for (const auto& taken : used.ports)
      if (conflict(want, taken)) return false;
  return true;
}

// A sorted, comma-separated histogram, as kube-scheduler's FitError prints it.
std::string histogram(const std::map<std::string, std::size_t>& counts) {
  std::vector<std::string> parts;
  for (const auto& [reason, count] : counts) parts.push_back(std::to_string(count) + " " + reason);
  std::sort(parts.begin(), parts.end());
  std::string out;
  for (const auto& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

}  // namespace

taint cordon_taint() {
  return {"node.kubernetes.io/unschedulable", "", "NoSchedule"};
}

bool matches_any(const std::vector<node_selector_term>& terms, const node_view& node) {
  return std::any_of(terms.begin(), terms.end(), [&](const auto& t) { return t.matches(node); });
}

bool filter_rules::ignores(std::string_view resource) const {
  if ((ignored_resources.empty() && ignored_groups.empty()) || !is_extended_resource(resource))
    return false;
  const auto is = [](std::string_view wanted) {
    return [wanted](const std::string& one) { return one == wanted; };
  };
  return std::any_of(ignored_resources.begin(), ignored_resources.end(), is(resource)) ||
         std::any_of(ignored_groups.begin(), ignored_groups.end(),
                     is(resource.substr(0, resource.find('/'))));
}

const filter_rules& all_filters() {
  static const filter_rules all;
  return all;
}

bool selected_by_affinity(const pod_view& pod, const node_view& node) {
  for (const auto& [key, value] : pod.node_selector) {
    const auto* have = find(node.labels, key);
    if (!have || *have != value) return false;
  }
  return !pod.required || matches_any(*pod.required, node);
}

const taint* untolerated_taint(const pod_view& pod, const node_view& node) {
  for (const auto& t : node.taints)
    if (t.effect != "PreferNoSchedule" && !tolerates(pod, t)) return &t;
  return nullptr;
}

std::optional<std::set<std::string>> allowed_names(const pod_view& pod) {
  if (!pod.required || pod.required->empty()) return std::nullopt;
  std::set<std::string> all;
  for (const auto& term : *pod.required) {
    const requirement* first = nullptr;  // the others of the term only narrow it
    for (const auto& r : term.fields)
      if (r.op == requirement::operation::in && !first) first = &r;
    if (!first) return std::nullopt;
    for (const auto& name : first->values)
      if (std::all_of(term.fields.begin(), term.fields.end(), [&](const requirement& r) {
            return r.op != requirement::operation::in ||
                   std::binary_search(r.values.begin(), r.values.end(), name);
          }))
        all.insert(name);
  }
  return all;
}

std::optional<refusal> static_filter(const pod_view& pod, const node_view& node,
                                     const filter_rules& rules) {
  if (rules.has(node_unschedulable) && node.unschedulable && !tolerates(pod, cordon_taint()))
    return refusal{node_unschedulable, {"node(s) were unschedulable"}, true};
  if (rules.has(plugin::node_name) && !pod.node_name.empty() && pod.node_name != node.name)
    return refusal{plugin::node_name, {"node(s) didn't match the requested node name"}, true};
  if (const auto* t = rules.has(taint_toleration) ? untolerated_taint(pod, node) : nullptr)
    return refusal{taint_toleration,
                   {"node(s) had untolerated taint {" + t->key + ": " + t->value + "}"},
                   true};
  if (!rules.has(node_affinity)) return std::nullopt;
  if (rules.added_affinity && !matches_any(*rules.added_affinity, node))
    return refusal{node_affinity, {"node(s) didn't match scheduler-enforced node affinity"}, true};
  if (!selected_by_affinity(pod, node))
    return refusal{node_affinity, {"node(s) didn't match Pod's node affinity/selector"}, true};
  return std::nullopt;
}

std::optional<refusal> usage_filter(const pod_view& pod, const node_view& node, const usage& used,
                                    const filter_rules& rules) {
  if (rules.has(node_ports) && !ports_free(pod, used))
    return refusal{
        node_ports, {"node(s) didn't have free ports for the requested pod ports"}, false};
  if (!rules.has(node_resources_fit)) return std::nullopt;
  const resources& have = node.allocatable;
  const resources& taken = used.requested;
  const resources& want = pod.requests;
  std::vector<std::string> lacking;
  if (taken.pods + 1 > have.pods) lacking.emplace_back("Too many pods");
  auto check = [&](std::int64_t wanted, std::int64_t all, std::int64_t gone, const std::string& n) {
    if (wanted > 0 && wanted > all - gone) lacking.push_back("Insufficient " + n);
  };
  check(want.cpu, have.cpu, taken.cpu, "cpu");
  check(want.memory, have.memory, taken.memory, "memory");
  check(want.ephemeral, have.ephemeral, taken.ephemeral, "ephemeral-storage");
  for (const auto& [name, amount] : want.extended)
    if (!rules.ignores(name))
      check(amount, have.extended_amount(name), taken.extended_amount(name), name);
  if (lacking.empty()) return std::nullopt;
  return refusal{node_resources_fit, std::move(lacking), false};
}

std::optional<refusal> filter(const pod_view& pod, const node_view& node, const usage& used,
                              const filter_rules& rules) {
  if (auto r = static_filter(pod, node, rules)) return r;
  return usage_filter(pod, node, used, rules);
}

void diagnosis::add(const refusal& r) {
  ++nodes;
  for (const auto& reason : r.reasons) ++reasons[reason];
  if (r.unresolvable) ++unresolvable;
  refused_by |= r.by;
}

std::string no_nodes_message(std::size_t nodes, const std::map<std::string, std::size_t>& reasons) {
  return "0/" + std::to_string(nodes) + " nodes are available: " + histogram(reasons) + ".";
}

std::string diagnosis::message(const std::string& preemption) const {
  if (nodes == 0) return "no nodes available to schedule pods";
  auto out = no_nodes_message(nodes, reasons);
  if (!obstacle.empty())
    out = "0/" + std::to_string(nodes) + " nodes are available: " + obstacle + ".";
  if (!preemption.empty()) out.append(" preemption: ").append(preemption);
  return out;
}

}  // namespace troupe::model
