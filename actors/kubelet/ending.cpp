#include "actors/kubelet/disk.hpp"
#include "actors/kubelet/worker.hpp"

#include <spdlog/spdlog.h>

namespace troupe {

using namespace model::kubelet;
using model::at;
using model::json;
using std::chrono::seconds;

void pod_worker::stop_container(const action& a) {
  auto stop = [this, id = a.id, grace = a.grace, began = context_->now()] {
    // What a preStop hook takes is part of it, but for kubelet's minimum.
    constexpr seconds least{2};
    const auto taken = std::chrono::duration_cast<seconds>(context_->now() - began);
    const auto left = taken.count() == 0 ? grace : std::max(grace - taken, std::min(grace, least));
    rt().stop_container(id, left, back<nothing>([this, id](const outcome<nothing>& o) {
                          if (!o)
                            return later(seconds{1}, [this, id] {
                              life_.container_stopped(id);
                              refresh();
                            });
                          after_fresh_state([this, id] { life_.container_stopped(id); });
                        }));
  };
  note("Normal", "Killing", a.message.empty() ? "Stopping container " + a.container : a.message,
       a.container);
  if (life_.unassigned()) return stop();
  const auto spec = life_.container(a.container);
  if (!spec.spec) return stop();
  run_hook(at(*spec.spec, {"lifecycle", "preStop"}), spec, a.id, a.grace,
           [this, stop, name = a.container](bool well) {
             if (!well) note("Warning", "FailedPreStopHook", "PreStopHook failed", name);
             stop();
           });
}

void pod_worker::stop_sandbox(const std::string& id) {
  rt().stop_sandbox(id, back<nothing>([this, id](const outcome<nothing>& o) {
                      if (o)
                        return after_fresh_state([this, id] { life_.sandbox_stopped(id, true); });
                      later(seconds{1}, [this, id] {
                        life_.sandbox_stopped(id, false);
                        advance();
                      });
                    }));
}

void pod_worker::remove_container(const std::string& id) {
  rt().remove_container(id,
                        back<nothing>([this, id](const outcome<nothing>& o) { removed(id, o); }));
}

void pod_worker::remove_sandbox(const std::string& id) {
  rt().remove_sandbox(id, back<nothing>([this, id](const outcome<nothing>& o) { removed(id, o); }));
}

void pod_worker::removed(const std::string& id, const outcome<nothing>& o) {
  if (o) return after_fresh_state([this, id] { life_.removed(id); });
  later(seconds{10}, [this, id] { life_.removed(id); });
}

// Everything has ended. The object goes once its last status is in.
void pod_worker::finish() {
  finishing_ = true;
  if (life_.unassigned()) return clean_up();
  if (posting_) return;
  if (digest_of(life_) == reported_) return delete_object();
  post();
}

void pod_worker::delete_object() {
  if (deleted_ || life_.unassigned()) return clean_up();
  json body{{"apiVersion", "v1"},
            {"kind", "DeleteOptions"},
            {"gracePeriodSeconds", 0},
            {"preconditions", {{"uid", uid()}}}};
  ask_api(this, *context_, "DELETE", pod_target(), body, json_type, [this](const api_answer& a) {
    deleted_ = a.ok() || a.code == 404 || a.code == 409;
    if (deleted_) return clean_up();
    later(retry_delay(), [this] { delete_object(); });
  });
}

// Removes all traces: containers, sandboxes, the pod's directory.
void pod_worker::clean_up() {
  if (cleaning_) return;
  cleaning_ = true;
  auto open = std::make_shared<std::size_t>(life_.state().containers.size());
  auto one_done = [this, open](const outcome<nothing>&) {
    if (--*open == 0) remove_sandboxes();
  };
  if (*open == 0) return remove_sandboxes();
  for (const auto& c : life_.state().containers)
    rt().remove_container(c.id, back<nothing>(one_done));
}

void pod_worker::remove_sandboxes() {
  auto open = std::make_shared<std::size_t>(life_.state().sandboxes.size());
  auto one_done = [this, open](const outcome<nothing>&) {
    if (--*open == 0) remove_files();
  };
  if (*open == 0) return remove_files();
  for (const auto& s : life_.state().sandboxes) rt().remove_sandbox(s.id, back<nothing>(one_done));
}

void pod_worker::remove_files() {
  auto leave = [this](std::string error) {
    if (!error.empty()) spdlog::warn("kubelet: cleaning up {}: {}", uid(), error);
    send(owner_, gone_atom::value, uid());
    quit();
  };
  if (!context_->on_disk()) return leave({});
  run_aside<std::string>(
      this, *context_, id(),
      [dir = context_->pod_dir(uid()), logs = log_directory(context_->node.log_root, life_.pod())] {
        return remove_pod(dir, logs);
      },
      leave);
}

}  // namespace troupe
