#include "model/table/columns.hpp"
#include "model/table/node_summary.hpp"

#include <set>

namespace troupe::model {
namespace {

std::string address(const json& node, std::string_view type) {
  for (const json& a : at(node, {"status", "addresses"}))
    if (string_at(a, {"type"}) == type) return string_at(a, {"address"});
  return "<none>";
}

std::string info(const json& node, std::string_view field) {
  std::string value = string_at(node, {"status", "nodeInfo", field});
  return value.empty() ? "<unknown>" : value;
}

std::vector<json> node_cells(const json& node, time_point now) {
  return {name_of(node),
          node_status(node),
          or_none(node_roles(node)),
          age_of(node, now),
          string_at(node, {"status", "nodeInfo", "kubeletVersion"}),
          address(node, "InternalIP"),
          address(node, "ExternalIP"),
          info(node, "osImage"),
          info(node, "kernelVersion"),
          info(node, "containerRuntimeVersion")};
}

}  // namespace

std::string node_status(const json& node) {
  std::string out = "Unknown";
  for (const json& c : at(node, {"status", "conditions"}))
    if (string_at(c, {"type"}) == "Ready")
      out = string_at(c, {"status"}) == "True" ? "Ready" : "NotReady";
  if (at(node, {"spec", "unschedulable"}) == true) out += ",SchedulingDisabled";
  return out;
}

std::string node_roles(const json& node) {
  constexpr std::string_view prefix = "node-role.kubernetes.io/";
  std::set<std::string> roles;
  if (const json& labels = at(node, {"metadata", "labels"}); labels.is_object())
    for (const auto& [key, value] : labels.items()) {
      if (key.starts_with(prefix) && key.size() > prefix.size())
        roles.insert(key.substr(prefix.size()));
      if (key == "kubernetes.io/role" && value.is_string() && value != "")
        roles.insert(value.get<std::string>());
    }
  std::string out;
  for (const auto& role : roles) out += (out.empty() ? "" : ",") + role;
  return out;
}

std::span<const printer> node_printers() {
  static const printer all[] = {
      {"nodes",
       {name_column(),
        {{"Status", "string", "", "Whether it is ready, and takes new pods"}},
        {{"Roles", "string", "", "From its node-role.kubernetes.io labels"}},
        age_column(),
        {{"Version", "string", "", "The kubelet's version"}},
        {{"Internal-IP", "string", "", "Its address in the cluster", 1}},
        {{"External-IP", "string", "", "Its address outside", 1}},
        {{"OS-Image", "string", "", "Its operating system", 1}},
        {{"Kernel-Version", "string", "", "Its kernel", 1}},
        {{"Container-Runtime", "string", "", "What runs its containers", 1}}},
       node_cells}};
  return all;
}

}  // namespace troupe::model
