#include "actors/kubelet/worker.hpp"
#include "model/json_writer.hpp"
#include "model/kubelet/operating_system.hpp"
#include "model/kubelet/sysctls.hpp"

namespace troupe {

using namespace model::kubelet;
using model::at;
using model::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

pod_worker::pod_worker(caf::actor_config& cfg, context_ptr context, pod_owner_actor owner,
                       model::object_ptr pod, objection_ptr objection)
    : pod_worker_actor::base(cfg),
      context_(std::move(context)),
      way_(std::make_shared<way_back>()),
      owner_(std::move(owner)),
      objection_(std::move(objection)),
      life_(std::move(pod), context_->options.backoff),
      first_seen_(context_->now()),
      running_(std::make_shared<std::atomic<bool>>(true)) {
  const auto& status = at(life_.pod(), {"status"});
  last_status_ = model::dump(status);
  known_ips_ = pod_ips(status);
}

pod_worker::behavior_type pod_worker::make_behavior() {
  way_->open(caf::actor_cast<caf::actor>(caf::strong_actor_ptr{ctrl()}));
  admit(std::exchange(objection_, nullptr).get());
  refresh();
  return {[this](assign_atom, const object_ref& pod) {
            const bool shown = relabeled(life_.source(), *pod);
            const bool matters = life_.update(pod.get());
            heed(*pod);
            if (shown && context_->on_disk() && follows_objects(life_.pod())) refresh_volumes();
            if (matters) advance();
          },
          [this](unassign_atom) {
            life_.unassign();
            if (finishing_) clean_up();
            advance();
          },
          [this](refresh_atom) { refresh(); },
          [this](evict_atom, const std::string& why, uint64_t grace) {
            if (!life_.ended().empty() || life_.deleting()) return;
            note("Warning", "Evicted", why);
            life_.evict(why, seconds{grace});
            advance();
          },
          [this](logs_atom, const log_request& request, uint64_t id, stream_sink& sink) {
            return open_log(request, id, sink);
          },
          [this](tunnel_atom, const tunnel_request& request, uint64_t id, const tunnel_actor& to) {
            return open_tunnel(request, id, to);
          },
          [this](tick_atom, uint64_t generation) {
            if (generation != generation_) return;
            armed_.reset();
            advance();
          },
          [this](const task& t) { t.run(); }};
}

// What Kubernetes' kubelet does not let onto its node.
void pod_worker::admit(const model::node_objection* objected) {
  // Of a stray's pod nothing is known.
  if (!life_.ended().empty() || life_.deleting() || !life_.pod().contains("spec")) return;
  const auto objection = eviction_objection(context_->pressures->now(), life_.pod());
  if (!objection.empty()) return reject("Evicted", objection);
  if (const auto why = foreign_system(life_.pod())) return reject(why->reason, why->message);
  if (objected) return reject(objected->reason, objected->message);
  if (!context_->on_disk()) return;
  const auto why = forbidden_sysctl(life_.pod(), context_->options.allowed_unsafe_sysctls);
  if (!why.empty()) reject("SysctlForbidden", why);
}

void pod_worker::reject(const std::string& reason, const std::string& why) {
  note("Warning", reason, why);
  life_.reject(reason, why);
}

void pod_worker::on_exit() {
  way_->close();
  *running_ = false;
  owner_ = nullptr;
  context_ = nullptr;
  after_refresh_.clear();
}

void pod_worker::refresh() {
  if (reading_) {
    again_ = true;
    return;
  }
  reading_ = true;
  auto ready = std::make_shared<std::vector<std::function<void()>>>(std::move(after_refresh_));
  after_refresh_.clear();
  rt().state(uid(), back<pod_state>([this, ready](const outcome<pod_state>& o) {
               reading_ = false;
               if (!o) {
                 after_refresh_.insert(after_refresh_.begin(), ready->begin(), ready->end());
                 later(seconds{1}, [this] { refresh(); });
                 return;
               }
               auto seen = o.value;
               if (context_->on_disk()) add_last_words(seen);
               life_.observe(std::move(seen));
               tell_logs();
               for (auto& f : *ready) f();
               if (again_ || !after_refresh_.empty()) {
                 again_ = false;
                 refresh();
               }
               advance();
             }));
}

void pod_worker::after_fresh_state(std::function<void()> f) {
  after_refresh_.push_back(std::move(f));
  refresh();
}

void pod_worker::advance() {
  if (finishing_) return;
  const auto now = context_->now();
  for (auto& a : life_.step(now)) perform(a);
  if (finishing_) return;
  auto next = life_.wake();
  auto probed = run_probes(now);
  if (probed && (!next || *probed < *next)) next = probed;
  if (next) arm(*next);
  report();
}

void pod_worker::arm(model::time_point t) {
  if (armed_ && *armed_ <= t) return;
  armed_ = t;
  const auto delay =
      std::chrono::duration_cast<milliseconds>(t - context_->now()) + milliseconds{1};
  delayed_send(this, std::max(delay, milliseconds{1}), tick_atom::value, ++generation_);
}

void pod_worker::perform(const action& a) {
  switch (a.what) {
    case action::kind::prepare:
      return prepare();
    case action::kind::run_sandbox:
      return run_sandbox(a.attempt);
    case action::kind::start_container:
      return launch_container(a);
    case action::kind::stop_container:
      return stop_container(a);
    case action::kind::stop_sandbox:
      return stop_sandbox(a.id);
    case action::kind::remove_container:
      return remove_container(a.id);
    case action::kind::remove_sandbox:
      return remove_sandbox(a.id);
    case action::kind::note:
      return note(a.type, a.reason, a.message, a.container);
    case action::kind::finish:
      return finish();
  }
}

void pod_worker::note(const std::string& type, const std::string& reason,
                      const std::string& message, const std::string& container) {
  if (life_.unassigned()) return;
  model::event_note n;
  n.about = model::reference_to(life_.source(), "Pod");
  if (!container.empty()) {
    const auto kind = life_.container(container).kind;
    n.about.field_path = (kind == container_kind::main        ? "spec.containers{"
                          : kind == container_kind::ephemeral ? "spec.ephemeralContainers{"
                                                              : "spec.initContainers{") +
                         container + "}";
  }
  n.type = type;
  n.reason = reason;
  n.message = message;
  n.component = "kubelet";
  n.host = context_->options.node_name;
  send(context_->events, record_atom::value, std::move(n));
}

pod_worker_actor spawn_pod_worker(caf::actor_system& system, context_ptr context,
                                  pod_owner_actor owner, model::object_ptr pod,
                                  objection_ptr objection) {
  return system.spawn<pod_worker>(std::move(context), std::move(owner), std::move(pod),
                                  std::move(objection));
}

}  // namespace troupe
