#include "actors/controllers/controller.hpp"
#include "actors/controllers/owner_graph.hpp"
#include "actors/controllers/resource_names.hpp"
#include "model/event.hpp"
#include "model/volumes/host_path.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;

// Makes volumes out of directories of nodes for the claims that ask for one (as the binder says),
// and removes those that were released. The directory itself stays on its node. Keys are those of
// claims, volumes and of the class.
struct host_path_provisioner : controller {
  std::string name() const override { return "host-path-provisioner"; }
  std::vector<std::string> resources() const override {
    return {resources::claims, resources::volumes};
  }

  void start(controller_host& host) override {
    host.visit(model::to_string({resources::classes, {}, "standard"}), 0ms);
  }

  void observe(const store::event& e, controller_host& host) override {
    if (e.type == store::event::kind::deleted) return;
    if (e.object->bytes().find(model::host_path_provisioner) != std::string::npos)
      host.visit(to_string(e.object->key()), 0ms);
  }

  void reconcile(const std::string& text, controller_host& host,
                 std::function<void(outcome)> done) override {
    const auto key = parse_key(text);
    const auto stored = host.cache().get(key);
    const auto reply = [done](const api_response& r) { done(outcome_of(r)); };
    if (key.resource == resources::classes) {
      if (stored) return done({});
      const auto path = path_of(key);
      return host.call("POST", path.substr(0, path.rfind('/')), model::standard_storage_class(),
                       reply);
    }
    if (!stored) return done({});
    const json document = stored->parse();
    if (key.resource == resources::claims)
      return provision(*stored, document, host, std::move(done));
    if (!model::is_spent_host_path(document)) return done({});
    host.call("DELETE", path_of(key), nullptr, reply);
  }

  static void provision(const model::object& stored, const json& claim, controller_host& host,
                        std::function<void(outcome)> done) {
    if (!model::awaits_host_path(claim)) return done({});
    const auto storage_class =
        host.cache().get({resources::classes, {}, model::class_of_claim(claim)});
    if (!storage_class) return done({});
    std::string hostname;
    if (const auto node =
            model::string_at(claim, {"metadata", "annotations", model::selected_node});
        !node.empty()) {
      const auto found = host.cache().get({"nodes", {}, node});
      const auto* label =
          found ? model::find(found->header().labels, "kubernetes.io/hostname") : nullptr;
      hostname = label ? *label : node;
    }
    const json volume = model::host_path_volume(claim, storage_class->parse(), hostname);
    const auto volume_name = model::string_at(volume, {"metadata", "name"});
    if (host.cache().get({resources::volumes, {}, volume_name})) return done({});
    const auto about = model::reference_to(stored, "PersistentVolumeClaim");
    tell(about, "Normal", "Provisioning",
         "External provisioner is provisioning volume for claim \"" + stored.key().ns + "/" +
             stored.key().name + "\"",
         host);
    host.call("POST", "/api/v1/persistentvolumes", volume,
              [about, volume_name, &host, done](const api_response& r) {
                auto o = outcome_of(r);
                if (o.failure.empty())
                  tell(about, "Normal", "ProvisioningSucceeded",
                       "Successfully provisioned volume " + volume_name, host);
                else
                  tell(about, "Warning", "ProvisioningFailed",
                       "failed to provision volume with StorageClass: " + o.failure, host);
                done(std::move(o));
              });
  }

  static void tell(const model::object_reference& about, const char* type, const char* reason,
                   std::string message, controller_host& host) {
    host.record({about, type, reason, std::move(message), model::host_path_provisioner, {}});
  }
};

}  // namespace

controller_actor spawn_host_path_provisioner(caf::actor_system& sys, controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<host_path_provisioner>());
}

}  // namespace troupe
