#include "actors/controllers/controller.hpp"

#include "actors/controllers/custom_resources.hpp"
#include "actors/controllers/work_queue.hpp"
#include "messages/errors.hpp"
#include "model/api_path.hpp"
#include "model/request_info.hpp"
#include "model/schema.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>

namespace troupe {
namespace {

constexpr std::size_t keys_at_once = 64;
constexpr std::chrono::seconds reclaim_patience{60};

// Custom kinds know no strategic merge patch.
const char* patch_type(const std::string& target) {
  const auto parsed = model::parse_request("PATCH", target);
  const auto* info = std::get_if<model::request_info>(&parsed);
  return info && info->is_resource && !model::schema::instance().by_resource(info->group_resource())
             ? "application/merge-patch+json"
             : "application/strategic-merge-patch+json";
}

// Follows the cache, keeps the queue, and lends the rule its hands.
struct controller_impl : controller_actor::base, controller_host {
  controller_impl(caf::actor_config& cfg, controller_options options,
                  std::unique_ptr<controller> rule)
      : controller_actor::base(cfg),
        options_(std::move(options)),
        rule_(std::move(rule)),
        queue_(options_.seed),
        posted_(std::make_shared<std::atomic<bool>>(false)) {}

  const char* name() const override { return "controller"; }

  behavior_type make_behavior() override {
    follow();
    rule_->start(*this);
    for (const auto& resource : rule_->resources()) list(resource);
    work();
    return {[this](changed_atom) {
              posted_->store(false);
              work();
            },
            [this](tick_atom, uint64_t generation) {
              if (generation == timer_) work();
            }};
  }

  void on_exit() override {
    wakes_.clear();
    options_.api = nullptr;
    options_.store = nullptr;
    options_.nodes = nullptr;
    options_.recorder = nullptr;
  }

  // controller_host

  const store::cache& cache() const override { return *options_.cache; }
  model::time_point now() const override { return options_.clock(); }

  void call(std::string method, std::string target, blob_ref body,
            std::function<void(const api_response&)> then_do) override {
    api_request r;
    r.method = std::move(method);
    r.target = std::move(target);
    r.user_agent = rule_->name();
    if (r.method == "PATCH") r.content_type = patch_type(r.target);
    r.body = std::move(body);
    r.user = {"system:serviceaccount:kube-system:" + rule_->name(),
              {"system:masters", "system:authenticated"}};
    request(options_.api, caf::infinite, request_atom::value, std::move(r))
        .then([then_do](const api_response& a) { then_do(a); },
              [then_do](const caf::error& e) {
                const auto s = to_status(e);
                api_response a;
                a.code = static_cast<uint16_t>(s.code);
                a.body = blob_ref(model::to_text(s));
                then_do(a);
              });
  }

  void commit(std::vector<write> writes,
              std::function<void(const std::vector<std::string>&)> then_do) override {
    const auto count = writes.size();
    if (!options_.store)
      return then_do(std::vector<std::string>(
          count, "only the control plane's own process can write past the API"));
    request(options_.store, caf::infinite, write_atom::value, std::move(writes))
        .then([then_do](const std::vector<object_ref>&,
                        const std::vector<std::string>& errors) { then_do(errors); },
              [then_do, count](const caf::error& e) {
                then_do(std::vector<std::string>(count, model::to_text(to_status(e))));
              });
  }

  void reclaim(const std::string& node, const std::string& directory,
               std::function<void(const std::optional<model::status>&)> then_do) override {
    if (!options_.nodes) return then_do(model::unavailable("no node can be asked from here"));
    request(options_.nodes, reclaim_patience, reclaim_atom::value, node, directory)
        .then([then_do](bool) { then_do(std::nullopt); },
              [then_do](const caf::error& e) { then_do(to_status(e)); });
  }

  void record(model::event_note note) override {
    if (!options_.recorder) return;
    if (note.component.empty()) note.component = rule_->name();
    send(options_.recorder, record_atom::value, std::move(note));
  }

  void visit(const std::string& key, std::chrono::milliseconds after) override {
    queue_.add(key, clock_now() + after);
  }

  // Following

  void follow() {
    auto self = caf::actor_cast<caf::actor>(this);
    for (const auto& resource : rule_->resources())
      wakes_.push_back(options_.cache->subscribe(resource, [self, posted = posted_] {
        if (!posted->exchange(true)) caf::anon_send(self, changed_atom::value);
      }));
  }

  void list(const std::string& resource) {
    auto all = options_.cache->list(resource);
    cursors_[resource] = all.version;
    rule_->relist(resource, *this);
    for (auto& o : all.objects)
      rule_->observe({store::event::kind::added, std::move(o), nullptr}, *this);
  }

  void read(const std::string& resource, uint64_t& since) {
    for (;;) {
      const auto batch = options_.cache->events(resource, since);
      if (batch.expired) return list(resource);
      for (const auto& e : batch.events) rule_->observe(e, *this);
      since = batch.version;
      if (batch.events.empty()) return;
    }
  }

  // Working

  work_queue::time clock_now() { return home_system().clock().now(); }

  void work() {
    // First what has happened: a rule relies on having seen its own writes.
    for (auto& [resource, since] : cursors_) read(resource, since);
    while (queue_.in_work() < keys_at_once) {
      auto key = queue_.take(clock_now());
      if (!key) break;
      rule_->reconcile(*key, *this, [this, key = *key](const outcome& o) { ended(key, o); });
    }
    wait();
  }

  void ended(const std::string& key, const outcome& o) {
    if (!o.failure.empty()) {
      spdlog::warn("{}: {}: {}", rule_->name(), key, o.failure);
      queue_.failed(key, clock_now());
    } else {
      if (o.again) queue_.add(key, clock_now() + *o.again);
      queue_.finished(key);
    }
    // Rules may end within reconcile(): no recursion into work().
    if (!posted_->exchange(true)) send(this, changed_atom::value);
  }

  void wait() {
    const auto due = queue_.next_due();
    if (!due || queue_.in_work() >= keys_at_once ||
        (armed_for_ && *armed_for_ <= *due && *armed_for_ > clock_now()))
      return;
    armed_for_ = *due;
    const auto pause =
        std::max<work_queue::time::duration>(*due - clock_now(), std::chrono::milliseconds(1));
    delayed_send(this, pause, tick_atom::value, ++timer_);
  }

  controller_options options_;
  std::unique_ptr<controller> rule_;
  work_queue queue_;
  std::shared_ptr<std::atomic<bool>> posted_;
  std::vector<store::cache::subscription> wakes_;
  std::map<std::string, uint64_t> cursors_;
  uint64_t timer_ = 0;
  std::optional<work_queue::time> armed_for_;
};

}  // namespace

controller_actor spawn_controller(caf::actor_system& sys, controller_options options,
                                  std::unique_ptr<controller> rule) {
  return sys.spawn<controller_impl>(std::move(options), std::move(rule));
}

std::string path_of(const model::object_key& key) {
  const auto* kind = model::schema::instance().by_resource(key.resource);
  return kind ? model::resource_path(*kind, key.ns, key.name) : std::string();
}

std::string collection_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

outcome outcome_of(const api_response& r) {
  if (r.code < 300 || r.code == 404 || r.code == 409) return {};
  return {model::status_from_text(r.body.bytes()).message, std::nullopt};
}

std::vector<controller_actor> spawn_controllers(caf::actor_system& sys,
                                                const controller_options& options, csr_options csr,
                                                bootstrap_options bootstrap,
                                                kubernetes_service_options service) {
  return {spawn_kubernetes_service_controller(sys, options, std::move(service)),
          spawn_service_endpoints_controller(sys, options),
          spawn_endpoint_mirror_controller(sys, options),
          spawn_disruption_controller(sys, options),
          spawn_pod_group_controller(sys, options),
          spawn_resource_quota_controller(sys, options),
          spawn_taint_eviction_controller(sys, options),
          spawn_node_lifecycle_controller(sys, options),
          spawn_cluster_role_aggregation_controller(sys, options),
          spawn_policy_type_controller(sys, options),
          spawn_volume_binder(sys, options),
          spawn_attach_detach_controller(sys, options),
          spawn_volume_expansion_controller(sys, options),
          spawn_node_ttl_controller(sys, options),
          spawn_identity_lease_controller(sys, options),
          spawn_host_path_provisioner(sys, options),
          spawn_ephemeral_volume_controller(sys, options),
          spawn_pvc_protection_controller(sys, options),
          spawn_pv_protection_controller(sys, options),
          spawn_bootstrap_controller(sys, options, std::move(bootstrap)),
          spawn_csr_controller(sys, options, std::move(csr)),
          spawn_namespace_controller(sys, options),
          spawn_custom_resource_controller(sys, options),
          spawn_api_service_controller(sys, options),
          spawn_flow_schema_controller(sys, options),
          spawn_pod_gc_controller(sys, options),
          spawn_daemon_set_controller(sys, options),
          spawn_deployment_controller(sys, options),
          spawn_replica_set_controller(sys, options),
          spawn_replication_controller(sys, options),
          spawn_event_ttl_controller(sys, options),
          spawn_garbage_collector(sys, options),
          spawn_stateful_set_controller(sys, options),
          spawn_job_controller(sys, options),
          spawn_job_ttl_controller(sys, options),
          spawn_cron_job_controller(sys, options),
          spawn_autoscaler_controller(sys, options)};
}

}  // namespace troupe
