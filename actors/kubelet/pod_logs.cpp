#include "actors/kubelet/log_source.hpp"
#include "actors/kubelet/worker.hpp"
#include "messages/errors.hpp"
#include "model/status.hpp"

namespace troupe {

using namespace model::kubelet;

namespace {

/// What a simulated container logs, as a runtime would write it.
std::string simulated_log(const container_state& c, const std::string& node) {
  auto line = [](std::int64_t when, const std::string& text) {
    const auto t = model::time_point{
        std::chrono::duration_cast<model::time_point::duration>(std::chrono::nanoseconds{when})};
    return model::to_rfc3339_micro(t) + " stdout F " + text + "\n";
  };
  auto out = line(c.started_at, c.name + " started on simulated node " + node);
  if (c.state == container_state::phase::exited)
    out += line(c.finished_at, c.name + " ended with code " + std::to_string(c.exit_code));
  return out;
}

}  // namespace

caf::result<stream_source> pod_worker::open_log(const log_request& request, uint64_t id,
                                                stream_sink& sink) {
  const auto spec = life_.container(request.container);
  if (!spec.spec)
    return to_error(model::bad_request("container " + request.container + " is not valid for pod " +
                                       pod_name()));
  const auto* c =
      request.previous ? life_.previous(request.container) : life_.newest(request.container);
  // What waits to be restarted has its last run as the newest.
  if (!c && request.previous)
    return to_error(model::bad_request("previous terminated container \"" + request.container +
                                       "\" in pod \"" + pod_name() + "\" not found"));
  if (!c || c->state == container_state::phase::created) {
    const auto why = life_.waits(request.container);
    return to_error(
        model::bad_request("container \"" + request.container + "\" in pod \"" + pod_name() +
                           "\" is waiting to start: " + (why ? why->reason : "ContainerCreating")));
  }
  log_options options;
  if (context_->on_disk())
    options.path = log_directory(context_->node.log_root, life_.pod()) + "/" + c->name + "/" +
                   std::to_string(c->attempt) + ".log";
  else
    options.text = simulated_log(*c, context_->options.node_name);
  options.request = request;
  options.clock = context_->options.clock;
  auto& watch = log_watches_[c->id];
  if (!watch)
    watch = std::make_shared<std::atomic<bool>>(c->state == container_state::phase::running);
  auto alive = [whole = running_, container = watch] { return *whole && *container; };
  return spawn_log_source(home_system(), std::move(options), id, sink, alive);
}

void pod_worker::tell_logs() {
  std::erase_if(log_watches_, [this](auto& entry) {
    for (const auto& c : life_.state().containers)
      if (c.id == entry.first && c.state == container_state::phase::running) return false;
    *entry.second = false;
    return true;
  });
}

}  // namespace troupe
