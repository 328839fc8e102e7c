#include "actors/edge/link.hpp"

#include "messages/errors.hpp"
#include "net/tls/files.hpp"

#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <caf/openssl/all.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace troupe::edge {
namespace {

constexpr std::chrono::seconds login_timeout{5};

caf::error door_away() {
  return to_error(model::unavailable("the connection to the control plane is down"));
}

}  // namespace

link::link(caf::actor_config& cfg, link_options options)
    : link_actor::base(cfg),
      options_(std::move(options)),
      random_(options_.seed),
      pause_(options_.first_pause) {
  set_down_handler([this](const caf::down_msg& down) { on_down(down); });
}

link::behavior_type link::make_behavior() {
  dial();
  return {[this](request_atom, const api_request& r) { return pass_request(r); },
          [this](open_atom, const api_request& r, std::uint64_t id, const stream_sink& sink) {
            return pass_open(r, id, sink);
          },
          [this](attach_atom, const std::string& node, std::uint64_t incarnation,
                 const kubelet_actor& kubelet) {
            return pass_attach({node, incarnation, kubelet});
          },
          [](logs_atom, const std::string& node, const log_request&, std::uint64_t,
             const stream_sink&) -> caf::result<stream_source> {
            return to_error(model::not_found({"nodes", "", node}));
          },
          [](tunnel_atom, const std::string& node, const tunnel_request&, std::uint64_t,
             const tunnel_actor&) -> caf::result<tunnel_actor> {
            return to_error(model::not_found({"nodes", "", node}));
          },
          [](reclaim_atom, const std::string& node, const std::string&) -> caf::result<bool> {
            return to_error(model::not_found({"nodes", "", node}));
          },
          [this](ready_atom) -> caf::result<bool> {
            if (session_) return true;
            if (given_up_) return given_up_;
            return waiting_.emplace_back(make_response_promise<bool>());
          },
          [this](tick_atom) {
            dial();
            if (session_ && attach_due_) reattach();
          }};
}

void link::on_exit() {
  for (auto& [number, fail] : under_way_) fail(door_away());
  under_way_.clear();
  waiting_.clear();
  attached_.reset();
  session_ = nullptr;
  door_ = nullptr;
}

void link::dial() {
  if (session_ || dialing_) return;
  dialing_ = true;
  const auto attempt = ++attempt_;
  request(system().openssl_manager().actor_handle(), login_timeout, caf::connect_atom::value,
          options_.host, options_.port)
      .then(
          [this, attempt](const caf::node_id&, caf::strong_actor_ptr& p,
                          const std::set<std::string>&) {
            if (!p) return failed(attempt, door_away());
            door_ = p;
            monitor(door_);
            greet(attempt, caf::actor_cast<door_actor>(p));
          },
          [this, attempt](caf::error& e) { failed(attempt, e); });
}

void link::greet(std::uint64_t attempt, const door_actor& door) {
  tls::credential who;
  try {
    who = {tls::read_file(options_.files.certificate), tls::read_file(options_.files.key)};
  } catch (const tls::pki_error& e) {
    return failed(attempt, to_error(model::internal_error(e.what())));
  }
  request(door, login_timeout, hello_atom::value,
          edge_hello{edge_protocol, who.certificate, options_.incarnation})
      .then([=, this](const std::string& nonce) { log_in(attempt, door, nonce, who); },
            [this, attempt](caf::error& e) { failed(attempt, e); });
}

void link::log_in(std::uint64_t attempt, const door_actor& door, const std::string& nonce,
                  const tls::credential& who) {
  if (!current(attempt)) return;
  std::string signature;
  try {
    signature = tls::sign(who.key, login_text(nonce, options_.incarnation));
  } catch (const tls::pki_error& e) {
    return failed(attempt, to_error(model::internal_error(e.what())));
  }
  request(door, login_timeout, proof_atom::value, nonce, signature)
      .then(
          [this, attempt](const session_actor& s, const std::string& secret) {
            if (current(attempt)) logged_in(s, secret);
          },
          [this, attempt](caf::error& e) { failed(attempt, e); });
}

void link::logged_in(const session_actor& s, const std::string& secret) {
  dialing_ = false;
  pause_ = options_.first_pause;
  session_ = s;
  secret_ = secret;
  monitor(session_);
  spdlog::debug("edge: logged in at {}:{}", options_.host, options_.port);
  for (auto& promise : std::exchange(waiting_, {})) promise.deliver(true);
  reattach();
}

void link::failed(std::uint64_t attempt, const caf::error& why) {
  if (!current(attempt)) return;
  dialing_ = false;
  const auto status = to_status(why);
  spdlog::warn("edge: no login at {}:{}: {}", options_.host, options_.port, status.message);
  if (!options_.redial || status.code == 400 || status.code == 401)
    for (auto& promise : std::exchange(waiting_, {})) promise.deliver(why);
  if (!options_.redial) {
    given_up_ = why;
    return;
  }
  const auto jitter =
      std::chrono::milliseconds(random_.below(static_cast<std::uint64_t>(pause_.count()) / 2 + 1));
  delayed_send(this, pause_ + jitter, tick_atom::value);
  pause_ = std::min(pause_ * 2, options_.longest_pause);
}

void link::on_down(const caf::down_msg& down) {
  if (attached_ && down.source == attached_->kubelet.address()) return attached_.reset();
  const bool ours = session_ && down.source == session_.address();
  const bool door = door_ && down.source == door_->address();
  if (door) door_ = nullptr;
  // What was asked of a door that is gone gets no answer.
  if (door && dialing_) return failed(attempt_, door_away());
  if (!session_ || !(ours || door)) return;
  spdlog::warn("edge: lost the connection to {}:{}", options_.host, options_.port);
  session_ = nullptr;
  for (auto& [number, fail] : std::exchange(under_way_, {})) fail(door_away());
  if (!options_.redial) return quit();
  dial();
}

void link::reattach() {
  attach_due_ = false;
  if (!attached_) return;
  request(session_, options_.request_timeout, attach_atom::value, secret_, attached_->node,
          attached_->incarnation, attached_->kubelet)
      .then([](bool) {},
            [this](caf::error& e) {
              spdlog::warn("edge: could not attach the kubelet: {}", to_status(e).message);
              attach_due_ = true;
              delayed_send(this, options_.longest_pause, tick_atom::value);
            });
}

std::uint64_t link::remember(failure f) {
  under_way_.emplace(++next_, std::move(f));
  return next_;
}

caf::result<api_response> link::pass_request(const api_request& r) {
  if (!session_) return door_away();
  auto promise = make_response_promise<api_response>();
  const auto number = remember([promise](caf::error e) mutable { promise.deliver(std::move(e)); });
  request(session_, options_.request_timeout, request_atom::value, secret_, r)
      .then(
          [this, promise, number](api_response& answer) mutable {
            if (forget(number)) promise.deliver(std::move(answer));
          },
          [this, promise, number](caf::error& e) mutable {
            if (forget(number)) promise.deliver(std::move(e));
          });
  return promise;
}

caf::result<api_response, stream_source> link::pass_open(const api_request& r, std::uint64_t id,
                                                         const stream_sink& sink) {
  if (!session_) return door_away();
  auto promise = make_response_promise<api_response, stream_source>();
  const auto number = remember([promise](caf::error e) mutable { promise.deliver(std::move(e)); });
  request(session_, options_.request_timeout, open_atom::value, secret_, r, id, sink)
      .then(
          [this, promise, number](api_response& answer, const stream_source& source) mutable {
            if (forget(number)) promise.deliver(std::move(answer), source);
          },
          [this, promise, number](caf::error& e) mutable {
            if (forget(number)) promise.deliver(std::move(e));
          });
  return promise;
}

caf::result<bool> link::pass_attach(attachment a) {
  if (attached_) demonitor(attached_->kubelet.address());
  attached_ = std::move(a);
  monitor(attached_->kubelet);
  if (!session_) return door_away();
  auto promise = make_response_promise<bool>();
  const auto number = remember([promise](caf::error e) mutable { promise.deliver(std::move(e)); });
  request(session_, options_.request_timeout, attach_atom::value, secret_, attached_->node,
          attached_->incarnation, attached_->kubelet)
      .then(
          [this, promise, number](bool ok) mutable {
            if (forget(number)) promise.deliver(ok);
          },
          [this, promise, number](caf::error& e) mutable {
            if (forget(number)) promise.deliver(std::move(e));
          });
  return promise;
}

link_actor spawn_link(caf::actor_system& system, link_options options) {
  return system.spawn<link>(std::move(options));
}

}  // namespace troupe::edge
