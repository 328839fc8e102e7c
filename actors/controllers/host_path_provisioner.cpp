#include "actors/controllers/batches.hpp"
#include "actors/controllers/controller.hpp"
#include "actors/controllers/owner_graph.hpp"
#include "actors/controllers/pods_by_node.hpp"
#include "actors/controllers/resource_names.hpp"
#include "actors/controllers/volume_index.hpp"
#include "model/event.hpp"
#include "model/owners.hpp"
#include "model/volumes/host_path.hpp"

#include <map>
#include <set>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;

// Makes volumes out of directories of nodes for the claims that ask for one (as the binder says),
// and removes those that were released, with their directories: a finalizer keeps a volume until
// the kubelet of its node says that the directory is gone. While the node is away the volume waits;
// when the Node object is deleted, the directory counts as gone with it. A volume that is not one
// node's has a directory on each node that it was used on: its pods' nodes are written down in an
// annotation as they come. Keys are those of claims, volumes and of the class.
struct host_path_provisioner : controller {
  std::string name() const override { return "host-path-provisioner"; }
  std::vector<std::string> resources() const override {
    return {resources::claims, resources::volumes, "nodes", "pods"};
  }

  void relist(const std::string& resource, controller_host&) override {
    if (resource == "pods") users.clear();
  }

  void start(controller_host& host) override {
    host.visit(model::to_string({resources::classes, {}, "standard"}), 0ms);
  }

  void observe(const store::event& e, controller_host& host) override {
    const auto& key = e.object->key();
    if (key.resource == "nodes") return observe_node(*e.object, host);
    if (key.resource == "pods") return observe_pod(e, host);
    if (key.resource == resources::volumes && e.type == store::event::kind::deleted)
      return forget(key.name);
    if (e.type == store::event::kind::deleted) return;
    // A pod may have its node before its claim has a volume.
    if (key.resource == resources::claims)
      for (const auto& user : users.of(key.ns + "/" + key.name))
        if (const auto pod = host.cache().get(key_in("pods", user)))
          note_use(key, pods_by_node::node_of(*pod), host);
    if (e.object->bytes().find(model::host_path_provisioner) != std::string::npos)
      host.visit(to_string(e.object->key()), 0ms);
  }

  // A node is back, perhaps, or is no more.
  void observe_node(const model::object& node, controller_host& host) {
    if (waiting.empty()) return;  // nearly always: a node tells of itself every few seconds
    const auto at = waiting.find(hostname_of(node));
    if (at == waiting.end()) return;
    for (const auto& volume : std::exchange(at->second, {}))
      host.visit(model::to_string({resources::volumes, {}, volume}), 0ms);
    waiting.erase(at);
  }

  // Notes where a pod has volumes, once: when it has got its node.
  void observe_pod(const store::event& e, controller_host& host) {
    const auto of_pod = users.observe(e);
    if (of_pod.empty()) return;
    const auto node = pods_by_node::node_of(*e.object);
    if (node.empty() || (e.previous && pods_by_node::node_of(*e.previous) == node)) return;
    for (const auto& claim : of_pod) note_use(key_in(resources::claims, claim), node, host);
  }

  void note_use(const model::object_key& claim_key, const std::string& node,
                controller_host& host) {
    const auto claim = node.empty() ? nullptr : host.cache().get(claim_key);
    if (!claim) return;
    const auto volume = model::string_at(claim->parse(), {"spec", "volumeName"});
    const auto stored = host.cache().get({resources::volumes, {}, volume});
    if (!stored) return;
    const auto found = host.cache().get({"nodes", {}, node});
    const auto hostname = found ? hostname_of(*found) : node;
    if (!model::with_host_path_users(stored->parse(), {hostname})) return;
    used[volume].insert(hostname);
    host.visit(model::to_string(stored->key()), 0ms);
  }

  void forget(const std::string& volume) {
    used.erase(volume);
    for (auto w = waiting.begin(); w != waiting.end();) {
      w->second.erase(volume);
      w = w->second.empty() ? waiting.erase(w) : std::next(w);
    }
  }

  static std::string hostname_of(const model::object& node) {
    const auto* label = model::find(node.header().labels, "kubernetes.io/hostname");
    return label ? *label : node.key().name;
  }

  void reconcile(const std::string& text, controller_host& host,
                 std::function<void(outcome)> done) override {
    const auto key = parse_key(text);
    const auto stored = host.cache().get(key);
    const auto reply = [done](const api_response& r) { done(outcome_of(r)); };
    if (key.resource == resources::classes) {
      if (stored) return done({});
      const auto path = path_of(key);
      return host.call("POST", collection_of(path), model::standard_storage_class(), reply);
    }
    if (!stored) return done({});
    const json document = stored->parse();
    if (key.resource == resources::claims)
      return provision(*stored, document, host, std::move(done));
    if (const auto here = used.find(key.name); here != used.end()) {
      if (const auto hosts = model::with_host_path_users(document, here->second))
        return host.call("PATCH", path_of(key),
                         json{{"metadata", {{"annotations", {{model::host_path_hosts, *hosts}}}}}},
                         reply);
      used.erase(here);
    }
    if (const auto left = model::remains_of_host_path(document, roots(host)))
      return clear(*stored, *left, host, std::move(done));
    if (!model::is_spent_host_path(document)) return done({});
    host.call("DELETE", path_of(key), nullptr, reply);
  }

  // Below which directories the classes have volumes made.
  static std::vector<std::string> roots(const controller_host& host) {
    std::vector<std::string> out{model::host_path_root};
    for (const auto& c : host.cache().list(resources::classes).objects) {
      const auto document = c->parse();
      if (model::string_at(document, {"provisioner"}) != model::host_path_provisioner) continue;
      if (auto path = model::string_at(document, {"parameters", "path"}); !path.empty())
        out.push_back(std::move(path));
    }
    return out;
  }

  void clear(const model::object& volume, const model::host_path_remains& left,
             controller_host& host, std::function<void(outcome)> done) {
    struct place {
      std::string node, hostname;
      bool away = false;
    };
    auto places = std::make_shared<std::vector<place>>();
    if (!left.directory.empty())
      for (const auto& n : host.cache().list("nodes").objects)
        if (const auto hostname = hostname_of(*n); left.hostnames.contains(hostname))
          places->push_back({n->key().name, hostname});
    call_all(
        places->size(),
        [places, directory = left.directory, &host](std::size_t i,
                                                    std::function<void(std::string)> ended) {
          host.reclaim((*places)[i].node, directory,
                       [places, i, ended](const std::optional<model::status>& bad) {
                         (*places)[i].away = bad && (bad->code == 503 || bad->code == 504);
                         ended(bad && !(*places)[i].away ? bad->message : std::string());
                       });
        },
        [this, places, &host, key = volume.key(), done = std::move(done)](const batch_result& r) {
          if (!r.failure.empty()) return done({r.failure, {}});
          bool all = true;
          for (const auto& p : *places) {
            if (!p.away) continue;
            all = false;
            waiting[p.hostname].insert(key.name);
          }
          if (all) return let_go(key, host, done);
          done({{}, look_again});
        });
  }

  static void let_go(const model::object_key& key, controller_host& host,
                     std::function<void(outcome)> done) {
    const auto stored = host.cache().get(key);
    if (!stored) return done({});
    const auto document = model::without_finalizer(stored->parse(), model::host_path_finalizer);
    host.call("PUT", path_of(key), document, [done](const api_response& r) {
      if (r.code == 409) return done({{}, after_conflict});
      done(outcome_of(r));
    });
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

  // Should the way to a node be mended without a word of its Node.
  static constexpr auto look_again = 60s;
  std::map<std::string, std::set<std::string>> waiting;  // volumes, by hostname
  std::map<std::string, std::set<std::string>> used;     // hostnames to write down, by volume
  claim_users users;
};

}  // namespace

controller_actor spawn_host_path_provisioner(caf::actor_system& sys, controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<host_path_provisioner>());
}

}  // namespace troupe
