#include "actors/controllers/csr_rules.hpp"

#include "model/base64.hpp"
#include "model/bootstrap_token.hpp"

#include <algorithm>

namespace troupe {
namespace {

using model::at;
using model::json;
using model::string_at;

std::vector<std::string> strings(const json& list) {
  std::vector<std::string> out;
  if (list.is_array())
    for (const auto& v : list)
      if (v.is_string()) out.push_back(v.get<std::string>());
  return out;
}

// certificates/v1: what a kubelet's client certificate may be for.
bool client_usages(const std::vector<std::string>& usages) {
  bool client = false;
  for (const auto& u : usages) {
    if (u != "client auth" && u != "digital signature" && u != "key encipherment") return false;
    client |= u == "client auth";
  }
  return client;
}

bool kubelet_subject(const std::string& common_name, const std::vector<std::string>& organizations,
                     const std::vector<std::string>& names) {
  constexpr std::string_view prefix = "system:node:";
  return common_name.starts_with(prefix) && common_name.size() > prefix.size() &&
         organizations == std::vector<std::string>{"system:nodes"} && names.empty();
}

bool controller_subject(const std::string& common_name,
                        const std::vector<std::string>& organizations,
                        const std::vector<std::string>& names) {
  return common_name.starts_with(model::controller_user) &&
         model::is_controller_name(
             std::string_view(common_name).substr(model::controller_user.size())) &&
         organizations == std::vector<std::string>{std::string(model::controllers_group)} &&
         names.empty();
}

}  // namespace

csr_view::csr_view(const json& document)
    : signer(string_at(document, {"spec", "signerName"})),
      user(string_at(document, {"spec", "username"})),
      groups(strings(at(document, {"spec", "groups"}))),
      usages(strings(at(document, {"spec", "usages"}))),
      request(model::from_base64(string_at(document, {"spec", "request"})).value_or("")),
      issued(!string_at(document, {"status", "certificate"}).empty()) {
  if (const auto& e = at(document, {"spec", "expirationSeconds"}); e.is_number_integer())
    expiration_seconds = e.get<long long>();
  if (const auto& conditions = at(document, {"status", "conditions"}); conditions.is_array())
    for (const auto& c : conditions) {
      const auto type = string_at(c, {"type"});
      approved |= type == "Approved";
      denied |= type == "Denied";
      failed |= type == "Failed";
    }
}

bool csr_view::in(std::string_view group) const {
  return std::find(groups.begin(), groups.end(), group) != groups.end();
}

std::string approval_reason(const csr_view& csr, const std::string& common_name,
                            const std::vector<std::string>& organizations,
                            const std::vector<std::string>& names) {
  if (csr.signer == kubelet_client_signer) {
    if (!kubelet_subject(common_name, organizations, names) || !client_usages(csr.usages))
      return {};
    if (csr.in("system:nodes") && csr.user == common_name)
      return "Auto approving self kubelet client certificate of a node.";
    if (csr.in(model::worker_bootstrap_group))
      return "Auto approving kubelet client certificate of a joining node.";
  }
  if (csr.signer == client_signer && controller_subject(common_name, organizations, names) &&
      client_usages(csr.usages)) {
    if (csr.in(model::controllers_group) && csr.user == common_name)
      return "Auto approving client certificate of a controller that has joined.";
    const auto name = common_name.substr(model::controller_user.size());
    if (csr.in(model::controller_bootstrap_group(name)))
      return "Auto approving client certificate of a joining controller.";
  }
  if (csr.signer == peer_signer && csr.in(model::scheduler_bootstrap_group))
    return "Auto approving peer certificate of a joining scheduler.";
  return {};
}

std::string signing_fault(const csr_view& csr, const std::string& common_name,
                          const std::vector<std::string>& organizations,
                          const std::vector<std::string>& names) {
  if (csr.signer == peer_signer) return {};
  if (!client_usages(csr.usages))
    return "usages have to be \"client auth\", and may be \"digital signature\" and \"key "
           "encipherment\"";
  if (csr.signer == kubelet_client_signer && !kubelet_subject(common_name, organizations, names))
    return "the subject is not a node's: O=system:nodes, CN=system:node:NAME, and no other names";
  if (csr.signer == client_signer && std::find(organizations.begin(), organizations.end(),
                                               "system:masters") != organizations.end())
    return "use of " + std::string(client_signer) +
           " signer with system:masters group is not allowed";
  return {};
}

}  // namespace troupe
