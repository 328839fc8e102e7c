#include "model/authorize.hpp"

#include "model/authorizer.hpp"
#include "model/node_labels.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr std::string_view node_prefix = "system:node:";

bool reads(std::string_view verb) {
  return verb == "get" || verb == "list" || verb == "watch";
}

// A pod that a node makes up shows what the node runs by itself; it must not be a way to others'
// secrets.
std::string mirror_fault(const json& pod) {
  if (at(pod, {"metadata", "annotations", "kubernetes.io/config.mirror"}).is_null())
    return "can only create mirror pods";
  const json& spec = at(pod, {"spec"});
  if (!string_at(spec, {"serviceAccountName"}).empty())
    return "can not create pods that reference a service account";
  const std::string text = spec.dump();
  const auto speaks_of = [&](std::initializer_list<const char*> fields) {
    return std::ranges::any_of(fields, [&](const char* field) {
      return text.find("\"" + std::string(field) + "\":") != text.npos;
    });
  };
  if (speaks_of({"secret", "secretRef", "secretKeyRef", "imagePullSecrets"}))
    return "can not create pods that reference secrets";
  if (speaks_of({"configMap", "configMapRef", "configMapKeyRef"}))
    return "can not create pods that reference configmaps";
  if (speaks_of({"persistentVolumeClaim"}))
    return "can not create pods that reference persistentvolumeclaims";
  return {};
}

std::string refusal(const subject& user, const request_info& r) {
  const std::string who = "User \"" + std::string(user.name) + "\" cannot ";
  if (!r.is_resource) return who + r.verb + " path \"" + r.path + "\"";
  std::string resource = r.resource;
  if (!r.subresource.empty()) resource += "/" + r.subresource;
  std::string text =
      who + r.verb + " resource \"" + resource + "\" in API group \"" + r.group + "\"";
  if (r.ns.empty() || r.resource == "namespaces") return text + " at the cluster scope";
  return text + " in the namespace \"" + r.ns + "\"";
}

}  // namespace

bool subject::in(std::string_view group) const {
  return std::find(groups.begin(), groups.end(), group) != groups.end();
}

std::string_view node_of(const subject& user) {
  if (!user.name.starts_with(node_prefix) || !user.in("system:nodes")) return {};
  return user.name.substr(node_prefix.size());
}

std::optional<status> authorize(const authorizer& by, const subject& user,
                                const request_info& what) {
  const opinion o = by.decide(user, what);
  if (o.allowed) return std::nullopt;
  std::string why = refusal(user, what);
  if (!o.reason.empty()) why += ": " + o.reason;
  if (!what.is_resource) {
    status s = forbidden({}, "");
    s.message = "forbidden: " + why;
    return s;
  }
  return forbidden({what.group_resource(), what.ns, what.name}, why);
}

std::optional<status> restrict_node(const subject& user, const request_info& what,
                                    const json& object) {
  const std::string_view node = node_of(user);
  if (node.empty()) return std::nullopt;
  auto refuse = [&](const std::string& why) {
    return forbidden({what.group_resource(), what.ns, what.name}, why);
  };
  const std::string name = what.name.empty() ? string_at(object, {"metadata", "name"}) : what.name;
  if (what.resource == "nodes" && !reads(what.verb) && name != node)
    return refuse("node \"" + std::string(node) + "\" is not allowed to modify node \"" + name +
                  "\"");
  if (what.resource == "nodes" && what.verb == "create")
    if (const auto labels = restricted_labels(object); !labels.empty())
      return refuse("node \"" + std::string(node) +
                    "\" is not allowed to set the following labels: " + labels);
  if (what.resource == "leases" && !reads(what.verb) && name != node)
    return refuse("can only access node lease with the same name as the requesting node");
  if (what.resource == "pods" && !reads(what.verb) && object.is_object() &&
      string_at(object, {"spec", "nodeName"}) != node)
    return refuse("node \"" + std::string(node) +
                  "\" can only change pods with spec.nodeName set to itself");
  if (what.resource == "pods" && what.verb == "create" && what.subresource.empty())
    if (const auto fault = mirror_fault(object); !fault.empty())
      return refuse("node \"" + std::string(node) + "\" " + fault);
  return std::nullopt;
}

}  // namespace troupe::model
