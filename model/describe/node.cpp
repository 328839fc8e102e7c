#include "model/describe/text.hpp"
#include "model/pod_amounts.hpp"
#include "model/table/node_summary.hpp"
#include "model/table/printers.hpp"

#include <algorithm>
#include <array>

namespace troupe::model {
namespace {

using amounts = resource_amounts;

/// "100m (5%)"
std::string share(const amounts& used, const amounts& available, const std::string& name) {
  const auto u = used.find(name);
  const auto a = available.find(name);
  const quantity amount = u == used.end() ? quantity() : u->second;
  long long percent = 0;
  if (a != available.end() && !a->second.zero()) {
    const bool cpu = name == "cpu";
    const double part = static_cast<double>(cpu ? amount.milli_value() : amount.value());
    const double all = static_cast<double>(cpu ? a->second.milli_value() : a->second.value());
    percent = static_cast<long long>(part / all * 100);
  }
  return amount.text() + " (" + std::to_string(percent) + "%)";
}

void taints(describe_text& text, const json& node) {
  const json& list = at(node, {"spec", "taints"});
  if (count_of(list) == 0) text.field(0, "Taints", "<none>");
  std::string lead = "Taints:";
  for (const json& t : list) {
    std::string out = string_at(t, {"key"});
    if (auto value = string_at(t, {"value"}); !value.empty()) out += "=" + value;
    text.line(0, lead + "\t" + out + ":" + string_at(t, {"effect"}));
    lead.clear();
  }
  text.field(0, "Unschedulable", at(node, {"spec", "unschedulable"}) == true ? "true" : "false");
}

void lease_section(describe_text& text, const json& lease) {
  text.line(0, "Lease:");
  auto time = [&](std::string_view field) { return rfc1123(at(lease, {"spec", field})); };
  text.field(1, "HolderIdentity", string_at(lease, {"spec", "holderIdentity"}, "<unset>"));
  text.field(1, "AcquireTime", time("acquireTime"));
  text.field(1, "RenewTime", time("renewTime"));
}

void conditions(describe_text& text, const json& list) {
  if (count_of(list) == 0) return;
  text.line(0, "Conditions:");
  text.line(1, "Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage");
  text.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
  for (const json& c : list)
    text.line(1, string_at(c, {"type"}) + " \t" + string_at(c, {"status"}) + " \t" +
                     rfc1123(at(c, {"lastHeartbeatTime"})) + " \t" +
                     rfc1123(at(c, {"lastTransitionTime"})) + " \t" + string_at(c, {"reason"}) +
                     " \t" + string_at(c, {"message"}));
}

void machine(describe_text& text, const json& node) {
  text.line(0, "Addresses:");
  for (const json& a : at(node, {"status", "addresses"}))
    text.field(1, string_at(a, {"type"}), string_at(a, {"address"}));
  for (const auto& [title, field] :
       {std::pair{"Capacity:", "capacity"}, {"Allocatable:", "allocatable"}}) {
    const json& list = at(node, {"status", field});
    if (count_of(list) == 0) continue;
    text.line(0, title);
    for (const auto& [name, value] : list.items()) text.field(1, name, scalar_text(value));
  }
  static constexpr std::pair<std::string_view, std::string_view> fields[] = {
      {"Machine ID", "machineID"},
      {"System UUID", "systemUUID"},
      {"Boot ID", "bootID"},
      {"Kernel Version", "kernelVersion"},
      {"OS Image", "osImage"},
      {"Operating System", "operatingSystem"},
      {"Architecture", "architecture"},
      {"Container Runtime Version", "containerRuntimeVersion"},
      {"Kubelet Version", "kubeletVersion"},
      {"Kube-Proxy Version", "kubeProxyVersion"}};
  text.line(0, "System Info:");
  for (const auto& [title, field] : fields)
    text.field(1, title, string_at(node, {"status", "nodeInfo", field}));
}

void pods_section(describe_text& text, const std::vector<json>& pods, const amounts& available,
                  time_point now) {
  text.field(0, "Non-terminated Pods", "(" + std::to_string(pods.size()) + " in total)");
  text.line(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge");
  text.line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
  amounts requests, limits;
  for (const json& pod : pods) {
    const amounts r = pod_amounts(pod, "requests"), l = pod_amounts(pod, "limits");
    text.line(1, string_at(pod, {"metadata", "namespace"}) + "\t" + name_of(pod) + "\t\t" +
                     share(r, available, "cpu") + "\t" + share(l, available, "cpu") + "\t" +
                     share(r, available, "memory") + "\t" + share(l, available, "memory") + "\t" +
                     age_of(pod, now));
    for (const auto& [name, q] : r) requests[name] += q;
    for (const auto& [name, q] : l) limits[name] += q;
  }
  text.line(0, "Allocated resources:");
  text.line(1, "(Total limits may be over 100 percent, i.e., overcommitted.)");
  text.line(1, "Resource\tRequests\tLimits");
  text.line(1, "--------\t--------\t------");
  static const std::array<std::string, 3> standard = {"cpu", "memory", "ephemeral-storage"};
  for (const auto& name : standard)
    text.line(
        1, name + "\t" + share(requests, available, name) + "\t" + share(limits, available, name));
  for (const auto& [name, q] : available) {
    if (name == "pods" || std::find(standard.begin(), standard.end(), name) != standard.end())
      continue;
    const bool pages = name.starts_with("hugepages-");
    text.line(1, name + "\t" + (pages ? share(requests, available, name) : requests[name].text()) +
                     "\t" + (pages ? share(limits, available, name) : limits[name].text()));
  }
}

}  // namespace

std::string describe_node(const described& d, const std::vector<json>& pods, const json& lease) {
  const json& node = d.object;
  describe_text text;
  text.field(0, "Name", name_of(node));
  text.field(0, "Roles", or_none(node_roles(node)));
  text.labels("Labels", at(node, {"metadata", "labels"}));
  text.annotations(at(node, {"metadata", "annotations"}));
  text.field(0, "CreationTimestamp", rfc1123(at(node, {"metadata", "creationTimestamp"})));
  taints(text, node);
  lease_section(text, lease);
  conditions(text, at(node, {"status", "conditions"}));
  machine(text, node);
  if (auto cidr = string_at(node, {"spec", "podCIDR"}); !cidr.empty())
    text.field(0, "PodCIDR", cidr);
  if (const json& cidrs = at(node, {"spec", "podCIDRs"}); count_of(cidrs) > 0) {
    std::string all;
    for (const json& c : cidrs) all += (all.empty() ? "" : ",") + scalar_text(c);
    text.field(0, "PodCIDRs", all);
  }
  pods_section(text, pods, amounts_of(at(node, {"status", "allocatable"})), d.now);
  text.events(d.events, d.now);
  return text.take();
}

}  // namespace troupe::model
