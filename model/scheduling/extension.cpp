#include "model/scheduling/extension.hpp"

#include <algorithm>
#include <cctype>

namespace troupe::model {
namespace {

bool same_letters(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

const json& member(const json& object, std::string_view name) {
  static const json none;
  if (!object.is_object()) return none;
  for (const auto& [key, value] : object.items())
    if (same_letters(key, name)) return value;
  return none;
}

std::string member_string(const json& object, std::string_view name) {
  const json& value = member(object, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

std::map<std::string, std::string> reasons(const json& result, std::string_view name) {
  std::map<std::string, std::string> out;
  const json& all = member(result, name);
  if (!all.is_object()) return out;
  for (const auto& [node, why] : all.items())
    if (why.is_string()) out[node] = why.get<std::string>();
  return out;
}

// Names that an answer gives: NodeNames if the extender knows nodes, or those of Nodes.
std::vector<std::string> named(const extender_config& e, const json& result) {
  std::vector<std::string> out;
  const json& names = member(result, "NodeNames");
  if (e.node_cache_capable && names.is_array()) {
    for (const json& n : names)
      if (n.is_string()) out.push_back(n.get<std::string>());
    return out;
  }
  const json& items = member(member(result, "Nodes"), "items");
  if (items.is_array())
    for (const json& n : items) out.push_back(string_at(n, {"metadata", "name"}));
  return out;
}

bool wants_managed(const extender_config& e, const json& containers) {
  if (!containers.is_array()) return false;
  return std::any_of(containers.begin(), containers.end(), [&](const json& c) {
    for (const char* list : {"requests", "limits"}) {
      const json& all = at(c, {"resources", list});
      if (!all.is_object()) continue;
      for (const auto& [name, amount] : all.items())
        if (e.managed.contains(name)) return true;
    }
    return false;
  });
}

}  // namespace

bool is_interested(const extender_config& e, const json& pod) {
  return e.managed.empty() || wants_managed(e, at(pod, {"spec", "containers"})) ||
         wants_managed(e, at(pod, {"spec", "initContainers"}));
}

std::string extender_url(const extender_config& e, const std::string& verb) {
  auto prefix = e.url_prefix;
  while (prefix.ends_with('/')) prefix.pop_back();
  return prefix.append("/").append(verb);
}

std::string extender_args(const extender_config& e, const object& pod,
                          std::span<const object_ptr> nodes) {
  std::string out = "{\"Pod\":";
  out.append(pod.bytes());
  const auto list = [&](const auto& write) {
    for (const auto& n : nodes) {
      if (&n != &nodes.front()) out += ',';
      write(*n);
    }
  };
  if (e.node_cache_capable) {
    out += ",\"Nodes\":null,\"NodeNames\":[";
    list([&](const object& n) { out += json(n.key().name).dump(); });
    return out += "]}";
  }
  out += ",\"Nodes\":{\"metadata\":{},\"items\":[";
  list([&](const object& n) { out.append(n.bytes()); });
  return out += "]},\"NodeNames\":null}";
}

extender_verdict read_filter_result(const extender_config& e, std::string_view body,
                                    const std::set<std::string>& asked) {
  extender_verdict out;
  const auto parsed = parse_json(body, {64u << 20, 128});
  if (!parsed) {
    out.error = parsed.error;
    return out;
  }
  out.error = member_string(parsed.value, "Error");
  if (!out.error.empty()) return out;
  out.nodes = named(e, parsed.value);
  for (const auto& name : out.nodes)
    if (!asked.contains(name)) {
      out.error = "extender \"" + e.url_prefix + "\" claims a filtered node \"" + name +
                  "\" which is not found in the input node list";
      return out;
    }
  out.failed = reasons(parsed.value, "FailedNodes");
  out.unresolvable = reasons(parsed.value, "FailedAndUnresolvableNodes");
  return out;
}

std::map<std::string, std::int64_t> read_priorities(std::string_view body) {
  std::map<std::string, std::int64_t> out;
  const auto parsed = parse_json(body, {64u << 20, 128});
  if (!parsed || !parsed.value.is_array()) return out;
  for (const json& p : parsed.value) {
    const json& score = member(p, "Score");
    if (score.is_number_integer()) out[member_string(p, "Host")] = score.get<std::int64_t>();
  }
  return out;
}

std::string extender_preemption_args(const extender_config& e, const object& pod,
                                     const std::vector<preemption_candidate>& candidates) {
  std::string victims = "{";
  for (const auto& c : candidates) {
    if (victims.size() > 1) victims += ',';
    victims.append(json(c.node).dump()).append(":{\"Pods\":[");
    for (std::size_t i = 0; i < c.victims.size(); ++i) {
      const auto& v = *c.victims[i].pod;
      if (i > 0) victims += ',';
      victims.append(e.node_cache_capable ? json{{"UID", v.header().uid}}.dump() : v.bytes());
    }
    victims.append("],\"NumPDBViolations\":").append(std::to_string(c.violations)).append("}");
  }
  victims += '}';
  const std::string none = "null";
  std::string out = "{\"Pod\":";
  out.append(pod.bytes());
  out.append(",\"NodeNameToVictims\":").append(e.node_cache_capable ? none : victims);
  out.append(",\"NodeNameToMetaVictims\":").append(e.node_cache_capable ? victims : none);
  return out += '}';
}

namespace {

// What the extender says of one node.
std::string read_victims(const extender_config& e, const std::string& node, const json& said,
                         const std::vector<preemption_candidate>& asked,
                         preemption_candidate& out) {
  const auto at = std::find_if(asked.begin(), asked.end(),
                               [&](const preemption_candidate& c) { return c.node == node; });
  if (at == asked.end())
    return "extender \"" + e.url_prefix + "\" claims to preempt on node \"" + node +
           "\" which is not found in the input node list";
  out.node = node;
  const json& violations = member(said, "NumPDBViolations");
  out.violations = violations.is_number_unsigned() ? violations.get<std::size_t>() : 0;
  std::set<std::string> uids;
  const json& pods = member(said, "Pods");
  if (pods.is_array())
    for (const json& pod : pods) uids.insert(member_string(pod, "UID"));
  for (const auto& v : at->victims)  // their order is that of importance
    if (uids.erase(v.pod->header().uid) > 0) out.victims.push_back(v);
  if (!uids.empty())
    return "extender: " + e.url_prefix + " claims to preempt pod (UID: " + *uids.begin() +
           ") on node: " + node + ", but the pod is not found on that node";
  if (out.victims.empty()) return "expected at least one victim pod on node \"" + node + "\"";
  return {};
}

}  // namespace

preemption_verdict read_preemption_result(const extender_config& e, std::string_view body,
                                          const std::vector<preemption_candidate>& asked) {
  preemption_verdict out;
  const auto parsed = parse_json(body, {64u << 20, 128});
  if (!parsed) {
    out.error = parsed.error;
    return out;
  }
  const json& by_node = member(parsed.value, "NodeNameToMetaVictims");
  if (!by_node.is_object()) return out;
  for (const auto& [node, said] : by_node.items()) {
    preemption_candidate c;
    auto fault = read_victims(e, node, said, asked, c);
    if (fault.empty()) {
      out.candidates.push_back(std::move(c));
    } else if (!(e.ignorable && c.victims.empty() && c.node == node)) {
      return {std::move(fault), {}};
    }
  }
  return out;
}

std::string extender_binding(const object& pod, const std::string& node) {
  return json{{"PodName", pod.key().name},
              {"PodNamespace", pod.key().ns},
              {"PodUID", pod.header().uid},
              {"Node", node}}
      .dump();
}

std::string read_binding_result(std::string_view body) {
  const auto parsed = parse_json(body);
  return parsed ? member_string(parsed.value, "Error") : parsed.error;
}

}  // namespace troupe::model
