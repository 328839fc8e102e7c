#include "model/scheduling/simulated_workloads.hpp"

#include "model/admission/admit.hpp"
#include "model/quantity.hpp"
#include "model/workload/daemon_set.hpp"
#include "model/workload/pod_template.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>
#include <stdexcept>

namespace troupe::model {
namespace {

constexpr std::size_t most_nodes = 10'000'000;

constexpr auto workloads = std::to_array<std::string_view>(
    {"pods", "deployments.apps", "replicasets.apps", "replicationcontrollers", "statefulsets.apps",
     "daemonsets.apps", "jobs.batch"});

std::optional<std::size_t> number_of(std::string_view text) {
  std::size_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc() || end != text.data() + text.size() || n == 0 || n > most_nodes)
    return std::nullopt;
  return n;
}

std::size_t replicas_of(const json& document, const char* field, std::size_t missing) {
  const json& n = at(document, {"spec", field});
  return n.is_number_unsigned() || n.is_number_integer()
             ? static_cast<std::size_t>(std::max<std::int64_t>(0, n.get<std::int64_t>()))
             : missing;
}

object_ptr with_uid(const kind_info& kind, json document, const std::string& uid) {
  document["metadata"]["uid"] = uid;
  return seal(encode(kind.resource, document), 1);
}

// The ReplicaSet that a Deployment would make.
json replica_set_of(const json& deployment) {
  const auto name = string_at(deployment, {"metadata", "name"}) + "-" +
                    template_hash(at(deployment, {"spec", "template"}));
  json spec = at(deployment, {"spec"});
  return {{"apiVersion", "apps/v1"},
          {"kind", "ReplicaSet"},
          {"metadata",
           {{"name", name}, {"namespace", string_at(deployment, {"metadata", "namespace"})}}},
          {"spec",
           {{"replicas", spec["replicas"]},
            {"selector", spec["selector"]},
            {"template", spec["template"]}}}};
}

void admit(json& pod, const std::string& ns, const cluster_view& view) {
  const auto* kind = schema::instance().by_resource("pods");
  random_source random(0);
  const admission_request r{*kind, {"pods", ns, string_at(pod, {"metadata", "name"})}, view, false};
  if (const auto bad = admit_changes(r, pod, random)) throw std::runtime_error(bad->message);
}

// Daemons are asked for node by node.
void make_daemons(const object_ptr& set, cluster_snapshot& cluster, simulated_pods& out) {
  const auto view = set->view<daemon_set_view>();
  std::vector<std::string> nodes;
  cluster.table().each([&](const node_view& node, const usage&) {
    if (place_of(*view, node).runs) nodes.push_back(node.name);
  });
  out.count = nodes.size();
  out.pod["spec"] = at(view->template_, {"spec"});
  out.vary = [view, set, nodes](json& pod, std::size_t i) {
    pod["spec"]["affinity"] =
        at(daemon_for(*view, *set, nodes.at(i), "simulated"), {"spec", "affinity"});
  };
}

struct setting {
  std::string key, value;
};

std::vector<setting> settings_of(const std::string& text, const char* what) {
  std::vector<setting> out;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, ',');) {
    const auto equals = part.find('=');
    if (equals == std::string::npos || equals == 0)
      throw std::runtime_error(std::string(what) + " in short are KEY=VALUE,...: \"" + part +
                               "\" is not");
    out.push_back({part.substr(0, equals), part.substr(equals + 1)});
  }
  return out;
}

[[noreturn]] void wrong(const setting& s, const char* wanted) {
  throw std::runtime_error("\"" + s.key + "=" + s.value + "\": must be " + wanted);
}

std::size_t checked_number(const setting& s) {
  const auto n = number_of(s.value);
  if (!n) wrong(s, "a number from 1 to 10000000");
  return *n;
}

std::string checked_quantity(const setting& s) {
  const auto q = quantity::parse(s.value);
  if (!q || q->negative()) wrong(s, "a quantity such as 4, 500m or 16Gi");
  return s.value;
}

json checked_taint(const setting& s) {
  const auto colon = s.value.rfind(':');
  const auto equals = s.value.find('=');
  if (colon == std::string::npos || colon == 0) wrong(s, "KEY[=VALUE]:EFFECT");
  json out{{"key", s.value.substr(0, std::min(equals, colon))},
           {"effect", s.value.substr(colon + 1)}};
  if (equals < colon) out["value"] = s.value.substr(equals + 1, colon - equals - 1);
  const auto& effect = out["effect"];
  if (effect != "NoSchedule" && effect != "NoExecute" && effect != "PreferNoSchedule")
    wrong(s, "KEY[=VALUE]:NoSchedule, :PreferNoSchedule or :NoExecute");
  return out;
}

// A label, when it is one.
bool set_label(const setting& s, json& object) {
  constexpr std::string_view lead = "label:";
  if (!s.key.starts_with(lead)) return false;
  object["metadata"]["labels"][s.key.substr(lead.size())] = s.value;
  return true;
}

bool is_resource(const std::string& key) {
  return key == "cpu" || key == "memory" || key == "ephemeral-storage" ||
         key.find('/') != std::string::npos || key.starts_with("hugepages-");
}

}  // namespace

simulated_role role_in_simulation(const kind_info& kind) {
  if (std::find(workloads.begin(), workloads.end(), kind.resource) != workloads.end())
    return simulated_role::pods;
  if (kind.resource == "nodes") return simulated_role::node;
  const auto& known = cluster_snapshot::resources();
  if (std::find(known.begin(), known.end(), kind.resource) != known.end())
    return simulated_role::context;
  for (const char* read_by_admission :
       {"priorityclasses.scheduling.k8s.io", "limitranges", "runtimeclasses.node.k8s.io"})
    if (kind.resource == read_by_admission) return simulated_role::context;
  return simulated_role::other;
}

std::optional<std::size_t> simulated_count(const json& document) {
  const json& text = at(document, {"metadata", "annotations", count_annotation});
  if (text.is_null()) return 1;
  return text.is_string() ? number_of(text.get_ref<const std::string&>()) : std::nullopt;
}

simulated_pods pods_of(const kind_info& kind, const json& document, cluster_snapshot& cluster,
                       const cluster_view& view) {
  simulated_pods out;
  const auto name = string_at(document, {"metadata", "name"});
  out.name = std::string(kind.singular) + "/" + name;
  out.ns = string_at(document, {"metadata", "namespace"});
  out.base = name;
  if (kind.resource == "pods") {
    out.pod = document;
    out.count = simulated_count(document).value_or(1);
    if (out.count > 1) out.base += "-";
    admit(out.pod, out.ns, view);
    return out;
  }
  const kind_info* owner_kind = &kind;
  json owner = document;
  if (kind.resource == "deployments.apps") {
    owner_kind = schema::instance().by_resource("replicasets.apps");
    owner = replica_set_of(document);
  }
  const auto stored = with_uid(*owner_kind, owner, "simulated-" + out.name + "-" + out.ns);
  if (role_in_simulation(*owner_kind) == simulated_role::pods &&
      owner_kind->resource != "daemonsets.apps" && owner_kind->resource != "jobs.batch")
    cluster.put(stored);  // its selector decides how its pods spread
  out.pod =
      pod_from_template(at(owner, {"spec", "template"}), *stored,
                        controller_reference(owner_kind->api_version(), owner_kind->kind, *stored));
  out.pod["apiVersion"] = "v1";
  out.pod["kind"] = "Pod";
  out.base = string_at(owner, {"metadata", "name"}) + "-";
  out.count = replicas_of(document, "replicas", 1);
  if (kind.resource == "jobs.batch") {
    const auto together = replicas_of(document, "parallelism", 1);
    out.count = std::min(together, replicas_of(document, "completions", together));
  }
  for (const json& claim : at(document, {"spec", "volumeClaimTemplates"}))
    out.claims.push_back(claim);
  if (kind.resource == "daemonsets.apps") make_daemons(stored, cluster, out);
  admit(out.pod, out.ns, view);
  return out;
}

std::vector<json> nodes_in_short(const std::string& text) {
  std::size_t count = 1, zones = 0;
  std::string name = "node";
  json node{{"apiVersion", "v1"}, {"kind", "Node"}};
  json& resources = node["status"]["allocatable"];
  resources = {{"pods", "110"}};
  for (const auto& s : settings_of(text, "nodes")) {
    if (s.key == "count")
      count = checked_number(s);
    else if (s.key == "zones")
      zones = checked_number(s);
    else if (s.key == "name")
      name = s.value;
    else if (s.key == "taint")
      node["spec"]["taints"].push_back(checked_taint(s));
    else if (s.key == "pods" || is_resource(s.key))
      resources[s.key] = checked_quantity(s);
    else if (!set_label(s, node))
      wrong(s,
            "count, cpu, memory, pods, ephemeral-storage, zones, name, taint, label:KEY or a "
            "resource such as example.com/gpu");
  }
  std::vector<json> out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(node);
    json& meta = out.back()["metadata"];
    const auto own = count == 1 ? name : name + std::to_string(i + 1);
    meta["name"] = own;
    meta["uid"] = "simulated-node-" + own;
    meta["labels"]["kubernetes.io/hostname"] = own;
    if (zones > 0)
      meta["labels"]["topology.kubernetes.io/zone"] = "zone" + std::to_string(i % zones + 1);
  }
  return out;
}

json pods_in_short(const std::string& text) {
  json pod{{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", {{"name", "pod"}}}};
  json container{{"name", "main"}, {"image", "simulated"}};
  for (const auto& s : settings_of(text, "pods")) {
    if (s.key == "count")
      pod["metadata"]["annotations"][count_annotation] = std::to_string(checked_number(s));
    else if (s.key == "name")
      pod["metadata"]["name"] = s.value;
    else if (s.key == "priorityClassName" || s.key == "schedulerName")
      pod["spec"][s.key] = s.value;
    else if (is_resource(s.key))
      container["resources"]["requests"][s.key] = checked_quantity(s);
    else if (!set_label(s, pod))
      wrong(s,
            "count, cpu, memory, ephemeral-storage, name, priorityClassName, schedulerName, "
            "label:KEY or a resource such as example.com/gpu");
  }
  for (const auto& [key, amount] : container["resources"]["requests"].items())
    if (key.find('/') != std::string::npos) container["resources"]["limits"][key] = amount;
  pod["spec"]["containers"] = {container};
  return pod;
}

}  // namespace troupe::model
