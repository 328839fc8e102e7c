#include "model/pod_view.hpp"

#include "model/json_read.hpp"
#include "model/json_text.hpp"
#include "model/scheduling/preemption.hpp"
#include "model/selector.hpp"
#include "model/volumes/pod_volumes.hpp"

#include <algorithm>
#include <unordered_map>

namespace troupe::model {
namespace {

// What kube-scheduler takes a container to need that says nothing (non-zero requests).
constexpr std::int64_t default_cpu = 100;
constexpr std::int64_t default_memory = 200LL * 1024 * 1024;

struct demand {
  resources named;
  std::int64_t nonzero_cpu = 0;
  std::int64_t nonzero_memory = 0;

  demand& operator+=(const demand& o) {
    named += o.named;
    nonzero_cpu += o.nonzero_cpu;
    nonzero_memory += o.nonzero_memory;
    return *this;
  }
  void raise_to(const demand& o) {
    named.raise_to(o.named);
    nonzero_cpu = std::max(nonzero_cpu, o.nonzero_cpu);
    nonzero_memory = std::max(nonzero_memory, o.nonzero_memory);
  }
};

demand demand_of(const json& container) {
  const json& requests = at(container, {"resources", "requests"});
  demand d;
  d.named = resources::of(requests);
  d.nonzero_cpu = requests.contains("cpu") ? d.named.cpu : default_cpu;
  d.nonzero_memory = requests.contains("memory") ? d.named.memory : default_memory;
  return d;
}

// k8s.io/component-helpers/resource PodRequests: containers run together with the sidecars (init
// containers that restart always); each other init container runs alone with the sidecars before
// it.
demand demand_of_pod(const json& spec) {
  demand total;
  for (const json& c : at(spec, {"containers"})) total += demand_of(c);
  demand sidecars;
  demand starting;
  for (const json& c : at(spec, {"initContainers"})) {
    demand d = demand_of(c);
    if (string_at(c, {"restartPolicy"}) == "Always") {
      total += d;
      sidecars += d;
      d = sidecars;
    } else {
      d += sidecars;
    }
    starting.raise_to(d);
  }
  total.raise_to(starting);
  const resources overhead = resources::of(at(spec, {"overhead"}));
  total.named += overhead;
  total.nonzero_cpu += overhead.cpu;
  total.nonzero_memory += overhead.memory;
  total.named.pods = 1;
  return total;
}

void collect_ports(const json& container, std::vector<host_port>& out) {
  for (const json& p : at(container, {"ports"})) {
    const json& port = at(p, {"hostPort"});
    if (!port.is_number_integer() || port.get<std::int64_t>() <= 0) continue;
    out.push_back({string_at(p, {"hostIP"}, "0.0.0.0"), string_at(p, {"protocol"}, "TCP"),
                   port.get<std::int32_t>()});
    if (out.back().ip.empty()) out.back().ip = "0.0.0.0";
  }
}

std::vector<requirement> requirements_of(const json& list) {
  static constexpr std::pair<std::string_view, requirement::operation> operators[] = {
      {"In", requirement::operation::in},
      {"NotIn", requirement::operation::not_in},
      {"Exists", requirement::operation::exists},
      {"DoesNotExist", requirement::operation::does_not_exist},
      {"Gt", requirement::operation::gt},
      {"Lt", requirement::operation::lt}};
  std::vector<requirement> out;
  for (const json& e : list) {
    requirement r;
    r.key = string_at(e, {"key"});
    const std::string op = string_at(e, {"operator"});
    for (const auto& [name, value] : operators)
      if (op == name) r.op = value;
    for (const json& v : at(e, {"values"}))
      if (v.is_string()) r.values.push_back(v.get<std::string>());
    std::sort(r.values.begin(), r.values.end());
    out.push_back(std::move(r));
  }
  return out;
}

node_selector_term term_of(const json& term) {
  return {requirements_of(at(term, {"matchExpressions"})),
          requirements_of(at(term, {"matchFields"}))};
}

// As nodes list it: with a tag (kube-scheduler's normalizedImageName).
std::string image_of(const json& container) {
  auto name = string_at(container, {"image"});
  const auto colon = name.rfind(':');
  const auto slash = name.rfind('/');
  const bool tagged = colon != name.npos && (slash == name.npos || colon > slash);
  if (!name.empty() && !tagged) name += ":latest";
  return name;
}

string_pairs labels_of(const json& map) {
  string_pairs out;
  if (map.is_object())
    for (const auto& [key, value] : map.items())
      if (value.is_string()) out.emplace_back(key, value.get<std::string>());
  return out;
}

std::int32_t small_int_at(const json& value, std::initializer_list<std::string_view> path) {
  return static_cast<std::int32_t>(int_at(value, path));
}

}  // namespace

bool toleration::tolerates(const taint& t) const {
  if (!effect.empty() && effect != t.effect) return false;
  if (!key.empty() && key != t.key) return false;
  return exists || (!key.empty() && value == t.value);
}

std::vector<node_selector_term> node_selector_terms(const json& selector) {
  std::vector<node_selector_term> out;
  for (const json& term : at(selector, {"nodeSelectorTerms"})) out.push_back(term_of(term));
  return out;
}

bool node_selector_term::matches(const node_view& node) const {
  if (labels.empty() && fields.empty()) return false;
  for (const auto& r : labels)
    if (!r.matches(node.labels)) return false;
  if (fields.empty()) return true;
  const string_pairs name{{"metadata.name", node.name}};
  return std::all_of(fields.begin(), fields.end(),
                     [&](const requirement& r) { return r.matches(name); });
}

pod_needs::pod_needs(const json& spec)
    : scheduler_name(string_at(spec, {"schedulerName"}, "default-scheduler")),
      gated(!at(spec, {"schedulingGates"}).empty()),
      priority(small_int_at(spec, {"priority"})),
      preemption_policy(string_at(spec, {"preemptionPolicy"})) {
  demand need = demand_of_pod(spec);
  requests = std::move(need.named);
  nonzero_cpu = need.nonzero_cpu;
  nonzero_memory = need.nonzero_memory;
  for (const json& c : at(spec, {"containers"})) collect_ports(c, ports);
  for (const json& c : at(spec, {"initContainers"}))
    if (string_at(c, {"restartPolicy"}) == "Always") collect_ports(c, ports);
  for (const char* list : {"initContainers", "containers"})
    for (const json& c : at(spec, {list}))
      if (auto image = image_of(c); !image.empty()) images.push_back(std::move(image));

  const json& selector = at(spec, {"nodeSelector"});
  node_selector = labels_of(selector);
  const json& affinity = at(spec, {"affinity", "nodeAffinity"});
  if (const json& r = at(affinity, {"requiredDuringSchedulingIgnoredDuringExecution"});
      r.is_object()) {
    required = node_selector_terms(r);
  }
  for (const json& p : at(affinity, {"preferredDuringSchedulingIgnoredDuringExecution"}))
    preferred.push_back({small_int_at(p, {"weight"}), term_of(at(p, {"preference"}))});
  const json& tolerated = at(spec, {"tolerations"});
  for (const json& t : tolerated) {
    tolerations.push_back({string_at(t, {"key"}), string_at(t, {"operator"}) == "Exists",
                           string_at(t, {"value"}), string_at(t, {"effect"}), std::nullopt});
    if (const json& seconds = at(t, {"tolerationSeconds"}); seconds.is_number_integer())
      tolerations.back().seconds = seconds.get<std::int64_t>();
  }

  signature = std::to_string(requests.cpu) + ' ' + std::to_string(requests.memory) + ' ' +
              std::to_string(requests.ephemeral) + ' ' + std::to_string(nonzero_cpu) + ' ' +
              std::to_string(nonzero_memory) + ' ' + preemption_policy;
  for (const auto& [resource, amount] : requests.extended)
    signature += '\n' + resource + '=' + std::to_string(amount);
  for (const auto& p : ports)
    signature += '\n' + p.ip + '/' + p.protocol + '/' + std::to_string(p.port);
  for (const auto& image : images) signature += '\n' + image;
  for (const json* part : {&selector, &affinity, &tolerated})
    if (!part->empty()) signature += '\n' + part->dump();
}

namespace {

// Appends the members that are named, as text.
void append_members(std::string& out, std::string_view object,
                    std::initializer_list<std::string_view> keys) {
  out += '{';
  if (object.starts_with('{'))
    each_member(object, 0, [&](const text_member& m) {
      if (std::find(keys.begin(), keys.end(), m.key) != keys.end())
        out.append(object.substr(m.begin, m.end - m.begin)) += ',';
      return true;
    });
  if (out.back() == ',') out.pop_back();
  out += '}';
}

// What scheduling reads of a spec, as text. Most of a pod's text is what no view reads:
// managedFields, status, how its containers run.
std::string scheduling_part(std::string_view spec) {
  std::string out;
  append_members(out, spec,
                 {"affinity", "nodeSelector", "overhead", "preemptionPolicy", "priority",
                  "schedulerName", "schedulingGates", "tolerations", "topologySpreadConstraints"});
  for (const char* list : {"containers", "initContainers"}) {
    const auto items = member_text(spec, list);
    if (items.empty()) continue;
    out.pop_back();  // goes on where it had ended
    if (out.size() > 1) out += ',';
    out.append("\"").append(list).append("\":[");
    each_item(items, 0, [&](std::string_view container) {
      append_members(out, container, {"image", "ports", "resources", "restartPolicy"});
      out += ',';
    });
    if (out.back() == ',') out.pop_back();
    out += "]}";
  }
  return out;
}

// Pods of one template say the same of what they need, so the latest texts are remembered: reading
// them was an eighth of all that the server did for a new pod.
const pod_needs& needs_of(const std::string& part) {
  constexpr std::size_t most = 64;
  thread_local std::unordered_map<std::string, pod_needs> known;
  if (const auto at = known.find(part); at != known.end()) return at->second;
  if (known.size() >= most) known.clear();
  return known.emplace(part, pod_needs(read_json(part))).first->second;
}

bool has_rules(std::string_view part) {
  return mentions(part, "\"podAffinity\"") || mentions(part, "\"podAntiAffinity\"") ||
         mentions(part, "\"topologySpreadConstraints\"");
}

std::string field(const object& pod, std::string_view name) {
  const auto* value = find(pod.header().fields, name);
  return value ? *value : std::string();
}

}  // namespace

pod_view::pod_view(const object& pod)
    : uid(pod.header().uid),
      ns(pod.key().ns),
      name(pod.key().name),
      labels(pod.header().labels),
      node_name(field(pod, "spec.nodeName")),
      phase(field(pod, "status.phase")),
      nominated_node(field(pod, "status.nominatedNodeName")),
      deleting(pod.header().deleting) {
  const auto made = member_text(pod.text_of(part::metadata), "creationTimestamp");
  if (made.size() > 2)
    created = from_rfc3339(made.substr(1, made.size() - 2)).value_or(time_point{});
  const auto spec = pod.text_of(part::spec);
  if (may_have_volumes(pod))
    if (const auto said = member_text(spec, "volumes"); !said.empty())
      volumes = pod_volumes_of(read_json(said), name);
  const std::string said = scheduling_part(spec);
  if (has_rules(said)) {
    const json read = read_json(said);
    pod_needs::operator=(pod_needs(read));
    read_rules(read);
  } else {
    pod_needs::operator=(needs_of(said));
  }
}

pod_view::pod_view(const json& document)
    : pod_needs(at(document, {"spec"})),
      uid(string_at(document, {"metadata", "uid"})),
      ns(string_at(document, {"metadata", "namespace"})),
      name(string_at(document, {"metadata", "name"})),
      labels(labels_of(at(document, {"metadata", "labels"}))),
      node_name(string_at(document, {"spec", "nodeName"})),
      phase(string_at(document, {"status", "phase"})),
      nominated_node(string_at(document, {"status", "nominatedNodeName"})),
      deleting(at(document, {"metadata", "deletionTimestamp"}).is_string()),
      created(from_rfc3339(string_at(document, {"metadata", "creationTimestamp"}))
                  .value_or(time_point{})) {
  volumes = pod_volumes_of(at(document, {"spec", "volumes"}), name);
  read_rules(at(document, {"spec"}));
}

void pod_view::read_rules(const json& spec) {
  rules = placement_rules_of(spec, ns, labels);
  if (!rules) return;
  for (const json* part :
       {&at(spec, {"affinity", "podAffinity"}), &at(spec, {"affinity", "podAntiAffinity"}),
        &at(spec, {"topologySpreadConstraints"})})
    signature += '\n' + part->dump();
}

}  // namespace troupe::model
