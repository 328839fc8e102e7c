#include "actors/kubelet/log_source.hpp"
#include "actors/kubelet/worker.hpp"
#include "messages/errors.hpp"
#include "model/status.hpp"

namespace troupe {

using namespace model::kubelet;

caf::result<stream_source> pod_worker::open_log(const log_request& request, uint64_t id,
                                                stream_sink& sink) {
  const auto spec = container_named(life_.pod(), request.container);
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
