#include "actors/kubelet/tunnel_end.hpp"
#include "actors/kubelet/worker.hpp"
#include "messages/errors.hpp"
#include "model/status.hpp"

namespace troupe {

using namespace model::kubelet;

namespace {

tunnel_options options_of(const tunnel_request& r, const container_spec& spec) {
  tunnel_options o;
  o.what = static_cast<tunnel_options::use>(r.use);
  o.command = r.command;
  o.in = r.in;
  o.out = r.out;
  o.err = r.err;
  // Whether a process has a terminal is settled when it begins.
  o.tty = r.use == tunnel_use::attach && spec.spec ? model::at(*spec.spec, {"tty"}) == true : r.tty;
  if (o.tty) o.err = false;
  return o;
}

/// kubelet's words, which kubectl shows.
caf::error cannot(const std::string& why) {
  return to_error(model::internal_error("unable to upgrade connection: " + why));
}

}  // namespace

caf::result<tunnel_actor> pod_worker::open_tunnel(const tunnel_request& request, uint64_t id,
                                                  const tunnel_actor& to) {
  std::string target;
  container_spec spec;
  if (request.use == tunnel_use::port_forward) {
    const auto* sandbox = life_.sandbox();
    if (!sandbox) return cannot("pod does not exist");
    target = sandbox->id;
  } else {
    spec = life_.container(request.container);
    const auto* c = life_.newest(request.container);
    if (!spec.spec || !c || c->state != container_state::phase::running)
      return cannot("container not found (\"" + request.container + "\")");
    target = c->id;
  }
  auto end = spawn_tunnel_end(home_system(), id, to);
  auto promise = make_response_promise<tunnel_actor>();
  const auto opened = [this, promise, end](const outcome<std::shared_ptr<tunnel>>& o) {
    auto answer = promise;
    if (o) {
      end.opened(o.value);
      answer.deliver(end.actor);
    } else {
      send_exit(end.actor, caf::exit_reason::user_shutdown);
      answer.deliver(cannot(o.error.message));
    }
  };
  rt().open_tunnel(target, options_of(request, spec), end.events,
                   back<std::shared_ptr<tunnel>>(opened));
  return promise;
}

}  // namespace troupe
