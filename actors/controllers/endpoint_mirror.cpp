#include "actors/controllers/controller.hpp"
#include "actors/controllers/slice_index.hpp"
#include "model/endpoints/mirror.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;

// EndpointSlices for the Endpoints that people write for Services without a selector. Keys are
// "ns/name" of both.
struct endpoint_mirror_controller : controller {
  std::string name() const override { return "endpointslicemirroring-controller"; }
  std::vector<std::string> resources() const override {
    return {"services", "endpoints", slice_index::resource};
  }

  void relist(const std::string& resource, controller_host& host) override {
    if (resource == slice_index::resource) slices.clear();
    // What is gone by now tells nobody.
    for (const auto& o : host.cache().list("services").objects)
      host.visit(o->key().ns + "/" + o->key().name, 0ms);
  }

  void observe(const store::event& e, controller_host& host) override {
    const auto& key = e.object->key();
    if (key.resource == slice_index::resource)
      for (const auto& service : slices.observe(e)) host.visit(service, 0ms);
    else
      host.visit(key.ns + "/" + key.name, 0ms);
  }

  void reconcile(const std::string& key, controller_host& host,
                 std::function<void(outcome)> done) override {
    const auto ns = key.substr(0, key.find('/'));
    const auto name = key.substr(ns.size() + 1);
    const auto existing = slices.slices(key, host.cache());
    const auto endpoints = host.cache().get({"endpoints", ns, name});
    const auto service = host.cache().get({"services", ns, name});
    std::vector<api_write> writes;
    if (endpoints && service && model::at(service->parse(), {"spec", "selector"}).empty()) {
      const json document = endpoints->parse();
      if (model::wants_mirror(document)) {
        auto changes = model::mirror_endpoints(document, existing);
        report(*endpoints, changes, host);
        add_slice_writes(ns, std::move(changes.slices), writes);
        return make_writes(std::move(writes), host, std::move(done));
      }
    }
    model::slice_changes none;
    for (const json& slice : existing)
      none.remove.push_back(model::string_at(slice, {"metadata", "name"}));
    add_slice_writes(ns, std::move(none), writes);
    make_writes(std::move(writes), host, std::move(done));
  }

  // What could not be mirrored.
  static void report(const model::object& endpoints, const model::mirror_changes& changes,
                     controller_host& host) {
    const auto say = [&](const char* reason, std::string message) {
      model::event_note note;
      note.about = model::reference_to(endpoints, "Endpoints");
      note.type = "Warning";
      note.reason = reason;
      note.component = "endpoint-slice-mirroring-controller";
      note.message = std::move(message);
      host.record(std::move(note));
    };
    if (changes.invalid > 0)
      say("InvalidIPAddress", "Skipped " + std::to_string(changes.invalid) +
                                  " invalid IP addresses when mirroring to EndpointSlices");
    if (changes.skipped > 0)
      say("TooManyAddressesToMirror",
          "A max of 1000 addresses can be mirrored to EndpointSlices per Endpoints subset. " +
              std::to_string(changes.skipped) + " addresses were skipped");
  }

  slice_index slices{model::mirroring_controller};
};

}  // namespace

controller_actor spawn_endpoint_mirror_controller(caf::actor_system& sys,
                                                  controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<endpoint_mirror_controller>());
}

}  // namespace troupe
