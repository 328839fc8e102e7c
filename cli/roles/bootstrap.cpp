#include "cli/roles/bootstrap.hpp"

#include "cli/roles/data_dir.hpp"
#include "messages/errors.hpp"
#include "model/base64.hpp"
#include "model/flow_control/defaults.hpp"
#include "model/json.hpp"
#include "model/rbac/defaults.hpp"
#include "model/rbac/index.hpp"

#include <caf/all.hpp>

namespace troupe::cli {
namespace {

using model::json;
constexpr std::chrono::seconds patience{30};

api_request as_master(std::string method, std::string target, const json& body) {
  api_request r;
  r.method = std::move(method);
  r.target = std::move(target);
  r.user_agent = "troupe";
  r.body = blob_ref(body.dump());
  r.user = {"system:apiserver", {"system:masters", "system:authenticated"}};
  return r;
}

json name_space(const std::string& name) {
  return {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", name}}}};
}

json cluster_info(const std::string& ca, const cluster_doors& doors) {
  auto door = [](const char* name, const std::string& address) {
    return json{{"name", name}, {"extension", {{"address", address}}}};
  };
  json extensions = json::array({door("troupe.io/edge", doors.edge)});
  if (!doors.peer.empty()) extensions.push_back(door("troupe.io/peer", doors.peer));
  const json kubeconfig = {
      {"apiVersion", "v1"},
      {"kind", "Config"},
      {"clusters", json::array({{{"name", ""},
                                 {"cluster",
                                  {{"server", doors.server},
                                   {"certificate-authority-data", model::to_base64(ca)},
                                   {"extensions", extensions}}}}})}};
  return {{"apiVersion", "v1"},
          {"kind", "ConfigMap"},
          {"metadata", {{"name", "cluster-info"}, {"namespace", "kube-public"}}},
          {"data", {{"kubeconfig", kubeconfig.dump(2)}}}};
}

// Sends all at once, so that the store writes them together; `other` is a further code that is
// well.
void send_all(caf::scoped_actor& self, const api_actor& api, std::vector<api_request> requests,
              int other) {
  std::vector<decltype(self->request(api, patience, request_atom::value, api_request{}))> asked;
  for (auto& r : requests)
    asked.push_back(self->request(api, patience, request_atom::value, std::move(r)));
  for (auto& question : asked) {
    question.receive(
        [&](const api_response& a) {
          if (a.code >= 300 && a.code != other)
            throw role_error("cannot set up the cluster: " +
                             model::status_from_text(a.body.bytes()).message);
        },
        [&](const caf::error& e) {
          throw role_error("cannot set up the cluster: " + to_status(e).message);
        });
  }
}

std::string_view resource_of(const json& o) {
  const auto kind = model::string_at(o, {"kind"});
  if (kind == "Role") return model::rbac::roles;
  if (kind == "RoleBinding") return model::rbac::role_bindings;
  return kind == "ClusterRole" ? model::rbac::cluster_roles : model::rbac::cluster_role_bindings;
}

// What it takes to bring the default roles and bindings back.
std::vector<api_request> default_roles(const store::cache& objects) {
  std::vector<api_request> out;
  for (const json& wanted : model::rbac::default_objects()) {
    const auto resource = resource_of(wanted);
    const auto ns = model::string_at(wanted, {"metadata", "namespace"});
    const auto name = model::string_at(wanted, {"metadata", "name"});
    std::string path = "/apis/rbac.authorization.k8s.io/v1/";
    if (!ns.empty()) path += "namespaces/" + ns + "/";
    path += resource.substr(0, resource.find('.'));
    const auto there = objects.get({std::string(resource), ns, name});
    if (!there) {
      out.push_back(as_master("POST", path, wanted));
      continue;
    }
    const json stored = there->parse();
    if (model::rbac::binds_another(stored, wanted)) {
      out.push_back(as_master("DELETE", path + "/" + name, json::object()));
      out.push_back(as_master("POST", path, wanted));
    } else if (const auto better = model::rbac::reconciled(stored, wanted)) {
      out.push_back(as_master("PUT", path + "/" + name, *better));
    }
  }
  return out;
}

// What it takes to bring the default priority levels and flow schemas back.
std::vector<api_request> default_flows(const store::cache& objects) {
  std::vector<api_request> out;
  for (const json& wanted : model::default_flow_objects()) {
    const auto name = model::string_at(wanted, {"metadata", "name"});
    const std::string resource = model::string_at(wanted, {"kind"}) == "FlowSchema"
                                     ? "flowschemas"
                                     : "prioritylevelconfigurations";
    const std::string path = "/apis/flowcontrol.apiserver.k8s.io/v1/" + resource;
    const auto there = objects.get({resource + ".flowcontrol.apiserver.k8s.io", "", name});
    if (!there)
      out.push_back(as_master("POST", path, wanted));
    else if (const auto better = model::reconciled_flow_object(there->parse(), wanted))
      out.push_back(as_master("PUT", path + "/" + name, *better));
  }
  return out;
}

}  // namespace

void create_cluster_objects(caf::actor_system& system, const api_actor& api,
                            const store::cache& objects, const std::string& ca,
                            const cluster_doors& doors) {
  caf::scoped_actor self{system};
  std::vector<api_request> namespaces;
  for (const auto* name : {"default", "kube-system", "kube-public", "kube-node-lease"})
    namespaces.push_back(as_master("POST", "/api/v1/namespaces", name_space(name)));
  send_all(self, api, std::move(namespaces), 409);
  send_all(self, api, default_roles(objects), 409);
  send_all(self, api, default_flows(objects), 409);
  const auto info = cluster_info(ca, doors);
  send_all(self, api, {as_master("POST", "/api/v1/namespaces/kube-public/configmaps", info)}, 409);
  send_all(self, api,
           {as_master("PUT", "/api/v1/namespaces/kube-public/configmaps/cluster-info", info)}, 0);
}

}  // namespace troupe::cli
