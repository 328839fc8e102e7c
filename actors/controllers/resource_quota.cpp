#include "actors/controllers/controller.hpp"
#include "actors/controllers/owner_graph.hpp"
#include "actors/controllers/resource_names.hpp"
#include "model/quota/ledger.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;

// Counts what the namespaces with ResourceQuotas use. Keys are those of quotas, and of pods that
// stop to count at a certain time.
struct resource_quota_controller : controller {
  static constexpr auto write_interval = 100ms;  // changes that follow closely share a write

  std::string name() const override { return "resourcequota-controller"; }
  std::vector<std::string> resources() const override { return {std::string()}; }  // all

  void relist(const std::string&, controller_host& host) override {
    ledger.clear_objects();
    // Before their objects, which come in the order of resources.
    for (const auto& o : host.cache().list(resources::quotas).objects) set_quota(*o, host);
    listed = true;
  }

  void observe(const store::event& e, controller_host& host) override {
    const auto& key = e.object->key();
    const bool deleted = e.type == store::event::kind::deleted;
    if (key.resource == resources::quotas) {
      if (deleted)
        ledger.drop(key.ns, key.name);
      else
        set_quota(*e.object, host);
    }
    if (key.ns.empty() || !ledger.counts(key.ns, key.resource)) return;
    if (deleted)
      visit(key.ns, ledger.remove(key.ns, to_string(key)), host);
    else
      count(*e.object, host);
  }

  void set_quota(const model::object& quota, controller_host& host) {
    const auto& key = quota.key();
    if (ledger.set(key.ns, key.name, model::at(quota.parse(), {"spec"})) && listed)
      for (const auto& o : host.cache().list({}, key.ns).objects)
        if (ledger.counts(key.ns, o->key().resource)) count(*o, host);
    visit(key.ns, {key.name}, host);
  }

  void count(const model::object& o, controller_host& host) {
    const auto& key = o.key();
    const json document = o.content();
    if (key.resource == "pods")
      if (const auto end = model::stops_counting(document); end && *end >= host.now())
        host.visit(to_string(key),
                   std::chrono::duration_cast<std::chrono::milliseconds>(*end - host.now()) + 1s);
    visit(key.ns,
          ledger.put(key.ns, to_string(key),
                     model::quota_usage_of(key.resource, document, host.now())),
          host);
  }

  static void visit(const std::string& ns, const std::vector<std::string>& names,
                    controller_host& host) {
    for (const auto& name : names)
      host.visit(model::to_string({resources::quotas, ns, name}), write_interval);
  }

  void reconcile(const std::string& text, controller_host& host,
                 std::function<void(outcome)> done) override {
    const auto key = parse_key(text);
    const auto stored = host.cache().get(key);
    if (!stored) return done({});
    if (key.resource != resources::quotas) {
      if (ledger.counts(key.ns, key.resource)) count(*stored, host);
      return done({});
    }
    json quota = stored->parse();
    auto status = model::quota_status(quota, ledger.used(key.ns, key.name));
    if (!status) return done({});
    quota["status"] = std::move(*status);
    host.call("PUT", path_of(key) + "/status", quota, [done](const api_response& r) {
      if (r.code == 409) return done({{}, 0ms});
      done(outcome_of(r));
    });
  }

  model::quota_ledger ledger;
  bool listed = false;
};

}  // namespace

controller_actor spawn_resource_quota_controller(caf::actor_system& sys,
                                                 controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<resource_quota_controller>());
}

}  // namespace troupe
