#include "cli/bench/scheduler_workload.hpp"

#include "cli/bench/endpoint.hpp"

#include <charconv>
#include <sstream>

extern "C" const char troupe_scheduler_workloads_begin[];
extern "C" const char troupe_scheduler_workloads_end[];

namespace troupe::cli::bench {

using model::at;
using model::json;
using model::string_at;

namespace {

const json& table() {
  static const json all = [] {
    auto parsed =
        model::parse_yaml({troupe_scheduler_workloads_begin, troupe_scheduler_workloads_end});
    if (!parsed) throw bench_error("the table of workloads: " + parsed.error);
    return std::move(parsed.value);
  }();
  return all;
}

std::string claim_name(std::size_t number) {
  return "claim-" + std::to_string(number);
}

scheduler_workload::batch batch_of(const json& entry, std::size_t count) {
  scheduler_workload::batch out;
  out.name = string_at(entry, {"pods"});
  out.ns = string_at(entry, {"namespace"}, "bench");
  out.count = count;
  out.fits = string_at(entry, {"places"}) != "none";
  out.volume = string_at(entry, {"volume"});
  const json& t = at(table(), {"templates", out.name});
  out.pod = {{"apiVersion", "v1"},
             {"kind", "Pod"},
             {"metadata", {{"namespace", out.ns}, {"labels", {{"app", "bench"}}}}},
             {"spec", at(t, {"spec"})}};
  if (const json& labels = at(t, {"labels"}); labels.is_object())
    for (const auto& [key, value] : labels.items()) out.pod["metadata"]["labels"][key] = value;
  if (!out.pod["spec"].contains("containers"))
    out.pod["spec"]["containers"] = {at(table(), {"container"})};
  if (const json& p = at(t, {"priority"}); p.is_number_integer()) out.pod["spec"]["priority"] = p;
  return out;
}

// The entries of a list, each of one namespace or of several.
std::vector<scheduler_workload::batch> batches_of(const json& list, std::size_t count,
                                                  std::size_t namespaces) {
  std::vector<scheduler_workload::batch> out;
  for (const json& entry : list) {
    const auto prefix = string_at(entry, {"namespaces"});
    for (std::size_t i = 0; i < (prefix.empty() ? 1 : namespaces); ++i) {
      json one = entry;
      if (!prefix.empty()) one["namespace"] = prefix + "-" + std::to_string(i);
      out.push_back(batch_of(one, count));
    }
  }
  return out;
}

// Numbers of pods, and whose claims they have.
void number_batches(scheduler_workload& w, const json& beside) {
  std::size_t next = 0;
  const auto number = [&](scheduler_workload::batch& b) {
    b.first = next;
    next += b.count;
  };
  for (auto& b : w.init) number(b);
  number(w.measure);
  for (auto& b : w.beside) number(b);
  for (std::size_t i = 0; i < w.beside.size(); ++i)
    if (const json& of = at(beside.at(i), {"claimsOf"}); of.is_number_unsigned())
      w.beside[i].claims_from = w.init.at(of.get<std::size_t>()).first;
}

// What a workload says beside its pods.
void read_surroundings(const json& w, scheduler_workload& out) {
  for (const json& zone : at(w, {"zones"})) out.zones.push_back(zone.get<std::string>());
  out.namespace_labels = at(w, {"namespaceLabels"});
  if (const json& csi = at(w, {"csi"}); csi.is_object())
    for (const auto& [driver, count] : csi.items()) out.csi[driver] = count.get<std::int64_t>();
  for (const json& plugin : at(w, {"migrated"})) out.migrated.push_back(plugin.get<std::string>());
  if (const json& n = at(w, {"tainted"}); n.is_number_unsigned())
    out.tainted = n.get<std::size_t>();
  out.churn = string_at(w, {"churn"});
  out.unblocks = at(w, {"unblocks"}) == true;
}

// "2000x500x1000": nodes, pods of each kind before, measured pods; "x10" more: namespaces.
json own_size(const std::string& text) {
  json out = json::array();
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, 'x');) {
    std::size_t n = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), n);
    if (error != std::errc() || end != part.data() + part.size() || n > 1'000'000) return {};
    out.push_back(n);
  }
  return (out.size() == 3 || out.size() == 4) && out[0] > 0 ? out : json();
}

}  // namespace

std::vector<std::string> workload_names() {
  std::vector<std::string> out;
  for (const auto& [name, w] : at(table(), {"workloads"}).items())
    for (const auto& [size, numbers] : at(w, {"sizes"}).items()) out.push_back(name + "/" + size);
  return out;
}

scheduler_workload find_workload(const std::string& name) {
  const auto slash = name.find('/');
  const auto base = name.substr(0, slash);
  const json& w = at(table(), {"workloads", base});
  const json& sizes = at(w, {"sizes"});
  const std::string smallest =
      sizes.is_object() && !sizes.contains("500Nodes") ? sizes.begin().key() : "500Nodes";
  const auto size = slash == std::string::npos ? smallest : name.substr(slash + 1);
  const json named = at(w, {"sizes", size});
  const json numbers = named.is_array() || w.is_null() ? named : own_size(size);
  if (!numbers.is_array()) {
    std::string all;
    for (const auto& known : workload_names()) all += "\n  " + known;
    throw bench_error("no workload " + name + "; there are:" + all);
  }
  scheduler_workload out;
  out.name = base + "/" + size;
  out.node = at(table(), {"node"});
  out.nodes = numbers.at(0).get<std::size_t>();
  const auto before = numbers.at(1).get<std::size_t>();
  const auto measured = numbers.at(2).get<std::size_t>();
  read_surroundings(w, out);
  out.init = batches_of(at(w, {"init"}), before,
                        numbers.size() > 3 ? numbers.at(3).get<std::size_t>() : 10);
  out.measure = batch_of(at(w, {"measure"}), measured);
  for (const json& entry : at(w, {"beside"}))
    out.beside.push_back(
        batch_of(entry, string_at(entry, {"count"}) == "init" ? before : measured));
  number_batches(out, at(w, {"beside"}));
  return out;
}

std::vector<const scheduler_workload::batch*> scheduler_workload::batches() const {
  std::vector<const batch*> out;
  for (const auto& b : init) out.push_back(&b);
  out.push_back(&measure);
  for (const auto& b : beside) out.push_back(&b);
  return out;
}

scheduler_workload::batch churn_of(const scheduler_workload& w) {
  return batch_of({{"pods", w.churn}, {"places", "none"}}, 1);
}

volume_pair volume_of(const scheduler_workload::batch& b, std::size_t i) {
  const auto name = claim_name(b.first + i);
  json spec = at(table(), {"volumes", b.volume, "spec"});
  const json modes = spec["accessModes"];
  for (auto& [kind, source] : spec.items())
    if (source.is_object())
      for (auto& [key, value] : source.items())
        if (value == "VOLUME") value = "volume-" + std::to_string(b.first + i);
  spec["capacity"] = {{"storage", "1Gi"}};
  spec["persistentVolumeReclaimPolicy"] = "Retain";
  spec["claimRef"] = {
      {"apiVersion", "v1"}, {"kind", "PersistentVolumeClaim"}, {"namespace", b.ns}, {"name", name}};
  return {{{"apiVersion", "v1"},
           {"kind", "PersistentVolume"},
           {"metadata", {{"name", "volume-of-" + name}}},
           {"spec", std::move(spec)}},
          {{"apiVersion", "v1"},
           {"kind", "PersistentVolumeClaim"},
           {"metadata", {{"name", name}, {"namespace", b.ns}}},
           {"spec",
            {{"accessModes", modes},
             {"volumeName", "volume-of-" + name},
             {"storageClassName", ""},
             {"resources", {{"requests", {{"storage", "1Gi"}}}}}}}}};
}

json csi_node_of(const scheduler_workload& w, std::size_t i) {
  if (w.csi.empty()) return {};
  const auto name = "node" + std::to_string(i + 1);
  json out{{"apiVersion", "storage.k8s.io/v1"},
           {"kind", "CSINode"},
           {"metadata", {{"name", name}}},
           {"spec", {{"drivers", json::array()}}}};
  for (const auto& [driver, count] : w.csi)
    out["spec"]["drivers"].push_back(
        {{"name", driver}, {"nodeID", name}, {"allocatable", {{"count", count}}}});
  std::string migrated;
  for (const auto& plugin : w.migrated) migrated += (migrated.empty() ? "" : ",") + plugin;
  if (!migrated.empty())
    out["metadata"]["annotations"]["storage.alpha.kubernetes.io/migrated-plugins"] = migrated;
  return out;
}

json node_of(const scheduler_workload& w, std::size_t i) {
  const auto name = "node" + std::to_string(i + 1);
  json out{{"apiVersion", "v1"},
           {"kind", "Node"},
           {"metadata",
            {{"name", name},
             {"uid", "uid-" + name},
             {"labels", {{"kubernetes.io/hostname", name}, {"kubernetes.io/os", "linux"}}}}},
           // Without a kubelet nobody says that it is ready, and no pod would go there.
           {"status",
            {{"allocatable", w.node},
             {"capacity", w.node},
             {"conditions", {{{"type", "Ready"}, {"status", "True"}}}}}}};
  out["status"]["allocatable"]["ephemeral-storage"] = "100Gi";
  if (!w.zones.empty())
    out["metadata"]["labels"]["topology.kubernetes.io/zone"] = w.zones.at(i % w.zones.size());
  for (const auto& [driver, count] : w.csi)
    out["status"]["allocatable"]["attachable-volumes-csi-" + driver] = std::to_string(count);
  if (w.tainted > 0 && i % w.tainted == 0)
    out["spec"]["taints"] = {{{"key", "foo"}, {"effect", "NoSchedule"}}};
  return out;
}

std::int64_t scheduler_workload::batch::priority() const {
  const json& p = at(pod, {"spec", "priority"});
  return p.is_number_integer() ? p.get<std::int64_t>() : 0;
}

json pod_of(const scheduler_workload& w, const scheduler_workload::batch& b,
            const std::string& name, std::size_t i) {
  json out = b.pod;
  out["metadata"]["name"] = name;
  out["metadata"]["uid"] = "uid-" + b.ns + "-" + name;
  out["status"] = {{"phase", "Pending"}};
  // A daemon's template says NODE where the name of its node goes.
  if (b.name == "for-one-node")
    out["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
       ["nodeSelectorTerms"][0]["matchFields"][0]["values"] = {"node" +
                                                               std::to_string(i % w.nodes + 1)};
  for (json& container : out["spec"]["containers"])
    if (container.contains("ports"))
      for (json& port : container["ports"]) {
        port["hostPort"] = std::stoi("8" + std::to_string(i % 12));
        port["containerPort"] = port["hostPort"];
      }
  if (!b.volume.empty() || b.claims_from)
    out["spec"]["volumes"] = {{{"name", "volume"},
                               {"persistentVolumeClaim",
                                {{"claimName", claim_name(b.claims_from.value_or(b.first) + i)}}}}};
  return out;
}

}  // namespace troupe::cli::bench
