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

scheduler_workload::batch batch_of(const json& entry, std::size_t count) {
  scheduler_workload::batch out;
  out.name = string_at(entry, {"pods"});
  out.ns = string_at(entry, {"namespace"}, "bench");
  out.count = count;
  out.fits = string_at(entry, {"places"}) != "none";
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

// "2000x500x1000": nodes, pods of each kind before, measured pods.
json own_size(const std::string& text) {
  json out = json::array();
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, 'x');) {
    std::size_t n = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), n);
    if (error != std::errc() || end != part.data() + part.size() || n > 1'000'000) return {};
    out.push_back(n);
  }
  return out.size() == 3 && out[0] > 0 ? out : json();
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
  const auto size = slash == std::string::npos ? "500Nodes" : name.substr(slash + 1);
  const json& w = at(table(), {"workloads", base});
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
  for (const json& zone : at(w, {"zones"})) out.zones.push_back(zone.get<std::string>());
  out.nodes = numbers.at(0).get<std::size_t>();
  for (const json& entry : at(w, {"init"}))
    out.init.push_back(batch_of(entry, numbers.at(1).get<std::size_t>()));
  out.measure = batch_of(at(w, {"measure"}), numbers.at(2).get<std::size_t>());
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
  return out;
}

}  // namespace troupe::cli::bench
