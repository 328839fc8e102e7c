#include "model/api_services.hpp"

#include "actors/controllers/controller.hpp"
#include "model/custom/kinds.hpp"

#include <set>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::api_service_step;
using model::json;
using model::managed_api;

const std::string api_services(model::api_services_resource);

// The APIServices of what is served here. Those of other servers belong to whoever looks after
// those servers (net/rest). Keys are names.
struct api_service_controller : controller {
  api_service_controller() {
    for (json& s : model::built_in_api_services()) {
      std::string name = model::string_at(s, {"metadata", "name"});
      built_in.emplace(std::move(name), std::move(s));
    }
  }

  std::string name() const override { return "api-service-controller"; }
  std::vector<std::string> resources() const override {
    return {api_services, std::string(model::definitions_resource)};
  }

  void start(controller_host& host) override {
    for (const auto& o : host.cache().list(api_services).objects) {
      at_start.insert(o->key().name);
      host.visit(o->key().name, 0ms);
    }
    for (const auto& [name, s] : built_in) host.visit(name, 0ms);
  }

  void observe(const store::event& e, controller_host& host) override {
    const auto& key = e.object->key();
    if (key.resource == api_services) return host.visit(key.name, 0ms);
    for (const auto& object : {e.object, e.previous}) {
      if (!object) continue;
      const json definition = object->parse();
      const std::string group = model::string_at(definition, {"spec", "group"});
      for (const json& v : model::at(definition, {"spec", "versions"}))
        host.visit(model::string_at(v, {"name"}) + "." + group, 0ms);
    }
  }

  // What is wanted under a name; null: nothing.
  std::pair<json, managed_api> desired(const std::string& name, const controller_host& host) const {
    if (const auto found = built_in.find(name); found != built_in.end())
      return {found->second, managed_api::on_start};
    const auto served = host.cache().custom_kinds();
    for (const auto& [resource, d] : served->definitions()) {
      if (!name.ends_with("." + d->group)) continue;
      for (const auto& v : d->versions)
        if (v->served && name == std::string(v->kind.version) + "." + d->group)
          return {model::custom_api_service(d->group, std::string(v->kind.version)),
                  managed_api::always};
    }
    return {json(), managed_api::none};
  }

  void reconcile(const std::string& key, controller_host& host,
                 std::function<void(outcome)> done) override {
    const auto stored = host.cache().get({api_services, "", key});
    const json current = stored ? stored->parse() : json();
    auto [wanted, how] = desired(key, host);
    const auto step = model::plan_registration(current, wanted, how, at_start.contains(key),
                                               synced.contains(key));
    const auto path = path_of({api_services, "", key});
    const auto reply = [this, key, done = std::move(done)](const api_response& r) {
      if (r.code == 409) return done({{}, after_conflict});
      outcome o = outcome_of(r);
      if (o.failure.empty()) synced.insert(key);
      done(std::move(o));
    };
    switch (step) {
      case api_service_step::create:
        return host.call("POST", collection_of(path), wanted, reply);
      case api_service_step::remove:
        return host.call("DELETE", path, json(), reply);
      case api_service_step::update:
        wanted["metadata"]["resourceVersion"] = std::to_string(stored->version());
        return host.call("PUT", path, wanted, reply);
      case api_service_step::nothing:
        break;
    }
    json local = current;
    if (!stored || !model::read_api_service(current).local ||
        !model::set_available(local, model::local_availability(), host.now())) {
      synced.insert(key);
      return reply({});
    }
    host.call("PUT", path + "/status", local, reply);
  }

  std::map<std::string, json> built_in;
  std::set<std::string> at_start;  ///< names that were there when the server started
  std::set<std::string> synced;    ///< names that have been brought into order since
};

}  // namespace

controller_actor spawn_api_service_controller(caf::actor_system& sys, controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<api_service_controller>());
}

}  // namespace troupe
