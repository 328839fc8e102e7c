#include "model/authorize.hpp"

#include <algorithm>
#include <initializer_list>

namespace troupe::model {
namespace {

constexpr std::string_view node_prefix = "system:node:";

bool one_of(std::string_view s, std::initializer_list<std::string_view> all) {
  return std::find(all.begin(), all.end(), s) != all.end();
}

bool reads(std::string_view verb) {
  return one_of(verb, {"get", "list", "watch"});
}

bool writes(std::string_view verb) {
  return one_of(verb, {"create", "update", "patch", "delete"});
}

// system:discovery and system:public-info-viewer
bool open_path(const subject& user, const request_info& r) {
  if (r.is_resource || (r.verb != "get" && r.verb != "head")) return false;
  const std::string_view path = r.path;
  if (one_of(path, {"/healthz", "/livez", "/readyz", "/version", "/version/"}) ||
      path.starts_with("/healthz/") || path.starts_with("/livez/") || path.starts_with("/readyz/"))
    return true;
  if (!user.in("system:authenticated")) return false;
  return one_of(path, {"/api", "/apis", "/openapi"}) || path.starts_with("/api/") ||
         path.starts_with("/apis/") || path.starts_with("/openapi/");
}

// kubeadm's kubeadm:bootstrap-signer-clusterinfo
bool cluster_info(const request_info& r) {
  return r.verb == "get" && r.resource == "configmaps" && r.ns == "kube-public" &&
         r.name == "cluster-info" && r.subresource.empty();
}

// system:basic-user: to ask who one is and what one may
bool own_reviews(const subject& user, const request_info& r) {
  return user.in("system:authenticated") && r.verb == "create" &&
         one_of(r.group_resource(), {"selfsubjectaccessreviews.authorization.k8s.io",
                                     "selfsubjectrulesreviews.authorization.k8s.io",
                                     "selfsubjectreviews.authentication.k8s.io"});
}

// system:node-bootstrapper, and what a renewing node needs of it
bool certificate_requests(const request_info& r) {
  return r.group == "certificates.k8s.io" && r.resource == "certificatesigningrequests" &&
         r.subresource.empty() && one_of(r.verb, {"create", "get", "list", "watch"});
}

// system:node; whose objects they are is restrict_node's to say
bool node_role(std::string_view node, const request_info& r) {
  const std::string resource = r.group_resource();
  if (resource == "nodes")
    return reads(r.verb) ? r.name == node || r.name.empty() : r.verb != "deletecollection";
  if (resource == "pods")
    return (reads(r.verb) && r.subresource.empty()) ||
           (r.subresource.empty() && one_of(r.verb, {"create", "delete"})) ||
           (r.subresource == "status" && one_of(r.verb, {"update", "patch"})) ||
           (r.subresource == "eviction" && r.verb == "create");
  if (one_of(resource, {"events", "events.events.k8s.io"}))
    return one_of(r.verb, {"create", "update", "patch"});
  if (resource == "leases.coordination.k8s.io")
    return r.ns == "kube-node-lease" && (r.verb == "get" || writes(r.verb)) &&
           (r.name.empty() || r.name == node);
  if (one_of(resource, {"configmaps", "secrets"}))
    return reads(r.verb) && !r.ns.empty() && !r.name.empty();
  if (one_of(resource,
             {"services", "endpointslices.discovery.k8s.io", "runtimeclasses.node.k8s.io",
              "csidrivers.storage.k8s.io", "persistentvolumeclaims", "persistentvolumes"}))
    return reads(r.verb) && r.subresource.empty();
  return certificate_requests(r);
}

bool allowed(const subject& user, const request_info& r) {
  if (user.in("system:masters")) return true;
  if (open_path(user, r)) return true;
  if (!r.is_resource) return false;
  if (cluster_info(r) || own_reviews(user, r)) return true;
  if (user.in("system:nodes") && user.name.starts_with(node_prefix))
    return node_role(user.name.substr(node_prefix.size()), r);
  return user.in("system:bootstrappers") && certificate_requests(r);
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

std::optional<status> authorize(const subject& user, const request_info& what) {
  if (allowed(user, what)) return std::nullopt;
  if (!what.is_resource) {
    status s = forbidden({}, "");
    s.message = "forbidden: " + refusal(user, what);
    return s;
  }
  return forbidden({what.group_resource(), what.ns, what.name}, refusal(user, what));
}

std::optional<status> restrict_node(const subject& user, const request_info& what,
                                    const json& object) {
  if (!user.in("system:nodes") || !user.name.starts_with(node_prefix)) return std::nullopt;
  const std::string_view node = user.name.substr(node_prefix.size());
  auto refuse = [&](const std::string& why) {
    return forbidden({what.group_resource(), what.ns, what.name}, why);
  };
  const std::string name = what.name.empty() ? string_at(object, {"metadata", "name"}) : what.name;
  if (what.resource == "nodes" && !reads(what.verb) && name != node)
    return refuse("node \"" + std::string(node) + "\" is not allowed to modify node \"" + name +
                  "\"");
  if (what.resource == "leases" && !reads(what.verb) && name != node)
    return refuse("can only access node lease with the same name as the requesting node");
  if (what.resource == "pods" && !reads(what.verb) && object.is_object() &&
      string_at(object, {"spec", "nodeName"}) != node)
    return refuse("node \"" + std::string(node) +
                  "\" can only change pods with spec.nodeName set to itself");
  return std::nullopt;
}

}  // namespace troupe::model
