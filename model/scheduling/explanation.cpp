#include "model/scheduling/explanation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>

namespace troupe::model {
namespace {

std::string taint_text(const taint& t) {
  return t.key + (t.value.empty() ? "" : "=" + t.value) + ":" + t.effect;
}

std::string joined(const std::vector<std::string>& parts, const char* mark) {
  std::string out;
  for (const auto& part : parts) out += (out.empty() ? "" : mark) + part;
  return out;
}

std::string requirement_text(const requirement& r) {
  using op = requirement::operation;
  const std::string values = joined(r.values, ", ");
  switch (r.op) {
    case op::in:
      return r.values.size() == 1 ? r.key + "=" + values : r.key + " in (" + values + ")";
    case op::not_in:
      return r.key + " not in (" + values + ")";
    case op::exists:
      return r.key;
    case op::does_not_exist:
      return "no " + r.key;
    case op::gt:
      return r.key + " > " + values;
    case op::lt:
      return r.key + " < " + values;
  }
  return r.key;
}

std::string label_text(const node_view& node, const std::string& key) {
  const auto* value = find(node.labels, key);
  return value ? key + "=" + *value : "no label " + key;
}

/// What of a node affinity a node lacks.
struct lacking {
  std::vector<std::string> wants, has;
  void add(const requirement& r, const node_view& node) {
    wants.push_back(requirement_text(r));
    has.push_back(label_text(node, r.key));
  }
};

// Of the terms (one would do), the one that lacks least.
lacking lacking_of(const pod_view& pod, const node_view& node) {
  lacking all;
  for (const auto& [key, value] : pod.node_selector)
    if (const requirement r{key, requirement::operation::in, {value}}; !r.matches(node.labels))
      all.add(r, node);
  if (!pod.required) return all;
  std::optional<lacking> least;
  const string_pairs name{{"metadata.name", node.name}};
  for (const auto& term : *pod.required) {
    if (term.matches(node)) return all;
    lacking of_term;
    for (const auto& r : term.labels)
      if (!r.matches(node.labels)) of_term.add(r, node);
    for (const auto& r : term.fields)
      if (!r.matches(name)) {
        of_term.wants.push_back(requirement_text(r));
        of_term.has.push_back("name " + node.name);
      }
    if (of_term.wants.empty()) of_term = {{"anything"}, {"a term without requirements"}};
    if (!least || of_term.wants.size() < least->wants.size()) least = std::move(of_term);
  }
  if (!least) least = lacking{{"anything"}, {"an affinity without terms"}};
  all.wants.insert(all.wants.end(), least->wants.begin(), least->wants.end());
  all.has.insert(all.has.end(), least->has.begin(), least->has.end());
  return all;
}

obstacle added_affinity_obstacle(const node_view& node) {
  obstacle o;
  o.by = node_affinity;
  o.reason = "node(s) didn't match scheduler-enforced node affinity";
  o.unresolvable = true;
  o.figures = "the scheduler's profile asks for other labels than those of " + node.name;
  o.remedy = "labels on " + node.name + " that the profile's addedAffinity selects";
  o.remedy_kind = "added affinity";
  return o;
}

obstacle affinity_obstacle(const pod_view& pod, const node_view& node) {
  const auto lacks = lacking_of(pod, node);
  obstacle o;
  o.by = node_affinity;
  o.reason = "node(s) didn't match Pod's node affinity/selector";
  o.unresolvable = true;
  o.figures = "wants " + joined(lacks.wants, ", ") + ", node has " + joined(lacks.has, ", ");
  o.remedy = "a node labelled " + joined(lacks.wants, ", ");
  o.remedy_kind = o.remedy;
  return o;
}

std::vector<obstacle> static_obstacles(const pod_view& pod, const node_view& node,
                                       const filter_rules& rules) {
  std::vector<obstacle> out;
  const auto tolerated = [&](const taint& t) {
    return std::any_of(pod.tolerations.begin(), pod.tolerations.end(),
                       [&](const toleration& have) { return have.tolerates(t); });
  };
  const auto add = [&](plugin by, std::string reason, std::string figures, std::string remedy,
                       const std::string& kind) {
    out.push_back({by, std::move(reason), true, std::move(figures), std::move(remedy), kind, 0});
  };
  if (rules.has(node_unschedulable) && node.unschedulable && !tolerated(cordon_taint()))
    add(node_unschedulable, "node(s) were unschedulable", "node is cordoned",
        "uncordon " + node.name, "uncordon");
  if (rules.has(plugin::node_name) && !pod.node_name.empty() && pod.node_name != node.name)
    add(plugin::node_name, "node(s) didn't match the requested node name",
        "wants node " + pod.node_name, "a node named " + pod.node_name, "name");
  for (const auto& t : node.taints) {
    if (!rules.has(taint_toleration)) break;
    if (t.effect == "PreferNoSchedule" || tolerated(t)) continue;
    if (node.unschedulable && t == cordon_taint()) continue;  // goes with what it says
    const auto text = taint_text(t);
    add(taint_toleration, "node(s) had untolerated taint {" + t.key + ": " + t.value + "}",
        "taint " + text, "tolerate " + text, "tolerate " + text);
  }
  if (!rules.has(node_affinity)) return out;
  if (rules.added_affinity && !matches_any(*rules.added_affinity, node))
    out.push_back(added_affinity_obstacle(node));
  if (!selected_by_affinity(pod, node)) out.push_back(affinity_obstacle(pod, node));
  return out;
}

std::string port_text(const host_port& p) {
  return (p.ip == "0.0.0.0" || p.ip.empty() ? "" : p.ip + ":") + std::to_string(p.port) + "/" +
         p.protocol;
}

std::optional<obstacle> port_obstacle(const pod_view& pod, const node_view& node,
                                      const usage& used) {
  std::vector<std::string> taken;
  for (const auto& want : pod.ports)
    if (std::any_of(used.ports.begin(), used.ports.end(),
                    [&](const auto& have) { return conflict(want, have); }))
      taken.push_back(port_text(want));
  if (taken.empty()) return std::nullopt;
  obstacle o;
  o.by = node_ports;
  o.reason = "node(s) didn't have free ports for the requested pod ports";
  o.figures = "wants host port " + joined(taken, ", ") + ", which a pod there has";
  o.remedy = "host port " + joined(taken, ", ") + " free on " + node.name;
  o.remedy_kind = "ports";
  return o;
}

obstacle resource_obstacle(const std::string& name, std::int64_t want, std::int64_t all,
                           std::int64_t taken, const node_view& node) {
  obstacle o;
  o.by = node_resources_fit;
  const bool pods = name == "pods";
  o.reason = pods ? "Too many pods" : "Insufficient " + name;
  if (pods)
    o.figures =
        "node has " + std::to_string(taken) + " of at most " + std::to_string(all) + " pods";
  else
    o.figures = "wants " + name + " " + amount_text(name, want) + ", node has " +
                amount_text(name, std::max<std::int64_t>(0, all - taken)) + " of " +
                amount_text(name, all) + " free";
  o.shortfall = static_cast<double>(want - (all - taken)) /
                static_cast<double>(std::max<std::int64_t>(want, 1));
  if (want > all) {
    o.remedy = pods ? "a node that takes pods"
                    : "a node with " + name + " " + amount_text(name, want) + " or more";
    o.remedy_kind = "a larger node: " + name;
    return o;
  }
  const auto more = name == "cpu" ? std::to_string(want - (all - taken)) + "m"
                                  : amount_text(name, want - (all - taken));
  o.remedy =
      pods ? "a pod fewer on " + node.name : more + " more " + name + " free on " + node.name;
  o.remedy_kind = "room: " + name;
  return o;
}

}  // namespace

std::string_view plugin_name(plugin p) {
  switch (p) {
    case node_unschedulable:
      return "NodeUnschedulable";
    case plugin::node_name:
      return "NodeName";
    case taint_toleration:
      return "TaintToleration";
    case node_affinity:
      return "NodeAffinity";
    case node_ports:
      return "NodePorts";
    case node_resources_fit:
      return "NodeResourcesFit";
    case pod_topology_spread:
      return "PodTopologySpread";
    case inter_pod_affinity:
      return "InterPodAffinity";
    case volume_restrictions:
      return "VolumeRestrictions";
    case node_volume_limits:
      return "NodeVolumeLimits";
    case volume_binding:
      return "VolumeBinding";
    case volume_zone:
      return "VolumeZone";
    case custom_plugin:
      return "plugin";
    case extender:
      return "extender";
  }
  return "";
}

std::string amount_text(std::string_view resource, std::int64_t amount) {
  char text[48];
  if (resource == "cpu") {
    std::snprintf(text, sizeof text, "%.3f", static_cast<double>(amount) / 1000);
    std::string out = text;
    while (out.back() == '0') out.pop_back();
    if (out.back() == '.') out.pop_back();
    return out;
  }
  const bool bytes =
      resource == "memory" || resource == "ephemeral-storage" || resource.starts_with("hugepages-");
  static constexpr std::array units{"Ki", "Mi", "Gi", "Ti", "Pi"};
  if (!bytes || amount < 1024) return std::to_string(amount);
  auto value = static_cast<double>(amount);
  std::size_t unit = 0;
  for (value /= 1024; value >= 1024 && unit + 1 < units.size(); value /= 1024) ++unit;
  std::snprintf(text, sizeof text, value < 10 && value != std::floor(value) ? "%.1f%s" : "%.0f%s",
                value, units.at(unit));
  return text;
}

std::vector<obstacle> obstacles_of(const pod_view& pod, const node_view& node, const usage& used,
                                   const filter_rules& rules) {
  auto out = static_obstacles(pod, node, rules);
  if (rules.has(node_ports))
    if (auto o = port_obstacle(pod, node, used)) out.push_back(std::move(*o));
  if (!rules.has(node_resources_fit)) return out;
  const auto& have = node.allocatable;
  const auto& taken = used.requested;
  const auto& want = pod.requests;
  const auto check = [&](const std::string& name, std::int64_t w, std::int64_t all,
                         std::int64_t gone) {
    if (w > 0 && w > all - gone) out.push_back(resource_obstacle(name, w, all, gone, node));
  };
  check("pods", 1, have.pods, taken.pods);
  check("cpu", want.cpu, have.cpu, taken.cpu);
  check("memory", want.memory, have.memory, taken.memory);
  check("ephemeral-storage", want.ephemeral, have.ephemeral, taken.ephemeral);
  for (const auto& [name, amount] : want.extended)
    if (!rules.ignores(name))
      check(name, amount, have.extended_amount(name), taken.extended_amount(name));
  return out;
}

std::vector<way_in> ways_in(const explanation& e, std::size_t limit) {
  struct candidate {
    const node_account* node = nullptr;
    double shortfall = 0;
    std::size_t nodes = 0;
  };
  std::map<std::vector<std::string>, candidate> kinds;
  for (const auto& n : e.nodes) {
    if (n.obstacles.empty()) continue;
    std::vector<std::string> kind;
    double shortfall = 0;
    for (const auto& o : n.obstacles) {
      kind.push_back(o.remedy_kind);
      shortfall += o.shortfall;
    }
    std::sort(kind.begin(), kind.end());
    auto& c = kinds[std::move(kind)];
    ++c.nodes;
    if (c.node && c.shortfall <= shortfall) continue;
    c.node = &n;
    c.shortfall = shortfall;
  }
  std::vector<candidate> order;
  for (const auto& [kind, c] : kinds) order.push_back(c);
  std::stable_sort(order.begin(), order.end(), [](const candidate& a, const candidate& b) {
    const auto x = a.node->obstacles.size(), y = b.node->obstacles.size();
    return x != y ? x < y : a.nodes > b.nodes;
  });
  if (order.size() > limit) order.resize(limit);
  std::vector<way_in> out;
  for (const auto& c : order) {
    way_in w{c.node->node, {}, c.nodes};
    for (const auto& o : c.node->obstacles) w.remedies.push_back(o.remedy);
    out.push_back(std::move(w));
  }
  return out;
}

}  // namespace troupe::model
