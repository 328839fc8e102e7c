// A custom controller: a Namespace with the label example.com/pods=N gets a ResourceQuota "pods" of
// N pods, which follows the label and goes with it. Built as docs/custom-controllers.md says, and
// loaded by controllers.plugins.
#include "actors/controllers/plugin.hpp"
#include "model/selector.hpp"

namespace {

using namespace std::chrono_literals;
using troupe::controller_host;
using troupe::outcome;
using troupe::model::json;

constexpr const char* label = "example.com/pods";
constexpr const char* quotas = "resourcequotas";

// Keys are names of namespaces.
struct pod_limits : troupe::controller {
  std::string name() const override { return "pod-limits"; }
  std::vector<std::string> resources() const override { return {"namespaces", quotas}; }

  // Events were missed: a quota that is gone by now tells nobody.
  void relist(const std::string&, controller_host& host) override {
    for (const auto& ns : host.cache().list("namespaces").objects) host.visit(ns->key().name, 0ms);
  }

  // An event only says which key to look at: what there is to do is decided from what there is.
  void observe(const troupe::store::event& e, controller_host& host) override {
    const auto& key = e.object->key();
    if (key.resource == "namespaces")
      host.visit(key.name, 0ms);
    else if (key.name == "pods")
      host.visit(key.ns, 0ms);
  }

  void reconcile(const std::string& name, controller_host& host,
                 std::function<void(outcome)> done) override {
    const auto ns = host.cache().get({"namespaces", "", name});
    const auto quota = host.cache().get({quotas, name, "pods"});
    if (!ns || ns->header().deleting) return done({});
    const auto* wanted = troupe::model::find(ns->header().labels, label);
    const std::string all = "/api/v1/namespaces/" + name + "/resourcequotas";
    const auto reply = [done](const troupe::api_response& r) { done(troupe::outcome_of(r)); };
    if (!wanted) {
      const bool ours = quota && troupe::model::find(quota->header().labels, label);
      return ours ? host.call("DELETE", all + "/pods", nullptr, reply) : done({});
    }
    const json hard = {{"hard", {{"pods", *wanted}}}};
    const json document = {{"apiVersion", "v1"},
                           {"kind", "ResourceQuota"},
                           {"metadata", {{"name", "pods"}, {"labels", {{label, "kept"}}}}},
                           {"spec", hard}};
    if (!quota) return host.call("POST", all, document, reply);
    if (troupe::model::at(quota->parse(), {"spec"}) == hard) return done({});
    host.call("PATCH", all + "/pods", json{{"spec", hard}}, reply);
  }
};

std::vector<std::unique_ptr<troupe::controller>> controllers() {
  std::vector<std::unique_ptr<troupe::controller>> out;
  out.push_back(std::make_unique<pod_limits>());
  return out;
}

}  // namespace

TROUPE_CONTROLLERS(controllers)
