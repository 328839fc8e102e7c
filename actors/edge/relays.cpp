#include "actors/edge/relays.hpp"

#include "messages/errors.hpp"
#include "model/random.hpp"

#include <caf/all.hpp>

namespace troupe::edge {

stream_relay::stream_relay(caf::actor_config& cfg, stream_end end)
    : stream_relay_actor::base(cfg), end_(std::move(end)) {
  set_down_handler([this](const caf::down_msg& down) { on_down(down); });
  monitor(end_.sink);
}

stream_relay::behavior_type stream_relay::make_behavior() {
  return {[this](chunk_atom, std::uint64_t id, const blob_ref& bytes) {
            if (id == end_.source_id) send(end_.sink, chunk_atom::value, end_.sink_id, bytes);
          },
          [this](end_atom, std::uint64_t id, const caf::error& why) {
            if (id != end_.source_id) return;
            send(end_.sink, end_atom::value, end_.sink_id, why);
            quit();
          },
          [this](credit_atom, std::uint64_t id, std::uint32_t chunks) {
            if (id == end_.sink_id && source_)
              send(source_, credit_atom::value, end_.source_id, chunks);
          },
          [this](cancel_atom, std::uint64_t id) {
            if (id != end_.sink_id) return;
            if (source_) send(source_, cancel_atom::value, end_.source_id);
            quit();
          },
          [this](source_atom, const stream_source& source) {
            source_ = source;
            monitor(source_);
          }};
}

void stream_relay::on_down(const caf::down_msg& down) {
  if (down.source == end_.sink.address()) {
    if (source_) send(source_, cancel_atom::value, end_.source_id);
    return quit();
  }
  // Down messages overtake: what the source sent before it went may still be in the mailbox, and
  // this end lines up behind it.
  send(this, end_atom::value, end_.source_id,
       to_error(model::unavailable("the source of the stream is gone")));
}

void stream_relay::on_exit() {
  end_.sink = nullptr;
  source_ = nullptr;
}

tunnel_relay::tunnel_relay(caf::actor_config& cfg, tunnel_actor near, std::uint64_t near_id,
                           std::uint64_t far_id)
    : tunnel_relay_actor::base(cfg), near_(std::move(near)), near_id_(near_id), far_id_(far_id) {
  set_down_handler([this](const caf::down_msg& down) {
    const auto from = near_ && down.source == near_.address() ? near_id_ : far_id_;
    // It lines up behind what the end said before it went.
    send(this, end_atom::value, from, to_error(model::unavailable("the other end is gone")));
  });
  monitor(near_);
}

template <class Atom, class... Args>
void tunnel_relay::pass(std::uint64_t from, Atom what, Args&&... args) {
  if (from == near_id_ && far_) send(far_, what, far_id_, std::forward<Args>(args)...);
  if (from == far_id_ && near_) send(near_, what, near_id_, std::forward<Args>(args)...);
}

void tunnel_relay::end(std::uint64_t from, const caf::error& why) {
  if (from != near_id_ && from != far_id_) return;
  pass(from, end_atom::value, why);
  quit();
}

tunnel_relay::behavior_type tunnel_relay::make_behavior() {
  return {
      [this](frame_atom, std::uint64_t id, std::uint32_t channel, std::uint8_t what,
             const blob_ref& bytes) { pass(id, frame_atom::value, channel, what, bytes); },
      [this](credit_atom, std::uint64_t id, std::uint32_t n) { pass(id, credit_atom::value, n); },
      [this](end_atom, std::uint64_t id, const caf::error& why) { end(id, why); },
      [this](far_end_atom, const tunnel_actor& far) {
        far_ = far;
        monitor(far_);
      }};
}

void tunnel_relay::on_exit() {
  near_ = nullptr;
  far_ = nullptr;
}

kubelet_relay::kubelet_relay(caf::actor_config& cfg, kubelet_actor far)
    : kubelet_actor::base(cfg), far_(std::move(far)) {
  set_down_handler(
      [this](const caf::down_msg&) { quit(caf::exit_reason::remote_link_unreachable); });
  monitor(far_);
}

kubelet_relay::behavior_type kubelet_relay::make_behavior() {
  return {[this](sync_atom, std::uint64_t number, const std::vector<object_ref>& pods, bool last) {
            send(far_, sync_atom::value, number, pods, last);
          },
          [this](assign_atom, const object_ref& pod) { send(far_, assign_atom::value, pod); },
          [this](refuse_atom, const object_ref& pod, const std::string& reason,
                 const std::string& why) { send(far_, refuse_atom::value, pod, reason, why); },
          [this](unassign_atom, const object_ref& pod) { send(far_, unassign_atom::value, pod); },
          [this](logs_atom, const log_request& r, std::uint64_t id, const stream_sink& sink) {
            return logs(r, id, sink);
          },
          [this](tunnel_atom, const tunnel_request& r, std::uint64_t id, const tunnel_actor& near) {
            return tunnel(r, id, near);
          },
          [this](reclaim_atom, const std::string& directory) -> caf::result<bool> {
            auto promise = make_response_promise<bool>();
            request(far_, remote_timeout, reclaim_atom::value, directory)
                .then([promise](bool gone) mutable { promise.deliver(gone); },
                      [promise](caf::error& e) mutable { promise.deliver(std::move(e)); });
            return promise;
          },
          [this](ping_atom) -> caf::result<ping_atom> {
            auto promise = make_response_promise<ping_atom>();
            request(far_, remote_timeout, ping_atom::value)
                .then([promise](ping_atom) mutable { promise.deliver(ping_atom::value); },
                      [promise](caf::error& e) mutable { promise.deliver(std::move(e)); });
            return promise;
          }};
}

// The far end names nobody, which only a broken one does.
template <class Relay, class Promise>
void kubelet_relay::give_up(const Relay& relay, Promise& promise) {
  send_exit(relay, caf::exit_reason::user_shutdown);
  promise.deliver(to_error(model::internal_error("the kubelet's answer names no actor")));
}

caf::result<stream_source> kubelet_relay::logs(const log_request& r, std::uint64_t id,
                                               const stream_sink& sink) {
  // A random id, known to this kubelet alone: no other peer can slip chunks into the log.
  const auto outer = model::entropy_seed();
  auto relay = spawn<stream_relay>(stream_end{sink, id, outer});
  // The node's proxy asks from its own actor system, so that this runs on one of its threads.
  // Spawning has made our system's logger the thread's; our system cannot end while it is.
  caf::logger::set_current_actor_system(nullptr);
  auto promise = make_response_promise<stream_source>();
  request(far_, remote_timeout, logs_atom::value, r, outer, caf::actor_cast<stream_sink>(relay))
      .then(
          [this, promise, relay](const stream_source& source) mutable {
            if (!source) return give_up(relay, promise);
            send(relay, source_atom::value, source);
            promise.deliver(caf::actor_cast<stream_source>(relay));
          },
          [this, promise, relay](caf::error& e) mutable {
            send_exit(relay, caf::exit_reason::user_shutdown);
            promise.deliver(std::move(e));
          });
  return promise;
}

caf::result<tunnel_actor> kubelet_relay::tunnel(const tunnel_request& r, std::uint64_t id,
                                                const tunnel_actor& near) {
  auto outer = model::entropy_seed();
  while (outer == id) outer = model::entropy_seed();
  auto relay = spawn<tunnel_relay>(near, id, outer);
  caf::logger::set_current_actor_system(nullptr);  // as for logs
  auto promise = make_response_promise<tunnel_actor>();
  request(far_, remote_timeout, tunnel_atom::value, r, outer, caf::actor_cast<tunnel_actor>(relay))
      .then(
          [this, promise, relay](const tunnel_actor& far) mutable {
            if (!far) return give_up(relay, promise);
            send(relay, far_end_atom::value, far);
            promise.deliver(caf::actor_cast<tunnel_actor>(relay));
          },
          [this, promise, relay](caf::error& e) mutable {
            send_exit(relay, caf::exit_reason::user_shutdown);
            promise.deliver(std::move(e));
          });
  return promise;
}

void kubelet_relay::on_exit() {
  far_ = nullptr;
}

}  // namespace troupe::edge
