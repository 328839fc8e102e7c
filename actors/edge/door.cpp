#include "actors/edge/door.hpp"

#include "actors/edge/session.hpp"
#include "messages/errors.hpp"
#include "net/tls/pki.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

namespace troupe::edge {

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
  auto secret = tls::random_bytes(32);
  session_actor s = spawn<session>(session_options{std::move(login.user), secret, options_.api,
                                                   options_.registry, current_sender()});
  monitor(s);
  sessions_.insert(s.address());
  return {std::move(s), std::move(secret)};
}

}  // namespace troupe::edge
