#include "model/scheduling/bind_draft.hpp"

#include "model/binding.hpp"
#include "model/json_text.hpp"

#include <algorithm>
#include <optional>

namespace troupe::model {
namespace {

struct places {
  std::size_t version_begin = 0;  // the digits of the resourceVersion
  std::size_t version_end = 0;
  std::size_t node_name = 0;   // where to put a member of the spec, comma after it
  std::size_t conditions = 0;  // the same of the status
};

/// Nothing when the pod is not as plain as the splice needs it.
std::optional<places> find_places(std::string_view t) {
  places p;
  bool plain = true;
  each_member(t, 0, [&](const text_member& top) {
    if (t[top.value] != '{') return true;
    if (top.key == "metadata")
      each_member(t, top.value, [&](const text_member& m) {
        if (m.key == "deletionTimestamp") plain = false;
        if (m.key == "resourceVersion") p.version_begin = m.value + 1, p.version_end = m.end - 1;
        return true;
      });
    if (top.key == "spec")
      each_member(t, top.value, [&](const text_member& m) {
        if (m.key == "nodeName" || m.key == "schedulingGates") plain = false;
        if (p.node_name == 0 && m.key > "nodeName") p.node_name = m.begin;
        return true;
      });
    if (top.key == "status")
      each_member(t, top.value, [&](const text_member& m) {
        if (m.key == "conditions") plain = false;
        if (p.conditions == 0 && m.key > "conditions") p.conditions = m.begin;
        return true;
      });
    return true;
  });
  if (!plain || p.version_begin == 0 || p.node_name == 0 || p.conditions == 0) return std::nullopt;
  return p;
}

void set_field(string_pairs& fields, std::string_view name, std::string_view value) {
  auto at = std::lower_bound(fields.begin(), fields.end(), name,
                             [](const auto& f, std::string_view n) { return f.first < n; });
  if (at != fields.end() && at->first == name)
    at->second = value;
  else
    fields.emplace(at, name, value);
}

}  // namespace

std::variant<draft, status> bind_draft(const object& pod, std::string_view node, time_point now) {
  const std::string_view text = pod.bytes();
  const auto p = find_places(text);
  if (!p) {
    json document = pod.parse();
    if (auto refused = model::bind(document, node, now)) return *refused;
    return encode(pod.key().resource, document);
  }
  draft d;
  d.header = pod.header();
  d.header.version = 0;
  set_field(d.header.fields, "spec.nodeName", node);
  d.head = text.substr(0, p->version_begin);
  d.tail.reserve(text.size() + 200);
  d.tail.append(text.substr(p->version_end, p->node_name - p->version_end));
  d.tail.append("\"nodeName\":").append(json(node).dump()).append(",");
  d.tail.append(text.substr(p->node_name, p->conditions - p->node_name));
  d.tail.append(R"("conditions":[{"lastProbeTime":null,"lastTransitionTime":")")
      .append(to_rfc3339(now))
      .append(R"(","status":"True","type":"PodScheduled"}],)");
  d.tail.append(text.substr(p->conditions));
  return d;
}

}  // namespace troupe::model
