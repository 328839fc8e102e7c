#include "actors/controllers/controller.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;

constexpr const char* authentication_name = "extension-apiserver-authentication";

// The namespaces of every cluster, and in each namespace what pods expect to find. Keys are the
// paths of the objects to be there.
struct bootstrap_controller : controller {
  explicit bootstrap_controller(bootstrap_options o) : options(std::move(o)) {}

  std::string name() const override { return "bootstrap-controller"; }
  std::vector<std::string> resources() const override {
    return {"configmaps", "namespaces", "serviceaccounts"};
  }

  void start(controller_host& host) override {
    for (const char* ns : {"default", "kube-system", "kube-public", "kube-node-lease"})
      host.visit("namespaces//" + std::string(ns), 0ms);
  }

  void observe(const store::event& e, controller_host& host) override {
    const auto& key = e.object->key();
    const bool deleted = e.type == store::event::kind::deleted;
    if (key.resource == "namespaces") {
      if (deleted || e.object->header().deleting) return;
      host.visit("serviceaccounts/" + key.name + "/default", 0ms);
      if (!options.ca.empty()) host.visit("configmaps/" + key.name + "/kube-root-ca.crt", 0ms);
      if (!options.front_proxy_ca.empty() && key.name == "kube-system")
        host.visit(std::string("configmaps/kube-system/") + authentication_name, 0ms);
    } else if (deleted) {
      if (key.name == "default" && key.resource == "serviceaccounts")
        host.visit("serviceaccounts/" + key.ns + "/default", 0ms);
      if (key.name == "kube-root-ca.crt" && key.resource == "configmaps" && !options.ca.empty())
        host.visit("configmaps/" + key.ns + "/kube-root-ca.crt", 0ms);
      if (key.ns == "kube-system" && key.name == authentication_name &&
          key.resource == "configmaps" && !options.front_proxy_ca.empty())
        host.visit("configmaps/kube-system/" + key.name, 0ms);
    }
  }

  void reconcile(const std::string& text, controller_host& host,
                 std::function<void(outcome)> done) override {
    const auto first = text.find('/');
    const auto second = text.find('/', first + 1);
    const model::object_key key{text.substr(0, first), text.substr(first + 1, second - first - 1),
                                text.substr(second + 1)};
    if (host.cache().get(key)) return done({});
    if (!key.ns.empty()) {
      const auto ns = host.cache().get({"namespaces", "", key.ns});
      if (!ns || ns->header().deleting) return done({});
    }
    json body{{"apiVersion", "v1"}, {"metadata", {{"name", key.name}}}};
    body["kind"] = key.resource == "namespaces"        ? "Namespace"
                   : key.resource == "serviceaccounts" ? "ServiceAccount"
                                                       : "ConfigMap";
    if (key.resource == "configmaps")
      body["data"] =
          key.name == authentication_name ? authentication() : json{{"ca.crt", options.ca}};
    const auto path = path_of(key);
    host.call("POST", collection_of(path), body,
              [done](const api_response& r) { done(outcome_of(r)); });
  }

  // Whom the servers of APIServices are to believe, and how they are told who asks.
  json authentication() const {
    return {{"client-ca-file", options.ca},
            {"requestheader-allowed-names", R"(["front-proxy-client"])"},
            {"requestheader-client-ca-file", options.front_proxy_ca},
            {"requestheader-extra-headers-prefix", R"(["X-Remote-Extra-"])"},
            {"requestheader-group-headers", R"(["X-Remote-Group"])"},
            {"requestheader-username-headers", R"(["X-Remote-User"])"}};
  }

  const bootstrap_options options;
};

}  // namespace

controller_actor spawn_bootstrap_controller(caf::actor_system& sys, controller_options options,
                                            bootstrap_options bootstrap) {
  return spawn_controller(sys, std::move(options),
                          std::make_unique<bootstrap_controller>(std::move(bootstrap)));
}

}  // namespace troupe
