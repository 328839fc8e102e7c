#include "model/kubelet/node_status.hpp"

#include "model/quantity.hpp"
#include "model/volumes/attachment.hpp"

#include <algorithm>

namespace troupe::model::kubelet {

namespace {

std::string ki(std::int64_t bytes) {
  return std::to_string(bytes / 1024) + "Ki";
}

json resources(const host_info& h, std::int64_t storage_text_bytes, bool storage_in_ki) {
  json r{{"cpu", std::to_string(h.cpus)},
         {"memory", ki(h.memory)},
         {"pods", std::to_string(h.pods)},
         {"ephemeral-storage",
          storage_in_ki ? ki(storage_text_bytes) : std::to_string(storage_text_bytes)}};
  for (const auto& [name, amount] : h.huge_pages) r[name] = amount;
  return r;
}

/// What pods get: not what is reserved, nor what has to be left by the eviction thresholds.
json allocatable(const host_info& h) {
  const auto& kept = h.reserve;
  auto less = h;
  const auto left = [](std::int64_t all, std::int64_t amount, double share) {
    amount += static_cast<std::int64_t>(static_cast<double>(all) * share);
    return std::max<std::int64_t>(0, all - amount);
  };
  less.memory = left(h.memory, kept.memory, kept.memory_share);
  const auto disk = left(h.ephemeral_storage, kept.disk, kept.disk_share);
  auto out = resources(less, disk, false);
  if (kept.cpu_milli > 0)
    out["cpu"] =
        quantity::of_milli(std::max<std::int64_t>(0, h.cpus * 1000 - kept.cpu_milli)).text();
  return out;
}

json condition(const std::string& type, bool yes, const char* reason, std::string message,
               const json& last, time_point now) {
  json c{{"type", type},
         {"status", yes ? "True" : "False"},
         {"reason", reason},
         {"message", std::move(message)},
         {"lastHeartbeatTime", to_rfc3339(now)},
         {"lastTransitionTime", to_rfc3339(now)}};
  for (const auto& old : at(last, {"conditions"}))
    if (string_at(old, {"type"}) == type && string_at(old, {"status"}) == c["status"] &&
        old.contains("lastTransitionTime"))
      c["lastTransitionTime"] = old["lastTransitionTime"];
  return c;
}

/// One of kubelet's pressures: its reason and message with and without.
struct pressure {
  const char* type;
  const char *reason, *message;            ///< with
  const char *calm_reason, *calm_message;  ///< without
};
constexpr pressure memory{"MemoryPressure", "KubeletHasInsufficientMemory",
                          "kubelet has insufficient memory available", "KubeletHasSufficientMemory",
                          "kubelet has sufficient memory available"};
constexpr pressure disk{"DiskPressure", "KubeletHasDiskPressure", "kubelet has disk pressure",
                        "KubeletHasNoDiskPressure", "kubelet has no disk pressure"};
constexpr pressure processes{"PIDPressure", "KubeletHasInsufficientPID",
                             "kubelet has insufficient PID available", "KubeletHasSufficientPID",
                             "kubelet has sufficient PID available"};

json condition(const pressure& p, bool yes, const json& last, time_point now) {
  return condition(p.type, yes, yes ? p.reason : p.calm_reason, yes ? p.message : p.calm_message,
                   last, now);
}

}  // namespace

json node_object(const std::string& name, const string_map& labels, const json& taints,
                 const host_info& host) {
  json n{{"apiVersion", "v1"},
         {"kind", "Node"},
         {"metadata", {{"name", name}}},
         {"spec", json::object()}};
  // The kubelet attaches nothing itself.
  n["metadata"]["annotations"][controller_attaches] = "true";
  auto& l = n["metadata"]["labels"];
  l = {{"kubernetes.io/hostname", host.hostname.empty() ? name : host.hostname},
       {"kubernetes.io/os", "linux"},
       {"kubernetes.io/arch", host.architecture},
       {"beta.kubernetes.io/os", "linux"},
       {"beta.kubernetes.io/arch", host.architecture}};
  for (const auto& [k, v] : labels) l[k] = v;
  if (taints.is_array() && !taints.empty()) n["spec"]["taints"] = taints;
  return n;
}

json node_status(const host_info& h, const node_health& health,
                 const std::vector<image_state>& images, const json& last, time_point now) {
  json s;
  s["capacity"] = resources(h, h.ephemeral_storage, true);
  s["allocatable"] = allocatable(h);
  s["addresses"] = json::array();
  if (!h.internal_ip.empty())
    s["addresses"].push_back({{"type", "InternalIP"}, {"address", h.internal_ip}});
  s["addresses"].push_back({{"type", "Hostname"}, {"address", h.hostname}});
  s["conditions"] = json::array(
      {condition(memory, health.memory_pressure, last, now),
       condition(disk, health.disk_pressure, last, now),
       condition(processes, health.pid_pressure, last, now),
       condition("Ready", health.ready, health.ready ? "KubeletReady" : "KubeletNotReady",
                 health.ready ? "kubelet is posting ready status" : health.message, last, now)});
  s["nodeInfo"] = {{"machineID", h.machine_id},
                   {"systemUUID", h.system_uuid},
                   {"bootID", h.boot_id},
                   {"kernelVersion", h.kernel},
                   {"osImage", h.os_image},
                   {"containerRuntimeVersion", h.runtime_version},
                   {"kubeletVersion", h.kubelet_version},
                   {"kubeProxyVersion", ""},
                   {"operatingSystem", "linux"},
                   {"architecture", h.architecture}};
  s["daemonEndpoints"] = {{"kubeletEndpoint", {{"Port", 10250}}}};
  // The fifty largest, as kubelet's nodeStatusMaxImages has it.
  auto largest = images;
  std::sort(largest.begin(), largest.end(), [](const auto& a, const auto& b) {
    return std::tie(b.size, a.id) < std::tie(a.size, b.id);
  });
  if (largest.size() > 50) largest.resize(50);
  s["images"] = json::array();
  for (const auto& i : largest)
    if (!i.names.empty()) s["images"].push_back({{"names", i.names}, {"sizeBytes", i.size}});
  return s;
}

bool differs(const json& a, const json& b) {
  auto bare = [](json s) {
    if (s.is_object() && s.contains("conditions"))
      for (auto& c : s["conditions"]) c.erase("lastHeartbeatTime");
    return s;
  };
  return bare(a) != bare(b);
}

json node_lease(const std::string& name, const std::string& node_uid, std::chrono::seconds duration,
                time_point now) {
  json l{{"apiVersion", "coordination.k8s.io/v1"},
         {"kind", "Lease"},
         {"metadata", {{"name", name}, {"namespace", "kube-node-lease"}}},
         {"spec",
          {{"holderIdentity", name},
           {"leaseDurationSeconds", duration.count()},
           {"renewTime", to_rfc3339_micro(now)}}}};
  if (!node_uid.empty())
    l["metadata"]["ownerReferences"] =
        json::array({{{"apiVersion", "v1"}, {"kind", "Node"}, {"name", name}, {"uid", node_uid}}});
  return l;
}

}  // namespace troupe::model::kubelet
