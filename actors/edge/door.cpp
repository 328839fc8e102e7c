#include "actors/edge/door.hpp"

#include "actors/edge/session.hpp"
#include "messages/errors.hpp"
#include "net/tls/pki.hpp"

#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <spdlog/spdlog.h>

namespace troupe::edge {
namespace {

constexpr std::chrono::seconds address_timeout{5};

}  // namespace

door::door(caf::actor_config& cfg, door_options options)
    : door_actor::base(cfg), options_(std::move(options)), logins_(options_.ca, options_.clock) {
  set_down_handler([this](const caf::down_msg& down) { sessions_.erase(down.source); });
}

door::behavior_type door::make_behavior() {
  return {[this](hello_atom, const edge_hello& h) { return hello(h); },
          [this](proof_atom, const std::string& nonce, const std::string& signature) {
            return prove(nonce, signature);
          }};
}

void door::on_exit() {
  for (const auto& address : sessions_)
    if (auto s = caf::actor_cast<caf::actor>(address))
      send_exit(s, caf::exit_reason::user_shutdown);
  sessions_.clear();
  options_.api = nullptr;
  options_.registry = nullptr;
}

caf::result<std::string> door::hello(const edge_hello& h) {
  auto answer = logins_.hello(h);
  if (auto* nonce = std::get_if<std::string>(&answer)) return std::move(*nonce);
  const auto& why = std::get<model::status>(answer);
  spdlog::warn("edge: refused a dialer: {}", why.message);
  return to_error(why);
}

caf::result<session_actor, std::string> door::prove(const std::string& nonce,
                                                    const std::string& signature) {
  auto answer = logins_.prove(nonce, signature);
  if (const auto* why = std::get_if<model::status>(&answer)) {
    spdlog::warn("edge: refused a dialer: {}", why->message);
    return to_error(*why);
  }
  if (sessions_.size() >= options_.max_sessions) {
    spdlog::warn("edge: refused a dialer: {} sessions are open", sessions_.size());
    return to_error(model::too_many_requests("the edge door has too many sessions", 5));
  }
  auto& login = std::get<login_book::login>(answer);
  spdlog::debug("edge: {} came in", login.user.name);
  const auto dialer = current_sender();
  auto promise = make_response_promise<session_actor, std::string>();
  auto enter = [this, promise, dialer, user = login.user](std::string address) mutable {
    auto [s, secret] = let_in(std::move(user), std::move(address), dialer);
    promise.deliver(std::move(s), std::move(secret));
  };
  // The network knows the address of each node that it is connected with.
  request(system().middleman().actor_handle(), address_timeout, caf::get_atom::value,
          dialer ? dialer->node() : caf::node_id{})
      .then([enter](const caf::node_id&, std::string& address,
                    std::uint16_t) mutable { enter(std::move(address)); },
            [enter](const caf::error&) mutable { enter({}); });
  return promise;
}

std::pair<session_actor, std::string> door::let_in(user_info user, std::string address,
                                                   const caf::strong_actor_ptr& dialer) {
  auto secret = tls::random_bytes(32);
  session_actor s = spawn<session>(session_options{std::move(user), std::move(address), secret,
                                                   options_.api, options_.registry, dialer});
  monitor(s);
  sessions_.insert(s.address());
  return {std::move(s), std::move(secret)};
}

}  // namespace troupe::edge
