#include "actors/controllers/controller.hpp"
#include "actors/controllers/resource_names.hpp"
#include "model/ip_address.hpp"

#include <array>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;

// Service "kubernetes" in namespace default, by which pods find the API server, and where it leads:
// an Endpoints and an EndpointSlice of the same name (kube-apiserver's endpoint reconciler). Keys
// are resources.
struct kubernetes_service_controller : controller {
  explicit kubernetes_service_controller(kubernetes_service_options o) : options(std::move(o)) {}

  std::string name() const override { return "kubernetes-service-controller"; }
  std::vector<std::string> resources() const override {
    return {resources::endpoints, resources::slices, "namespaces", resources::services};
  }

  void start(controller_host& host) override {
    host.visit(resources::services, 0ms);
    // Nobody may be led to an address that means another host everywhere else.
    const auto address = model::parse_ip(options.address);
    if (!address || address->is_loopback() || address->is_unspecified()) return;
    host.visit(resources::endpoints, 0ms);
    host.visit(resources::slices, 0ms);
  }

  void observe(const store::event& e, controller_host& host) override {
    const auto& key = e.object->key();
    const bool deleted = e.type == store::event::kind::deleted;
    const bool ours = key.ns == "default" && key.name == "kubernetes";
    if (deleted ? ours : key.resource == "namespaces" && key.name == "default") start(host);
  }

  void reconcile(const std::string& resource, controller_host& host,
                 std::function<void(outcome)> done) override {
    if (!host.cache().get({"namespaces", "", "default"})) return done({});
    const model::object_key key{resource, "default", "kubernetes"};
    json wanted = document(resource);
    const auto path = path_of(key);
    const auto reply = [done](const api_response& r) { done(outcome_of(r)); };
    const auto found = host.cache().get(key);
    if (!found) return host.call("POST", collection_of(path), wanted, reply);
    const json now = found->parse();
    bool same = resource == resources::services;  // whose address and ports are its own by now
    for (const char* member : {"subsets", "endpoints"})
      if (wanted.contains(member)) same = model::at(now, {member}) == wanted[member];
    if (same) return done({});
    wanted["metadata"]["resourceVersion"] = std::to_string(found->version());
    host.call("PUT", path, wanted, reply);
  }

  json document(const std::string& resource) const {
    json metadata = {{"name", "kubernetes"}, {"namespace", "default"}};
    json port = {{"name", "https"}, {"port", options.port}, {"protocol", "TCP"}};
    if (resource == resources::services) {
      metadata["labels"] = {{"component", "apiserver"}, {"provider", "kubernetes"}};
      port["port"] = 443;
      port["targetPort"] = options.port;
      return {{"apiVersion", "v1"},
              {"kind", "Service"},
              {"metadata", metadata},
              {"spec", {{"clusterIP", options.service_address}, {"ports", {port}}}}};
    }
    if (resource == resources::endpoints) {
      metadata["labels"] = {{"endpointslice.kubernetes.io/skip-mirror", "true"}};
      return {{"apiVersion", "v1"},
              {"kind", "Endpoints"},
              {"metadata", metadata},
              {"subsets", {{{"addresses", {{{"ip", options.address}}}}, {"ports", {port}}}}}};
    }
    const auto address = model::parse_ip(options.address);
    metadata["labels"] = {{"kubernetes.io/service-name", "kubernetes"}};
    return {{"apiVersion", "discovery.k8s.io/v1"},
            {"kind", "EndpointSlice"},
            {"metadata", metadata},
            {"addressType", address && address->v6 ? "IPv6" : "IPv4"},
            {"endpoints",
             {{{"addresses", json::array({options.address})}, {"conditions", {{"ready", true}}}}}},
            {"ports", {port}}};
  }

  const kubernetes_service_options options;
};

}  // namespace

controller_actor spawn_kubernetes_service_controller(caf::actor_system& sys,
                                                     controller_options options,
                                                     kubernetes_service_options service) {
  return spawn_controller(sys, std::move(options),
                          std::make_unique<kubernetes_service_controller>(std::move(service)));
}

}  // namespace troupe
