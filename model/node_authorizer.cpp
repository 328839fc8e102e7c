#include "model/node_authorizer.hpp"

#include "model/rbac/defaults.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

bool one_of(std::string_view s, std::initializer_list<std::string_view> all) {
  return std::find(all.begin(), all.end(), s) != all.end();
}

bool reads(std::string_view verb) {
  return one_of(verb, {"get", "list", "watch"});
}

// What the role says, without a look at whose the object is.
opinion by_role(const request_info& what) {
  static const auto rules = rbac::default_rules("system:node");
  return {std::ranges::any_of(rules, [&](const auto& r) { return rbac::allows(r, what); }), {}};
}

opinion when_related(std::string_view node, const request_info& what,
                     const node_relation& related) {
  if (what.name.empty()) return {false, "No Object name found"};
  if (related(what.resource, what.ns, what.name)) return {true, {}};
  return {false, "no relationship found between node '" + std::string(node) + "' and this object"};
}

// secrets and configmaps: also lists and watches of one by name
opinion read_one(std::string_view node, const request_info& what, const node_relation& related) {
  if (!reads(what.verb)) return {false, "can only read resources of this type"};
  if (!what.subresource.empty()) return {false, "cannot read subresource"};
  if (what.ns.empty()) return {false, "can only read namespaced object of this type"};
  return when_related(node, what, related);
}

opinion get_one(std::string_view node, const request_info& what, const node_relation& related) {
  if (what.verb != "get") return {false, "can only get individual resources of this type"};
  if (!what.subresource.empty()) return {false, "cannot get subresource"};
  return when_related(node, what, related);
}

opinion claim(std::string_view node, const request_info& what, const node_relation& related) {
  if (what.verb == "get" && what.subresource.empty()) return get_one(node, what, related);
  if (what.subresource != "status") return get_one(node, what, related);
  if (!one_of(what.verb, {"get", "update", "patch"}))
    return {false, "can only get/update/patch this type"};
  return when_related(node, what, related);
}

opinion token(std::string_view node, const request_info& what, const node_relation& related) {
  if (what.verb != "create" || what.name.empty())
    return {false, "can only create tokens for individual service accounts"};
  if (what.subresource != "token") return {false, "can only create token subresource"};
  return when_related(node, what, related);
}

opinion lease(std::string_view node, const request_info& what) {
  if (!one_of(what.verb, {"get", "create", "update", "patch", "delete"}))
    return {false, "can only get, create, update, patch, or delete a node lease"};
  if (what.ns != "kube-node-lease")
    return {false, "can only access leases in the \"kube-node-lease\" system namespace"};
  // A created one is looked at by NodeRestriction.
  if (what.verb != "create" && what.name != node)
    return {false, "can only access node lease with the same name as the requesting node"};
  return {true, {}};
}

opinion own_node(std::string_view node, const request_info& what) {
  if (!what.subresource.empty() || !reads(what.verb) || what.name == node) return by_role(what);
  const std::string self = "node '" + std::string(node) + "' cannot read ";
  return {false, self + (what.name.empty() ? "all nodes" : "'" + what.name + "'") +
                     ", only its own Node object"};
}

}  // namespace

opinion authorize_node(std::string_view node, const request_info& what,
                       const node_relation& related) {
  if (!what.is_resource) return {};
  const auto resource = what.group_resource();
  if (one_of(resource, {"secrets", "configmaps"})) return read_one(node, what, related);
  if (resource == "persistentvolumeclaims") return claim(node, what, related);
  if (resource == "persistentvolumes") return get_one(node, what, related);
  if (resource == "serviceaccounts") return token(node, what, related);
  if (resource == "leases.coordination.k8s.io") return lease(node, what);
  if (resource == "nodes") return own_node(node, what);
  return by_role(what);
}

}  // namespace troupe::model
