#include "model/scheduling/bind_draft.hpp"

#include "model/binding.hpp"
#include "model/json_text.hpp"

#include <algorithm>
#include <optional>

namespace troupe::model {
namespace {

// Indices into the pod's text.
struct places {
  std::size_t node_name = 0;   // where to put a member of the spec, comma after it
  std::size_t conditions = 0;  // the same of the status
};

/// Nothing when the pod is not as plain as the splice needs it.
std::optional<places> find_places(const object& pod) {
  const std::string_view text = pod.bytes();
  const auto spec = pod.text_of(part::spec), status = pod.text_of(part::status);
  if (pod.header().deleting || pod.places().version == 0) return std::nullopt;
  if (!spec.starts_with('{') || !status.starts_with('{')) return std::nullopt;
  places p;
  bool plain = true;
  const auto index = [&](std::string_view within, std::size_t at) {
    return static_cast<std::size_t>(within.data() - text.data()) + at;
  };
  each_member(spec, 0, [&](const text_member& m) {
    if (m.key == "nodeName" || m.key == "schedulingGates") plain = false;
    if (p.node_name == 0 && m.key > "nodeName") p.node_name = index(spec, m.begin);
    return true;
  });
  each_member(status, 0, [&](const text_member& m) {
    if (m.key == "conditions") plain = false;
    if (p.conditions == 0 && m.key > "conditions") p.conditions = index(status, m.begin);
    return true;
  });
  if (!plain || p.node_name == 0 || p.conditions == 0) return std::nullopt;
  return p;
}

// Where the parts are once spec and status have grown.
text_places moved(text_places p, std::size_t spec, std::size_t status) {
  const auto by_status = static_cast<std::uint32_t>(status);
  const auto by_both = static_cast<std::uint32_t>(spec) + by_status;
  p.metadata_end += by_both;
  p.spec += by_both;
  p.spec_end += by_status;
  p.status += by_status;
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
  const auto p = find_places(pod);
  if (!p) {
    json document = pod.parse();
    if (auto refused = model::bind(document, node, now)) return *refused;
    return encode(pod.key().resource, document);
  }
  draft d;
  d.header = pod.header();
  d.header.version = 0;
  set_field(d.header.fields, "spec.nodeName", node);
  const auto version_end = text.find('"', pod.places().version);
  d.head = text.substr(0, pod.places().version);
  d.tail.reserve(text.size() + 200);
  d.tail.append(text.substr(version_end, p->node_name - version_end));
  const auto before = d.tail.size();
  d.tail.append("\"nodeName\":").append(json(node).dump()).append(",");
  const auto grown = d.tail.size() - before;
  d.tail.append(text.substr(p->node_name, p->conditions - p->node_name));
  const auto status = d.tail.size();
  d.tail.append(R"("conditions":[{"lastProbeTime":null,"lastTransitionTime":")")
      .append(to_rfc3339(now))
      .append(R"(","status":"True","type":"PodScheduled"}],)");
  d.places = moved(pod.places(), grown, d.tail.size() - status);
  d.tail.append(text.substr(p->conditions));
  return d;
}

}  // namespace troupe::model
