#include "actors/controllers/controller.hpp"
#include "actors/controllers/slice_index.hpp"
#include "model/endpoints/endpoints.hpp"
#include "model/endpoints/slices.hpp"
#include "model/json_text.hpp"
#include "model/node_view.hpp"
#include "model/selections.hpp"

#include <algorithm>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;

// Endpoints and EndpointSlices of Services with a selector. Keys are "ns/name" of Services. A pod
// finds its services by its labels; changes that follow each other closely share a write.
struct service_endpoints_controller : controller {
  // Between two looks at a service: what it costs grows with its pods.
  static constexpr auto write_interval = 100ms;
  static constexpr std::size_t pods_an_interval = 250;
  static constexpr auto longest_interval = 1000ms;

  std::string name() const override { return "endpointslice-controller"; }
  std::vector<std::string> resources() const override {
    return {"services", "endpoints", slice_index::resource, "nodes", "pods"};
  }

  void relist(const std::string& resource, controller_host& host) override {
    if (resource == slice_index::resource) slices.clear();
    if (resource == "nodes") cpus.clear();
    if (resource == "pods") {
      pods.clear_members();
      pods_known = true;
    }
    // What is gone by now tells nobody.
    for (const auto& o : host.cache().list("services").objects)
      host.visit(o->key().ns + "/" + o->key().name, 0ms);
  }

  void observe(const store::event& e, controller_host& host) override {
    const auto& key = e.object->key();
    const bool deleted = e.type == store::event::kind::deleted;
    if (key.resource == "pods") {
      for (const auto& name : deleted ? pods.remove(key) : pods.put(*e.object))
        visit(key.ns + "/" + name, host);
    } else if (key.resource == "services") {
      observe_service(*e.object, deleted, host);
    } else if (key.resource == "endpoints") {
      const bool left_over = !pods_known && !host.cache().get({"services", key.ns, key.name});
      if (deleted || left_over) visit(key.ns + "/" + key.name, host);
    } else if (key.resource == "nodes") {
      const auto view = e.object->view<model::node_view>();
      if (deleted ? cpus.remove(key.name) : cpus.put(*view))
        for (const auto& [service, told] : topology) visit(service, host);
      if (e.type != store::event::kind::added) return;
      if (auto found = waiting.extract(key.name))
        for (const auto& service : found.mapped()) visit(service, host);
    } else {
      for (const auto& service : slices.observe(e)) visit(service, host);
    }
  }

  void observe_service(const model::object& service, bool deleted, controller_host& host) {
    const auto& key = service.key();
    const json selector = deleted ? json() : selector_of(service.parse());
    if (selector.empty()) {
      pods.drop(key.ns, key.name);
    } else if (pods.set(key.ns, key.name, {{"matchLabels", selector}}) && pods_known) {
      for (const auto& pod : host.cache().list("pods", key.ns).objects) pods.put(*pod);
    }
    visit(key.ns + "/" + key.name, host);
  }

  // Null for a service whose endpoints are somebody else's.
  static json selector_of(const json& service) {
    if (model::string_at(service, {"spec", "type"}) == "ExternalName") return nullptr;
    return model::at(service, {"spec", "selector"});
  }

  // The first change is carried out at once, what comes soon after it together.
  void visit(const std::string& service, controller_host& host) {
    const auto known = states.find(service);
    const auto wait = known == states.end() ? 0ms
                                            : std::chrono::duration_cast<std::chrono::milliseconds>(
                                                  known->second.next_look - host.now());
    host.visit(service, std::clamp<std::chrono::milliseconds>(wait, 0ms, longest_interval));
  }

  void reconcile(const std::string& key, controller_host& host,
                 std::function<void(outcome)> done) override {
    const auto ns = key.substr(0, key.find('/'));
    const auto name = key.substr(ns.size() + 1);
    const auto service = host.cache().get({"services", ns, name});
    const auto current = host.cache().get({"endpoints", ns, name});
    if (!service) return forget(key, current, host, std::move(done));
    const json document = service->parse();
    if (selector_of(document).empty()) return done({});

    std::vector<const model::endpoint_pod*> selected;
    for (const auto* m : pods.selected(ns, name)) selected.push_back(&m->fact);
    state& s = states[key];
    const auto triggered = s.trigger(document, selected);
    auto changes = model::reconcile_slices(
        document, selected, slices.slices(key, host.cache()),
        [&host](const std::string& node) { return zone_of(node, host); }, triggered, &cpus);
    tell_topology(key, *service, changes.topology, host);
    for (const auto* pod : changes.without_node) waiting[pod->node].insert(key);
    std::vector<api_write> writes;
    add_slice_writes(ns, std::move(changes), writes);
    if (auto wanted = model::reconcile_endpoints(document, selected,
                                                 current ? current->parse() : json(), triggered)) {
      const auto path = path_of({"endpoints", ns, name});
      writes.push_back(
          {current ? "PUT" : "POST", current ? path : collection_of(path), std::move(*wanted)});
    }
    if (!writes.empty())
      s.next_look = host.now() + std::min<std::chrono::milliseconds>(
                                     longest_interval,
                                     write_interval * (1 + selected.size() / pods_an_interval));
    make_writes(std::move(writes), host, [service, done, &host](const outcome& o) {
      if (!o.failure.empty()) report(*service, o.failure, host);
      done(o);
    });
  }

  static std::optional<std::string> zone_of(const std::string& node, controller_host& host) {
    if (node.empty()) return std::string();
    const auto found = host.cache().get({"nodes", "", node});
    if (!found) return std::nullopt;
    const auto* zone = model::find(found->header().labels, "topology.kubernetes.io/zone");
    return zone ? *zone : std::string();
  }

  // People learn when hints come and go, once.
  void tell_topology(const std::string& key, const model::object& service,
                     const std::map<std::string, std::string>& now, controller_host& host) {
    const auto known = topology.find(key);
    if (now.empty() && known == topology.end()) return;
    const auto before =
        known == topology.end() ? std::map<std::string, std::string>() : known->second;
    const auto tell = [&](bool enabled, const std::string& what, const std::string& type) {
      host.record({model::reference_to(service, "Service"),
                   enabled ? "Normal" : "Warning",
                   enabled ? "TopologyAwareHintsEnabled" : "TopologyAwareHintsDisabled",
                   what + ", addressType: " + type,
                   "endpoint-slice-controller",
                   {}});
    };
    for (const auto& [type, why] : now) {
      const auto old = before.find(type);
      if (old != before.end() && old->second == why) continue;
      if (why.empty())
        tell(true, "Topology Aware Hints has been enabled", type);
      else
        tell(false, why, type);
    }
    for (const auto& [type, why] : before)
      if (why.empty() && !now.contains(type))
        tell(false, "Topology Aware Hints has been disabled", type);
    if (now.empty())
      topology.erase(key);
    else
      topology[key] = now;
  }

  static void report(const model::object& service, const std::string& failure,
                     controller_host& host) {
    model::event_note note;
    note.about = model::reference_to(service, "Service");
    note.type = "Warning";
    note.reason = "FailedToUpdateEndpointSlices";
    note.component = "endpoint-slice-controller";
    note.message = "Error updating Endpoint Slices for Service " + service.key().ns + "/" +
                   service.key().name + ": " + failure;
    host.record(std::move(note));
  }

  // The slices of a service that is gone are the garbage collector's; its Endpoints has no owner.
  void forget(const std::string& key, const model::object_ptr& endpoints, controller_host& host,
              std::function<void(outcome)> done) {
    states.erase(key);
    topology.erase(key);
    if (!endpoints ||
        model::mentions(endpoints->bytes(), "control-plane.alpha.kubernetes.io/leader"))
      return done({});
    host.call("DELETE", path_of(endpoints->key()), nullptr,
              [done](const api_response& r) { done(outcome_of(r)); });
  }

  // What is remembered of a service.
  struct state {
    model::time_point next_look;
    std::optional<model::time_point> service_time;
    std::unordered_map<std::string, model::time_point> pod_times;

    // When the first of the changes since the last time happened (TriggerTimeTracker).
    std::optional<model::time_point> trigger(const json& service,
                                             const std::vector<const model::endpoint_pod*>& pods) {
      std::optional<model::time_point> first;
      const auto changed = [&](model::time_point t) { first = first ? std::min(*first, t) : t; };
      std::unordered_map<std::string, model::time_point> now;
      for (const auto* pod : pods) {
        if (!pod->ready_moved) continue;
        now.emplace(pod->name, *pod->ready_moved);
        const auto before = pod_times.find(pod->name);
        if (before == pod_times.end() || *pod->ready_moved > before->second)
          changed(*pod->ready_moved);
      }
      pod_times = std::move(now);
      const auto made =
          model::from_rfc3339(model::string_at(service, {"metadata", "creationTimestamp"}));
      if (made && (!service_time || *made > *service_time)) changed(*made);
      service_time = made;
      return first;
    }
  };

  model::selections<model::endpoint_pod> pods;
  bool pods_known = false;
  slice_index slices{model::slice_controller};
  std::unordered_map<std::string, state> states;
  std::unordered_map<std::string, std::set<std::string>> waiting;  // for a Node: services
  model::zone_cpus cpus;
  // Services that want topology hints: of each address type why it has none, or nothing.
  std::unordered_map<std::string, std::map<std::string, std::string>> topology;
};

}  // namespace

controller_actor spawn_service_endpoints_controller(caf::actor_system& sys,
                                                    controller_options options) {
  return spawn_controller(sys, std::move(options),
                          std::make_unique<service_endpoints_controller>());
}

}  // namespace troupe
